"""What the pages ask for: the ports and values behind the reading room, and the line that says how far it sees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.alert.rules import Rule
from worker.index.mapping import KindMapping
from worker.model import Feed
from worker.ports import Clock, Counters, FeedStates, Kind, Query, ResultStore, WorkLedger
from worker.topic import Topic
from worker.web.board import Board
from worker.web.health import Probe
from worker.web.views import Labels
from worker.work.feed_health import healths

GLANCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """Feeds, topics by id and rules."""

    feeds: tuple[Feed, ...]
    topics: Mapping[str, Topic]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """All that the reading room needs. ``metrics`` renders the Prometheus text."""

    store: ResultStore
    ledger: WorkLedger
    states: FeedStates
    counters: Counters
    clock: Clock
    configured: Callable[[], Configured]
    """What is configured now: an edit is seen without a restart."""
    metrics: Callable[[], str]
    probes: tuple[Probe, ...]
    keep_verdict: Callable[[str, str], bool]
    """(statement id, word) → False if there is no such statement."""
    secret: str
    """Signs forms; of this installation, kept in the data folder."""
    mappings: Mapping[Kind, KindMapping]
    """What the documents of the store hold."""
    board: Board
    address: str = ""
    """Where readers reach this room; empty: as the request was addressed."""

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Return the feeds that are configured."""
        return self.configured().feeds

    @property
    def topics(self) -> Mapping[str, Topic]:
        """Return the topics by id."""
        return self.configured().topics

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the alert rules."""
        return self.configured().rules

    @property
    def labels(self) -> Labels:
        """Return names for ids."""
        return Labels(self.topics)


class Glance:
    """The coverage line, asked for anew after a moment: every page shows it, and it costs as much as a page."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._line = ""

    def line(self, room: Room) -> str:
        """Return the line, at most ``GLANCE`` old."""
        now = room.clock.now()
        if self._until is None or now >= self._until:
            self._line = coverage(room)
            self._until = now + GLANCE
        return self._line


def coverage(room: Room) -> str:
    """Return the line that keeps silence from being read as calm."""
    now = room.clock.now()
    feeds = healths(room.feeds, room.states, now=now).values()
    unread = room.store.search(Query(kind=Kind.ARTICLES, kql="not article.language: en", since=_day(now), size=1)).total
    parked = room.ledger.counts().get("parked", 0)
    return (
        f"{sum(health.is_healthy for health in feeds)} of {len(feeds)} feeds healthy; "
        f"{unread} articles of the last 24 hours in languages that are not tagged; {parked} items in quarantine"
    )


def _day(now: datetime) -> datetime:
    return now - timedelta(days=1)
