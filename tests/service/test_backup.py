"""Backups are taken under load and put back whole."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from worker.adapters.backup import backup, restore
from worker.adapters.embedded_server import EmbeddedServer
from worker.adapters.processes import FolderLock
from worker.errors import ConfigurationError

pytestmark = pytest.mark.redis
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a running server, a database in WAL mode and a body."""
    folder = tmp_path / "data"
    server = EmbeddedServer(folder / "redis")
    with redis.Redis.from_url(server.start()) as client:
        client.set("kept", "yes")
    with closing(sqlite3.connect(folder / "results.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE a (n INTEGER)")
        connection.execute("INSERT INTO a VALUES (1)")
        connection.commit()
    (folder / "blobs" / "ab").mkdir(parents=True)
    (folder / "blobs" / "ab" / "body").write_bytes(b"a body")
    yield folder
    server.stop()


def test_what_was_backed_up_while_running_is_there_after_restore(data: Path, tmp_path: Path) -> None:
    made = backup(data, tmp_path / "copy", now=NOW)
    restored = restore(tmp_path / "copy", tmp_path / "new")

    assert restored == made
    assert made.parts == ("redis", "results.sqlite", "blobs")
    server = EmbeddedServer(tmp_path / "new" / "redis")
    with redis.Redis.from_url(server.start()) as client:
        assert client.get("kept") == b"yes"
    server.stop()
    with closing(sqlite3.connect(tmp_path / "new" / "results.sqlite")) as connection:
        assert connection.execute("SELECT n FROM a").fetchall() == [(1,)]
    assert (tmp_path / "new" / "blobs" / "ab" / "body").read_bytes() == b"a body"


def test_a_backup_under_a_storm_of_writes_can_be_loaded(data: Path, tmp_path: Path) -> None:
    enough = threading.Event()

    def write() -> None:
        with redis.Redis.from_url(EmbeddedServer(data / "redis").url) as client:
            number = 0
            while not enough.is_set():
                number += 1
                client.set(f"key:{number}", "x" * 200)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for round_ in range(5):
            backup(data, tmp_path / f"copy{round_}", now=NOW)
    finally:
        enough.set()
        writer.join()

    for round_ in range(5):
        restore(tmp_path / f"copy{round_}", tmp_path / f"new{round_}")
        server = EmbeddedServer(tmp_path / f"new{round_}" / "redis")
        with redis.Redis.from_url(server.start()) as client:
            assert client.get("kept") == b"yes"
        server.stop()


def test_rewriting_is_allowed_again_afterwards(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "copy", now=NOW)
    with redis.Redis.from_url(EmbeddedServer(data / "redis").url, decode_responses=True) as client:
        assert client.config_get("auto-aof-rewrite-percentage") == {"auto-aof-rewrite-percentage": "100"}


def test_a_backup_that_broke_off_is_refused(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "copy", now=NOW)
    (tmp_path / "copy" / "backup.json").unlink()
    with pytest.raises(ConfigurationError, match="no whole backup"):
        restore(tmp_path / "copy", tmp_path / "new")


def test_a_backup_of_another_form_is_refused(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "copy", now=NOW)
    manifest = tmp_path / "copy" / "backup.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 2}))
    with pytest.raises(ConfigurationError, match="no backup that this release reads"):
        restore(tmp_path / "copy", tmp_path / "new")


def test_nothing_is_overwritten(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "copy", now=NOW)
    with pytest.raises(ConfigurationError, match="is not empty"):
        backup(data, tmp_path / "copy", now=NOW)
    with pytest.raises(ConfigurationError, match=r"holds redis, results\.sqlite, blobs already"):
        restore(tmp_path / "copy", data)


def test_a_folder_in_use_is_not_restored_into(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "copy", now=NOW)
    lock = FolderLock(tmp_path / "new")
    lock.take()
    with pytest.raises(ConfigurationError, match="in use by another stancewatch"):
        restore(tmp_path / "copy", tmp_path / "new")
    lock.release()


def test_an_empty_folder_has_nothing_to_back_up(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(ConfigurationError, match="holds nothing"):
        backup(tmp_path / "data", tmp_path / "copy", now=NOW)
