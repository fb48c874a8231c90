"""What is remembered of a feed, how it goes on, and how healthy it is."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from worker.feeds.health import ADVICE, HEALTHY, health_of
from worker.feeds.items import entry_hash, items_of
from worker.feeds.progress import after_items, after_move
from worker.feeds.schedule import Rhythm
from worker.feeds.state import FeedState, fields_of, state_from
from worker.model import Feed, FeedEntry
from worker.outcomes import PollOutcome
from worker.ports import HttpResponse

NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)
FEED = Feed(id="desk", url="https://news.example/rss", publisher="Desk", family="desk", topics=("t",))


def entry(**changes: object) -> FeedEntry:
    values = {"identity": "tag:1", "url": "https://news.example/a", "title": "Talks", "summary": "They met."}
    return FeedEntry(**{**values, **changes})  # type: ignore[arg-type]


def answer(*chain: str, permanent: bool = True) -> HttpResponse:
    return HttpResponse(status=200, headers={}, body=b"", chain=chain, permanent=permanent)


def test_a_state_comes_back_from_its_fields() -> None:
    state = FeedState(
        etag='"1"', outcome=PollOutcome.PARSED, outcome_since=NOW, overlap=0.0, gaps=2, failure_score=1.5, lags="3 4"
    ).with_rhythm(Rhythm((0.0, 2.5, *([0.0] * 166)), NOW))
    assert state_from(fields_of(state)) == state


def test_nothing_known_is_an_empty_state() -> None:
    assert state_from({}) == FeedState()


@pytest.mark.parametrize("name", [one.name for one in fields(FeedState) if one.type not in {"str", str}])
def test_a_field_that_cannot_be_read_is_not_known(name: str) -> None:
    assert getattr(state_from({name: "rubbish"}), name) == getattr(FeedState(), name)


def test_only_what_changed_is_written() -> None:
    before = FeedState(etag="1")
    assert fields_of(FeedState(etag="1", gaps=1), unlike=before) == {"gaps": "1"}
    assert fields_of(FeedState(), unlike=before) == {"etag": ""}


def test_a_state_lasts_as_long_as_its_outcome() -> None:
    later = NOW + timedelta(hours=1)
    state = (
        FeedState()
        .with_outcome(PollOutcome.BLOCKED, "403", now=NOW)
        .with_outcome(PollOutcome.BLOCKED, "403", now=later)
    )
    assert (state.outcome_since, state.polled_at) == (NOW, later)


def test_a_permanent_move_is_believed_when_seen_three_times() -> None:
    state = FeedState()
    asked = []
    for _ in range(4):
        asked.append(state.url_to_ask(FEED.url))
        state = after_move(state, answer(FEED.url, "https://news.example/new"), configured=FEED.url)
    assert asked == [FEED.url, FEED.url, FEED.url, "https://news.example/new"]


def test_a_temporary_move_is_never_believed() -> None:
    state = FeedState()
    for _ in range(9):
        state = after_move(state, answer(FEED.url, "https://news.example/new", permanent=False), configured=FEED.url)
    assert state.url_to_ask(FEED.url) == FEED.url


def test_a_move_to_ever_new_places_is_not_believed() -> None:
    state = FeedState()
    for number in range(9):
        state = after_move(state, answer(FEED.url, f"https://news.example/{number}"), configured=FEED.url)
    assert state.url_to_ask(FEED.url) == FEED.url


def test_a_new_address_in_the_configuration_forgets_the_move() -> None:
    state = FeedState(moved_from="https://news.example/old", moved_to="https://news.example/new", moved_seen=9)
    assert state.url_to_ask(FEED.url) == FEED.url


def test_the_backlog_of_a_first_poll_says_nothing_of_overlap_and_lag() -> None:
    entries = [entry(identity=str(n), published=NOW - timedelta(hours=n)) for n in range(4)]
    state = after_items(FeedState(), entries, entries, now=NOW)
    assert (state.overlap, state.gaps, state.lags, state.new_total) == (None, 0, "", 4)
    assert state.rhythm.since == NOW - timedelta(hours=3)


def test_overlap_is_the_share_of_entries_that_were_known() -> None:
    entries = [entry(identity=str(n), published=NOW - timedelta(minutes=n)) for n in range(4)]
    state = after_items(FeedState(new_total=9), entries, entries[:1], now=NOW)
    assert (state.overlap, state.gaps, state.lags, state.last_new_at) == (0.75, 0, "0", NOW)


def test_a_poll_that_knew_nothing_is_a_gap() -> None:
    entries = [entry()]
    assert after_items(FeedState(new_total=9), entries, entries, now=NOW).gaps == 1


def test_an_entry_known_by_a_url_is_one_item_in_all_feeds() -> None:
    http = entry(identity="http://www.news.example/a/")
    https = entry(identity="https://news.example/a?utm_source=rss")
    other = Feed(id="other", url="https://news.example/rss2", publisher="Desk", family="desk")
    assert items_of(FEED, [http])[0].item_id == items_of(other, [https])[0].item_id


def test_an_opaque_guid_is_known_in_its_own_feed_only() -> None:
    other = Feed(id="other", url="https://other.example/rss", publisher="Other", family="other")
    assert items_of(FEED, [entry()])[0].item_id != items_of(other, [entry()])[0].item_id


def test_items_carry_the_feeds_topics() -> None:
    assert items_of(FEED, [entry()])[0].topics == ("t",)


@pytest.mark.parametrize(
    "changes", [{"title": "Talks fail"}, {"summary": "They left."}, {"url": "https://news.example/b"}]
)
def test_an_entry_changes_with_its_words_and_its_link(changes: dict[str, str]) -> None:
    assert entry_hash(entry(**changes)) != entry_hash(entry())


@pytest.mark.parametrize(
    "changes",
    [
        {"updated": NOW},
        {"published": NOW},
        {"url": "http://www.news.example/a?utm_source=x"},
        {"title": " “talks” "[2:7]},
    ],
)
def test_an_entry_does_not_change_with_its_dates(changes: dict[str, object]) -> None:
    assert entry_hash(entry(**changes)) == entry_hash(entry())


def test_a_page_without_words_changes_with_its_date() -> None:
    bare = entry(title="", summary="")
    assert entry_hash(bare) != entry_hash(entry(title="", summary="", updated=NOW))


def test_a_new_feed_has_no_figures_yet() -> None:
    health = health_of(FeedState(), now=NOW)
    assert (health.state, health.is_healthy, health.lag_p50_s, health.habit_per_day) == ("new", False, None, 0.0)


def test_a_healthy_feed_shows_habit_and_lag() -> None:
    state = FeedState(
        outcome=PollOutcome.NOT_MODIFIED, last_new_at=NOW, overlap=0.9, lags=" ".join(str(n) for n in range(100))
    ).with_rhythm(Rhythm((4.0,) * 168, NOW - timedelta(weeks=10)))
    health = health_of(state, now=NOW)
    assert (health.state, health.is_healthy, health.lag_p50_s, health.lag_p95_s) == ("not_modified", True, 50, 95)
    assert 20 < health.habit_per_day < 30


def test_a_feed_that_answers_and_brings_nothing_is_silent() -> None:
    state = FeedState(outcome=PollOutcome.NOT_MODIFIED, last_new_at=NOW - timedelta(days=5)).with_rhythm(
        Rhythm((1.0,) * 168, NOW - timedelta(weeks=10))
    )
    health = health_of(state, now=NOW)
    assert (health.state, health.is_healthy) == ("silent", False)
    assert "brings nothing new" in health.advice


def test_a_feed_that_may_have_missed_entries_says_so() -> None:
    state = FeedState(outcome=PollOutcome.PARSED, last_new_at=NOW, overlap=0.0, gaps=1)
    assert "missed" in health_of(state, now=NOW).advice


@pytest.mark.parametrize("outcome", sorted(set(PollOutcome) - HEALTHY))
def test_every_failure_has_advice(outcome: PollOutcome) -> None:
    health = health_of(FeedState(outcome=outcome), now=NOW)
    assert not health.is_healthy
    assert health.advice == ADVICE[outcome]
