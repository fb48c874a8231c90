"""From the plain mapping that a topic file holds to a ``Topic``, with every fault reported in one go."""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from worker.errors import ConfigurationError
from worker.topic import Topic


def topic_from_mapping(data: Mapping[str, Any]) -> Topic:
    """Return the topic that ``yaml.safe_load`` of a topic file describes.

    Keys are the fields of the classes in ``worker.topic``, at every level. Raises ConfigurationError with one line
    per unknown key, missing key or value of the wrong kind, each led by its path (``parties[2].people[0].gender``).
    """
    reader = _Reader()
    topic = reader.read(Topic, data, "")
    if reader.faults:
        raise ConfigurationError(reader.faults)
    assert isinstance(topic, Topic)  # noqa: S101 - a reader without faults has built what it was asked for
    return topic


@dataclass(slots=True)
class _Reader:
    faults: list[str] = field(default_factory=list)

    def read(self, kind: Any, value: object, path: str) -> Any:  # noqa: ANN401 - the kind decides
        origin = get_origin(kind)
        if is_dataclass(kind):
            return self._record(kind, value, path)
        if origin is tuple:
            return self._list(get_args(kind)[0], value, path)
        if origin is Mapping:
            return self._mapping(get_args(kind)[1], value, path)
        if origin in {Union, types.UnionType}:
            return None if value is None else self.read(get_args(kind)[0], value, path)
        return self._plain(kind, value, path)

    def _record(self, kind: Any, value: object, path: str) -> Any:  # noqa: ANN401
        if not isinstance(value, Mapping):
            self._fault(path, "must be a mapping of keys to values")
            return None
        known = {f.name: f for f in fields(kind)}
        hints = get_type_hints(kind)
        for key in value:
            if key not in known:
                self._fault(_join(path, key), f"is not a key here; known are {', '.join(known)}")
        for name, spec in known.items():
            if name not in value and spec.default is MISSING and spec.default_factory is MISSING:
                self._fault(_join(path, name), "is missing")
        before = len(self.faults)
        given = {key: self.read(hints[key], value[key], _join(path, key)) for key in known if key in value}
        complete = len(self.faults) == before and all(n in given or _has_default(f) for n, f in known.items())
        return kind(**given) if complete else None

    def _list(self, kind: Any, value: object, path: str) -> tuple[Any, ...]:  # noqa: ANN401
        if isinstance(value, str) or not isinstance(value, Sequence):
            self._fault(path, "must be a list")
            return ()
        return tuple(self.read(kind, item, f"{path}[{index}]") for index, item in enumerate(value))

    def _mapping(self, kind: Any, value: object, path: str) -> dict[str, Any]:  # noqa: ANN401
        if not isinstance(value, Mapping):
            self._fault(path, "must be a mapping of keys to values")
            return {}
        for key in value:
            if not isinstance(key, str):
                self._fault(_join(path, key), "must have a text as its key; put it in quotes")
        return {str(key): self.read(kind, item, _join(path, key)) for key, item in value.items()}

    def _plain(self, kind: type, value: object, path: str) -> object:
        expected, accepts = _PLAIN[kind]
        if accepts(value):
            return value
        hint = "; put it in quotes" if kind is str and value is not None else ""
        self._fault(path, f"must be {expected}, not {value!r}{hint}")
        return None

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(f"{path or 'topic'}: {message}")


def _has_default(spec: Any) -> bool:  # noqa: ANN401 - dataclasses.Field is generic in what we do not know
    return spec.default is not MISSING or spec.default_factory is not MISSING


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


_PLAIN: Mapping[type, tuple[str, Callable[[object], bool]]] = {
    str: ("a text", lambda value: isinstance(value, str) and bool(value.strip())),
    float: (
        "a number over 0",
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value > 0,
    ),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    date: ("a date such as 2024-09-05", lambda value: isinstance(value, date) and not isinstance(value, datetime)),
}
