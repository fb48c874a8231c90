"""When a feed is asked again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.feeds.hints import BodyHints, body_hints, fresh_until
from worker.feeds.schedule import Bounds, Habit, Rhythm, hour_of_week, next_poll, next_score
from worker.outcomes import PollOutcome

NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)  # a Monday
BOUNDS = Bounds(min_s=300, max_s=21_600)
NO_JITTER = 0.5


def wait_s(habit: Habit, *, bounds: Bounds = BOUNDS, jitter: float = NO_JITTER, now: datetime = NOW) -> float:
    return (next_poll(habit, bounds, now=now, jitter=jitter) - now).total_seconds()


def steady(per_hour: float, *, weeks: int = 4) -> Rhythm:
    """Return the rhythm of a feed that brought the same number every hour for so many weeks."""
    rhythm = Rhythm(since=NOW - timedelta(weeks=weeks))
    for week in range(weeks):
        start = NOW - timedelta(weeks=weeks - week)
        rhythm = rhythm.aged(before=start - timedelta(weeks=1), now=start)
        rhythm = Rhythm(tuple(count + per_hour for count in rhythm.counts), rhythm.since)
    return rhythm.aged(before=NOW - timedelta(weeks=1), now=NOW)


def test_a_feed_nobody_has_seen_is_asked_every_half_hour() -> None:
    assert wait_s(Habit()) == 1_800


def test_a_feed_that_brings_one_entry_an_hour_is_asked_about_every_hour() -> None:
    assert 2_700 < wait_s(Habit(rhythm=steady(1))) < 5_400


def test_a_busy_feed_is_asked_no_more_often_than_its_minimum() -> None:
    assert wait_s(Habit(rhythm=steady(100))) == 300


def test_a_silent_feed_is_asked_no_less_often_than_its_maximum() -> None:
    assert wait_s(Habit(rhythm=Rhythm(since=NOW - timedelta(weeks=8)))) == 21_600


def test_a_feed_that_writes_in_the_morning_is_asked_more_often_then() -> None:
    counts = tuple(12.0 if hour % 24 in {6, 7, 8} else 0.0 for hour in range(168))
    habit = Habit(rhythm=Rhythm(counts, NOW - timedelta(weeks=4)))
    morning, evening = NOW.replace(hour=7), NOW.replace(hour=20)
    assert wait_s(habit, now=morning) < 1_800
    assert wait_s(habit, now=evening) > 4 * wait_s(habit, now=morning)


@pytest.mark.parametrize(("overlap", "share"), [(None, 1), (1.0, 1), (0.5, 1), (0.2, 1 / 2), (0.0, 1 / 4)])
def test_polls_that_do_not_overlap_come_sooner(overlap: float | None, share: float) -> None:
    assert wait_s(Habit(rhythm=Rhythm(since=NOW - timedelta(weeks=8)), overlap=overlap)) == 21_600 * share


@pytest.mark.parametrize(("asked", "waited"), [(60, 1_800), (3_600, 3_600), (10**9, 21_600)])
def test_a_publishers_wish_is_honoured_within_bounds(asked: int, waited: int) -> None:
    assert wait_s(Habit(asked_interval_s=asked)) == waited


def test_an_answer_that_is_fresh_for_an_hour_is_not_asked_for_before() -> None:
    assert wait_s(Habit(fresh_until=NOW + timedelta(hours=1))) == 3_600


def test_retry_after_is_obeyed_for_a_day_at_most() -> None:
    assert wait_s(Habit(retry_after=NOW + timedelta(hours=9))) == 9 * 3_600
    assert wait_s(Habit(retry_after=NOW + timedelta(days=300))) == 86_400


def test_failures_slow_a_feed_down_to_a_day_and_never_stop_it() -> None:
    waits = [wait_s(Habit(failure_score=score)) for score in (0, 1, 2, 5, 50, 5_000)]
    assert waits == [1_800, 3_600, 5_400, 10_800, 86_400, 86_400]


def test_a_feed_that_is_gone_is_asked_once_more_and_then_no_longer() -> None:
    assert wait_s(Habit(gone_seen=1, failure_score=1)) == 3_600
    assert wait_s(Habit(gone_seen=2, failure_score=2)) > 9 * 365 * 86_400


def test_hours_that_the_publisher_leaves_out_are_left_out() -> None:
    assert next_poll(Habit(skip_hours=frozenset({12, 13, 14})), BOUNDS, now=NOW, jitter=NO_JITTER).hour == 15


def test_a_feed_that_leaves_out_every_hour_is_asked_all_the_same() -> None:
    assert wait_s(Habit(skip_hours=frozenset(range(24)))) <= 2 * 86_400


def test_jitter_spreads_polls_by_a_tenth() -> None:
    assert (wait_s(Habit(), jitter=0), wait_s(Habit(), jitter=1)) == (1_620, 1_980)


@given(
    st.lists(st.floats(0, 1e6), min_size=168, max_size=168),
    st.floats(0, 1e4),
    st.one_of(st.none(), st.floats(0, 1)),
    st.floats(0, 0.999),
)
def test_every_feed_is_asked_again_within_a_day_and_a_tenth(
    counts: list[float], score: float, overlap: float | None, jitter: float
) -> None:
    habit = Habit(rhythm=Rhythm(tuple(counts), NOW - timedelta(weeks=3)), failure_score=score, overlap=overlap)
    assert 270 <= wait_s(habit, jitter=jitter) <= 86_400 * 1.1


@pytest.mark.parametrize(
    ("outcome", "score"),
    [
        (PollOutcome.PARSED, 0),
        (PollOutcome.NOT_MODIFIED, 0),
        (PollOutcome.UNCHANGED_BODY, 0),
        (PollOutcome.UNREACHABLE, 2.5),
        (PollOutcome.NOT_FOUND, 3),
        (PollOutcome.EMPTY, 2.25),
    ],
)
def test_the_failure_score_grows_by_how_bad_a_poll_was(outcome: PollOutcome, score: float) -> None:
    assert next_score(2, outcome) == score


def test_the_week_begins_on_monday_in_utc() -> None:
    assert hour_of_week(datetime.fromisoformat("2031-05-05T01:30:00+02:00")) == 6 * 24 + 23


@pytest.mark.parametrize(
    ("head", "interval"),
    [
        ("<ttl>60</ttl>", 3_600),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1_800),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 86_400),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 3_600),
        ("<ttl>10</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 3_600),
        ("", None),
    ],
)
def test_the_feeds_own_wish_is_read(head: str, interval: int | None) -> None:
    assert body_hints(f"<rss><channel>{head}<item><ttl>1</ttl></item>").interval_s == interval


def test_skipped_hours_and_days_are_read() -> None:
    head = "<skipHours><hour>0</hour><hour>24</hour><hour>5</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    assert body_hints(head) == BodyHints(skip_hours=frozenset({0, 5}), skip_days=frozenset({6}))


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"cache-control": "public, max-age=600"}, 10),
        ({"cache-control": "MAX-AGE=600"}, 10),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "nonsense"}, None),
        ({"expires": "Mon, 05 May 2031 13:00:00 GMT"}, 60),
        ({"expires": "Mon, 05 May 2031 11:00:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({"cache-control": "max-age=600", "expires": "Mon, 05 May 2031 13:00:00 GMT"}, 10),
        ({}, None),
    ],
)
def test_the_answers_freshness_is_read(headers: dict[str, str], minutes: int | None) -> None:
    expected = NOW + timedelta(minutes=minutes) if minutes else None
    assert fresh_until(headers, now=NOW) == expected
