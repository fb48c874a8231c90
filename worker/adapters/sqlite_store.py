"""The result store in one SQLite file, with FTS5 for words: nothing to install, safe for several processes."""
# ruff: noqa: S608 - names come from the mapping and are quoted, values are parameters

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from worker.adapters.clock import SystemClock
from worker.adapters.sqlite_link import SqliteLink
from worker.adapters.sqlite_search import search_page
from worker.adapters.store_templates import OTHER_VERSION, Templates, fingerprint, index_fingerprint
from worker.errors import StoreUnavailable
from worker.index.mapping import DOCUMENT_ID, KindMapping, Scalar, Unfit, indexed_values, lookup
from worker.index.search import plan
from worker.index.sqlite_tables import Tables, column_names, quoted, statements
from worker.ports import CREATE, Clock, Document, Kind, Page, Query, Stored, Write, WriteResult, WriteStatus

_IDS_AT_ONCE = 500
_ROWS_SAMPLED = 1_000
_SCHEMA = "CREATE TABLE IF NOT EXISTS schema (kind TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) STRICT"
_REMEMBER = "INSERT OR REPLACE INTO schema VALUES (?, ?)"
_SEQUENCE = (
    "CREATE TABLE IF NOT EXISTS sequence (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER NOT NULL) STRICT"
)


class SqliteStore:
    """``ResultStore`` in a file. A token is the number that the last write to the document was given.

    Numbers are never given twice, so a document that was deleted and made again is not taken for the old one.
    """

    def __init__(self, path: Path, templates: Templates, *, clock: Clock | None = None) -> None:
        self._link = SqliteLink(path)
        self._path = path
        self._mappings = templates.mappings
        self._fingerprints = {kind: _fingerprint(template) for kind, template in templates.kinds.items()}
        self._clock = clock or SystemClock()

    def get(self, kind: Kind, ids: Sequence[str]) -> dict[str, Stored]:
        """Return the documents that exist."""
        found: dict[str, Stored] = {}
        with self._link.reading() as connection:
            for start in range(0, len(ids), _IDS_AT_ONCE):
                some = ids[start : start + _IDS_AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT id, document, seq FROM {Tables(kind).documents} WHERE id IN ({marks})", some
                )
                found |= {i: Stored(id=i, document=json.loads(text), token=str(seq)) for i, text, seq in rows}
        return found

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Carry out all writes in one transaction, each answered by itself; fsynced when it returns."""
        prepared = [self._prepared(write) for write in writes]
        with self._link.writing() as connection:
            writer = _Writer(connection, self._mappings)
            return [
                WriteResult(id=write.id, status=WriteStatus.REJECTED, reason=fit)
                if isinstance(fit, str)
                else writer.carry_out(write, fit)
                for write, fit in zip(writes, prepared, strict=True)
            ]

    def _prepared(self, write: Write) -> "_Row | str | None":
        """Return the row of a document, the reason why it does not fit, or None for a deletion."""
        if write.document is None:
            return None
        try:
            return _row(write.id, write.document, self._mappings[write.kind])
        except (Unfit, TypeError, ValueError, RecursionError) as error:
            return str(error)

    def search(self, query: Query) -> Page:
        """Return one page; every write so far is seen."""
        mapping = self._mappings[query.kind]
        planned = plan(query, mapping, now=self._clock.now())
        with self._link.reading() as connection:
            return search_page(connection, query, planned, mapping)

    def setup(self) -> list[str]:
        """Create what is missing; where fields changed, read all documents again into new tables."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._link.writing() as connection:
            connection.execute(_SCHEMA)
            connection.execute(_SEQUENCE)
            connection.execute("INSERT OR IGNORE INTO sequence VALUES (1, 0)")
            known = dict(connection.execute("SELECT kind, fingerprint FROM schema"))
            lines = [line for kind in Kind if (line := self._set_up(connection, kind, known.get(kind.value)))]
            # Without these samples SQLite guesses which index serves a search best, and guesses wrong in big tables.
            connection.execute(f"PRAGMA analysis_limit={_ROWS_SAMPLED}")
            connection.execute("ANALYZE")
            return lines

    def _set_up(self, connection: sqlite3.Connection, kind: Kind, before: str | None) -> str | None:
        wanted = self._fingerprints[kind]
        if before == wanted:
            return None
        if before is not None and _fields_of(before) == _fields_of(wanted):
            return _replace_lookups(connection, self._mappings[kind], wanted)
        if before is not None:
            _drop_derived(connection, kind)
        for statement in statements(self._mappings[kind]):
            connection.execute(statement)
        count = _derive_again(connection, self._mappings[kind]) if before is not None else 0
        connection.execute(_REMEMBER, (kind.value, wanted))
        return f"{kind}: created" if before is None else f"{kind}: fields changed, {count} documents indexed anew"

    def check(self) -> list[str]:
        """Return what is wrong with the file."""
        if not self._path.exists():
            return [f"SQLite store {self._path}: not set up; run `stancewatch setup`"]
        try:
            with self._link.writing() as connection:
                known = dict(connection.execute("SELECT kind, fingerprint FROM schema"))
        except StoreUnavailable as error:
            return [str(error)]
        stale = [kind for kind in Kind if known.get(kind.value) != self._fingerprints[kind]]
        return [f"SQLite store {self._path}: {OTHER_VERSION.format(', '.join(stale))}"] if stale else []

    def refresh(self) -> None:
        """Do nothing: a search sees every write."""

    def close(self) -> None:
        """Close the connections of this process."""
        self._link.close()


