"""The health of all feeds, read in one round trip."""

from collections.abc import Sequence
from datetime import datetime

from worker.feeds.health import FeedHealth, health_of
from worker.feeds.state import state_from
from worker.model import Feed
from worker.ports import FeedStates


def healths(feeds: Sequence[Feed], states: FeedStates, *, now: datetime) -> dict[str, FeedHealth]:
    """Return feed id → health, in the order of the feeds."""
    found = states.get_many([feed.id for feed in feeds])
    return {feed.id: health_of(state_from(state), now=now) for feed, state in zip(feeds, found, strict=True)}
