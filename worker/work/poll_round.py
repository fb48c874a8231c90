"""What a batch of polls works with: the ports, and one poll's state with what is to be written of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from worker.feeds.parse import MAX_BYTES, MAX_ENTRIES
from worker.feeds.progress import habit_of
from worker.feeds.schedule import Bounds, next_poll
from worker.feeds.state import FeedState, fields_of
from worker.model import Feed
from worker.outcomes import PollOutcome
from worker.ports import Bell, BlobStore, Clock, Counters, FeedStates, HostGate, HttpClient, WorkLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLimits:
    """What one poll may take."""

    deadline_s: float = 30.0
    max_bytes: int = MAX_BYTES
    max_entries: int = MAX_ENTRIES
    gap_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """The ports of a poll, and the feeds by id. ``dice`` spreads polls that would come together."""

    feeds: Mapping[str, Feed]
    states: FeedStates
    ledger: WorkLedger
    gate: HostGate
    http: HttpClient
    blobs: BlobStore
    bell: Bell
    counters: Counters
    clock: Clock
    dice: Random
    limits: FeedLimits = FeedLimits()


@dataclass(frozen=True, slots=True)
class Round:
    """What a batch of polls has to write, gathered: feed → (fields, due), and how many ended how."""

    ports: Poller
    changes: dict[str, tuple[dict[str, str], datetime]] = field(default_factory=dict)
    outcomes: Counter[PollOutcome] = field(default_factory=Counter)

    def flush(self) -> None:
        """Write it."""
        if self.changes:
            self.ports.states.update_many(self.changes)
        for outcome, count in self.outcomes.items():
            self.ports.counters.add("polls_total", {"outcome": outcome.value}, count)
        self.changes.clear()
        self.outcomes.clear()


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll under way: the feed and what the store holds of it."""

    feed: Feed
    before: FeedState
    round: Round

    @property
    def url(self) -> str:
        """Return where to ask."""
        return self.before.url_to_ask(self.feed.url)

    def write(self, state: FeedState, *, due_at: datetime) -> None:
        """Note what changed, to be written with the round."""
        changed = fields_of(state, unlike=self.before)
        changed["due_at"] = due_at.isoformat()
        self.round.changes[self.feed.id] = (changed, due_at)

    def write_seen(self, now: datetime, *, due_at: datetime) -> None:
        """Note that a poll ended as the one before it: most do, and then nothing else changes."""
        fields = {"polled_at": now.isoformat(), "due_at": due_at.isoformat()}
        self.round.changes[self.feed.id] = (fields, due_at)

    def due(
        self, state: FeedState, *, now: datetime, fresh: datetime | None, asked: datetime | None = None
    ) -> datetime:
        """Return when to ask next."""
        bounds = Bounds(min_s=self.feed.min_interval_s, max_s=self.feed.max_interval_s)
        habit = habit_of(state, fresh=fresh, asked=asked)
        return next_poll(habit, bounds, now=now, jitter=self.round.ports.dice.random())
