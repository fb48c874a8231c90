"""What feed states, host gate, leases and counters promise, over the fakes and over a real Redis."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes_hosts import FakeHostGate
from fakes_work import FakeBreaker, FakeCounters, FakeFeedStates, FakeLeases

from worker.adapters.redis_breaker import RedisBreaker
from worker.adapters.redis_counters import RedisCounters
from worker.adapters.redis_feeds import RedisFeedStates
from worker.adapters.redis_hosts import RedisHostGate
from worker.adapters.redis_leases import RedisLeases
from worker.adapters.redis_link import RedisLink
from worker.ports import Breaker, Counters, FeedStates, HostGate, Leases

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FAKES: dict[type, Callable[[], Any]] = {
    RedisFeedStates: FakeFeedStates,
    RedisHostGate: FakeHostGate,
    RedisLeases: FakeLeases,
    RedisCounters: FakeCounters,
    RedisBreaker: FakeBreaker,
}


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.redis)])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[[type], Any]]:
    if request.param == "fake":
        yield lambda adapter: FAKES[adapter]()
        return
    link = RedisLink(request.getfixturevalue("redis_url"), request.getfixturevalue("redis_prefix"))
    yield lambda adapter: adapter(link, "results") if adapter is RedisBreaker else adapter(link)
    link.close()


@pytest.fixture
def feeds(make: Callable[[type], Any]) -> FeedStates:
    return make(RedisFeedStates)  # type: ignore[no-any-return]


@pytest.fixture
def gate(make: Callable[[type], Any]) -> HostGate:
    return make(RedisHostGate)  # type: ignore[no-any-return]


@pytest.fixture
def leases(make: Callable[[type], Any]) -> Leases:
    return make(RedisLeases)  # type: ignore[no-any-return]


@pytest.fixture
def counters(make: Callable[[type], Any]) -> Counters:
    return make(RedisCounters)  # type: ignore[no-any-return]


# -- feeds --------------------------------------------------------------------------------------------------------


def test_a_new_feed_is_due_at_once(feeds: FeedStates) -> None:
    feeds.sync(["wire", "agency"], now=NOW)
    assert sorted(feeds.due(now=NOW, limit=10)) == ["agency", "wire"]
    assert feeds.get("wire") == {}


def test_two_beats_poll_once(feeds: FeedStates) -> None:
    feeds.sync(["wire"], now=NOW)
    assert feeds.due(now=NOW, limit=10) == ["wire"]
    assert feeds.due(now=after(59), limit=10) == []
    assert feeds.due(now=after(60), limit=10) == ["wire"]


def test_a_feed_keeps_its_fields_and_its_time_when_the_list_is_read_again(feeds: FeedStates) -> None:
    feeds.sync(["wire"], now=NOW)
    feeds.update("wire", {"etag": "x", "score": "2"}, due_at=after(300))
    feeds.update("wire", {"score": "3"}, due_at=after(400))
    feeds.sync(["wire", "agency"], now=after(10))

    assert feeds.get("wire") == {"etag": "x", "score": "3"}
    assert feeds.due(now=after(399), limit=10) == ["agency"]
    assert "wire" in feeds.due(now=after(400), limit=10)


def test_a_feed_taken_from_the_list_is_polled_no_more(feeds: FeedStates) -> None:
    feeds.sync(["wire", "agency"], now=NOW)
    feeds.update("agency", {"etag": "x"}, due_at=NOW)
    feeds.sync(["wire"], now=NOW)
    feeds.update("agency", {}, due_at=NOW)

    assert feeds.known() == ["wire"]
    assert feeds.due(now=after(100), limit=10) == ["wire"]


def test_feeds_come_in_the_order_of_their_times_and_no_more_than_asked(feeds: FeedStates) -> None:
    feeds.sync(["a", "b", "c"], now=NOW)
    for feed, second in (("a", 30), ("b", 10), ("c", 20)):
        feeds.update(feed, {}, due_at=after(second))
    assert feeds.due(now=after(60), limit=2) == ["b", "c"]


def test_several_feeds_are_read_and_written_in_one_go(feeds: FeedStates) -> None:
    feeds.sync(["a", "b", "c"], now=NOW)
    feeds.update_many({"a": ({"etag": "x", "score": "1"}, after(10)), "b": ({}, after(20)), "gone": ({}, after(5))})
    feeds.update_many({})
    assert feeds.get_many(["b", "a", "nobody"]) == [{}, {"etag": "x", "score": "1"}, {}]
    assert feeds.due(now=after(19), limit=10) == ["c", "a"]


def test_several_ask_for_their_hosts_in_one_go(gate: HostGate) -> None:
    asks = [("wire.example", "a"), ("wire.example", "b"), ("herald.example", "c")]
    slots = gate.enter_many(asks, now=NOW, gap_s=5, hold_s=40)
    assert [slot.wait_until for slot in slots] == [None, after(5), None]
    assert gate.enter_many([], now=NOW, gap_s=5, hold_s=40) == []


# -- hosts --------------------------------------------------------------------------------------------------------


def ask(gate: HostGate, item: str, *, at: float, host: str = "wire.example") -> float | None:
    """Return None for leave to go, else seconds after NOW to come back at."""
    slot = gate.enter(host, item_id=item, now=after(at), gap_s=5, hold_s=40)
    return (slot.wait_until - NOW).total_seconds() if slot.wait_until else None


def leave(gate: HostGate, item: str, *, at: float, not_before: float | None = None) -> None:
    closed = after(not_before) if not_before is not None else None
    gate.leave("wire.example", item_id=item, now=after(at), not_before=closed)


def test_a_quiet_host_is_entered_at_once(gate: HostGate) -> None:
    assert ask(gate, "a", at=0) is None
    assert ask(gate, "b", at=0, host="other.example") is None


def test_everyone_who_waits_has_a_slot_of_its_own(gate: HostGate) -> None:
    ask(gate, "a", at=0)
    leave(gate, "a", at=1)
    assert [ask(gate, item, at=1) for item in "bcd"] == [5, 10, 15]


def test_who_comes_back_in_its_slot_may_go_before_a_newcomer(gate: HostGate) -> None:
    ask(gate, "a", at=0)
    leave(gate, "a", at=1)
    ask(gate, "b", at=1)
    assert ask(gate, "new", at=5) == 10
    assert ask(gate, "b", at=5.5) is None


def test_who_comes_too_early_is_sent_back_to_the_same_slot(gate: HostGate) -> None:
    ask(gate, "a", at=0)
    leave(gate, "a", at=1)
    assert ask(gate, "b", at=1) == 5
    assert ask(gate, "b", at=3) == 5


def test_one_request_at_a_time_even_if_it_takes_longer_than_the_gap(gate: HostGate) -> None:
    ask(gate, "a", at=0)
    assert ask(gate, "b", at=6) == 11
    assert ask(gate, "b", at=11) == 16
    leave(gate, "a", at=12)
    assert ask(gate, "b", at=16) is None


def test_a_request_that_never_ended_is_put_out_after_its_time(gate: HostGate) -> None:
    ask(gate, "a", at=0)
    assert ask(gate, "b", at=40) is None


def test_a_closed_host_opens_to_its_line_one_by_one(gate: HostGate) -> None:
    ask(gate, "a", at=0)
    ask(gate, "b", at=1)
    leave(gate, "a", at=2, not_before=100)
    assert ask(gate, "b", at=6) == 100
    assert ask(gate, "c", at=7) == 105
    assert ask(gate, "b", at=100) is None


def test_the_same_item_may_start_again_after_a_crash(gate: HostGate) -> None:
    ask(gate, "a", at=0)
    assert ask(gate, "a", at=5) is None


def test_a_hundred_waiting_items_never_start_closer_than_the_gap(gate: HostGate) -> None:
    comes_at = {f"item{number}": 0.0 for number in range(100)}
    starts: list[float] = []
    while comes_at:
        item = min(comes_at, key=lambda one: comes_at[one])
        at = comes_at[item]
        later = ask(gate, item, at=at)
        if later is None:
            starts.append(at)
            leave(gate, item, at=at + 1)
            del comes_at[item]
        else:
            comes_at[item] = later
    assert starts == [5.0 * number for number in range(100)]


def test_robots_are_kept_and_an_empty_one_is_known(gate: HostGate) -> None:
    assert gate.robots("https://wire.example") is None
    gate.keep_robots("https://wire.example", "", ttl_s=60)
    assert gate.robots("https://wire.example") == ""


# -- leases and counters ------------------------------------------------------------------------------------------


def test_a_lease_has_one_owner_who_may_take_it_again(leases: Leases) -> None:
    assert leases.take("article:1", "w1", ttl_s=30)
    assert leases.take("article:1", "w1", ttl_s=30)
    assert not leases.take("article:1", "w2", ttl_s=30)


def test_only_the_owner_gives_a_lease_up(leases: Leases) -> None:
    leases.take("article:1", "w1", ttl_s=30)
    leases.drop("article:1", "w2")
    assert not leases.take("article:1", "w2", ttl_s=30)
    leases.drop("article:1", "w1")
    assert leases.take("article:1", "w2", ttl_s=30)


def test_counters_are_raised_by_series(counters: Counters) -> None:
    counters.add("polls_total", {"outcome": "parsed"})
    counters.add("polls_total", {"outcome": "parsed"}, 2)
    counters.add("ticks_total", {})
    assert counters.read() == {'polls_total{outcome="parsed"}': 3, "ticks_total": 1}


def test_a_histogram_knows_its_sum_and_count(counters: Counters) -> None:
    for seconds in (0.02, 4, 100_000):
        counters.observe("lag_seconds", {}, seconds)
    found = counters.read()
    assert (found["lag_seconds_count"], found["lag_seconds_sum"]) == (3, 100_004.02)


def test_an_outage_is_told_once_and_so_is_its_end(make: Callable[[type], Any]) -> None:
    breaker: Breaker = make(RedisBreaker)
    assert not breaker.is_open()
    assert [breaker.trip(pause_s=30), breaker.trip(pause_s=30)] == [True, False]
    assert breaker.is_open()
    assert [breaker.answered(), breaker.answered()] == [True, False]
