"""The health of all feeds: how they answer, what their pages give, and what they were first to report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.errors import StoreUnavailable
from worker.feeds.health import FeedHealth, health_of
from worker.feeds.state import state_from
from worker.model import Feed
from worker.outcomes import Outcome
from worker.ports import Counters, FeedStates, Kind, Query, ResultStore

ENDED = "feed_items_total"
"""Counter of a feed's items by whether their pages gave an article."""
FIRST_REPORTS = "claim.level: first"

_NO_FAULT_OF_THE_PAGE = frozenset({Outcome.KNOWN, Outcome.DELETED, Outcome.DROPPED})
_READ = frozenset(
    {
        Outcome.INDEXED,
        Outcome.REVISED,
        Outcome.COPY,
        Outcome.SPLIT,
        Outcome.UNCHANGED,
        Outcome.LANGUAGE_NOT_TAGGED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """What came of a feed: the share of its items whose pages gave an article, and statements nobody had before it.

    None: nothing to tell from yet, or the store does not answer.
    """

    readable: float | None = None
    first_reports: int | None = None


def healths(feeds: Sequence[Feed], states: FeedStates, *, now: datetime) -> dict[str, FeedHealth]:
    """Return feed id → health, in the order of the feeds, read in one round trip."""
    found = states.get_many([feed.id for feed in feeds])
    return {feed.id: health_of(state_from(state), now=now) for feed, state in zip(feeds, found, strict=True)}


def yields(feeds: Sequence[Feed], store: ResultStore, counters: Counters) -> dict[str, Yield]:
    """Return feed id → what came of it, in the order of the feeds."""
    ended, first = counters.read(), _first_reports(store, len(feeds))
    return {
        feed.id: Yield(readable=_share(ended, feed.id), first_reports=None if first is None else first.get(feed.id, 0))
        for feed in feeds
    }


def count_end(counters: Counters, feed_id: str, outcome: Outcome) -> None:
    """Count that an item of the feed ended, if that says something of its pages."""
    if outcome not in _NO_FAULT_OF_THE_PAGE:
        counters.add(ENDED, {"feed": feed_id, "page": "read" if outcome in _READ else "not_read"})


def _share(ended: Mapping[str, float], feed_id: str) -> float | None:
    read, not_read = (ended.get(f'{ENDED}{{feed="{feed_id}",page="{page}"}}', 0.0) for page in ("read", "not_read"))
    return round(read / (read + not_read), 3) if read + not_read else None


def _first_reports(store: ResultStore, feeds: int) -> dict[str, int] | None:
    query = Query(kind=Kind.STATEMENTS, kql=FIRST_REPORTS, size=0, facets=("feed.id",), facet_size=max(1, feeds))
    try:
        return dict(store.search(query).facets.get("feed.id", ()))
    except StoreUnavailable:
        return None
