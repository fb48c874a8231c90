"""The query tree of ``worker.index.kql`` to SQL over the tables of ``worker.index.sqlite_tables``. Pure.

Every value travels as a parameter. The only names that are put into the text are paths out of the mapping.
"""
# ruff: noqa: S608 - names come from the mapping and are quoted, values are parameters

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from worker.index.kql import Tree
from worker.index.mapping import Field, FieldType, KindMapping, Scalar, folded, milliseconds
from worker.index.sqlite_tables import Tables, quoted

_RANGE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_WORD = re.compile(r"\w")
_GLOB_SPECIAL = re.compile(r"[?\[]")
_HIGHEST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL that is true or false for a row ``f`` of the fields table, with its parameters."""

    sql: str
    parameters: tuple[Scalar, ...] = ()
    words: str = ""
    """The same as an FTS5 expression, if the words of the texts alone decide."""


NOTHING = Condition("0")
EVERYTHING = Condition("1")


def compile_tree(tree: Tree, mapping: KindMapping) -> Condition:
    """Return the condition that selects the rows that the tree selects."""
    (name, body), *_ = tree.items()
    match name:
        case "match_all":
            return EVERYTHING
        case "bool":
            return _bool(body, mapping)
        case "multi_match":
            fields = [mapping.fields[path] for path in body["fields"]]
            return _text(fields, body["query"], mapping, is_phrase=body["type"] == "phrase")
        case "exists":
            return _exists(mapping.fields[body["field"]], mapping)
        case _:
            (path, inner), *_ = body.items()
            return _leaf(name, mapping.fields[path], inner, mapping)


def _leaf(name: str, field: Field, body: dict[str, Any], mapping: KindMapping) -> Condition:
    match name:
        case "term":
            return _compared(field, mapping, "=", term_value(field, body["value"]))
        case "range":
            return _joined(
                " AND ", [_compared(field, mapping, _RANGE[op], bound_value(field, v)) for op, v in body.items()]
            )
        case "prefix" if field.type is FieldType.TEXT:
            return _match([field], f'"{body["value"]}" *', mapping)
        case "prefix":
            return _prefix(field, str(term_value(field, body["value"])), mapping)
        case "wildcard":
            return _compared(field, mapping, "GLOB", _glob(str(term_value(field, body["value"]))))
        case "match" | "match_phrase":
            return _text([field], body["query"], mapping, is_phrase=name == "match_phrase")
    raise AssertionError(name)  # the reader of KQL makes no others


def _bool(body: dict[str, Any], mapping: KindMapping) -> Condition:
    parts = [compile_tree(each, mapping) for each in body.get("filter", ())]
    if "should" in body:
        parts.append(_any(body["should"], mapping))
    parts = _words_together(parts, mapping)
    parts.extend(_not(compile_tree(each, mapping)) for each in body.get("must_not", ()))
    return _joined(" AND ", parts) if parts else EVERYTHING


def _words_together(parts: Sequence[Condition], mapping: KindMapping) -> list[Condition]:
    """Return the conditions with all that ask for words made one: FTS5 intersects faster than SQLite."""
    asked = [part.words for part in parts if part.words]
    if len(asked) <= 1:
        return list(parts)
    return [
        _looked_up(" AND ".join(f"({each})" for each in asked), mapping),
        *(part for part in parts if not part.words),
    ]


def _any(trees: Sequence[Tree], mapping: KindMapping) -> Condition:
    """Return the alternatives; several values of one field become one list, which an index can serve."""
    terms = [each["term"] for each in trees if "term" in each]
    (path, *others) = {path for term in terms for path in term} or {""}
    if len(terms) < len(trees) or others or mapping.fields[path].many:
        return _joined(" OR ", [compile_tree(each, mapping) for each in trees])
    values = tuple(term_value(mapping.fields[path], term[path]["value"]) for term in terms)
    return Condition(f"f.{quoted(path)} IN ({', '.join('?' * len(values))})", values)


def _not(condition: Condition) -> Condition:
    return Condition(f"NOT coalesce(({condition.sql}), 0)", condition.parameters)


def _joined(word: str, parts: Sequence[Condition]) -> Condition:
    if len(parts) == 1:
        return parts[0]
    return Condition(word.join(f"({p.sql})" for p in parts), tuple(v for p in parts for v in p.parameters))


def _compared(field: Field, mapping: KindMapping, sign: str, value: Scalar) -> Condition:
    if not field.many:
        return Condition(f"f.{quoted(field.path)} {sign} ?", (value,))
    many = Tables(mapping.kind).many
    return Condition(f"f.row IN (SELECT row FROM {many} WHERE field = ? AND value {sign} ?)", (field.path, value))


def _prefix(field: Field, start: str, mapping: KindMapping) -> Condition:
    """Return a range, which an index serves; nothing sorts between the start and the start with the last character."""
    bounds = [_compared(field, mapping, ">=", start), _compared(field, mapping, "<", start + _HIGHEST)]
    if not field.many:
        return _joined(" AND ", bounds)
    many = Tables(mapping.kind).many
    inner = f"SELECT row FROM {many} WHERE field = ? AND value >= ? AND value < ?"
    return Condition(f"f.row IN ({inner})", (field.path, start, start + _HIGHEST))


def _exists(field: Field, mapping: KindMapping) -> Condition:
    if field.type is FieldType.TEXT:
        return Condition(f"f.{quoted('has ' + field.source)} = 1")
    if not field.many:
        return Condition(f"f.{quoted(field.path)} IS NOT NULL")
    return Condition(f"f.row IN (SELECT row FROM {Tables(mapping.kind).many} WHERE field = ?)", (field.path,))


def _text(fields: Sequence[Field], words: str, mapping: KindMapping, *, is_phrase: bool) -> Condition:
    pieces = [words] if is_phrase else words.split()
    asked = [fts_phrase(piece) for piece in pieces if _WORD.search(piece)]
    return _match(fields, " OR ".join(asked), mapping) if asked else NOTHING


def _match(fields: Sequence[Field], expression: str, mapping: KindMapping) -> Condition:
    """Return that one of the fields holds what the expression asks; all are looked up at once."""
    return _looked_up(
        f"{{{' '.join(dict.fromkeys(quoted(field.source) for field in fields))}}} : ({expression})", mapping
    )


def _looked_up(expression: str, mapping: KindMapping) -> Condition:
    words = Tables(mapping.kind).words
    return Condition(f"f.row IN (SELECT rowid FROM {words} WHERE {words} MATCH ?)", (expression,), words=expression)


def fts_phrase(text: str) -> str:
    """Return text as one FTS5 phrase; quotes are the only thing that could end it."""
    return '"' + text.replace('"', '""') + '"'


def term_value(field: Field, value: Any) -> Scalar:  # noqa: ANN401 - a JSON scalar
    """Return a query's value as it compares with what is indexed of the field."""
    if field.type is FieldType.BOOLEAN:
        return int(value)
    if field.type is FieldType.KEYWORD:
        return folded(str(value)) if field.folds else str(value)
    return float(value)


