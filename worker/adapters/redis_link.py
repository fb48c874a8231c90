"""The one connection to Redis or Valkey that every adapter here shares: scripts, key prefix, error translation."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ClusterDownError, NoPermissionError, TryAgainError
from redis.retry import Retry

from worker.errors import StoreUnavailable
from worker.ports import STORE_TIMEOUT_S

_FOR_NOW = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.InvalidResponse,
    redis.ReadOnlyError,
    redis.OutOfMemoryError,
    NoPermissionError,
    ClusterDownError,
    TryAgainError,
)
"""What an operator or time ends: no connection, no memory, fail-over, missing rights."""
_WORDS_FOR_NOW = frozenset({"BUSY", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "READONLY", "UNBLOCKED"})
"""The same where redis-py knows no class for it, or where it is told from inside a script."""


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what Redis cannot do for now into StoreUnavailable; a fault of ours (a wrong command) goes up as it is."""
    try:
        yield
    except redis.RedisError as error:
        if not is_for_now(error):
            raise
        raise StoreUnavailable(f"Redis: {str(error) or type(error).__name__}") from error
    except OSError as error:
        raise StoreUnavailable(f"Redis: {error}") from error


def is_for_now(error: redis.RedisError) -> bool:
    """Return True if the same command may succeed later."""
    words = str(error).replace("-", " ").replace(":", " ").split()
    return isinstance(error, _FOR_NOW) or (
        isinstance(error, redis.ResponseError) and not _WORDS_FOR_NOW.isdisjoint(words)
    )


class RedisLink:
    """Connections to one server; every key that goes through here begins with ``prefix``.

    A command is sent a second time if its connection broke, because a restarted server leaves the pool full of dead
    ones. All commands here bear that: a change that was made already is refused by its version.
    """

    def __init__(self, url: str, prefix: str, *, timeout_s: float = STORE_TIMEOUT_S) -> None:
        self.prefix = f"{prefix}:"
        # Any: redis-py types each answer as bytes or str or a promise of them, whatever decode_responses says.
        self.client: Any = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(ConstantBackoff(0.05), 1),
        )
        self._scripts: dict[tuple[str, ...], Any] = {}

    def script(self, *names: str) -> Any:  # noqa: ANN401 - redis-py gives scripts no type
        """Return the script made of these files; call it with ``args=[…]`` inside ``store_errors``."""
        if names not in self._scripts:
            self._scripts[names] = self.client.register_script(_source(names))
        return self._scripts[names]

    def ping(self) -> None:
        """Raise StoreUnavailable unless the server answers."""
        with store_errors():
            self.client.ping()

    def close(self) -> None:
        """Close all connections."""
        self.client.close()


@cache
def _source(names: tuple[str, ...]) -> str:
    folder = files("worker.adapters") / "lua"
    return "\n".join((folder / f"{name}.lua").read_text("utf-8") for name in names)
