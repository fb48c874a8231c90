"""Politeness towards hosts, shared by all workers: one request at a time, a gap, a place in line for who waits."""

from collections.abc import Sequence
from datetime import datetime

from worker.adapters.redis_link import RedisLink, store_errors
from worker.adapters.redis_records import from_ms, to_ms
from worker.ports import Slot


class RedisHostGate:
    """``HostGate`` in Redis."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._script = link.script("hosts")

    def enter(self, host: str, *, item_id: str, now: datetime, gap_s: float, hold_s: float) -> Slot:
        """Return leave to start now, or the item's own slot. Who never leaves is put out after ``hold_s``."""
        slot = self._run("enter", now, host, item_id, round(gap_s * 1000), round(hold_s * 1000))
        return Slot(wait_until=from_ms(slot) if slot else None)

    def enter_many(self, asks: Sequence[tuple[str, str]], *, now: datetime, gap_s: float, hold_s: float) -> list[Slot]:
        """Return what ``enter`` would for each (host, item), in one round trip."""
        flat = [name for ask in asks for name in ask]
        times = (round(gap_s * 1000), round(hold_s * 1000))
        with store_errors():
            slots = self._script(args=[self._link.prefix, to_ms(now), "enter_many", *times, *flat])
        return [Slot(wait_until=from_ms(int(slot)) if int(slot) else None) for slot in slots]

    def leave(self, host: str, *, item_id: str, now: datetime, not_before: datetime | None = None) -> None:
        """Say that the request ended; ``not_before`` closes the host until then for everybody."""
        self._run("leave", now, host, item_id, to_ms(not_before) if not_before else 0)

    def robots(self, origin: str) -> str | None:
        """Return the cached robots.txt, or None if it is not known."""
        with store_errors():
            text: str | None = self._link.client.get(self._robots_key(origin))
        return text

    def keep_robots(self, origin: str, text: str, *, ttl_s: int) -> None:
        """Cache a robots.txt."""
        with store_errors():
            self._link.client.set(self._robots_key(origin), text, ex=ttl_s)

    def _robots_key(self, origin: str) -> str:
        return f"{self._link.prefix}robots:{origin}"

    def _run(self, operation: str, now: datetime, *arguments: object) -> int:
        with store_errors():
            return int(self._script(args=[self._link.prefix, to_ms(now), operation, *arguments]))
