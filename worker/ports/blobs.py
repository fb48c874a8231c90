"""Bodies and captures."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from worker.model import Capture

SWEEP_PARTS = 256
"""A store of half a year holds a million files: looked at in one go they would take longer than a task may."""


class BlobStore(Protocol):
    """Bodies by content hash and immutable captures. What was written survives a crash at any later moment."""

    def put_body(self, body: bytes) -> str:
        """Store the body and return its sha256 in hex. The same body twice is stored once."""
        ...

    def get_body(self, body_hash: str) -> bytes | None:
        """Return the body, or None if it is not there (swept, or another machine's folder)."""
        ...

    def put_capture(self, capture: Capture) -> str:
        """Store the capture and return its id, the same for the same item and body hash."""
        ...

    def get_capture(self, capture_id: str) -> Capture | None:
        """Return the capture or None."""
        ...

    def captures(self) -> Iterator[Capture]:
        """Yield every capture, for ``replay``; order is not promised."""
        ...

    def erase(self, is_meant: Callable[[Capture], bool]) -> int:
        """Remove these captures and their bodies at once, whatever their age; return how many of both.

        A body that another capture names as well stays.
        """
        ...

    def drop_body(self, body_hash: str) -> None:
        """Remove a body that no capture names: what a feed said, once it was read."""
        ...

    def sweep(self, part: int, *, before: datetime) -> int:
        """Remove captures written before a time, and bodies a day older, from one of ``SWEEP_PARTS``; return how many.

        A body counts as written when a capture that names it is, so it never goes before the last of those.
        """
        ...
