"""Connections to one SQLite file: one per thread, none across a fork, errors as the program's own."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.errors import StoreUnavailable
from worker.ports import STORE_TIMEOUT_S

_OPERATIONS_BETWEEN_LOOKS = 20_000
"""Virtual-machine steps between two looks at the time; about a millisecond."""

_HINTS = (
    ("no such table", "not set up; run `stancewatch setup`"),
    ("has no column named", "it has the fields of another version; run `stancewatch setup`"),
    ("locked", f"another process has held the write lock for {STORE_TIMEOUT_S:.0f} s"),
    ("full", "the disk is full; free some space, the work goes on by itself"),
    ("readonly", "the file or its folder is read-only"),
    ("unable to open", "the file cannot be opened; its folder must exist and be writable"),
    ("interrupted", f"no answer within {STORE_TIMEOUT_S:.0f} s; narrow the search"),
    ("malformed", "the file is damaged; restore it from a backup"),
    ("not a database", "the file is no SQLite database"),
    ("disk I/O", "the disk reports an error"),
)


class SqliteLink:
    """Opens connections when they are needed and closes them all at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection in one consistent view of the data; stopped after STORE_TIMEOUT_S."""
        with self._translated():
            connection = self._connection()
            deadline = time.monotonic() + STORE_TIMEOUT_S
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _OPERATIONS_BETWEEN_LOOKS)
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.set_progress_handler(None, 0)
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection holding the write lock; all is durable at the end, or nothing was written.

        BEGIN IMMEDIATE: a transaction that reads first and asks for the lock later is refused at once under load.
        """
        with self._translated():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.rollback()

    def close(self) -> None:
        """Close every connection of this process."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
        self._mine = threading.local()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            said = str(error)
            hint = next((hint for word, hint in _HINTS if word in said), said)
            raise StoreUnavailable(f"SQLite store {self._path}: {hint}") from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None or self._mine.process != os.getpid():
            connection = self._open()
            self._mine.connection, self._mine.process = connection, os.getpid()
        return connection

    def _open(self) -> sqlite3.Connection:
        # check_same_thread is off only so that close() may close what other threads opened.
        connection = sqlite3.connect(self._path, timeout=STORE_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "cache_size=-32768",
                "mmap_size=67108864",
                "temp_store=MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        with self._lock:
            self._opened.append(connection)
        return connection
