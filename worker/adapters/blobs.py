"""Bodies and captures (port ``BlobStore``) in a local folder or behind any fsspec URL.

::

    bodies/ab/abcd….zst       a body under the sha256 of its bytes, zstd
    captures/12/1234….zst     one fetch as JSON, zstd, never changed once written

Both are written under another name and then renamed, so a name that exists is whole. Locally file and folder are
synced before ``put`` returns; an object store promises the same by itself.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import fsspec
import zstandard

from worker.adapters.capture_json import capture_from_json, capture_to_json
from worker.errors import StoreUnavailable
from worker.identity import digest
from worker.model import Capture

GRACE = timedelta(days=1)
"""A body younger than this may belong to a capture that is about to be written."""
LEVEL = 3
MAX_BODY_BYTES = 100_000_000


class Folder(Protocol):
    """Where named bytes are kept. OSError if that fails."""

    def read(self, name: str) -> bytes | None:
        """Return the bytes or None."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Keep the bytes, whole and for good."""
        ...

    def renew(self, name: str) -> bool:
        """Return whether the name exists, and if so count it as written now."""
        ...

    def remove(self, name: str) -> None:
        """Remove the name; harmless if it is gone."""
        ...

    def names(self, under: str) -> Iterator[tuple[str, datetime]]:
        """Yield every name under a folder, and when it was written."""
        ...


class FolderBlobStore:
    """Fulfils ``BlobStore`` over a folder of either kind."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._local = threading.local()  # zstd contexts are not made for two threads at once

    def put_body(self, body: bytes) -> str:
        """Store the body and return its sha256 in hex."""
        body_hash = hashlib.sha256(body).hexdigest()
        self._put(_body_name(body_hash), body)
        return body_hash

    def get_body(self, body_hash: str) -> bytes | None:
        """Return the body, or None if it is not there or no longer what it was."""
        body = self._get(_body_name(body_hash))
        return body if body is not None and hashlib.sha256(body).hexdigest() == body_hash else None

    def put_capture(self, capture: Capture) -> str:
        """Store the capture and return its id; one that is there already stays as it is. Its body is as young as it."""
        capture_id = digest("capture", capture.item_id, capture.body_hash)
        with _store_errors():
            self._folder.renew(_body_name(capture.body_hash))
        self._put(_capture_name(capture_id), json.dumps(capture_to_json(capture)).encode())
        return capture_id

    def get_capture(self, capture_id: str) -> Capture | None:
        """Return the capture or None."""
        data = self._get(_capture_name(capture_id))
        return None if data is None else capture_from_json(json.loads(data))

    def captures(self) -> Iterator[Capture]:
        """Yield every capture."""
        for _, _, capture in self._all_captures():
            yield capture

    def erase(self, is_meant: Callable[[Capture], bool]) -> int:
        """Remove these captures and their bodies at once; return how many of both."""
        kept: set[str] = set()
        meant: dict[str, str] = {}
        for name, _, capture in self._all_captures():
            if is_meant(capture):
                meant[name] = _body_name(capture.body_hash)
            else:
                kept.add(_body_name(capture.body_hash))
        gone = [*meant, *sorted(set(meant.values()) - kept)]
        for name in gone:
            self._remove(name)
        return len(gone)

    def drop_body(self, body_hash: str) -> None:
        """Remove a body that no capture names."""
        self._remove(_body_name(body_hash))

    def sweep(self, part: int, *, before: datetime) -> int:
        """Remove what is too old from one part of the names; nothing is read, its age is enough to know."""
        ages = {"captures": before, "bodies": before - GRACE}
        old = [n for kind, limit in ages.items() for n, at in self._names(f"{kind}/{part:02x}") if at < limit]
        for name in old:
            self._remove(name)
        return len(old)

    def _all_captures(self) -> Iterator[tuple[str, datetime, Capture]]:
        for name, written in self._names("captures"):
            data = self._get(name)
            if data is not None:
                yield name, written, capture_from_json(json.loads(data))

    def _names(self, under: str) -> list[tuple[str, datetime]]:
        with _store_errors():
            return list(self._folder.names(under))

    def _remove(self, name: str) -> None:
        with _store_errors():
            self._folder.remove(name)

    def _put(self, name: str, data: bytes) -> None:
        with _store_errors():
            if not self._folder.renew(name):
                self._folder.write(name, self._compressor.compress(data))

    def _get(self, name: str) -> bytes | None:
        with _store_errors():
            data = self._folder.read(name)
        if data is None:
            return None
        try:
            return zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BODY_BYTES)
        except zstandard.ZstdError:
            return None  # damaged on disk: as good as gone, and fetched again

    @property
    def _compressor(self) -> zstandard.ZstdCompressor:
        if not hasattr(self._local, "compressor"):
            self._local.compressor = zstandard.ZstdCompressor(level=LEVEL)
        compressor: zstandard.ZstdCompressor = self._local.compressor
        return compressor


class LocalFolder:
    """A folder of this machine, synced to disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> bytes | None:
        """Return the bytes or None."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Write aside, sync, rename, sync the folder."""
        path = self._root / name
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _sync_folder(path.parent.parent)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _sync_folder(path.parent)

    def renew(self, name: str) -> bool:
        """Return whether the name exists, and if so count it as written now."""
        try:
            os.utime(self._root / name)
        except FileNotFoundError:
            return False
        return True

    def remove(self, name: str) -> None:
        """Remove the name; harmless if it is gone."""
        (self._root / name).unlink(missing_ok=True)

    def names(self, under: str) -> Iterator[tuple[str, datetime]]:
        """Yield every name under a folder; what a crash left half written goes after a day."""
        for path in (self._root / under).rglob("*.*"):
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if not path.name.startswith("."):
                yield path.relative_to(self._root).as_posix(), written
            elif written.timestamp() < time.time() - GRACE.total_seconds():
                path.unlink(missing_ok=True)


