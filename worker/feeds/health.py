"""A feed's health as figures and one sentence of advice, for ``feeds health``, ``feeds test`` and ``status``."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.feeds.schedule import HOURS
from worker.feeds.state import FeedState
from worker.outcomes import PollOutcome

HEALTHY = frozenset({PollOutcome.PARSED, PollOutcome.NOT_MODIFIED, PollOutcome.UNCHANGED_BODY})
SILENT_FACTOR = 6
"""A feed is silent when nothing new came for as many times its usual pause, and two days at least."""

ADVICE = {
    PollOutcome.EMPTY: "the address answers a feed with nothing in it; look whether the outlet has another one",
    PollOutcome.NOT_A_FEED: "the address answers something else; `feeds add` with the site's home page finds its feeds",
    PollOutcome.BLOCKED: "the server refuses programs; ask the outlet for access, or use its news sitemap or an agency",
    PollOutcome.NOT_FOUND: "the feed moved or ended; `feeds test` looks for its new address on the site's home page",
    PollOutcome.GONE: "the outlet ended this feed; polling stops, remove it or give its successor",
    PollOutcome.REFUSED: "the address or answer is not safe; if you mean it, allow the host by name in allow_hosts",
    PollOutcome.RATE_LIMITED: "the server asks for patience; raise min_interval_s of this feed",
    PollOutcome.UNREACHABLE: "no answer; look at the address, the network and the name server",
    PollOutcome.SERVER_ERROR: "the server fails; it is asked again, less and less often",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """``state`` is ``new`` before the first poll, ``silent`` for a healthy feed that brings nothing, else the outcome.

    ``habit_per_day``: new entries a day. ``overlap``: share of the last poll's entries that were known; ``gaps``:
    polls that may have missed some; ``filled``: entries then found elsewhere. Lags are seconds from published to found.
    """

    state: str
    is_healthy: bool
    since: datetime | None
    last_new: datetime | None
    next_poll: datetime | None
    habit_per_day: float
    overlap: float | None
    gaps: int
    filled: int
    lag_p50_s: int | None
    lag_p95_s: int | None
    entries: int
    advice: str


def health_of(state: FeedState, *, now: datetime) -> FeedHealth:
    """Return the figures of one feed."""
    per_day = habit_per_day(state, now=now)
    is_answering = state.outcome in HEALTHY
    is_silent = is_answering and is_overdue(state, per_day, now=now)
    lags = sorted(int(lag) for lag in state.lags.split())
    return FeedHealth(
        state="silent" if is_silent else state.outcome.value if state.outcome else "new",
        is_healthy=is_answering and not is_silent,
        since=state.outcome_since,
        last_new=state.last_new_at,
        next_poll=state.due_at,
        habit_per_day=per_day,
        overlap=state.overlap,
        gaps=state.gaps,
        filled=state.filled,
        lag_p50_s=_at(lags, 0.5),
        lag_p95_s=_at(lags, 0.95),
        entries=state.entries,
        advice=_advice(state, is_silent=is_silent),
    )


def habit_per_day(state: FeedState, *, now: datetime) -> float:
    """Return the new entries of a usual day."""
    rhythm = state.rhythm
    if rhythm.since is None:
        return 0.0
    return round(sum(map(rhythm.rates(now=now), range(HOURS))) / 7, 1)


def is_overdue(state: FeedState, per_day: float, *, now: datetime) -> bool:
    """Return whether a feed that used to bring entries has stopped."""
    if state.last_new_at is None:
        return False
    usual_pause = timedelta(days=1 / per_day) if per_day else timedelta(days=7)
    return now - state.last_new_at > max(usual_pause * SILENT_FACTOR, timedelta(days=2))


def _advice(state: FeedState, *, is_silent: bool) -> str:
    if state.outcome is None:
        return ""
    if is_silent:
        return "it answers but brings nothing new; see whether the outlet has another feed"
    if state.outcome in HEALTHY and state.overlap == 0:
        return "entries may have been missed between polls; lower min_interval_s of this feed"
    return ADVICE.get(state.outcome, "")


def _at(values: list[int], share: float) -> int | None:
    return values[min(len(values) - 1, int(share * len(values)))] if values else None
