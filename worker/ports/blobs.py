"""Bodies and captures."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from worker.model import Capture


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

    def sweep(self, *, keep: Callable[[Capture], bool], before: datetime) -> int:
        """Remove captures written before ``before`` that ``keep`` refuses, and bodies nobody names; return how many."""
        ...
