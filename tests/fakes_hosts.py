"""An in-memory host gate; it passes the same contract suite as Redis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from worker.ports import Slot


@dataclass
class FakeHostGate:
    inside: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    not_before: dict[str, datetime] = field(default_factory=dict)
    line: dict[str, dict[str, datetime]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def enter(self, host: str, *, item_id: str, now: datetime, gap_s: float, hold_s: float) -> Slot:
        gap, line = timedelta(seconds=gap_s), self.line.setdefault(host, {})
        closed_until = self.not_before.get(host, now)
        who, until = self.inside.get(host, ("", now))
        busy = who not in {"", item_id} and until > now
        mine = line.get(item_id)
        if mine and mine > now and mine >= closed_until:
            return Slot(wait_until=mine)
        slot = mine or now
        if mine is None or busy or closed_until > now:
            last = max((at for item, at in line.items() if item != item_id), default=None)
            slot = max(now, closed_until, now + gap if busy else now, last + gap if last else now)
        if slot > now:
            line[item_id] = slot
            return Slot(wait_until=slot)
        line.pop(item_id, None)
        self.inside[host] = (item_id, now + timedelta(seconds=hold_s))
        self.not_before[host] = now + gap
        return Slot(wait_until=None)

    def enter_many(self, asks: Sequence[tuple[str, str]], *, now: datetime, gap_s: float, hold_s: float) -> list[Slot]:
        return [self.enter(host, item_id=item, now=now, gap_s=gap_s, hold_s=hold_s) for host, item in asks]

    def leave(self, host: str, *, item_id: str, now: datetime, not_before: datetime | None = None) -> None:
        if self.inside.get(host, ("", now))[0] == item_id:
            del self.inside[host]
        if not_before:
            self.not_before[host] = max(not_before, self.not_before.get(host, not_before))

    def robots(self, origin: str) -> str | None:
        return self.texts.get(origin)

    def keep_robots(self, origin: str, text: str, *, ttl_s: int) -> None:
        self.texts[origin] = text
