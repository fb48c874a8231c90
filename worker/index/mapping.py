"""What an index holds, read from its Elasticsearch template: the one source of field names and types.

The SQLite store builds its columns from the same files that Elasticsearch gets, and refuses what Elasticsearch
would refuse. Beside the Elasticsearch keys a template carries two of ours: ``_meta.lookups`` (lists of fields that
SQLite indexes together) and ``meta.many`` of a field that holds a list.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from worker.ports import Kind

DOCUMENT_ID = "document_id"
"""The id once more as a field of each document: what breaks ties in a sort must be sortable."""

KEYWORD_BYTES = 32_766
"""Elasticsearch refuses a longer term."""

Scalar = str | int | float


class FieldType(StrEnum):
    """What can be asked of a field: exact words, words in a text, times, numbers, yes or no."""

    KEYWORD = "keyword"
    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    BOOLEAN = "boolean"


_TYPES = {
    "keyword": FieldType.KEYWORD,
    "text": FieldType.TEXT,
    "date": FieldType.DATE,
    "long": FieldType.NUMBER,
    "double": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``source`` is where its value stands in the document: another path only for a sub-field.

    ``folds`` says that case and Latin accents do not count. ``longest`` is what is still indexed of a keyword.
    """

    path: str
    source: str
    type: FieldType
    many: bool = False
    folds: bool = False
    longest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindMapping:
    """All fields of one kind of document. ``stored_only`` are paths that are kept but cannot be asked."""

    kind: Kind
    version: int
    fields: Mapping[str, Field]
    stored_only: frozenset[str]
    objects: frozenset[str]
    strict: bool
    default_fields: tuple[str, ...]
    lookups: tuple[tuple[str, ...], ...]

    def columns(self) -> list[Field]:
        """Return the fields with one value that can be filtered and sorted."""
        return [f for f in self.fields.values() if not f.many and f.type is not FieldType.TEXT]

    def texts(self) -> list[Field]:
        """Return the fields that are searched by words; sub-fields in other languages are not among them."""
        return [f for f in self.fields.values() if f.type is FieldType.TEXT and f.path == f.source]


def read_mapping(kind: Kind, template: Mapping[str, Any]) -> KindMapping:
    """Return the mapping that a component template describes."""
    mappings, meta = template["template"]["mappings"], template["_meta"]
    index = template["template"].get("settings", {}).get("index", {})
    fields = {found.path: found for found in _fields(mappings["properties"], "")}
    return KindMapping(
        kind=kind,
        version=int(meta["version"]),
        fields=fields,
        stored_only=frozenset(_stored_only(mappings["properties"], "")),
        objects=frozenset(".".join(p.split(".")[:n]) for p in fields for n in range(1, p.count(".") + 1)),
        strict=mappings["dynamic"] == "strict",
        default_fields=tuple(index.get("query", {}).get("default_field", ())),
        lookups=tuple(tuple(each) for each in meta["lookups"]),
    )


def _fields(properties: Mapping[str, Any], prefix: str) -> Iterator[Field]:
    for name, spec in properties.items():
        path = prefix + name
        if "properties" in spec:
            yield from _fields(spec["properties"], f"{path}.")
        elif spec.get("enabled", True):
            yield _field(path, path, spec)
            yield from (_field(f"{path}.{sub}", path, inner) for sub, inner in spec.get("fields", {}).items())


def _field(path: str, source: str, spec: Mapping[str, Any]) -> Field:
    return Field(
        path=path,
        source=source,
        type=_TYPES[spec["type"]],
        many=spec.get("meta", {}).get("many") == "true",
        folds="normalizer" in spec,
        longest=spec.get("ignore_above"),
    )


