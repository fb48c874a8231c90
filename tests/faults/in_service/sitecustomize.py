"""Read by every interpreter of the service under test: sets its clock, and gives pages of the oracle their poison."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

from worker.adapters.blobs import FolderBlobStore
from worker.adapters.clock import SystemClock

_OFFSET = Path(os.environ["FAULTS_CLOCK_OFFSET"])
_get_body = FolderBlobStore.get_body


def _now(_clock: SystemClock) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(_OFFSET.read_text()))


def _poisoned_body(store: FolderBlobStore, body_hash: str) -> bytes | None:
    body = _get_body(store, body_hash)
    for word, harm in _HARM.items():
        if body is not None and b"poison: " + word in body:
            harm()
    return body


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _never_end() -> None:
    while True:
        pass


def _eat() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(50_000_000))


_HARM = {b"kills": _kill, b"never ends": _never_end, b"eats": _eat}
SystemClock.now = _now  # type: ignore[method-assign]
FolderBlobStore.get_body = _poisoned_body  # type: ignore[method-assign]
