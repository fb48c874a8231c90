"""How a feed's state goes on after what a poll found. Pure: old state and findings in, new state out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker.feeds.document import FeedDocument
from worker.feeds.schedule import Habit
from worker.feeds.state import LAGS, FeedState
from worker.model import FeedEntry
from worker.outcomes import PollOutcome
from worker.ports import HttpResponse


def after_move(state: FeedState, answer: HttpResponse, *, configured: str) -> FeedState:
    """Return the state after what the redirects said. ``configured`` is the address in ``config/feeds.yml``.

    A temporary redirect says nothing but that the move is not permanent.
    """
    if answer.status not in {200, 304} or len(answer.chain) < 2:  # noqa: PLR2004 - asked and answered elsewhere
        return state
    if not answer.permanent:
        return replace(state, moved_seen=0)
    is_same = state.moved_to == answer.chain[-1] and state.moved_from == configured
    return replace(
        state, moved_from=configured, moved_to=answer.chain[-1], moved_seen=state.moved_seen + 1 if is_same else 1
    )


def after_parse(state: FeedState, document: FeedDocument, *, now: datetime) -> FeedState:
    """Return the state after a body was read; its validators count from now on."""
    return replace(
        nothing_waits(state).with_outcome(PollOutcome.PARSED, "", now=now),
        etag=state.waiting_etag,
        last_modified=state.waiting_last_modified,
        body_hash=state.waiting_hash,
        body_outcome=None,
        parsed_at=now,
        failure_score=0.0,
        gone_seen=0,
        asked_interval_s=document.hints.interval_s,
        skip_hours=" ".join(str(hour) for hour in sorted(document.hints.skip_hours)),
        skip_days=" ".join(str(day) for day in sorted(document.hints.skip_days)),
        title=document.title,
        site_url=document.site_url,
        entries=len(document.entries),
    ).with_rhythm(state.rhythm.aged(before=state.parsed_at, now=now))


def after_items(
    state: FeedState, entries: Sequence[FeedEntry], found: Sequence[FeedEntry], *, now: datetime
) -> FeedState:
    """Return the state after the ledger said which of the entries are new: overlap, rhythm, lag.

    The entries of a feed's first poll are its backlog: they show its rhythm, but neither overlap nor lag.
    """
    is_first = state.new_total == 0
    overlap = None if is_first else (len(entries) - len(found)) / len(entries)
    return replace(
        _with_habit(state, found, is_first=is_first, now=now),
        overlap=overlap,
        gaps=state.gaps + (overlap == 0),
        new_total=state.new_total + len(found),
        last_new_at=now if found else state.last_new_at,
    )


def nothing_waits(state: FeedState) -> FeedState:
    """Return the state without a body that waits to be read."""
    return replace(
        state,
        waiting_hash="",
        waiting_etag="",
        waiting_last_modified="",
        waiting_type="",
        waiting_url="",
        waiting_since=None,
        waiting_fresh_until=None,
        waiting_fill="",
    )


def habit_of(state: FeedState, *, fresh: datetime | None = None, asked: datetime | None = None) -> Habit:
    """Return what the next poll depends on; ``fresh`` and ``asked`` are what the last answer's headers say."""
    return Habit(
        rhythm=state.rhythm,
        overlap=state.overlap,
        failure_score=state.failure_score,
        asked_interval_s=state.asked_interval_s,
        skip_hours=frozenset(int(hour) for hour in state.skip_hours.split()),
        skip_days=frozenset(int(day) for day in state.skip_days.split()),
        fresh_until=fresh,
        retry_after=asked,
        gone_seen=state.gone_seen,
    )


def _with_habit(state: FeedState, found: Sequence[FeedEntry], *, is_first: bool, now: datetime) -> FeedState:
    moments = [entry.published or now for entry in found]
    week = [moment for moment in moments if now - timedelta(weeks=1) < moment <= now]
    rhythm = state.rhythm.with_entries(week, now=min(week, default=now) if is_first else now)
    known = state.lags.split()
    if not is_first:
        known += [str(int((now - moment).total_seconds())) for moment in week]
    return replace(state.with_rhythm(rhythm), lags=" ".join(known[-LAGS:]))
