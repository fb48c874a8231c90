"""In-memory ledger, feed states, leases, breaker, counters and bell; they pass the same contract suites as Redis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from worker.ledger import (
    LEASE_S,
    MAX_ATTEMPTS,
    REOPEN_AFTER_S,
    RETRY_S,
    RING_AGAIN_S,
    WORKING,
    Claim,
    Event,
    ItemEvent,
    ItemRecord,
    NewItem,
    NotClaimed,
    PollCommit,
    PollResult,
    Stage,
    next_stage,
)
from worker.model import FeedEntry
from worker.outcomes import Outcome


@dataclass
class FakeFeedStates:
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)

    def sync(self, feed_ids: Sequence[str], *, now: datetime) -> None:
        self.times = {feed: self.times.get(feed, now) for feed in feed_ids}
        self.fields = {feed: state for feed, state in self.fields.items() if feed in self.times}

    def known(self) -> list[str]:
        return sorted(self.times)

    def get(self, feed_id: str) -> Mapping[str, str]:
        return dict(self.fields.get(feed_id, {}))

    def due(self, *, now: datetime, limit: int) -> list[str]:
        due = sorted((at, feed) for feed, at in self.times.items() if at <= now)[:limit]
        self.times |= {feed: now + timedelta(seconds=60) for _, feed in due}
        return [feed for _, feed in due]

    def update(self, feed_id: str, fields: Mapping[str, str], *, due_at: datetime) -> None:
        self.fields.setdefault(feed_id, {}).update(fields)
        if feed_id in self.times:
            self.times[feed_id] = due_at

    def get_many(self, feed_ids: Sequence[str]) -> list[Mapping[str, str]]:
        return [self.get(feed) for feed in feed_ids]

    def update_many(self, changes: Mapping[str, tuple[Mapping[str, str], datetime]]) -> None:
        for feed, (fields, due_at) in changes.items():
            self.update(feed, fields, due_at=due_at)


@dataclass
class _Slip:
    """What the fake keeps of an item beside its record."""

    record: ItemRecord
    rings_at: datetime
    counted: bool = False
    changed: bool = False
    carriers: frozenset[str] = frozenset()


@dataclass
class FakeLedger:
    feeds: FakeFeedStates = field(default_factory=FakeFeedStates)
    slips: dict[str, _Slip] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    reopened: int = 0

    def commit_poll(self, commit: PollCommit, *, now: datetime) -> PollResult:
        result = self.add(commit.items, now=now)
        seen = {item.item_id for item in commit.items}
        for item_id, slip in self.slips.items():
            others = slip.carriers - {commit.feed_id}
            slip.carriers = others | {commit.feed_id} if item_id in seen else others
        self.feeds.update(commit.feed_id, commit.state, due_at=commit.due_at)
        return result

    def add(self, items: Sequence[NewItem], *, now: datetime) -> PollResult:
        unique = {item.item_id: item for item in reversed(items)}
        new = [item.item_id for item in unique.values() if self._create(item, now)]
        reopened = [i for i, item in unique.items() if i not in new and self._change(self.slips[i], item, now)]
        order = list(dict.fromkeys(item.item_id for item in items))
        known = len(order) - len(new) - len(reopened)
        return PollResult(
            new=tuple(i for i in order if i in new), reopened=tuple(i for i in order if i in reopened), known=known
        )

    def claim(self, item_id: str, stage: Stage, *, owner: str, now: datetime, risky: bool) -> Claim | NotClaimed:
        slip = self.slips.get(item_id)
        if slip is None:
            return NotClaimed(why="unknown")
        record = slip.record
        if record.stage is not stage:
            return NotClaimed(why="wrong_stage")
        waits_for = record.lease_until or record.due_at
        if waits_for and waits_for > now:
            return NotClaimed(why="leased" if record.lease_until else "not_due", until=waits_for)
        if risky and record.attempts >= MAX_ATTEMPTS:
            self._park(slip, "crashed", now)
            return NotClaimed(why="parked")
        until = now + timedelta(seconds=LEASE_S)
        slip.counted, slip.rings_at = risky, until
        slip.record = replace(
            record,
            version=record.version + 1,
            attempts=record.attempts + risky,
            due_at=None,
            lease_owner=owner,
            lease_until=until,
        )
        if risky:
            self._note(slip, "attempt", str(slip.record.attempts), now)
        return Claim(record=slip.record, owner=owner, lease_until=until)

    def fetched(self, claim: Claim, capture_id: str, *, now: datetime) -> bool:
        slip = self._held(claim)
        if not slip or slip.record.stage is not Stage.QUEUED:
            return False
        self._move(slip, Event.FETCHED, now, capture_id=capture_id)
        self._note(slip, "fetched", "", now)
        return True

    def refetch(self, claim: Claim, *, now: datetime) -> bool:
        slip = self._held(claim)
        if not slip or slip.record.stage is not Stage.FETCHED:
            return False
        if slip.record.attempts >= MAX_ATTEMPTS:
            self._park(slip, "body_lost", now)
        else:
            self._move(slip, Event.REFETCH, now, capture_id=None)
            self._note(slip, "refetch", "its body is gone", now)
        return True

    def defer(self, claim: Claim, due_at: datetime, reason: str, *, now: datetime, refund: bool = True) -> bool:
        slip = self._held(claim)
        if not slip:
            return False
        attempts = slip.record.attempts - (refund and slip.counted)
        self._wait(slip, due_at, now, attempts=attempts)
        self._note(slip, "deferred", reason, now)
        return True

    def fail(self, claim: Claim, reason: str, trace: str, *, now: datetime) -> bool:
        slip = self._held(claim)
        if not slip:
            return False
        attempts = slip.record.attempts + (not slip.counted)
        self._wait(slip, now + timedelta(seconds=RETRY_S), now, attempts=attempts, reason=reason, trace=trace)
        self._note(slip, "failed", reason, now)
        if attempts >= MAX_ATTEMPTS:
            self._park(slip, reason, now)
        return True

    def settle(self, claim: Claim, outcome: Outcome, *, now: datetime, article_id: str | None = None) -> bool:
        slip = self._held(claim)
        if not slip:
            return False
        self._end(slip, Event.SETTLE, outcome, now)
        slip.record = replace(slip.record, article_id=article_id or slip.record.article_id)
        return True

    def due(self, stage: Stage, *, now: datetime, limit: int) -> list[str]:
        if stage not in WORKING:
            raise ValueError(f"nothing is due in stage {stage}")
        for slip in self.slips.values() if stage is Stage.QUEUED else ():
            if slip.changed and slip.record.stage is Stage.SETTLED and self._rested(slip, now):
                self._reopen(slip, now)
        due = sorted((s.rings_at, i) for i, s in self.slips.items() if s.record.stage is stage and s.rings_at <= now)
        for _, item_id in due[:limit]:
            self.slips[item_id].rings_at = now + timedelta(seconds=RING_AGAIN_S)
        return [item_id for _, item_id in due[:limit]]

    def get(self, item_id: str) -> ItemRecord | None:
        return self.slips[item_id].record if item_id in self.slips else None

    def get_many(self, item_ids: Sequence[str]) -> list[ItemRecord | None]:
        return [self.get(item_id) for item_id in item_ids]

    def parked(self, *, limit: int = 1000) -> list[ItemRecord]:
        found = [slip.record for slip in self.slips.values() if slip.record.stage is Stage.PARKED]
        return sorted(found, key=lambda record: record.updated_at)[:limit]

    def release(self, item_id: str, *, now: datetime) -> bool:
        slip = self.slips.get(item_id)
        if not slip or slip.record.stage is not Stage.PARKED:
            return False
        back = slip.record.parked_from if slip.record.capture_id else Stage.QUEUED
        self._move(slip, Event.RELEASE, now, attempts=0, reason="", trace="", input_hash="", parked_from=None)
        slip.record = replace(slip.record, stage=back or Stage.QUEUED)
        self._note(slip, "released", "", now)
        return True

    def drop(self, item_id: str, *, now: datetime) -> bool:
        slip = self.slips.get(item_id)
        if not slip or slip.record.stage is not Stage.PARKED:
            return False
        self._end(slip, Event.DROP, Outcome.DROPPED, now)
        return True

    def erase(self, item_id: str, *, now: datetime) -> bool:
        slip = self.slips.get(item_id)
        if not slip:
            return False
        slip.changed = False
        if slip.record.stage is Stage.SETTLED:
            entry = FeedEntry(identity=slip.record.entry.identity, url=slip.record.entry.url)
            slip.record = replace(slip.record, outcome=Outcome.DELETED, entry=entry, capture_id=None)
            self._note(slip, "deleted", "on request", now)
        else:
            event = Event.DROP if slip.record.stage is Stage.PARKED else Event.SETTLE
            self._end(slip, event, Outcome.DELETED, now)
            slip.record = replace(slip.record, capture_id=None)
        return True

    def counts(self) -> Mapping[str, int]:
        stages = [slip.record.stage for slip in self.slips.values()]
        outcomes = {f"outcome:{word}": number for word, number in sorted(self.ended.items())}
        settled = sum(self.ended.values()) - self.reopened
        return {stage.value: stages.count(stage) for stage in Stage} | {"settled": settled} | outcomes

    def oldest_due(self, stage: Stage) -> datetime | None:
        records = [slip.record for slip in self.slips.values() if slip.record.stage is stage]
        times = [record.lease_until or record.due_at for record in records]
        return min((at for at in times if at), default=None)

    def _create(self, item: NewItem, now: datetime) -> bool:
        if item.item_id in self.slips:
            return False
        entry = replace(item.entry, given=None) if item.capture_id else item.entry
        record = ItemRecord(
            item_id=item.item_id,
            feed_id=item.feed_id,
            entry=entry,
            entry_hash=item.entry_hash,
            topics=item.topics,
            origin=item.origin,
            stage=item.stage,
            version=1,
            attempts=0,
            created_at=now,
            updated_at=now,
            due_at=now,
            capture_id=item.capture_id,
        )
        self.slips[item.item_id] = _Slip(record=record, rings_at=now)
        self._note(self.slips[item.item_id], item.stage.value, "", now)
        return True

    def _change(self, slip: _Slip, item: NewItem, now: datetime) -> bool:
        record = slip.record
        if record.entry_hash == item.entry_hash or not self._speaks_for(slip, item):
            return False
        if record.outcome is Outcome.DELETED:
            return False
        slip.record = replace(record, entry=item.entry, entry_hash=item.entry_hash)
        if record.stage is Stage.SETTLED and self._rested(slip, now):
            self._reopen(slip, now)
            return True
        if record.stage in {Stage.SETTLED, Stage.FETCHED} or record.lease_owner:
            slip.changed = True
        return False

    def _speaks_for(self, slip: _Slip, item: NewItem) -> bool:
        if item.feed_id == slip.record.feed_id:
            return True
        if slip.record.feed_id not in slip.carriers:
            slip.record = replace(slip.record, feed_id=item.feed_id, entry_hash=item.entry_hash)
        return False

    def _rested(self, slip: _Slip, now: datetime) -> bool:
        return now - slip.record.updated_at >= timedelta(seconds=REOPEN_AFTER_S)

    def _reopen(self, slip: _Slip, now: datetime) -> None:
        self.reopened += 1
        slip.changed = False
        self._move(slip, Event.REOPEN, now, attempts=0, outcome=None, capture_id=None)
        self._note(slip, "reopened", "the entry changed", now)

    def _held(self, claim: Claim) -> _Slip | None:
        slip = self.slips.get(claim.record.item_id)
        same = slip and (slip.record.version, slip.record.lease_owner) == (claim.record.version, claim.owner)
        return slip if same else None

    def _move(self, slip: _Slip, event: Event, now: datetime, **changes: Any) -> None:
        self._wait(slip, now, now, stage=next_stage(slip.record.stage, event), **changes)

    def _wait(self, slip: _Slip, at: datetime, now: datetime, **changes: Any) -> None:
        free: dict[str, Any] = {"lease_owner": None, "lease_until": None, "due_at": at, "updated_at": now}
        slip.record = replace(slip.record, version=slip.record.version + 1, **(free | changes))
        slip.rings_at, slip.counted = at, False

    def _park(self, slip: _Slip, reason: str, now: datetime) -> None:
        record = slip.record
        where = {"parked_from": record.stage, "input_hash": record.capture_id or record.entry_hash}
        self._move(slip, Event.PARK, now, reason=reason, due_at=None, **where)
        self._note(slip, "parked", reason, now)

    def _end(self, slip: _Slip, event: Event, outcome: Outcome, now: datetime) -> None:
        entry = slip.record.entry
        kept = entry if slip.changed else FeedEntry(identity=entry.identity, url=entry.url)
        free: dict[str, Any] = {"attempts": 0, "reason": "", "trace": "", "input_hash": "", "parked_from": None}
        self._move(slip, event, now, outcome=outcome, entry=kept, due_at=None, **free)
        self._note(slip, "settled", outcome.value, now)
        self.ended[outcome.value] = self.ended.get(outcome.value, 0) + 1

    def _note(self, slip: _Slip, what: str, detail: str, now: datetime) -> None:
        history = list(slip.record.history)
        if history and (history[-1].what, history[-1].detail) == (what, detail):
            history.pop()
        history.append(ItemEvent(at=now, what=what, detail=detail))
        if len(history) > 20:
            history.pop(1)
        slip.record = replace(slip.record, history=tuple(history))


@dataclass
class FakeLeases:
    """Leases that end only when dropped: a test has no time to wait for the other way."""

    owners: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, owner: str, *, ttl_s: int) -> bool:
        return self.owners.setdefault(name, owner) == owner

    def drop(self, name: str, owner: str) -> None:
        if self.owners.get(name) == owner:
            del self.owners[name]


@dataclass
class FakeBreaker:
    """Open until ``pauses`` is emptied by the test."""

    pauses: list[float] = field(default_factory=list)
    known: bool = False

    def is_open(self) -> bool:
        return bool(self.pauses)

    def trip(self, *, pause_s: float) -> bool:
        self.pauses.append(pause_s)
        new, self.known = not self.known, True
        return new

    def answered(self) -> bool:
        known, self.known = self.known, False
        return known


@dataclass
class FakeCounters:
    """``observed`` keeps the values themselves; ``read`` gives count and sum of them."""

    numbers: dict[str, float] = field(default_factory=dict)
    observed: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, labels: Mapping[str, str], amount: float = 1) -> None:
        key = _series(name, labels)
        self.numbers[key] = self.numbers.get(key, 0) + amount

    def observe(self, name: str, labels: Mapping[str, str], value: float) -> None:
        self.observed.setdefault(_series(name, labels), []).append(value)
        self.add(f"{name}_count", labels)
        self.add(f"{name}_sum", labels, value)

    def read(self) -> Mapping[str, float]:
        return dict(self.numbers)


@dataclass
class FakeBell:
    rung: list[tuple[str, str]] = field(default_factory=list)

    def ring(self, task: str, ids: Sequence[str]) -> None:
        self.rung += [(task, one) for one in ids]


def _series(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{label}="{labels[label]}"' for label in sorted(labels))
    return f"{name}{{{inside}}}" if inside else name