def _stored_only(properties: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, spec in properties.items():
        if "properties" in spec:
            yield from _stored_only(spec["properties"], f"{prefix}{name}.")
        elif not spec.get("enabled", True):
            yield prefix + name


def folded(value: str) -> str:
    """Return a keyword as the normalizer ``stance_keyword`` leaves it: lower case, Latin letters without accents."""
    if value.isascii():
        return value.lower()
    return "".join(_base_letter(each) for each in unicodedata.normalize("NFC", value.lower()))


def _base_letter(letter: str) -> str:
    if letter.isascii():
        return letter
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter


def lookup(document: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value at a dotted path, None where there is none."""
    found: Any = document
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def paths(document: Mapping[str, Any], mapping: KindMapping, prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every value in the document; what is only stored counts as one value."""
    for name, value in document.items():
        path = prefix + name
        if isinstance(value, Mapping) and path not in mapping.stored_only and path not in mapping.fields:
            yield from paths(value, mapping, f"{path}.")
        else:
            yield path


def unknown_paths(document: Mapping[str, Any], mapping: KindMapping) -> list[str]:
    """Return the paths of the document that the mapping does not name."""
    named = mapping.fields.keys() | mapping.stored_only
    return [path for path in paths(document, mapping) if path not in named]


class Unfit(ValueError):
    """A document that its mapping refuses, with the reason."""


def indexed_values(document: Mapping[str, Any], mapping: KindMapping) -> dict[str, list[Scalar]]:
    """Return what is indexed of the document: path → values as they compare. Unfit says what does not fit."""
    if mapping.strict and (unknown := unknown_paths(document, mapping)):
        raise Unfit(f"unknown field {unknown[0]}")
    found = {field.path: _values(document, field) for field in mapping.fields.values()}
    return {path: values for path, values in found.items() if values}


def _values(document: Mapping[str, Any], field: Field) -> list[Scalar]:
    raw = lookup(document, field.source)
    given = raw if isinstance(raw, list | tuple) else [raw]
    if len(given) > 1 and not field.many:
        raise Unfit(f"{field.path} holds {len(given)} values, its mapping says one")
    indexed = (_indexed(each, field) for each in given if each is not None)
    return [each for each in indexed if each is not None]


def _indexed(value: Any, field: Field) -> Scalar | None:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping | list | tuple):
        raise Unfit(f"{field.path} holds {type(value).__name__}, its mapping says {field.type}")
    match field.type:
        case FieldType.DATE:
            return milliseconds(value, field.path)
        case FieldType.NUMBER:
            return _number(value, field.path)
        case FieldType.BOOLEAN:
            return _truth(value, field.path)
        case FieldType.TEXT:
            return str(value)
        case FieldType.KEYWORD:
            return _keyword(str(value), field)


def _keyword(value: str, field: Field) -> str | None:
    if field.longest is not None and len(value) > field.longest:
        return None
    if len(value.encode("utf-8", "surrogatepass")) > KEYWORD_BYTES:
        raise Unfit(f"{field.path} is longer than {KEYWORD_BYTES} bytes")
    return folded(value) if field.folds else value


def milliseconds(value: object, path: str = "date") -> int:
    """Return a date of a document in milliseconds since 1970; Unfit if it is none."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise Unfit(f"{path} is no date: {str(value)[:40]!r}") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MILLISECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _number(value: object, path: str) -> float:
    if isinstance(value, bool):
        raise Unfit(f"{path} is no number: {value}")
    try:
        return float(str(value))
    except (TypeError, ValueError):
        raise Unfit(f"{path} is no number: {str(value)[:40]!r}") from None


def _truth(value: object, path: str) -> int:
    if isinstance(value, bool):
        return int(value)
    if value in {"true", "false"}:
        return int(value == "true")
    raise Unfit(f"{path} is neither true nor false: {str(value)[:40]!r}")


def iso(milliseconds_: int) -> str:
    """Return milliseconds since 1970 as ISO 8601 in UTC."""
    return (_EPOCH + milliseconds_ * _MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def named(names: Sequence[str], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with only these paths (whole objects or single values); all of it if none is named."""
    if not names:
        return dict(document)
    kept: dict[str, Any] = {}
    for name in names:
        value = lookup(document, name)
        if value is not None:
            _put(kept, name.split("."), value)
    return kept


def _put(target: dict[str, Any], path: Sequence[str], value: object) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = value
