"""KQL, the query language of Kibana, to an Elasticsearch query that both stores can carry out.

kaquel parses; here values find their types, wildcards and dates their meaning, and what cannot be done is refused by
name. The tree that comes out uses ``bool`` (filter, should, must_not), ``term``, ``range``, ``exists``, ``prefix``,
``wildcard``, ``match``, ``match_phrase``, ``multi_match`` and ``match_all``, and nothing else.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NoReturn

from kaquel.errors import DecodeError
from kaquel.kql import parse_kql

from worker.errors import QueryRefused
from worker.index.mapping import Field, FieldType, KindMapping, iso, milliseconds
from worker.index.moments import resolve

Tree = dict[str, Any]

LONGEST_QUERY = 10_000
DEEPEST_QUERY = 40
"""Brackets inside brackets; the parser and both stores go one call deeper for each."""

# Stands for an unescaped * while kaquel, which forgets what was escaped, reads the query. A private-use character
# that a query cannot mean.
_WILD = "\ue000"
_TOKEN = re.compile(
    r'(?P<op>>=?|<=?|[:(){}])|(?P<quoted>"(?:\\.|[^"\\])*")|(?P<plain>(?:[^\\:()<>"{}\s]|\\.)+)', re.DOTALL
)
_UNESCAPED_STAR = re.compile(r"(\\.)|\*", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMPARISONS = frozenset({">", ">=", "<", "<="})


def parse(kql: str, mapping: KindMapping, *, now: datetime) -> Tree:
    """Return the query that ``kql`` means for documents of this kind. QueryRefused says which part cannot be done."""
    _refuse_giants(kql)
    try:
        parsed = parse_kql(_prepared(kql)).render()
    except DecodeError as error:
        refuse(f"cannot read the query at character {error.offset + 1}: {kql[error.offset : error.offset + 30]!r}")
    return _Reader(mapping, now).tree(parsed)


def refuse(why: str) -> NoReturn:
    """Raise QueryRefused with this message."""
    raise QueryRefused(why, reason="query_refused")


def known_field(mapping: KindMapping, path: str) -> Field:
    """Return the field, or refuse it with the nearest that exists."""
    field = mapping.fields.get(path)
    if field is not None:
        return field
    near = get_close_matches(path, mapping.fields, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    if path in mapping.objects:
        hint = f": it is a group of fields, such as {next(f for f in mapping.fields if f.startswith(path + '.'))}"
    refuse(f"{mapping.kind} have no field {path}{hint}")


def _refuse_giants(kql: str) -> None:
    if len(kql) > LONGEST_QUERY:
        refuse(f"the query has more than {LONGEST_QUERY} characters")
    depth = deepest = 0
    for each in kql:
        depth += (each in "({") - (each in ")}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST_QUERY:
        refuse(f"the query has more than {DEEPEST_QUERY} brackets inside each other")


def _prepared(kql: str) -> str:
    """Return the query with its wildcards marked and with quoted range values as kaquel can read them."""
    parts: list[str] = []
    at, before = 0, ""
    for token in _TOKEN.finditer(kql):
        parts.append(kql[at : token.start()])
        parts.append(_prepared_token(token, before))
        at, before = token.end(), token.group()
    return "".join(parts) + kql[at:]


def _prepared_token(token: re.Match[str], before: str) -> str:
    text = token.group()
    if token["plain"] and text != "*":
        return _UNESCAPED_STAR.sub(lambda star: star[1] or _WILD, text)
    if token["quoted"] and before in _COMPARISONS:
        return "".join("\\" + each for each in _ESCAPED.sub(r"\1", text[1:-1]))
    return text


class _Reader:
    """Turns kaquel's tree into ours; knows the fields and the time."""

    def __init__(self, mapping: KindMapping, now: datetime) -> None:
        self._mapping = mapping
        self._now = now

    def tree(self, node: Mapping[str, Any]) -> Tree:
        (name, body), *_ = node.items()
        match name:
            case "match_all":
                return {"match_all": {}}
            case "bool":
                return self._bool(body)
            case "multi_match":
                return self._anywhere(body)
            case "exists":
                return {"exists": {"field": known_field(self._mapping, _plain(body["field"])).path}}
            case "nested":
                refuse(f"nested queries ({body['path']}: {{ … }}) are not supported; every field here is flat")
            case "range":
                (path, bounds), *_ = body.items()
                return self._range(known_field(self._mapping, path), bounds)
            case "match" | "match_phrase":
                (path, value), *_ = body.items()
                return self._match(path, str(value), is_phrase=name == "match_phrase")
            case _:
                refuse(f"{name} queries are not supported")

    def _bool(self, body: Mapping[str, Any]) -> Tree:
        clauses = {name: self._each(body[name]) for name in ("filter", "should", "must_not") if name in body}
        return {"bool": clauses | ({"minimum_should_match": 1} if "should" in clauses else {})}

    def _each(self, nodes: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> list[Tree]:
        return [self.tree(node) for node in ([nodes] if isinstance(nodes, Mapping) else nodes)]

    def _anywhere(self, body: Mapping[str, Any]) -> Tree:
        words = body["query"]
        if words == "*":
            return {"match_all": {}}
        if _WILD in words:
            refuse(f"a wildcard needs a field: write FIELD: {_shown(words)}")
        if not self._mapping.default_fields:
            refuse(f"{self._mapping.kind} have no text to search: write FIELD: {words}")
        kind = "phrase" if body["type"] == "phrase" else "best_fields"
        return {"multi_match": {"query": words, "type": kind, "fields": list(self._mapping.default_fields)}}

    def _match(self, path: str, value: str, *, is_phrase: bool) -> Tree:
        field = known_field(self._mapping, _plain(path))
        match field.type:
            case FieldType.KEYWORD:
                return _keyword(field, value)
            case FieldType.TEXT:
                return _words(field, value, is_phrase=is_phrase)
            case FieldType.DATE:
                return self._range(field, {"gte": value, "lte": value})
            case FieldType.NUMBER:
                return {"term": {field.path: {"value": _number(field, value)}}}
            case FieldType.BOOLEAN:
                return {"term": {field.path: {"value": _truth(field, value)}}}

    def _range(self, field: Field, bounds: Mapping[str, Any]) -> Tree:
        return {"range": {field.path: {op: self._bound(field, op, str(value)) for op, value in bounds.items()}}}

    def _bound(self, field: Field, op: str, value: str) -> str | float:
        if field.type is FieldType.NUMBER:
            return _number(field, value)
        if field.type is not FieldType.DATE:
            refuse(f"{field.path} is a {field.type}: only dates and numbers can be compared with {_SIGNS[op]}")
        try:
            moment = resolve(value, now=self._now, last=op in {"gt", "lte"})
        except ValueError:
            refuse(f"{field.path}: {_shown(value)!r} is no date; write 2026-03-01, 2026-03-01T10:30:00Z or now-7d")
        return iso(milliseconds(moment.isoformat()))


_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _keyword(field: Field, value: str) -> Tree:
    if _WILD not in value:
        return {"term": {field.path: {"value": value}}}
    if value.index(_WILD) == len(value) - 1:
        return {"prefix": {field.path: {"value": value[:-1]}}}
    pattern = "".join(f"\\{each}" if each in "*?\\" else each for each in value)
    return {"wildcard": {field.path: {"value": pattern.replace(_WILD, "*")}}}


def _words(field: Field, value: str, *, is_phrase: bool) -> Tree:
    if _WILD not in value:
        return {"match_phrase" if is_phrase else "match": {field.path: {"query": value}}}
    stem = value[:-1]
    if value.index(_WILD) != len(value) - 1 or not stem.isalnum():
        refuse(f"{field.path}: {_shown(value)!r}: in a text, * may only end a single word")
    return {"prefix": {field.path: {"value": stem}}}


def _number(field: Field, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        refuse(f"{field.path}: {_shown(value)!r} is no number")


def _truth(field: Field, value: str) -> bool:
    if value.casefold() not in {"true", "false"}:
        refuse(f"{field.path}: {_shown(value)!r} is neither true nor false")
    return value.casefold() == "true"


def _plain(path: str) -> str:
    if _WILD in path or "*" in path:
        refuse(f"wildcards in field names ({_shown(path)}) are not supported: name the field")
    return path


def _shown(text: str) -> str:
    return text.replace(_WILD, "*")