def bound_value(field: Field, value: Any) -> int | float:  # noqa: ANN401 - a JSON scalar
    """Return a bound of a range: milliseconds for dates, else the number."""
    return milliseconds(value) if field.type is FieldType.DATE else float(value)


def _glob(pattern: str) -> str:
    """Return an Elasticsearch wildcard pattern as a GLOB: ``*`` is the only wildcard, the rest stands for itself."""
    parts = re.split(r"\\(.)", pattern)
    plain = [_GLOB_SPECIAL.sub(r"[\g<0>]", part) for part in parts[::2]]
    escaped = [f"[{each}]" for each in parts[1::2]]
    woven = [piece for pair in zip(plain, [*escaped, ""], strict=True) for piece in pair]
    return "".join(woven)


def text_expressions(tree: Tree) -> Iterator[str]:
    """Yield the FTS5 expressions of the words that the tree looks for, to highlight them; none under a ``not``."""
    (name, body), *_ = tree.items()
    if name == "bool":
        for clause, inner in body.items():
            if isinstance(inner, list) and clause != "must_not":
                for each in inner:
                    yield from text_expressions(each)
    elif name == "multi_match":
        yield from _phrases(body["query"], is_phrase=body["type"] == "phrase")
    elif name in {"match", "match_phrase"}:
        (inner,) = body.values()
        yield from _phrases(inner["query"], is_phrase=name == "match_phrase")


def _phrases(words: str, *, is_phrase: bool) -> Iterator[str]:
    yield from (fts_phrase(piece) for piece in ([words] if is_phrase else words.split()) if _WORD.search(piece))
