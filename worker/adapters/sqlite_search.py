"""One page of a search over the SQLite tables: count, hits, facets, highlights."""
# ruff: noqa: S608 - names come from the mapping and are quoted, values are parameters

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from worker.index.compile_sqlite import Condition, compile_tree, text_expressions
from worker.index.mapping import FieldType, KindMapping, named
from worker.index.search import Plan, SortValue, token
from worker.index.sqlite_tables import Tables, quoted
from worker.ports import Hit, Page, Query

FRAGMENT_WORDS = 40

Row = tuple[Any, ...]
"""The row number, then the values that the page is sorted by."""


def search_page(connection: sqlite3.Connection, query: Query, plan: Plan, mapping: KindMapping) -> Page:
    """Return the page that a checked query asks for."""
    where = _once(connection, mapping, compile_tree(plan.tree, mapping))
    rows = _rows(connection, mapping, where, plan, limit=query.size + 1) if query.size else []
    shown = rows[: query.size]
    highlights = _highlights(connection, mapping, plan, [row[0] for row in shown]) if query.highlight else {}
    return Page(
        hits=_hits(connection, query, shown, highlights),
        total=_count(connection, mapping, where),
        next=token(shown[-1][1:]) if len(rows) > query.size > 0 else None,
        facets={path: _facet(connection, mapping, where, path, query.facet_size) for path in query.facets},
    )


def _once(connection: sqlite3.Connection, mapping: KindMapping, where: Condition) -> Condition:
    """Look words up once, not again for the count, the page and every facet; gone when the transaction ends."""
    names = Tables(mapping.kind)
    if names.words not in where.sql:
        return where
    connection.execute("CREATE TEMP TABLE found (row INTEGER PRIMARY KEY)")
    connection.execute(f"INSERT INTO temp.found SELECT f.row FROM {names.fields} f WHERE {where.sql}", where.parameters)
    return Condition("f.row IN temp.found")


def _count(connection: sqlite3.Connection, mapping: KindMapping, where: Condition) -> int:
    found = connection.execute(
        f"SELECT count(*) FROM {Tables(mapping.kind).fields} f WHERE {where.sql}", where.parameters
    ).fetchone()
    return int(found[0])


def _rows(
    connection: sqlite3.Connection, mapping: KindMapping, where: Condition, plan: Plan, *, limit: int
) -> list[Row]:
    """Return rows in order. Those without the first sort value come last, as in Elasticsearch.

    The two parts are asked for one after the other, so that an index leads straight to where the page begins.
    """
    first = quoted(plan.sort[0][0])
    parts = [Condition(f"f.{first} IS NULL")]
    if plan.after is None or plan.after[0] is not None:
        parts.insert(0, Condition(f"f.{first} IS NOT NULL"))
    rows: list[Row] = []
    for number, part in enumerate(parts):
        if len(rows) >= limit:
            break
        resumes = plan.after is not None and number == 0
        bounds = [where, part, *([_beyond(plan.sort, plan.after or ())] if resumes else [])]
        rows += _select(connection, mapping, bounds, plan, limit=limit - len(rows))
    return rows


def _select(
    connection: sqlite3.Connection, mapping: KindMapping, bounds: Sequence[Condition], plan: Plan, *, limit: int
) -> list[Row]:
    names = [f"f.{quoted(path)}" for path, _ in plan.sort]
    order = ", ".join(
        f"{name} {'DESC' if down else 'ASC'} NULLS LAST" for name, (_, down) in zip(names, plan.sort, strict=True)
    )
    where = " AND ".join(f"({each.sql})" for each in bounds)
    parameters = [value for each in bounds for value in each.parameters]
    return connection.execute(
        f"SELECT f.row, {', '.join(names)} FROM {Tables(mapping.kind).fields} f WHERE {where} ORDER BY {order} LIMIT ?",
        (*parameters, limit),
    ).fetchall()


def _beyond(sort: Sequence[tuple[str, bool]], after: Sequence[SortValue]) -> Condition:
    """Return the condition that a row comes after these sort values.

    The first comparison repeats what the alternatives say, for the sake of the index.
    """
    alternatives: list[Condition] = []
    equal: list[Condition] = []
    for (path, down), value in zip(sort, after, strict=True):
        name = f"f.{quoted(path)}"
        if value is not None:
            later = Condition(f"{name} {'<' if down else '>'} ? OR {name} IS NULL", (value,))
            alternatives.append(_all([*equal, later]))
        equal.append(Condition(f"{name} = ?", (value,)) if value is not None else Condition(f"{name} IS NULL"))
    beyond = Condition(
        " OR ".join(f"({each.sql})" for each in alternatives),
        tuple(v for each in alternatives for v in each.parameters),
    )
    (path, down), value = sort[0], after[0]
    if value is None:
        return beyond
    return _all([Condition(f"f.{quoted(path)} {'<=' if down else '>='} ?", (value,)), beyond])


def _all(parts: Sequence[Condition]) -> Condition:
    return Condition(" AND ".join(f"({p.sql})" for p in parts), tuple(v for p in parts for v in p.parameters))


def _hits(
    connection: sqlite3.Connection,
    query: Query,
    rows: Sequence[Row],
    highlights: Mapping[int, Mapping[str, tuple[str, ...]]],
) -> tuple[Hit, ...]:
    read = f"SELECT id, document FROM {Tables(query.kind).documents} WHERE row = ?"
    found = [(row[0], *connection.execute(read, (row[0],)).fetchone()) for row in rows]
    return tuple(
        Hit(id=document_id, document=named(query.fields, json.loads(text)), highlights=highlights.get(at, {}))
        for at, document_id, text in found
    )


def _facet(
    connection: sqlite3.Connection, mapping: KindMapping, where: Condition, path: str, size: int
) -> tuple[tuple[str, int], ...]:
    field, names = mapping.fields[path], Tables(mapping.kind)
    if field.many:
        sql = (
            f"SELECT m.value, count(DISTINCT m.row) FROM {names.many} m WHERE m.field = ? AND m.row IN "
            f"(SELECT f.row FROM {names.fields} f WHERE {where.sql}) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"
        )
        parameters: tuple[Any, ...] = (path, *where.parameters, size)
    else:
        column = f"f.{quoted(path)}"
        sql = (
            f"SELECT {column}, count(*) FROM {names.fields} f WHERE {column} IS NOT NULL AND ({where.sql}) "
            "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"
        )
        parameters = (*where.parameters, size)
    rows = connection.execute(sql, parameters).fetchall()
    return tuple((_label(value, field.type), int(count)) for value, count in rows)


def _label(value: Any, of: FieldType) -> str:  # noqa: ANN401 - a column's value
    return ("true" if value else "false") if of is FieldType.BOOLEAN else str(value)


def _highlights(
    connection: sqlite3.Connection, mapping: KindMapping, plan: Plan, rows: Sequence[int]
) -> dict[int, dict[str, tuple[str, ...]]]:
    asked = " OR ".join(dict.fromkeys(text_expressions(plan.tree)))
    if not asked or not rows:
        return {}
    words, texts = Tables(mapping.kind).words, mapping.texts()
    snippets = ", ".join(f"snippet({words}, {n}, '<em>', '</em>', '…', {FRAGMENT_WORDS})" for n in range(len(texts)))
    found = connection.execute(
        f"SELECT rowid, {snippets} FROM {words} WHERE {words} MATCH ? AND rowid IN ({','.join('?' * len(rows))})",
        (asked, *rows),
    )
    return {
        row[0]: {f.path: (text,) for f, text in zip(texts, row[1:], strict=True) if text and "<em>" in text}
        for row in found
    }
