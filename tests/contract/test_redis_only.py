"""What only a real server shows: expiry, clocks set back, refusals, memory, and counters of histograms."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis

from worker.adapters.redis_counters import RedisCounters
from worker.adapters.redis_feeds import RedisFeedStates
from worker.adapters.redis_hosts import RedisHostGate
from worker.adapters.redis_leases import RedisLeases
from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink, is_for_now, store_errors
from worker.errors import StoreUnavailable
from worker.ledger import Claim, NewItem, PollCommit, Stage
from worker.model import FeedEntry
from worker.outcomes import Outcome

pytestmark = pytest.mark.redis
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WEEK_S = 7 * 86_400


@pytest.fixture
def link(redis_url: str, redis_prefix: str) -> Iterator[RedisLink]:
    link = RedisLink(redis_url, redis_prefix)
    yield link
    link.close()


@pytest.fixture
def ledger(link: RedisLink) -> RedisLedger:
    return RedisLedger(link)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def item(item_id: str = "a1", feed_id: str = "wire") -> NewItem:
    entry = FeedEntry(identity=item_id, url=f"https://wire.example/{item_id}")
    return NewItem(item_id=item_id, feed_id=feed_id, entry=entry, entry_hash="v1", topics=())


def poll(ledger: RedisLedger, *items: NewItem, feed_id: str = "wire") -> None:
    ledger.commit_poll(PollCommit(feed_id=feed_id, state={}, due_at=after(300), items=items), now=NOW)


def settle(ledger: RedisLedger, item_id: str = "a1") -> None:
    claim = ledger.claim(item_id, Stage.QUEUED, owner="w", now=NOW, risky=False)
    assert isinstance(claim, Claim)
    assert ledger.settle(claim, Outcome.INDEXED, now=NOW)


def seconds_left(link: RedisLink, item_id: str = "a1") -> int:
    return int(link.client.ttl(f"{link.prefix}i:{item_id}"))


# -- expiry -------------------------------------------------------------------------------------------------------


def test_a_settled_record_stays_while_its_feed_carries_it(link: RedisLink, ledger: RedisLedger) -> None:
    poll(ledger, item())
    settle(ledger)
    assert seconds_left(link) == -1


def test_a_settled_record_goes_a_week_after_its_entry_left_the_feed(link: RedisLink, ledger: RedisLedger) -> None:
    poll(ledger, item())
    settle(ledger)
    poll(ledger, item("a2"))
    assert seconds_left(link) == WEEK_S


def test_an_entry_that_comes_back_keeps_its_record(link: RedisLink, ledger: RedisLedger) -> None:
    poll(ledger, item())
    settle(ledger)
    poll(ledger)
    poll(ledger, item())
    assert seconds_left(link) == -1


def test_a_record_stays_while_any_feed_carries_it(link: RedisLink, ledger: RedisLedger) -> None:
    poll(ledger, item())
    poll(ledger, item(feed_id="agency"), feed_id="agency")
    settle(ledger)
    poll(ledger)
    assert seconds_left(link) == -1
    poll(ledger, feed_id="agency")
    assert seconds_left(link) == WEEK_S


def test_work_never_expires_before_it_is_done(link: RedisLink, ledger: RedisLedger) -> None:
    poll(ledger, item())
    poll(ledger)
    assert seconds_left(link) == -1
    settle(ledger)
    assert seconds_left(link) == WEEK_S


def test_what_a_removed_feed_carried_expires(link: RedisLink, ledger: RedisLedger) -> None:
    feeds = RedisFeedStates(link)
    feeds.sync(["wire"], now=NOW)
    poll(ledger, item())
    settle(ledger)
    feeds.sync(["other"], now=NOW)
    assert seconds_left(link) == WEEK_S


def test_what_was_ingested_expires_a_week_after_it_settled(link: RedisLink, ledger: RedisLedger) -> None:
    ledger.add([item()], now=NOW)
    settle(ledger)
    assert seconds_left(link) == WEEK_S


def test_a_lease_ends_by_itself(link: RedisLink) -> None:
    RedisLeases(link).take("article:1", "w1", ttl_s=30)
    assert 29 <= link.client.ttl(f"{link.prefix}lease:article:1") <= 30


def test_what_is_kept_of_a_host_expires(link: RedisLink) -> None:
    gate = RedisHostGate(link)
    gate.enter("wire.example", item_id="a", now=NOW, gap_s=5, hold_s=30)
    gate.enter("wire.example", item_id="b", now=NOW, gap_s=5, hold_s=30)
    gate.keep_robots("https://wire.example", "", ttl_s=60)
    assert all(link.client.ttl(key) > 0 for key in link.client.scan_iter(f"{link.prefix}*"))


# -- clocks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back_s", [3_600, 86_400])
def test_a_clock_set_back_delays_nothing(link: RedisLink, ledger: RedisLedger, back_s: int) -> None:
    feeds = RedisFeedStates(link)
    feeds.sync(["wire"], now=NOW)
    feeds.due(now=NOW, limit=10)
    poll(ledger, item())
    assert ledger.due(Stage.QUEUED, now=NOW, limit=10) == ["a1"]

    assert ledger.due(Stage.QUEUED, now=after(-back_s), limit=10) == []
    assert ledger.due(Stage.QUEUED, now=after(30 - back_s), limit=10) == ["a1"]
    assert feeds.due(now=after(299 - back_s), limit=10) == []
    assert feeds.due(now=after(300 - back_s), limit=10) == ["wire"]


def test_a_lease_does_not_outlive_a_clock_set_back(ledger: RedisLedger) -> None:
    poll(ledger, item())
    ledger.due(Stage.QUEUED, now=NOW, limit=10)
    ledger.claim("a1", Stage.QUEUED, owner="w", now=NOW, risky=False)
    ledger.due(Stage.QUEUED, now=after(-3_600), limit=10)
    assert isinstance(ledger.claim("a1", Stage.QUEUED, owner="w2", now=after(45 - 3_600), risky=False), Claim)


def test_a_host_forgets_times_of_a_clock_that_was_set_back(link: RedisLink) -> None:
    gate = RedisHostGate(link)
    gate.enter("wire.example", item_id="a", now=NOW, gap_s=5, hold_s=30)
    assert gate.enter("wire.example", item_id="b", now=after(-3_600), gap_s=5, hold_s=30).wait_until is None


# -- refusals -----------------------------------------------------------------------------------------------------


def error_classes(root: type[Exception]) -> set[type[Exception]]:
    return {root}.union(*(error_classes(child) for child in root.__subclasses__()))


def test_every_error_of_the_library_is_either_for_now_or_a_fault_of_ours() -> None:
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for cls in error_classes(redis.RedisError):
        names[is_for_now(cls.__new__(cls))].add(cls.__name__)

    assert {"ConnectionError", "TimeoutError", "BusyLoadingError", "ReadOnlyError", "OutOfMemoryError"} <= names[True]
    assert names[False] == {
        "AskError",
        "AuthenticationWrongNumberOfArgsError",
        "ClusterCrossSlotError",
        "ClusterError",
        "DataError",
        "ExecAbortError",
        "LockError",
        "LockNotOwnedError",
        "ModuleError",
        "MovedError",
        "NoScriptError",
        "NoSuchFieldsetError",
        "PubSubError",
        "RedisError",
        "ResponseError",
        "WatchError",
    }


@pytest.mark.parametrize(
    "words",
    [
        "OOM command not allowed when used memory > 'maxmemory'.",
        "MISCONF Errors writing to the AOF file: No space left on device",
        "READONLY You can't write against a read only replica.",
        "LOADING Redis is loading the dataset in memory",
        "BUSY Redis is busy running a script.",
        "MASTERDOWN Link with MASTER is down",
        "-OOM allowed in script: user_script:12: OOM command not allowed when used memory > 'maxmemory'.",
    ],
)
def test_refusals_that_time_or_an_operator_ends_are_for_now(words: str) -> None:
    with pytest.raises(StoreUnavailable), store_errors():
        raise redis.ResponseError(words)


def test_a_fault_of_ours_goes_up_loudly() -> None:
    with pytest.raises(redis.ResponseError), store_errors():
        raise redis.ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")


def test_no_server_is_store_unavailable_within_the_time_limit(tmp_path: object) -> None:
    with pytest.raises(StoreUnavailable, match="Redis"):
        RedisLink(f"unix://{tmp_path}/none.sock", "p").ping()


def test_a_full_server_refuses_and_takes_again_when_it_has_room(link: RedisLink, ledger: RedisLedger) -> None:
    limit = link.client.config_get("maxmemory")["maxmemory"]
    link.client.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreUnavailable, match="maxmemory"):
            poll(ledger, item())
    finally:
        link.client.config_set("maxmemory", limit)
    assert ledger.get("a1") is None
    poll(ledger, item())
    assert ledger.get("a1")


def test_a_script_that_the_server_forgot_is_sent_again(link: RedisLink, ledger: RedisLedger) -> None:
    poll(ledger, item())
    link.client.script_flush()
    settle(ledger)


# -- what it costs ------------------------------------------------------------------------------------------------


def test_a_settled_item_takes_less_than_700_bytes(link: RedisLink, ledger: RedisLedger) -> None:
    poll(ledger, *(item(f"{number:032x}") for number in range(200)))
    for number in range(200):
        settle(ledger, f"{number:032x}")
    sizes = [link.client.memory_usage(f"{link.prefix}i:{number:032x}") for number in range(200)]
    assert sum(sizes) / 200 < 700
    assert link.client.zcard(f"{link.prefix}due:queued") == link.client.zcard(f"{link.prefix}ring:queued") == 0


def test_the_buckets_of_a_histogram_add_up(link: RedisLink) -> None:
    counters = RedisCounters(link)
    for seconds in (0.02, 4, 100_000):
        counters.observe("lag_seconds", {"kind": "alert"}, seconds)
    found = counters.read()
    assert found['lag_seconds_bucket{kind="alert",le="0.01"}'] == 0
    assert found['lag_seconds_bucket{kind="alert",le="0.05"}'] == 1
    assert found['lag_seconds_bucket{kind="alert",le="10"}'] == 2
    assert found['lag_seconds_bucket{kind="alert",le="+Inf"}'] == 3
