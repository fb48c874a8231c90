"""The SQLite tables of one kind of document, derived from its mapping. Pure: names and statements only.

A document lies whole, as JSON, in one table. What can be asked of it lies beside it: one narrow row of columns, one
row for each value of a list, and the words of its texts in FTS5. Narrow rows keep scans and counts off the JSON.
"""
# ruff: noqa: S608 - names come from the mapping and are quoted

from collections.abc import Iterator
from dataclasses import dataclass

from worker.index.mapping import Field, FieldType, KindMapping
from worker.ports import Kind

_AFFINITY = {
    FieldType.KEYWORD: "TEXT",
    FieldType.DATE: "INTEGER",
    FieldType.NUMBER: "REAL",
    FieldType.BOOLEAN: "INTEGER",
    FieldType.TEXT: "TEXT",
}


def quoted(name: str) -> str:
    """Return a name for SQL; the dots of a path are part of it."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of a kind's tables: documents, columns, list values, words."""

    kind: Kind

    @property
    def documents(self) -> str:
        """``row``, ``id``, ``seq`` and the document."""
        return self.kind.value

    @property
    def fields(self) -> str:
        """One row a document, one column a field."""
        return f"{self.kind}_fields"

    @property
    def many(self) -> str:
        """One row for each value of a list: ``row``, ``field``, ``value``."""
        return f"{self.kind}_many"

    @property
    def texts(self) -> str:
        """A view of the texts in the documents, which FTS5 reads when it highlights."""
        return f"{self.kind}_texts"

    @property
    def words(self) -> str:
        """The FTS5 table."""
        return f"{self.kind}_words"

    def lookup(self, number: int) -> str:
        """Return the name of an index on the fields table, by its place among the mapping's look-ups."""
        return f"{self.fields}_{number}"


def column_names(mapping: KindMapping) -> list[str]:
    """Return the columns of the fields table, after ``row``."""
    return [f.path for f in mapping.columns()] + [f"has {f.path}" for f in mapping.texts()]


def statements(mapping: KindMapping) -> Iterator[str]:
    """Yield what creates the tables of a kind; each can run again and then does nothing."""
    names = Tables(mapping.kind)
    yield (
        f"CREATE TABLE IF NOT EXISTS {names.documents} "
        "(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, document TEXT NOT NULL) STRICT"
    )
    columns = [f"{quoted(f.path)} {_AFFINITY[f.type]}" for f in mapping.columns()]
    columns += [f"{quoted('has ' + f.path)} INTEGER" for f in mapping.texts()]
    yield f"CREATE TABLE IF NOT EXISTS {names.fields} (row INTEGER PRIMARY KEY, {', '.join(columns)}) STRICT"
    yield from _lookups(mapping, names)
    if any(f.many for f in mapping.fields.values()):
        yield f"CREATE TABLE IF NOT EXISTS {names.many} (row INTEGER NOT NULL, field TEXT NOT NULL, value) "
        yield f"CREATE INDEX IF NOT EXISTS {names.many}_value ON {names.many} (field, value, row)"
        yield f"CREATE INDEX IF NOT EXISTS {names.many}_row ON {names.many} (row)"
    yield from _word_tables(mapping, names)


def _lookups(mapping: KindMapping, names: Tables) -> Iterator[str]:
    for number, fields in enumerate(mapping.lookups):
        listed = ", ".join(quoted(path) for path in fields)
        yield f"CREATE INDEX IF NOT EXISTS {names.lookup(number)} ON {names.fields} ({listed})"


def _word_tables(mapping: KindMapping, names: Tables) -> Iterator[str]:
    texts = mapping.texts()
    if not texts:
        return
    listed = ", ".join(quoted(f.path) for f in texts)
    read = ", ".join(f"json_extract(document, '{json_path(f)}') AS {quoted(f.path)}" for f in texts)
    yield f"CREATE VIEW IF NOT EXISTS {names.texts} AS SELECT row, {read} FROM {names.documents}"
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {names.words} USING fts5({listed}, content='{names.texts}', "
        "content_rowid='row', tokenize='unicode61 remove_diacritics 2')"
    )


def json_path(field: Field) -> str:
    """Return the JSON path of a field for json_extract; names hold letters, digits, ``_`` and ``@`` only."""
    return "$" + "".join(f'."{name}"' for name in field.source.split("."))
