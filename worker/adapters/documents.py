"""What a file gives to ``ingest``: a document, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDocument:
    """A document with what is known of it. ``given`` is a whole article; then ``body`` is its JSON.

    ``fetched`` says when an archive got it, empty if nobody knows.
    """

    url: str
    body: bytes
    content_type: str
    title: str = ""
    published: str = ""
    fetched: str = ""
    given: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, line or record that holds no document, and why."""

    name: str
    why: str
