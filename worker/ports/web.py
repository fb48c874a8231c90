"""The way out to the web and the politeness towards its hosts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request through the guarded client. ``credentials`` names a secret of the settings, never holds it."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    max_bytes: int = 10_000_000
    """Cap on decoded bytes; more is refused with ``Outcome.TOO_LARGE``."""
    deadline_s: float = 30.0
    """For the whole exchange with all redirects, not per read."""
    max_redirects: int = 5
    credentials: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """``headers`` have lower-case names; ``chain`` is every URL asked, the last one answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    chain: tuple[str, ...]
    permanent: bool = False
    """True if every hop of the chain was a 301 or 308."""


class HttpClient(Protocol):
    """The one way out to the web: refuses non-public addresses, caps bytes, time and redirects."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, whatever its status.

        Raises HostUnavailable (DNS, refused connection, time-out, broken answer) or Refused, whose reason is a
        value of ``Outcome`` (address_refused, bad_url, redirect_refused, too_large, encoding_refused).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """``wait_until`` None means go now."""

    wait_until: datetime | None


class HostGate(Protocol):
    """Politeness, shared by all workers: one request per host at a time, with a gap between starts."""

    def enter(self, host: str, *, item_id: str, now: datetime, gap_s: float, hold_s: float) -> Slot:
        """Ask to start. Whoever must wait gets a slot of its own, so that waiting items never race for one."""
        ...

    def enter_many(self, asks: Sequence[tuple[str, str]], *, now: datetime, gap_s: float, hold_s: float) -> list[Slot]:
        """Ask to start for several (host, item) in one round trip; the answers are those of ``enter``, in order."""
        ...

    def leave(self, host: str, *, item_id: str, now: datetime, not_before: datetime | None = None) -> None:
        """Say that the request ended; ``not_before`` closes the host until then (Retry-After, 429)."""
        ...

    def robots(self, origin: str) -> str | None:
        """Return the cached robots.txt of ``scheme://host:port``; empty text allows everything; None is not known."""
        ...

    def keep_robots(self, origin: str, text: str, *, ttl_s: int) -> None:
        """Cache a robots.txt."""
        ...
