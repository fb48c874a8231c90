"""What is remembered of a feed between polls, as a value and as the string fields that ``FeedStates`` keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from worker.feeds.schedule import HOURS, Rhythm
from worker.outcomes import PollOutcome

MOVED_AFTER = 3
"""A permanent redirect is believed once it was seen in as many polls: some servers send 301 for an hour's mistake."""
LAGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """Empty texts and None are *not known*. What begins with ``waiting`` is fetched and not yet parsed."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    body_outcome: PollOutcome | None = None
    """Why the body of ``body_hash`` gave nothing; None if it was read."""
    waiting_hash: str = ""
    waiting_etag: str = ""
    waiting_last_modified: str = ""
    waiting_type: str = ""
    waiting_url: str = ""
    waiting_since: datetime | None = None
    waiting_fresh_until: datetime | None = None
    waiting_fill: str = ""
    """Not empty if what waits came from ``fill_urls``."""
    fill_urls: str = ""
    """Where to look for entries that may have been missed (``worker.feeds.gap``), parted by spaces."""
    fill_left: int = 0
    fill_since: datetime | None = None
    fill_failed: int = 0
    """Gaps in a row that no source filled."""
    filled: int = 0
    """Entries found that way, ever."""
    outcome: PollOutcome | None = None
    outcome_since: datetime | None = None
    why: str = ""
    polled_at: datetime | None = None
    parsed_at: datetime | None = None
    last_new_at: datetime | None = None
    due_at: datetime | None = None
    failure_score: float = 0.0
    overlap: float | None = None
    gaps: int = 0
    """Polls that knew none of the entries they found: something may have been missed."""
    asked_interval_s: int | None = None
    skip_hours: str = ""
    skip_days: str = ""
    rhythm_counts: str = ""
    rhythm_since: datetime | None = None
    moved_from: str = ""
    moved_to: str = ""
    moved_seen: int = 0
    gone_seen: int = 0
    title: str = ""
    site_url: str = ""
    entries: int = 0
    new_total: int = 0
    lags: str = ""
    """Seconds from published to found of the last new entries, parted by spaces."""

    @property
    def rhythm(self) -> Rhythm:
        """Return the rhythm."""
        counts = [0.0] * HOURS
        for piece in self.rhythm_counts.split():
            hour, _, count = piece.partition(":")
            counts[int(hour)] = float(count)
        return Rhythm(tuple(counts), self.rhythm_since)

    def with_rhythm(self, rhythm: Rhythm) -> "FeedState":
        """Return the state with another rhythm; hours without entries take no room."""
        counts = " ".join(f"{hour}:{count:g}" for hour, count in enumerate(rhythm.counts) if count)
        return replace(self, rhythm_counts=counts, rhythm_since=rhythm.since)

    def url_to_ask(self, configured: str) -> str:
        """Return where to ask: in a gap that is to be filled, a believed move, or the configured address."""
        if self.fill_urls:
            return self.fill_urls.split()[0]
        is_believed = self.moved_seen >= MOVED_AFTER and self.moved_from == configured
        return self.moved_to if is_believed and self.moved_to else configured

    def with_outcome(self, outcome: PollOutcome, why: str, *, now: datetime, **also: Any) -> "FeedState":  # noqa: ANN401
        """Return the state after a poll ended so, and with whatever other fields changed."""
        since = self.outcome_since if outcome == self.outcome and self.outcome_since else now
        return replace(self, outcome=outcome, outcome_since=since, why=why, polled_at=now, **also)


def state_from(stored: Mapping[str, str]) -> FeedState:
    """Return the state that the fields hold; what cannot be read is not known."""
    values: dict[str, Any] = {}
    for name, text in stored.items():
        read = _READERS.get(name)
        if read is not None and text:
            try:
                values[name] = read(text)
            except ValueError:
                continue
    return FeedState(**values)


def fields_of(state: FeedState, *, unlike: FeedState | None = None) -> dict[str, str]:
    """Return the fields that hold the state, only those that differ from ``unlike`` if that is given."""
    if unlike is None:
        return {name: _written(getattr(state, name)) for name in _READERS}
    pairs = zip(_READERS, _VALUES(state), _VALUES(unlike), strict=True)
    return {name: _written(value) for name, value, before in pairs if value != before}


def _reader(kind: str) -> Callable[[str], object]:
    """Return what reads a field of the annotated type."""
    readers: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("datetime", datetime.fromisoformat),
        ("PollOutcome", PollOutcome),
        ("float", float),
        ("int", int),
    )
    return next((read for word, read in readers if word in kind), str)


_READERS = {one.name: _reader(str(one.type)) for one in fields(FeedState)}
_VALUES = attrgetter(*_READERS)


def _written(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
