"""The work ledger and what else workers share through Redis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from worker.ledger import Claim, ItemRecord, NewItem, NotClaimed, PollCommit, PollResult, Stage
from worker.outcomes import Outcome


class WorkLedger(Protocol):
    """One record per item; every change is one atomic step. Survives kills of anything but its own store."""

    def commit_poll(self, commit: PollCommit, *, now: datetime) -> PollResult:
        """Write the feed's state and all its items, or neither.

        An entry that is new becomes a queued record, due at once. One whose hash changed is reopened if settled and
        last touched ``REOPEN_AFTER_S`` ago (else later). Records whose entry left the feed begin to expire (7 days).
        """
        ...

    def add(self, items: Sequence[NewItem], *, now: datetime) -> PollResult:
        """Write items that no feed carries (``ingest``, ``replay``); existing unchanged ones stay as they are."""
        ...

    def claim(self, item_id: str, stage: Stage, *, owner: str, now: datetime, risky: bool) -> Claim | NotClaimed:
        """Take the item for LEASE_S seconds; ``risky`` counts an attempt first and parks after MAX_ATTEMPTS."""
        ...

    def fetched(self, claim: Claim, capture_id: str, *, now: datetime) -> bool:
        """Move to FETCHED, due at once. False (here and below) if the claim is no longer ours: nothing changed."""
        ...

    def refetch(self, claim: Claim, *, now: datetime) -> bool:
        """Send an item whose body is gone back to be fetched."""
        ...

    def defer(self, claim: Claim, due_at: datetime, reason: str, *, now: datetime, refund: bool = True) -> bool:
        """Give the item back until ``due_at``. ``refund`` takes back the attempt that the claim counted."""
        ...

    def fail(self, claim: Claim, reason: str, trace: str, *, now: datetime) -> bool:
        """Give back for RETRY_S after a failure of its own: the attempt stays counted, the third one parks the item."""
        ...

    def settle(self, claim: Claim, outcome: Outcome, *, now: datetime, article_id: str | None = None) -> bool:
        """End the item and count its outcome, both or neither."""
        ...

    def due(self, stage: Stage, *, now: datetime, limit: int) -> list[str]:
        """Return items of the stage that are due or whose lease ran out, and do not return them again for 30 s.

        This is the reconciler: whatever the broker lost is rung again from here.
        """
        ...

    def get(self, item_id: str) -> ItemRecord | None:
        """Return the record or None."""
        ...

    def get_many(self, item_ids: Sequence[str]) -> list[ItemRecord | None]:
        """Return the records in the order asked, None where there is none."""
        ...

    def parked(self, *, limit: int = 1000) -> list[ItemRecord]:
        """Return the items in quarantine, oldest first."""
        ...

    def release(self, item_id: str, *, now: datetime) -> bool:
        """Put a parked item back to work with fresh attempts."""
        ...

    def drop(self, item_id: str, *, now: datetime) -> bool:
        """End a parked item as DROPPED."""
        ...

    def erase(self, item_id: str, *, now: datetime) -> bool:
        """End an item as DELETED, wherever it stands; a changed entry never reopens it. False if it is not known.

        Of its entry only identity and address stay: by them the feed's next poll knows it again.
        """
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many items are in each stage, and under ``outcome:<word>`` how many ended so, ever.

        ``settled`` counts records that have expired since, too.
        """
        ...

    def oldest_due(self, stage: Stage) -> datetime | None:
        """Return since when the longest-waiting item of the stage is due (or from when); None if it is empty."""
        ...


class FeedStates(Protocol):
    """State of each feed between polls, as string fields; lost state means only one more full poll."""

    def sync(self, feed_ids: Sequence[str], *, now: datetime) -> None:
        """Make known feeds exactly these: new ones are due at once (spread by the caller), others no longer polled."""
        ...

    def known(self) -> list[str]:
        """Return the feeds that are polled."""
        ...

    def get(self, feed_id: str) -> Mapping[str, str]:
        """Return the fields; empty if nothing is known."""
        ...

    def due(self, *, now: datetime, limit: int) -> list[str]:
        """Return feeds that are due, and do not return them again for 60 s: two beats poll once."""
        ...

    def update(self, feed_id: str, fields: Mapping[str, str], *, due_at: datetime) -> None:
        """Set fields and the next due time in one step."""
        ...

    def get_many(self, feed_ids: Sequence[str]) -> list[Mapping[str, str]]:
        """Return the fields of several feeds, in the order asked, in one round trip."""
        ...

    def update_many(self, changes: Mapping[str, tuple[Mapping[str, str], datetime]]) -> None:
        """Set fields and due time of several feeds in one round trip: feed → (fields, due)."""
        ...


class Leases(Protocol):
    """Named locks with an end. The owner may take its own lock again."""

    def take(self, name: str, owner: str, *, ttl_s: int) -> bool:
        """Return True if the lease is now the owner's."""
        ...

    def drop(self, name: str, owner: str) -> None:
        """Give it up if it is the owner's."""
        ...


class Breaker(Protocol):
    """Shared by all workers: while a store is away nobody asks it, except now and then one to see."""

    def is_open(self) -> bool:
        """Return True while nobody should ask the store."""
        ...

    def trip(self, *, pause_s: float) -> bool:
        """Keep everybody from asking for so long; return True if this outage was not known: then say so."""
        ...

    def answered(self) -> bool:
        """Say that the store answered; return True if that ended a known outage: then say so."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A stored sketch that shares a bucket. ``signature`` as in ``Sketch``."""

    article_id: str
    story_id: str
    signature: bytes
    shingles: int


class FingerprintStore(Protocol):
    """Near-duplicate buckets: a cache, rebuilt from the result store when lost."""

    def claim(
        self, article_id: str, story_id: str, signature: bytes, shingles: int, *, now: datetime
    ) -> list[Neighbour]:
        """Enter the sketch in its buckets and return the others found there, in one step.

        The first owner of a bucket stays; entering twice changes nothing and never returns the article itself.
        """
        ...

    def assign(self, article_id: str, story_id: str, *, now: datetime) -> None:
        """Record the story that the article was placed in."""
        ...


class Counters(Protocol):
    """Numbers over all processes, kept in Redis, read by ``status`` and ``/metrics``."""

    def add(self, name: str, labels: Mapping[str, str], amount: float = 1) -> None:
        """Raise a counter. Names and labels are fixed words."""
        ...

    def observe(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Add a value to a histogram (seconds)."""
        ...

    def read(self) -> Mapping[str, float]:
        """Return every counter as ``name{label="value"}`` → number; histograms as their buckets, sum and count."""
        ...


class Bell(Protocol):
    """Rings a task. Losing a ring is harmless: the reconciler rings again."""

    def ring(self, task: str, ids: Sequence[str]) -> None:
        """Tell the workers that these ids have work in ``task``; never raises while the broker is away."""
        ...

    def room(self, task: str) -> int:
        """Return how many more messages the task's queue should take now; 0 while the broker is away."""
        ...
