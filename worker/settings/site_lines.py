"""Checks ``sites.yml`` and makes :class:`worker.model.Site` of its lines."""

from collections.abc import Mapping
from typing import Annotated, Self

from lxml.etree import XPath, XPathSyntaxError
from pydantic import Field, ValidationError, field_validator, model_validator

from worker.model import Site
from worker.settings.checked import Checked, faults_of
from worker.settings.yaml_source import YamlFile

Expression = Annotated[str, Field(min_length=1, max_length=500)]


class SiteLine(Checked):
    """One site as the file gives it."""

    domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
    body: tuple[Expression, ...] = ()
    drop: tuple[Expression, ...] = ()
    title: tuple[Expression, ...] = ()
    published: tuple[Expression, ...] = ()
    authors: tuple[Expression, ...] = ()

    @field_validator("body", "drop", "title", "published", "authors")
    @classmethod
    def _readable(cls, expressions: tuple[str, ...]) -> tuple[str, ...]:
        for expression in expressions:
            try:
                XPath(expression)
            except XPathSyntaxError as error:
                raise ValueError(f"is no XPath expression: {error}") from error
        return expressions


class SitesFile(Checked):
    """The whole file."""

    sites: tuple[SiteLine, ...] = ()

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [line.domain for line in self.sites]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"sites: {', '.join(twice)} is given twice")
        return self


def sites_from(file: YamlFile, faults: list[str]) -> Mapping[str, Site]:
    """Return the sites by domain, none after noting the file's faults."""
    try:
        found = SitesFile.model_validate(file.value)
    except ValidationError as error:
        faults.extend(faults_of(error, file, SitesFile))
        return {}
    return {line.domain: Site(**line.model_dump()) for line in found.sites}
