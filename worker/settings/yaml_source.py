"""Reads one YAML file into plain values and remembers on which line each of them stands.

Stricter than YAML: no aliases, no tags, no duplicate keys, text keys only, 1 MB, 30 levels. As in YAML 1.2, only
``true`` and ``false`` are booleans (``language: no`` is Norwegian) and ``22:00`` is text, not a number of base 60.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from worker.errors import ConfigurationError

try:
    from yaml import CSafeLoader as _FastBase
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _FastBase  # type: ignore[assignment]

MAX_BYTES = 1_000_000
MAX_DEPTH = 30

Route = tuple[str | int, ...]
"""Where a value stands in its file: ``("feeds", 3, "url")``."""

_ROUTE_TEXT = re.compile(r"^(?P<route>[\w-]+(?:\.[\w-]+|\[\d+\])*): ")
_LINE = re.compile(r"^[^:]+\.yml:(\d+): ")
_ROUTE_STEP = re.compile(r"\[(\d+)\]|([\w-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFile:
    """A file's content. ``name`` is how faults call the file, ``value`` its plain content, lines count from 1."""

    name: str
    value: Mapping[str, Any]
    lines: Mapping[Route, int] = field(default_factory=dict)

    def fault(self, route: Sequence[str | int], message: str) -> str:
        """Return ``file:line: message`` with the line of the nearest thing on the route that is in the file."""
        steps = tuple(route)
        while steps not in self.lines and steps:
            steps = steps[:-1]
        return f"{self.name}:{self.lines.get(steps, 1)}: {message}"

    def located(self, faults: Sequence[str]) -> list[str]:
        """Return the faults of a builder, which begin with a route (``parties[2].names: …``), with file and line."""
        return [fault if fault.startswith(f"{self.name}:") else self.fault(_route_of(fault), fault) for fault in faults]


def route_text(route: Sequence[str | int]) -> str:
    """Return a route as people write it: ``feeds[3].url``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route).removeprefix(".")


def in_file_order(faults: Sequence[str]) -> list[str]:
    """Return faults of one file by line; those without a line keep their place at the end."""
    return sorted(faults, key=lambda fault: int(match[1]) if (match := _LINE.search(fault)) else MAX_BYTES)


def read_yaml(path: Path, name: str) -> YamlFile:
    """Return the content of a mapping file; ConfigurationError names every fault with its line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationError([f"{name}: cannot be read: {error.strerror}"]) from error
    return parse_yaml(raw, name)


def parse_yaml(raw: bytes, name: str) -> YamlFile:
    """Return the content of the bytes of a mapping file; ConfigurationError names every fault with its line."""
    text = _decoded(raw, name)
    try:
        root = _composed(text, name, _LibyamlLoader)
    except yaml.YAMLError:
        root = _explained(text, name)
    return _Builder(name, text).file(root)


def _composed(text: str, name: str, loader: Any) -> yaml.Node | None:  # noqa: ANN401 - PyYAML's loaders share no type
    faults = [f"{name}:{line}: {message}" for line, message in _forbidden(text, loader)]
    if faults:
        raise ConfigurationError(faults)
    node: yaml.Node | None = yaml.compose(text, Loader=loader)
    return node


def _explained(text: str, name: str) -> yaml.Node | None:
    """Read again without libyaml, whose messages are terser, and refuse with what that says."""
    try:
        return _composed(text, name, _PlainLoader)
    except yaml.YAMLError as error:
        raise ConfigurationError([_syntax_fault(error, text, name)]) from error


def _decoded(raw: bytes, name: str) -> str:
    if len(raw) > MAX_BYTES:
        raise ConfigurationError([f"{name}:1: the file has {len(raw)} bytes, more than the {MAX_BYTES} allowed"])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigurationError([f"{name}:{line}: this is not UTF-8 text"]) from error


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader with the booleans and numbers of YAML 1.2."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[1] in {"null", "timestamp"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False)$"), list("tfTF"))
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?$"),
    list("-+0123456789."),
)


class _LibyamlLoader(_FastBase):
    """The same over libyaml, four times as fast: topic files have hundreds of names."""


_LibyamlLoader.yaml_implicit_resolvers = _PlainLoader.yaml_implicit_resolvers


def _forbidden(text: str, loader: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401
    """Yield (line, message) for what YAML allows and we do not; looks at events, so nothing is built yet."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        line = _line_of(event)
        if isinstance(event, yaml.AliasEvent):
            yield line, f"aliases (*{event.anchor}) are not allowed: write the value out"
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            yield line, f"tags ({event.tag}) are not allowed"
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            yield line, f"nested deeper than {MAX_DEPTH} levels"
            return


def _line_of(place: yaml.Event | yaml.Node) -> int:
    return place.start_mark.line + 1 if place.start_mark else 1


def _syntax_fault(error: yaml.YAMLError, text: str, name: str) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return f"{name}:{mark.line + 1 if mark else 1}: not valid YAML: {error.problem or error.context}"
    position = getattr(error, "position", 0)
    return f"{name}:{text.count(chr(10), 0, position) + 1}: a character that YAML does not allow"


class _Builder:
    """Turns nodes into plain values and collects faults."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._scalars = _PlainLoader(text)
        self._lines: dict[Route, int] = {}
        self._faults: list[str] = []

    def file(self, root: yaml.Node | None) -> YamlFile:
        if root is not None and not isinstance(root, yaml.MappingNode):
            raise ConfigurationError([f"{self._name}:{_line_of(root)}: must be `key: value` lines"])
        value = {} if root is None else self._build(root, ())
        if self._faults:
            raise ConfigurationError(self._faults)
        return YamlFile(name=self._name, value=value, lines=self._lines)

    def _build(self, node: yaml.Node, route: Route) -> Any:  # noqa: ANN401 - whatever the file holds
        self._lines.setdefault(route, _line_of(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, route)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*route, index)) for index, child in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node)
        except (ValueError, OverflowError) as error:
            self._fault(node, f"{route_text(route)}: {error}")
            return None

    def _mapping(self, node: yaml.MappingNode, route: Route) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key_node.tag != "tag:yaml.org,2002:str":
                self._fault(key_node, f"the key {str(key)!r} must be text: put it in quotes")
            elif key in built:
                first = self._lines[*route, key]
                self._fault(key_node, f"{route_text((*route, key))} is given twice, first on line {first}")
            else:
                self._lines[*route, key] = _line_of(key_node)
                built[key] = self._build(value_node, (*route, key))
        return built

    def _fault(self, node: yaml.Node, message: str) -> None:
        self._faults.append(f"{self._name}:{_line_of(node)}: {message}")


def _route_of(fault: str) -> Route:
    match = _ROUTE_TEXT.match(fault)
    if match is None:
        return ()
    steps = _ROUTE_STEP.findall(match["route"])
    return tuple(int(index) if index else key for index, key in steps)
