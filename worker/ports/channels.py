"""Ways out for messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel sends: ``title`` one line, ``text`` plain, ``data`` for machines. ``id`` is the alert id."""

    id: str
    title: str
    text: str
    data: Mapping[str, Any]
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a channel answered. ``final`` True: do not try again (410, bad address)."""

    ok: bool
    detail: str = ""
    retry_after_s: float | None = None
    final: bool = False


class Channel(Protocol):
    """A way out for messages. Never raises; the same id on every retry."""

    id: str

    def send(self, message: Message) -> Delivery:
        """Send once and say how it went."""
        ...
