"""Checks ``feeds.yml`` and makes :class:`worker.model.Feed` of its lines."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator

from worker.model import Feed
from worker.settings.checked import Checked, faults_of, plain
from worker.settings.values import Settings, Slug, secret_variable
from worker.settings.yaml_source import YamlFile

_BAD_IN_URL = re.compile(r"[\s\\\x00-\x1f\x7f]")
_SHORTEST_POLL_S = 60
_LONGEST_POLL_S = 7 * 86_400

Line = Annotated[str, Field(min_length=1, max_length=200)]
Interval = Annotated[int, Field(ge=_SHORTEST_POLL_S, le=_LONGEST_POLL_S)]


class FeedLine(Checked):
    """One feed as the file gives it."""

    id: Slug
    url: Annotated[str, Field(max_length=2_000)]
    publisher: Line
    family: Slug
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    tags: tuple[Slug, ...] = ()
    topics: tuple[Slug, ...] = ()
    min_interval_s: Interval = 300
    max_interval_s: Interval = 21_600
    credentials: Slug | None = None

    @field_validator("url")
    @classmethod
    def _fetchable(cls, url: str) -> str:
        if _BAD_IN_URL.search(url):
            raise ValueError("must not have blanks, backslashes or control characters")
        parts = _parts(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http:// or https:// address")
        if parts.username is not None or parts.password is not None:
            raise ValueError("must not hold a user or password: use credentials")
        return url

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_interval_s > self.max_interval_s:
            raise ValueError("min_interval_s must not exceed max_interval_s")
        return self

    def feed(self, topics: Iterable[str]) -> Feed:
        """Return the feed as the stages know it; one that names no topic is read for all of them."""
        return Feed(**self.model_dump() | {"topics": self.topics or tuple(topics)})


class FeedDefaults(Checked):
    """Values for lines that do not give their own."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    tags: tuple[Slug, ...] | None = None
    topics: tuple[Slug, ...] | None = None
    min_interval_s: Interval | None = None
    max_interval_s: Interval | None = None


class FeedsFile(Checked):
    """The whole file: ``defaults`` and ``feeds``; the lines are checked one by one with the defaults put in."""

    defaults: FeedDefaults = FeedDefaults()
    feeds: tuple[dict[str, Any], ...]


def feeds_from(file: YamlFile, settings: Settings, topics: Mapping[str, object], faults: list[str]) -> tuple[Feed, ...]:
    """Return the feeds; what is wrong is added to ``faults``, and then the result means nothing."""
    try:
        whole = FeedsFile.model_validate(plain(file.value))
    except ValidationError as error:
        faults.extend(faults_of(error, file, FeedsFile))
        return ()
    defaults = whole.defaults.model_dump(exclude_none=True)
    lines = {index: _line(file, index, defaults | plain(raw), faults) for index, raw in enumerate(whole.feeds)}
    valid = {index: line for index, line in lines.items() if line is not None}
    faults.extend(_collisions(file, valid))
    for index, line in valid.items():
        faults.extend(_unknown_names(file, index, line, settings, topics))
    return tuple(line.feed(topics) for line in valid.values())


def _line(file: YamlFile, index: int, raw: Mapping[str, Any], faults: list[str]) -> FeedLine | None:
    try:
        return FeedLine.model_validate(raw)
    except ValidationError as error:
        shifted = YamlFile(
            name=file.name,
            value=raw,
            lines={route[2:]: line for route, line in file.lines.items() if route[:2] == ("feeds", index)},
        )
        name = raw.get("id", f"feeds[{index}]")
        faults.extend(
            f"{place}: {name}: {words}"
            for place, words in (fault.split(": ", 1) for fault in faults_of(error, shifted, FeedLine))
        )
        return None


def _collisions(file: YamlFile, lines: Mapping[int, FeedLine]) -> list[str]:
    """Return a fault for each id and each URL that an earlier line has already."""
    faults: list[str] = []
    for key in ("id", "url"):
        first: dict[str, int] = {}
        for index, line in lines.items():
            value = str(getattr(line, key)).rstrip("/")
            if value in first:
                earlier = file.lines["feeds", first[value], key]
                faults.append(file.fault(("feeds", index, key), f"{line.id}: this {key} stands on line {earlier} too"))
            first.setdefault(value, index)
    return faults


def _unknown_names(
    file: YamlFile, index: int, line: FeedLine, settings: Settings, topics: Collection[str]
) -> list[str]:
    """Return a fault for each topic and secret that does not exist; with no topic at all, that is fault enough."""
    faults = [
        file.fault(("feeds", index, "topics"), f"{line.id}: there is no topic {topic}")
        for topic in line.topics
        if topics and topic not in topics
    ]
    secret = line.credentials
    if secret is not None and secret.replace("-", "_") not in settings.named_secrets:
        message = f"{line.id}: credentials {secret}: {secret_variable(secret)} is not set (or …_FILE)"
        faults.append(file.fault(("feeds", index, "credentials"), message))
    return faults


def _parts(url: str) -> Any:  # noqa: ANN401 - urlsplit's own result type
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL: {error}") from error
    return parts
