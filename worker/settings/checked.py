"""What all configuration models share: frozen, unknown keys refused, faults in plain words."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ValidationInfo

from worker.settings.yaml_source import Route, YamlFile, route_text
from worker.text import clean

_WORDS = {
    "missing": "is missing",
    "string_type": "must be text: put it in quotes",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be `key: value` lines",
    "model_type": "must be `key: value` lines",
}


class Checked(BaseModel):
    """A frozen part of the configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_surprises(cls, value: object, info: ValidationInfo) -> object:
        """Refuse what pydantic would quietly turn into something else."""
        wanted = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and wanted not in {bool, bool | None}:
            raise ValueError("must not be true or false")
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and clean(text) != text:
                raise ValueError("has control or invisible characters")
        return value


def faults_of(error: ValidationError, file: YamlFile, model: type[BaseModel]) -> list[str]:
    """Return one line a fault, with file and line."""
    return [file.fault(*explained(detail, model)) for detail in error.errors(include_url=False, include_input=False)]


def explained(detail: ErrorDetails, model: type[BaseModel]) -> tuple[Route, str]:
    """Return where a fault is and what it is, in words that name no value (it could be a secret)."""
    route: Route = tuple(detail["loc"])
    if detail["type"] == "extra_forbidden":
        return route, unknown_key(route, _keys_at(model, route[:-1]))
    words = _WORDS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    return route, f"{route_text(route)}: {words}" if route else words


def unknown_key(route: Sequence[str | int], known: Sequence[str]) -> str:
    """Return the message for a key that does not exist, with the nearest one that does."""
    near = difflib.get_close_matches(str(route[-1]), known, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
    return f"{route_text(route)}: unknown key{hint}"


def _keys_at(model: type[BaseModel], route: Sequence[str | int]) -> list[str]:
    """Return the keys of the model that the route leads to."""
    current: Any = model
    for step in route:
        if isinstance(step, str) and step in current.model_fields:
            current = _inner_model(current.model_fields[step].annotation) or current
    return list(current.model_fields)


def _inner_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - an annotation can be anything
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner_model(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping without the keys whose value was left empty (``key:``), which then have their default."""
    return {key: part for key, part in value.items() if part is not None}
