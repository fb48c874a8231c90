"""The work ledger's rules as data: stages, events and who may go where. The Redis adapter carries them out.

The broker is a doorbell, the ledger is the truth. One record per item::

    queued ──fetched──▶ fetched ──settle──▶ settled
      │  ▲                │   ▲                │
      │  └──refetch───────┘   │             reopen (the entry changed)
      └──settle──▶ settled    │                ▼
    any working stage ──third failed attempt──▶ parked ──release──▶ the stage it came from
                                               └──drop──▶ settled

A *claim* takes a lease and, for work that can kill its process, counts an attempt **before** the work starts.
All waiting is a ``due_at``; nothing sleeps in a worker. A claim carries the record's version, and every later
transition names it, so that a worker whose lease ran out changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from worker.model import FeedEntry
from worker.outcomes import Outcome

MAX_ATTEMPTS = 3
LEASE_S = 45
"""Longer than the hard limit of a task (25 s) plus its stop, so that a living worker never loses its lease."""
REOPEN_AFTER_S = 600
"""A changed entry is fetched again, but not more often than this: live blogs change every minute."""
RETRY_S = 10
"""Pause after a failure of an item's own, so that a machine short of memory does not use up all attempts at once."""
RING_AGAIN_S = 30
"""An item that was rung and not taken is rung again after this long."""
EXPIRY_S = 7 * 86_400
"""A settled record outlives its entry's last appearance in a feed by this long: feeds bring old entries back."""


class Stage(StrEnum):
    """Where an item stands."""

    QUEUED = "queued"
    """Waits to be fetched."""
    FETCHED = "fetched"
    """Its body is in the blob store; waits to be processed."""
    SETTLED = "settled"
    PARKED = "parked"


class Event(StrEnum):
    """What can happen to an item."""

    FETCHED = "fetched"
    REFETCH = "refetch"
    SETTLE = "settle"
    PARK = "park"
    RELEASE = "release"
    DROP = "drop"
    REOPEN = "reopen"


TRANSITIONS: Mapping[tuple[Stage, Event], Stage] = MappingProxyType(
    {
        (Stage.QUEUED, Event.FETCHED): Stage.FETCHED,
        (Stage.QUEUED, Event.SETTLE): Stage.SETTLED,
        (Stage.QUEUED, Event.PARK): Stage.PARKED,
        (Stage.FETCHED, Event.REFETCH): Stage.QUEUED,
        (Stage.FETCHED, Event.SETTLE): Stage.SETTLED,
        (Stage.FETCHED, Event.PARK): Stage.PARKED,
        (Stage.PARKED, Event.RELEASE): Stage.QUEUED,
        (Stage.PARKED, Event.DROP): Stage.SETTLED,
        (Stage.SETTLED, Event.REOPEN): Stage.QUEUED,
    }
)
"""(stage, event) → next stage; anything else is refused. ``release`` goes back to where the item was parked:
the adapter reads ``parked_from``; QUEUED stands here for items whose body is gone."""

WORKING = frozenset({Stage.QUEUED, Stage.FETCHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item as a poll or ``ingest`` hands it in. ``entry_hash`` changes when the feed's words on it change.

    ``stage`` is FETCHED with a ``capture_id`` where the body is there already (``ingest`` of files).
    """

    item_id: str
    feed_id: str
    entry: FeedEntry
    entry_hash: str
    topics: tuple[str, ...]
    origin: str = "feed"
    stage: Stage = Stage.QUEUED
    capture_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """One line of an item's history, for ``why``."""

    at: datetime
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """What the ledger knows of an item. Times are None where they do not apply."""

    item_id: str
    feed_id: str
    entry: FeedEntry
    entry_hash: str
    topics: tuple[str, ...]
    origin: str
    stage: Stage
    version: int
    attempts: int
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    capture_id: str | None = None
    article_id: str | None = None
    outcome: Outcome | None = None
    reason: str = ""
    trace: str = ""
    input_hash: str = ""
    parked_from: Stage | None = None
    history: tuple[ItemEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on an item until ``lease_until``; every transition names it."""

    record: ItemRecord
    owner: str
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotClaimed:
    """Why there is nothing to do here: ``not_due``, ``leased``, ``wrong_stage``, ``unknown`` or ``parked``.

    ``parked`` means that this very claim found the attempts used up and parked the item.
    """

    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollCommit:
    """Result of a poll: new items and the feed's state, written in one step or not at all."""

    feed_id: str
    state: Mapping[str, str]
    """Fields of the feed's record to set: validators, body hash, next due time, failure score …"""
    due_at: datetime
    items: tuple[NewItem, ...]
    """All entries of the body, known ones too: the ledger tells which are new or changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """``known`` counts entries that the ledger had unchanged: the overlap with earlier polls."""

    new: tuple[str, ...]
    reopened: tuple[str, ...]
    known: int


def next_stage(stage: Stage, event: Event) -> Stage:
    """Return the stage that ``event`` leads to; ValueError if the ledger does not allow it."""
    try:
        return TRANSITIONS[stage, event]
    except KeyError:
        raise ValueError(f"an item that is {stage} cannot {event}") from None