class _Row:
    """One document as the tables hold it."""

    __slots__ = ("columns", "document", "many", "texts")

    def __init__(
        self, *, document: str, columns: list[Scalar | None], many: list[tuple[str, Scalar]], texts: list[str | None]
    ) -> None:
        self.document = document
        self.columns = columns
        self.many = many
        self.texts = texts


def _row(document_id: str, document: Document, mapping: KindMapping) -> _Row:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text.encode()  # a lone surrogate is refused here, with its place
    values = indexed_values(document, mapping) | {DOCUMENT_ID: [document_id]}
    columns: list[Scalar | None] = [values.get(f.path, [None])[0] for f in mapping.columns()]
    columns += [int(f.path in values) for f in mapping.texts()]
    many = [(f.path, value) for f in mapping.fields.values() if f.many for value in values.get(f.path, ())]
    return _Row(document=text, columns=columns, many=many, texts=_texts(document, mapping))


def _texts(document: Mapping[str, Any], mapping: KindMapping) -> list[str | None]:
    found = [lookup(document, f.path) for f in mapping.texts()]
    return [None if value is None else str(value) for value in found]


class _Writer:
    """Changes documents inside one transaction that holds the write lock."""

    def __init__(self, connection: sqlite3.Connection, mappings: Mapping[Kind, KindMapping]) -> None:
        self._connection = connection
        self._mappings = mappings

    def carry_out(self, write: Write, row: _Row | None) -> WriteResult:
        names = Tables(write.kind)
        stored = self._connection.execute(
            f"SELECT row, seq, document FROM {names.documents} WHERE id = ?", (write.id,)
        ).fetchone()
        refused = _conflict(write, None if stored is None else str(stored[1]))
        if refused:
            return WriteResult(id=write.id, status=WriteStatus.CONFLICT, reason=refused)
        if row is None:
            if stored is not None:
                self._remove(self._mappings[write.kind], stored)
            return WriteResult(id=write.id, status=WriteStatus.OK)
        seq = self._next()
        self._put(self._mappings[write.kind], write.id, seq, row, stored)
        return WriteResult(id=write.id, status=WriteStatus.OK, token=str(seq))

    def _next(self) -> int:
        (seq,) = self._connection.execute("UPDATE sequence SET last = last + 1 RETURNING last").fetchone()
        return int(seq)

    def _put(
        self, mapping: KindMapping, document_id: str, seq: int, row: _Row, stored: tuple[int, int, str] | None
    ) -> None:
        names = Tables(mapping.kind)
        if stored is None:
            at = self._connection.execute(
                f"INSERT INTO {names.documents} (id, seq, document) VALUES (?, ?, ?)", (document_id, seq, row.document)
            ).lastrowid
            derive(self._connection, mapping, int(at or 0), row)
            return
        at = stored[0]
        if stored[2] != row.document:
            forget(self._connection, mapping, at, _texts(json.loads(stored[2]), mapping))
            derive(self._connection, mapping, at, row)
        self._connection.execute(
            f"UPDATE {names.documents} SET seq = ?, document = ? WHERE row = ?", (seq, row.document, at)
        )

    def _remove(self, mapping: KindMapping, stored: tuple[int, int, str]) -> None:
        forget(self._connection, mapping, stored[0], _texts(json.loads(stored[2]), mapping))
        self._connection.execute(f"DELETE FROM {Tables(mapping.kind).documents} WHERE row = ?", (stored[0],))


