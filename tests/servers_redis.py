"""A real Redis or Valkey for tests: ``REDIS_URL``, else a server of our own for the test session."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import redis

from worker.adapters.embedded_server import EmbeddedServer


@contextmanager
def redis_server() -> Iterator[str]:
    """Yield the address of a server; it is gone afterwards unless it was given from outside."""
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="sw-redis-"))
    server = EmbeddedServer(folder, fsync="no", max_memory_mb=256)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fresh_prefix() -> str:
    """Return a key prefix that nobody else uses."""
    return f"test-{uuid4().hex[:12]}"


def remove_keys(url: str, prefix: str) -> None:
    """Delete every key under the prefix."""
    with redis.Redis.from_url(url) as client:
        keys = list(client.scan_iter(match=f"{prefix}:*", count=1000))
        if keys:
            client.delete(*keys)
