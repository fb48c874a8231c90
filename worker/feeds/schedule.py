"""When to ask a feed again: a pure function of its habit, its publisher's wishes and its failures.

A feed is asked when about one new entry is to be expected, by what it did at this hour of this weekday before; sooner
if the last poll found nothing that was known, because then entries may have come and gone unseen. Publishers' wishes
are kept within the feed's bounds, so that no header can freeze a feed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import log

from worker.outcomes import PollOutcome

HOURS = 168
WEEK_WEIGHT = 0.75
"""What a week-old count still weighs: habits change over weeks, not days."""
UNKNOWN_PER_HOUR = 2.0
"""A feed nobody has seen yet is asked every half hour."""
DAY_S = 86_400
JITTER = 0.1
"""Share of the interval by which polls are spread, so that feeds found together do not stay together."""
NO_OVERLAP, LOW_OVERLAP = 0.0, 0.33
"""Shares of known entries under which the interval shrinks to a quarter and to a half (rss-fetcher uses a third)."""
NEVER = timedelta(days=3650)
STOP_AFTER_GONE = 2

FAILURE_WEIGHT = {
    PollOutcome.NOT_A_FEED: 1.0,
    PollOutcome.BLOCKED: 1.0,
    PollOutcome.REFUSED: 1.0,
    PollOutcome.NOT_FOUND: 1.0,
    PollOutcome.GONE: 1.0,
    PollOutcome.EMPTY: 0.25,
    PollOutcome.SERVER_ERROR: 0.5,
    PollOutcome.RATE_LIMITED: 0.5,
    PollOutcome.UNREACHABLE: 0.5,
}
"""How much one poll of this outcome adds to the failure score; outcomes that are none set it to 0."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """New entries by hour of the week (UTC, Monday 00:00 is 0), older weeks weighing less, and weeks seen."""

    counts: tuple[float, ...] = field(default=(0.0,) * HOURS)
    since: datetime | None = None

    def with_entries(self, moments: Iterable[datetime], *, now: datetime) -> "Rhythm":
        """Return the rhythm after entries that appeared at these moments."""
        counts = list(self.counts)
        for moment in moments:
            counts[hour_of_week(moment)] += 1
        return Rhythm(tuple(counts), self.since or now)

    def aged(self, *, before: datetime | None, now: datetime) -> "Rhythm":
        """Return the rhythm as old as it is now, having last been looked at ``before``."""
        if before is None or now <= before:
            return self
        weight = WEEK_WEIGHT ** ((now - before) / timedelta(weeks=1))
        return Rhythm(tuple(round(count * weight, 3) for count in self.counts), self.since)

    def rates(self, *, now: datetime) -> Callable[[int], float]:
        """Return what gives the entries to expect in an hour of the week: by that hour, those beside it, the mean."""
        if self.since is None:
            return lambda _hour: UNKNOWN_PER_HOUR
        counts, seen = self.counts, (now - self.since) / timedelta(weeks=1)
        weight = _weight_of(seen)
        mean = sum(counts) / max(1.0, weight * HOURS)

        def rate(hour: int) -> float:
            near = (counts[hour - 1] + 2 * counts[hour] + counts[(hour + 1) % HOURS]) / 4
            if seen < 1:  # this hour was seen once at most: what the feed does on the whole says more
                return (1 - seen) * max(mean, near) + seen * mean
            return 0.75 * near / weight + 0.25 * mean

        return rate


def _weight_of(weeks: float) -> float:
    """Return what so many weeks weigh together: the integral of ``WEEK_WEIGHT ** t``."""
    return float((WEEK_WEIGHT**weeks - 1) / log(WEEK_WEIGHT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an editor allows: seconds."""

    min_s: int
    max_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """All that the next poll depends on. ``overlap`` None: not known yet."""

    rhythm: Rhythm = Rhythm()
    overlap: float | None = None
    failure_score: float = 0.0
    asked_interval_s: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    fresh_until: datetime | None = None
    retry_after: datetime | None = None
    gone_seen: int = 0


def hour_of_week(moment: datetime) -> int:
    """Return 0 for Monday 00:00 to 00:59 UTC, up to 167."""
    utc = moment.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour


def next_score(score: float, outcome: PollOutcome) -> float:
    """Return the failure score after a poll."""
    weight = FAILURE_WEIGHT.get(outcome)
    return 0.0 if weight is None else score + weight


def next_poll(habit: Habit, bounds: Bounds, *, now: datetime, jitter: float) -> datetime:
    """Return when to ask next. ``jitter`` in [0, 1) comes from the caller's dice.

    Not before ``Retry-After`` (a day at most), and within the bounds but for failures, which may slow a feed to once
    a day. A feed that said twice that it is gone (410) is not asked again.
    """
    if habit.gone_seen >= STOP_AFTER_GONE:
        return now + NEVER
    seconds = _clamped(_natural_interval_s(habit, bounds, now=now), bounds)
    seconds = max(seconds, _clamped(_asked_s(habit, now=now), bounds))
    if habit.failure_score:
        seconds = min(max(seconds, bounds.min_s) * (1 + habit.failure_score), max(DAY_S, bounds.max_s))
    due = now + timedelta(seconds=seconds * (1 + JITTER * (2 * jitter - 1)))
    if habit.retry_after:
        due = max(due, min(habit.retry_after, now + timedelta(days=1)))
    return _outside_skipped(due, habit, latest=now + timedelta(seconds=max(bounds.max_s, DAY_S)))


def _natural_interval_s(habit: Habit, bounds: Bounds, *, now: datetime) -> float:
    """Return the seconds until about one new entry is to be expected, less if entries may have been missed."""
    rate_of = habit.rhythm.rates(now=now)
    expected, elapsed_s = 0.0, 0.0
    hour, left_s = hour_of_week(now), 3_600 - (now.minute * 60 + now.second)
    while elapsed_s < bounds.max_s:
        rate = rate_of(hour)
        if rate > 0 and expected + rate * left_s / 3_600 >= 1:
            elapsed_s += (1 - expected) / rate * 3_600
            break
        expected += rate * left_s / 3_600
        elapsed_s += left_s
        hour, left_s = (hour + 1) % HOURS, 3_600
    if habit.overlap is None or habit.overlap > LOW_OVERLAP:
        return elapsed_s
    return min(elapsed_s, bounds.max_s) / (4 if habit.overlap <= NO_OVERLAP else 2)


def _asked_s(habit: Habit, *, now: datetime) -> float:
    fresh_s = (habit.fresh_until - now).total_seconds() if habit.fresh_until else 0.0
    return max(float(habit.asked_interval_s or 0), fresh_s)


def _clamped(seconds: float, bounds: Bounds) -> float:
    return max(float(bounds.min_s), min(seconds, float(bounds.max_s)))


def _outside_skipped(due: datetime, habit: Habit, *, latest: datetime) -> datetime:
    """Return the first moment from ``due`` on that the publisher did not ask to leave out, ``latest`` at most."""
    while due < latest and (due.hour in habit.skip_hours or due.weekday() in habit.skip_days):
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due