def _conflict(write: Write, token: str | None) -> str:
    if write.token is None:
        return ""
    if write.token == CREATE:
        return "" if token is None else "it exists"
    if token is None:
        return "it is gone"
    return "" if token == write.token else "it has changed"


def derive(connection: sqlite3.Connection, mapping: KindMapping, at: int, row: _Row) -> None:
    """Write what can be searched of a document beside it."""
    names, columns = Tables(mapping.kind), column_names(mapping)
    listed, marks = ", ".join(quoted(name) for name in columns), ", ?" * len(columns)
    connection.execute(f"INSERT INTO {names.fields} (row, {listed}) VALUES (?{marks})", (at, *row.columns))
    if row.many:
        connection.executemany(f"INSERT INTO {names.many} VALUES (?, ?, ?)", [(at, *each) for each in row.many])
    if any(row.texts):
        listed = ", ".join(quoted(f.path) for f in mapping.texts())
        marks = ", ?" * len(row.texts)
        connection.execute(f"INSERT INTO {names.words} (rowid, {listed}) VALUES (?{marks})", (at, *row.texts))


def forget(connection: sqlite3.Connection, mapping: KindMapping, at: int, texts: list[str | None]) -> None:
    """Take out what ``derive`` wrote; ``texts`` must be what it was given, or FTS5 keeps words of no document."""
    names = Tables(mapping.kind)
    connection.execute(f"DELETE FROM {names.fields} WHERE row = ?", (at,))
    if any(f.many for f in mapping.fields.values()):
        connection.execute(f"DELETE FROM {names.many} WHERE row = ?", (at,))
    if any(texts):
        listed = ", ".join(quoted(f.path) for f in mapping.texts())
        marks = ", ?" * len(texts)
        connection.execute(
            f"INSERT INTO {names.words} ({names.words}, rowid, {listed}) VALUES ('delete', ?{marks})", (at, *texts)
        )


def _fingerprint(template: Mapping[str, Any]) -> str:
    """Return two fingerprints, of the fields and of the look-ups: new look-ups need no document read again."""
    return f"{index_fingerprint(template)}.{fingerprint(template['_meta']['lookups'])}"


def _fields_of(fingerprints: str) -> str:
    return fingerprints.partition(".")[0]


def _replace_lookups(connection: sqlite3.Connection, mapping: KindMapping, wanted: str) -> str:
    names = Tables(mapping.kind)
    made = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
    for (name,) in connection.execute(made, (names.fields,)).fetchall():
        connection.execute(f"DROP INDEX {quoted(name)}")
    for statement in statements(mapping):
        connection.execute(statement)
    connection.execute(_REMEMBER, (mapping.kind.value, wanted))
    return f"{mapping.kind}: look-ups changed, made anew"


def _drop_derived(connection: sqlite3.Connection, kind: Kind) -> None:
    names = Tables(kind)
    for what, name in (("TABLE", names.words), ("VIEW", names.texts), ("TABLE", names.fields), ("TABLE", names.many)):
        connection.execute(f"DROP {what} IF EXISTS {name}")


def _derive_again(connection: sqlite3.Connection, mapping: KindMapping) -> int:
    count = 0
    for at, document_id, text in connection.execute(f"SELECT row, id, document FROM {Tables(mapping.kind).documents}"):
        derive(connection, mapping, at, _row(document_id, json.loads(text), mapping))
        count += 1
    return count
