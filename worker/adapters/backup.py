"""Copies of what the embedded stores hold, taken while the service runs, and putting them back.

The order is what makes a copy whole without stopping anything: the ledger first, then results, then bodies. Each
part may be newer than the one before it, and work that the ledger still lists is done again, which changes nothing.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import redis

from worker.adapters.embedded_server import running_url
from worker.adapters.processes import FolderLock
from worker.adapters.redis_link import store_errors
from worker.errors import ConfigurationError, StoreUnavailable

FORMAT = 1
MANIFEST = "backup.json"
RESULTS, LEDGER, BODIES = "results.sqlite", "redis", "blobs"
_REWRITE_S = 60.0
_PAGES = 2_000
"""SQLite pages (8 MB) copied in one go; writers get in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds. ``parts`` are those of results.sqlite, redis and blobs that there were."""

    made_at: str
    parts: tuple[str, ...]
    bytes: int
    format: int = FORMAT


def backup(data_dir: Path, target: Path, *, now: datetime) -> Backup:
    """Copy the stores of a data folder into ``target``, a new folder, and return what was copied.

    The service may run. A backup that broke off has no manifest and is refused by ``restore``. Raises
    ConfigurationError if the target is not new, StoreUnavailable if the running server does not let its file rest.
    """
    if target.exists() and any(target.iterdir()):
        raise ConfigurationError([f"{target} is not empty: name a new folder"])
    target.mkdir(parents=True, exist_ok=True)
    parts = [name for name in (LEDGER, RESULTS, BODIES) if (data_dir / name).exists()]
    if not parts:
        raise ConfigurationError([f"{data_dir} holds nothing to back up"])
    copies = {LEDGER: _copy_ledger, RESULTS: _copy_results, BODIES: _copy_bodies}
    for name in parts:
        copies[name](data_dir / name, target / name)
    made = Backup(made_at=now.isoformat(), parts=tuple(parts), bytes=_size(target))
    (target / MANIFEST).write_text(json.dumps(asdict(made), indent=2) + "\n", "utf-8")
    return made


def restore(source: Path, data_dir: Path) -> Backup:
    """Put a backup into an empty data folder and return what it held.

    Raises ConfigurationError if the folder is in use or holds stores already, or if the source is no whole backup.
    """
    made = read_manifest(source)
    lock = FolderLock(data_dir)
    lock.take()
    try:
        there = [name for name in (LEDGER, RESULTS, BODIES) if (data_dir / name).exists()]
        if there:
            raise ConfigurationError([f"{data_dir} holds {', '.join(there)} already: move it away first"])
        for name in made.parts:
            copy = shutil.copytree if (source / name).is_dir() else shutil.copy2
            copy(source / name, data_dir / name)
    finally:
        lock.release()
    return made


def read_manifest(source: Path) -> Backup:
    """Return what a backup says of itself; ConfigurationError if it is none, or not whole."""
    try:
        fields: dict[str, Any] = json.loads((source / MANIFEST).read_text("utf-8"))
        made = Backup(**{**fields, "parts": tuple(fields["parts"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigurationError([f"{source} is no whole backup: {error}"]) from error
    missing = [name for name in made.parts if not (source / name).exists()]
    if made.format != FORMAT or missing:
        raise ConfigurationError([f"{source} is no backup that this release reads: {missing or made.format}"])
    return made


def _copy_results(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new, pages=_PAGES)
        (state,) = new.execute("PRAGMA quick_check").fetchone()
        if state != "ok":
            raise StoreUnavailable(f"the copy of {source.name} is damaged: {state}")


def _copy_ledger(source: Path, target: Path) -> None:
    """Copy the append-only files. The last one may end in half a command, which the server cuts off when it loads."""
    url = running_url(source)
    with _file_at_rest(url) if url else _nothing():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.pid", "*.log", "temp-*"))


@contextmanager
def _file_at_rest(url: str) -> Iterator[None]:
    """Keep the server from replacing its files while they are copied; appending goes on."""
    name = "auto-aof-rewrite-percentage"
    with store_errors(), redis.Redis.from_url(url, decode_responses=True, socket_timeout=5) as client:
        known: Any = client.config_get(name)
        client.config_set(name, 0)
        try:
            _await_rewrite(client)
            yield
        finally:
            client.config_set(name, known[name])


def _await_rewrite(client: "redis.Redis") -> None:
    deadline = time.monotonic() + _REWRITE_S
    while time.monotonic() < deadline:
        state: Any = client.info("persistence")
        if not state["aof_rewrite_in_progress"] and not state["aof_rewrite_scheduled"]:
            return
        time.sleep(0.2)
    raise StoreUnavailable("the server is rewriting its append-only file; try again")


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _copy_bodies(source: Path, target: Path) -> None:
    """Copy bodies and captures: they never change once they have their name; what is still being written has none."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.tmp", "*.part", ".*"), dirs_exist_ok=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
