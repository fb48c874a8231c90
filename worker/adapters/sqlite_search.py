"""One page of a search over the SQLite tables: count, hits, facets, highlights."""
# ruff: noqa: S608 - names come from the mapping and are quoted, values are parameters

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from worker.index.compile_sqlite import Condition, compile_tree, text_expressions
from worker.index.mapping import FieldType, KindMapping, milliseconds, named
from worker.index.search import Plan, SortValue, token
from worker.index.sqlite_tables import Tables, quoted
from worker.ports import Hit, Page, Query

FRAGMENT_WORDS = 40
MOST_IN_SPAN = 40_000
"""Rows that are read one by one in some tens of milliseconds."""

MOST_SORTED = 20_000
LAST_MOMENT = 2**62
FOUND = Condition("f.row IN temp.found")

Row = tuple[Any, ...]
"""The row number, then the values that the page is sorted by."""


def search_page(connection: sqlite3.Connection, query: Query, plan: Plan, mapping: KindMapping) -> Page:
    """Return the page that a checked query asks for; what it needs in between is gone when the transaction ends."""
    where = _once(connection, mapping, query, compile_tree(plan.tree, mapping))
    total = _count(connection, mapping, where)
    rows = _rows(connection, mapping, where, plan, query, total=total) if query.size else []
    shown = rows[: query.size]
    highlights = _highlights(connection, mapping, plan, [row[0] for row in shown]) if query.highlight else {}
    is_counted = query.facets_within is None or total <= query.facets_within
    facets = query.facets if is_counted else ()
    return Page(
        hits=_hits(connection, query, shown, highlights),
        total=total,
        next=token(shown[-1][1:]) if len(rows) > query.size > 0 else None,
        facets={path: _facet(connection, mapping, where, path, query.facet_size) for path in facets},
    )


def _once(connection: sqlite3.Connection, mapping: KindMapping, query: Query, where: Condition) -> Condition:
    """Look up words, and what lies in a short span of time, once: not again for count, page and every facet."""
    names = Tables(mapping.kind)
    index = _of_short_span(connection, mapping, query)
    if index is None and names.words not in where.sql:
        return where
    connection.execute("CREATE TEMP TABLE found (row INTEGER PRIMARY KEY)")
    source = f"{names.fields} f{f' INDEXED BY {index}' if index else ''}"
    connection.execute(f"INSERT INTO temp.found SELECT f.row FROM {source} WHERE {where.sql}", where.parameters)
    return FOUND


def _of_short_span(connection: sqlite3.Connection, mapping: KindMapping, query: Query) -> str | None:
    """Return the index of the time that was asked for, if few rows lie in it.

    SQLite does not know how few rows a range holds and would rather follow any field that the query names.
    """
    index = _leading(mapping, query.time_field)
    if query.since is None or index is None:
        return None
    column, fields = quoted(query.time_field), Tables(mapping.kind).fields
    until = LAST_MOMENT if query.until is None else milliseconds(query.until.isoformat())
    found = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {fields} WHERE {column} >= ? AND {column} < ? LIMIT ?)",
        (milliseconds(query.since.isoformat()), until, MOST_IN_SPAN + 1),
    ).fetchone()
    return index if found[0] <= MOST_IN_SPAN else None


def _leading(mapping: KindMapping, path: str) -> str | None:
    """Return the name of an index that begins with a field."""
    names = Tables(mapping.kind)
    found = (names.lookup(number) for number, fields in enumerate(mapping.lookups) if fields[0] == path)
    return next(found, None)


def _count(connection: sqlite3.Connection, mapping: KindMapping, where: Condition) -> int:
    if where is FOUND:
        found = connection.execute("SELECT count(*) FROM temp.found").fetchone()
    else:
        asked = f"SELECT count(*) FROM {Tables(mapping.kind).fields} f WHERE {where.sql}"
        found = connection.execute(asked, where.parameters).fetchone()
    return int(found[0])


def _rows(
    connection: sqlite3.Connection, mapping: KindMapping, where: Condition, plan: Plan, query: Query, *, total: int
) -> list[Row]:
    """Return one row more than the page holds, in order. Rows without the first sort value come last, as in Elastic.

    The two parts are asked for one after the other, so that an index leads straight to where the page begins. Of a
    large result the index of the sort is followed until the page is full: sorting it all takes longer.
    """
    path, limit = plan.sort[0][0], query.size + 1
    first = quoted(path)
    parts = [] if query.since and query.time_field == path else [Condition(f"f.{first} IS NULL")]
    if plan.after is None or plan.after[0] is not None:
        parts.insert(0, Condition(f"f.{first} IS NOT NULL"))
    index = _leading(mapping, path) if total > MOST_SORTED and where is not FOUND else None
    rows: list[Row] = []
    for number, part in enumerate(parts):
        if len(rows) >= limit:
            break
        resumes = plan.after is not None and number == 0
        bounds = [where, part, *([_beyond(plan.sort, plan.after or ())] if resumes else [])]
        source = f"{Tables(mapping.kind).fields} f{f' INDEXED BY {index}' if index else ''}"
        rows += _select(connection, source, bounds, plan, limit=limit - len(rows))
    return rows


def _select(
    connection: sqlite3.Connection, source: str, bounds: Sequence[Condition], plan: Plan, *, limit: int
) -> list[Row]:
    names = [f"f.{quoted(path)}" for path, _ in plan.sort]
    order = ", ".join(
        f"{name} {'DESC' if down else 'ASC'} NULLS LAST" for name, (_, down) in zip(names, plan.sort, strict=True)
    )
    where = " AND ".join(f"({each.sql})" for each in bounds)
    parameters = [value for each in bounds for value in each.parameters]
    return connection.execute(
        f"SELECT f.row, {', '.join(names)} FROM {source} WHERE {where} ORDER BY {order} LIMIT ?",
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