class RemoteFolder:
    """A folder behind an fsspec URL; credentials come from the file system's own configuration."""

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)

    def read(self, name: str) -> bytes | None:
        """Return the bytes or None."""
        try:
            data: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write the object in one request."""
        self._files.makedirs(self._files._parent(self._path(name)), exist_ok=True)  # noqa: SLF001 - fsspec's only name for it
        self._files.pipe_file(self._path(name), data)

    def renew(self, name: str) -> bool:  # noqa: ARG002 - Folder's signature
        """Return False: object stores cannot count an object as new without writing it again."""
        return False

    def remove(self, name: str) -> None:
        """Remove the name; harmless if it is gone."""
        if self._files.exists(self._path(name)):
            self._files.rm_file(self._path(name))

    def names(self, under: str) -> Iterator[tuple[str, datetime]]:
        """Yield every name under a folder."""
        found: dict[str, dict[str, Any]] = self._files.find(self._path(under), detail=True, refresh=True)
        prefix = self._path("")
        for path, facts in found.items():
            written = facts.get("LastModified") or facts.get("created") or facts.get("mtime")
            moment = written if isinstance(written, datetime) else datetime.fromtimestamp(written or 0, UTC)
            yield path.removeprefix(prefix), moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def blob_store(url: str) -> FolderBlobStore:
    """Return the store for a folder's path, a ``file://`` URL or any fsspec URL."""
    if "://" not in url or url.startswith("file://"):
        return FolderBlobStore(LocalFolder(Path(url.removeprefix("file://"))))
    return FolderBlobStore(RemoteFolder(url))


def _body_name(body_hash: str) -> str:
    return f"bodies/{body_hash[:2]}/{body_hash}.zst"


def _capture_name(capture_id: str) -> str:
    return f"captures/{capture_id[:2]}/{capture_id}.zst"


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"blob store: {error.strerror or error}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
