"""What every work ledger promises, over the fake and over a real Redis."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fakes_work import FakeFeedStates, FakeLedger

from worker.adapters.redis_feeds import RedisFeedStates
from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.ledger import Claim, NewItem, NotClaimed, PollCommit, Stage
from worker.model import FeedEntry
from worker.outcomes import Outcome
from worker.ports import FeedStates, WorkLedger

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def make_item(item_id: str = "a1", *, words: str = "v1", feed_id: str = "wire", **changes: object) -> NewItem:
    entry = FeedEntry(
        identity=f"guid-{item_id}",
        url=f"https://wire.example/{item_id}",
        title="Valdoria asks for talks",
        published=datetime(2026, 3, 1, 11, 30, tzinfo=UTC),
        authors=("A. Writer",),
        summary="A summary of the story.",
    )
    fields = {"item_id": item_id, "feed_id": feed_id, "entry": entry, "entry_hash": words, "topics": ("border",)}
    return NewItem(**(fields | changes))  # type: ignore[arg-type]


def poll(*items: NewItem, feed_id: str = "wire", state: dict[str, str] | None = None) -> PollCommit:
    return PollCommit(feed_id=feed_id, state=state or {}, due_at=after(300), items=items)


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.redis)])
def stores(request: pytest.FixtureRequest) -> Iterator[tuple[WorkLedger, FeedStates]]:
    if request.param == "fake":
        feeds = FakeFeedStates()
        yield FakeLedger(feeds), feeds
        return
    link = RedisLink(request.getfixturevalue("redis_url"), request.getfixturevalue("redis_prefix"))
    yield RedisLedger(link), RedisFeedStates(link)
    link.close()


@pytest.fixture
def ledger(stores: tuple[WorkLedger, FeedStates]) -> WorkLedger:
    return stores[0]


@pytest.fixture
def feeds(stores: tuple[WorkLedger, FeedStates]) -> FeedStates:
    return stores[1]


def take(ledger: WorkLedger, stage: Stage = Stage.QUEUED, *, at: float = 0, risky: bool = False) -> Claim:
    claim = ledger.claim("a1", stage, owner="w1", now=after(at), risky=risky)
    assert isinstance(claim, Claim), claim
    return claim


def refusal(ledger: WorkLedger, stage: Stage = Stage.QUEUED, *, at: float = 0, risky: bool = False) -> NotClaimed:
    answer = ledger.claim("a1", stage, owner="w2", now=after(at), risky=risky)
    assert isinstance(answer, NotClaimed), answer
    return answer


def settled(ledger: WorkLedger, *, at: float = 0, outcome: Outcome = Outcome.INDEXED) -> None:
    ledger.commit_poll(poll(make_item()), now=after(at))
    assert ledger.settle(take(ledger, at=at), outcome, now=after(at), article_id="art1")


def to_fetched(ledger: WorkLedger, *, at: float = 0) -> None:
    ledger.add([make_item(stage=Stage.FETCHED, capture_id="cap1")], now=after(at))


# -- entries become items -----------------------------------------------------------------------------------------


def test_a_new_entry_is_queued_and_due_at_once(ledger: WorkLedger) -> None:
    result = ledger.commit_poll(poll(make_item()), now=NOW)

    assert (result.new, result.reopened, result.known) == (("a1",), (), 0)
    record = ledger.get("a1")
    assert record
    assert record.entry == make_item().entry
    assert (record.stage, record.due_at, record.topics, record.origin) == (Stage.QUEUED, NOW, ("border",), "feed")
    assert ledger.due(Stage.QUEUED, now=NOW, limit=10) == ["a1"]


def test_an_entry_polled_again_is_known_and_stays_as_it_was(ledger: WorkLedger) -> None:
    settled(ledger)
    before = ledger.get("a1")

    result = ledger.commit_poll(poll(make_item()), now=after(300))

    assert (result.new, result.reopened, result.known) == ((), (), 1)
    assert ledger.get("a1") == before


def test_an_entry_twice_in_one_body_is_one_item(ledger: WorkLedger) -> None:
    result = ledger.commit_poll(poll(make_item(), make_item(words="v2")), now=NOW)

    assert result.new == ("a1",)
    assert ledger.get("a1").entry_hash == "v1"  # type: ignore[union-attr]


def test_new_items_keep_the_order_of_the_feed(ledger: WorkLedger) -> None:
    ids = [f"item{number}" for number in (5, 3, 9, 1)]
    assert ledger.commit_poll(poll(*(make_item(i) for i in ids)), now=NOW).new == tuple(ids)


def test_two_thousand_entries_are_one_step(ledger: WorkLedger) -> None:
    items = [make_item(f"item{number:04}") for number in range(2_000)]

    assert len(ledger.commit_poll(poll(*items), now=NOW).new) == 2_000
    assert ledger.commit_poll(poll(*items), now=after(300)).known == 2_000
    assert ledger.counts()["queued"] == 2_000


def test_a_poll_writes_the_feeds_state_in_the_same_step(ledger: WorkLedger, feeds: FeedStates) -> None:
    feeds.sync(["wire"], now=NOW)
    ledger.commit_poll(poll(make_item(), state={"etag": '"x1"', "failures": "0"}), now=NOW)

    assert feeds.get("wire") == {"etag": '"x1"', "failures": "0"}
    assert feeds.due(now=after(299), limit=10) == []
    assert feeds.due(now=after(300), limit=10) == ["wire"]


def test_an_item_that_came_with_its_body_waits_to_be_processed(ledger: WorkLedger) -> None:
    given = {"title": "Whole", "text": "A whole article."}
    entry = FeedEntry(identity="x", url="https://wire.example/x", given=given)
    ledger.add([make_item(stage=Stage.FETCHED, capture_id="cap1", entry=entry, origin="ingest")], now=NOW)

    record = ledger.get("a1")
    assert record
    assert (record.stage, record.capture_id, record.origin) == (Stage.FETCHED, "cap1", "ingest")
    assert record.entry.given is None, "the capture holds it already"


def test_an_item_that_is_given_without_a_body_keeps_what_was_given(ledger: WorkLedger) -> None:
    entry = FeedEntry(identity="x", url="https://wire.example/x", given={"text": "A whole article."})
    ledger.add([make_item(entry=entry)], now=NOW)
    assert ledger.get("a1").entry.given == {"text": "A whole article."}  # type: ignore[union-attr]


# -- changed entries ----------------------------------------------------------------------------------------------


def test_a_changed_entry_is_fetched_again_if_its_item_rested_ten_minutes(ledger: WorkLedger) -> None:
    settled(ledger)

    result = ledger.commit_poll(poll(make_item(words="v2")), now=after(600))

    assert result.reopened == ("a1",)
    record = ledger.get("a1")
    assert record
    assert (record.stage, record.outcome, record.attempts, record.capture_id) == (Stage.QUEUED, None, 0, None)
    assert record.article_id == "art1"
    assert ledger.due(Stage.QUEUED, now=after(600), limit=10) == ["a1"]


def test_an_entry_that_changed_sooner_is_fetched_again_later(ledger: WorkLedger) -> None:
    settled(ledger)

    assert ledger.commit_poll(poll(make_item(words="v2")), now=after(60)).reopened == ()
    assert ledger.due(Stage.QUEUED, now=after(599), limit=10) == []
    assert ledger.due(Stage.QUEUED, now=after(600), limit=10) == ["a1"]
    assert ledger.get("a1").entry == make_item().entry  # type: ignore[union-attr]


def test_an_entry_that_changed_while_it_was_fetched_is_fetched_again_later(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    claim = take(ledger)
    ledger.commit_poll(poll(make_item(words="v2")), now=after(1))
    assert ledger.settle(claim, Outcome.INDEXED, now=after(2))

    assert ledger.due(Stage.QUEUED, now=after(601), limit=10) == []
    assert ledger.due(Stage.QUEUED, now=after(602), limit=10) == ["a1"]


def test_an_entry_that_changed_before_it_was_fetched_needs_nothing_more(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    ledger.commit_poll(poll(make_item(words="v2")), now=after(1))
    assert ledger.settle(take(ledger, at=2), Outcome.INDEXED, now=after(3))

    assert ledger.due(Stage.QUEUED, now=after(10_000), limit=10) == []


def test_an_item_deleted_on_request_stays_deleted(ledger: WorkLedger) -> None:
    settled(ledger, outcome=Outcome.DELETED)

    assert ledger.commit_poll(poll(make_item(words="v2")), now=after(5_000)).reopened == ()
    assert ledger.due(Stage.QUEUED, now=after(9_000), limit=10) == []


def test_two_feeds_that_word_one_page_differently_do_not_reopen_it_for_ever(ledger: WorkLedger) -> None:
    settled(ledger)
    other = make_item(words="other words", feed_id="agency")

    assert ledger.commit_poll(poll(other, feed_id="agency"), now=after(1_000)).reopened == ()
    assert ledger.commit_poll(poll(make_item()), now=after(2_000)).reopened == ()
    assert ledger.commit_poll(poll(other, feed_id="agency"), now=after(3_000)).reopened == ()


def test_another_feed_speaks_for_an_item_that_the_first_one_dropped(ledger: WorkLedger) -> None:
    settled(ledger)
    ledger.commit_poll(poll(make_item(words="w1", feed_id="agency"), feed_id="agency"), now=after(10))
    ledger.commit_poll(poll(), now=after(20))
    ledger.commit_poll(poll(make_item(words="w1", feed_id="agency"), feed_id="agency"), now=after(700))

    changed = make_item(words="w2", feed_id="agency")
    assert ledger.commit_poll(poll(changed, feed_id="agency"), now=after(1_400)).reopened == ("a1",)


# -- claims -------------------------------------------------------------------------------------------------------


def test_only_one_worker_gets_an_item(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)

    claim = take(ledger)

    assert claim.lease_until == after(45)
    assert refusal(ledger) == NotClaimed(why="leased", until=after(45))


def test_a_lease_that_ran_out_can_be_taken_and_its_old_owner_changes_nothing(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    lost = take(ledger)

    new = take(ledger, at=45)

    assert not ledger.fetched(lost, "cap1", now=after(46))
    assert not ledger.settle(lost, Outcome.INDEXED, now=after(46))
    assert not ledger.fail(lost, "error", "trace", now=after(46))
    assert not ledger.defer(lost, after(99), "slow", now=after(46))
    assert ledger.get("a1") == new.record
    assert ledger.counts().get("outcome:indexed", 0) == 0


def test_a_lease_that_ran_out_and_that_nobody_took_is_still_good(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    assert ledger.settle(take(ledger), Outcome.INDEXED, now=after(500))


def test_a_claim_says_why_there_is_nothing_to_do(ledger: WorkLedger) -> None:
    assert refusal(ledger) == NotClaimed(why="unknown")
    ledger.commit_poll(poll(make_item()), now=NOW)
    assert refusal(ledger, Stage.FETCHED) == NotClaimed(why="wrong_stage")
    assert ledger.defer(take(ledger), after(90), "host_busy", now=after(1))
    assert refusal(ledger, at=89) == NotClaimed(why="not_due", until=after(90))
    take(ledger, at=90)


def test_a_fetched_item_moves_on_with_its_capture(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    assert ledger.fetched(take(ledger), "cap1", now=after(2))

    assert ledger.due(Stage.QUEUED, now=after(100), limit=10) == []
    assert ledger.due(Stage.FETCHED, now=after(2), limit=10) == ["a1"]
    assert take(ledger, Stage.FETCHED, at=2, risky=True).record.capture_id == "cap1"


def test_a_claim_can_be_used_once(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    claim = take(ledger)
    assert ledger.settle(claim, Outcome.INDEXED, now=after(1))
    assert not ledger.settle(claim, Outcome.INDEXED, now=after(1))
    assert ledger.counts()["outcome:indexed"] == 1


# -- attempts -----------------------------------------------------------------------------------------------------


def test_an_item_that_kills_its_worker_runs_three_times_and_is_parked(ledger: WorkLedger) -> None:
    to_fetched(ledger)
    for attempt in range(3):
        assert take(ledger, Stage.FETCHED, at=attempt * 100, risky=True).record.attempts == attempt + 1

    assert refusal(ledger, Stage.FETCHED, at=400, risky=True) == NotClaimed(why="parked")

    (record,) = ledger.parked()
    assert (record.item_id, record.reason, record.parked_from) == ("a1", "crashed", Stage.FETCHED)
    assert record.input_hash == "cap1"
    assert ledger.due(Stage.FETCHED, now=after(10_000), limit=10) == []


def test_the_third_failure_parks_with_reason_and_trace(ledger: WorkLedger) -> None:
    to_fetched(ledger)
    for attempt in range(3):
        claim = take(ledger, Stage.FETCHED, at=attempt * 10, risky=True)
        assert ledger.fail(claim, "error", "ValueError: bad", now=after(attempt * 10))

    (record,) = ledger.parked()
    assert (record.reason, record.trace, record.attempts) == ("error", "ValueError: bad", 3)
    assert ledger.counts()["parked"] == 1


def test_a_failed_item_rests_ten_seconds(ledger: WorkLedger) -> None:
    to_fetched(ledger)
    assert ledger.fail(take(ledger, Stage.FETCHED, risky=True), "error", "t", now=NOW)
    assert refusal(ledger, Stage.FETCHED, at=9) == NotClaimed(why="not_due", until=after(10))


def test_a_failure_counts_even_if_the_claim_did_not(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    for attempt in range(3):
        assert ledger.fail(take(ledger, at=attempt * 10), "error", "t", now=after(attempt * 10))
    assert len(ledger.parked()) == 1


def test_waiting_for_a_store_costs_no_attempt(ledger: WorkLedger) -> None:
    to_fetched(ledger)
    for attempt in range(20):
        claim = take(ledger, Stage.FETCHED, at=attempt * 20, risky=True)
        assert ledger.defer(claim, after(attempt * 20 + 15), "store_unavailable", now=after(attempt * 20))

    assert ledger.get("a1").attempts == 0  # type: ignore[union-attr]


def test_a_deferral_that_is_not_refunded_counts(ledger: WorkLedger) -> None:
    to_fetched(ledger)
    claim = take(ledger, Stage.FETCHED, risky=True)
    assert ledger.defer(claim, after(15), "child_stopped", now=NOW, refund=False)
    assert ledger.get("a1").attempts == 1  # type: ignore[union-attr]


def test_an_item_whose_body_is_lost_is_fetched_again_but_not_for_ever(ledger: WorkLedger) -> None:
    to_fetched(ledger)
    for attempt in range(3):
        claim = take(ledger, Stage.FETCHED, at=attempt * 100, risky=True)
        assert ledger.refetch(claim, now=after(attempt * 100))
        if attempt < 2:
            assert ledger.get("a1").capture_id is None  # type: ignore[union-attr]
            assert ledger.fetched(take(ledger, at=attempt * 100 + 1), "cap2", now=after(attempt * 100 + 1))

    (record,) = ledger.parked()
    assert record.reason == "body_lost"


# -- quarantine ---------------------------------------------------------------------------------------------------


def parked(ledger: WorkLedger) -> None:
    to_fetched(ledger)
    for attempt in range(3):
        ledger.fail(take(ledger, Stage.FETCHED, at=attempt * 10, risky=True), "error", "t", now=after(attempt * 10))


def test_a_released_item_goes_back_to_where_it_was_with_fresh_attempts(ledger: WorkLedger) -> None:
    parked(ledger)

    assert ledger.release("a1", now=after(60))

    assert ledger.parked() == []
    claim = take(ledger, Stage.FETCHED, at=60, risky=True)
    assert (claim.record.attempts, claim.record.reason) == (1, "")
    assert not ledger.release("a1", now=after(61))


def test_a_dropped_item_ends_as_dropped(ledger: WorkLedger) -> None:
    parked(ledger)

    assert ledger.drop("a1", now=after(60))

    assert ledger.get("a1").outcome is Outcome.DROPPED  # type: ignore[union-attr]
    assert ledger.counts()["outcome:dropped"] == 1
    assert not ledger.drop("a1", now=after(61))
    assert not ledger.drop("nobody", now=after(61))


# -- deletion on request ------------------------------------------------------------------------------------------


def test_an_item_is_ended_as_deleted_wherever_it_stands(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    claim = take(ledger)
    assert ledger.erase("a1", now=after(1))
    record = ledger.get("a1")
    assert record
    assert (record.stage, record.outcome, record.entry.title) == (Stage.SETTLED, Outcome.DELETED, "")
    assert record.entry.url == "https://wire.example/a1"
    assert not ledger.fetched(claim, "cap1", now=after(2))
    assert ledger.due(Stage.QUEUED, now=after(1000), limit=10) == []
    assert ledger.counts() == {"queued": 0, "fetched": 0, "settled": 1, "parked": 0, "outcome:deleted": 1}
    assert not ledger.erase("nobody", now=NOW)


def test_a_settled_item_that_is_deleted_is_counted_once(ledger: WorkLedger) -> None:
    settled(ledger)
    assert ledger.erase("a1", now=after(1))
    assert ledger.erase("a1", now=after(2))
    record = ledger.get("a1")
    assert record
    assert (record.outcome, record.capture_id) == (Outcome.DELETED, None)
    assert ledger.counts() == {"queued": 0, "fetched": 0, "settled": 1, "parked": 0, "outcome:indexed": 1}


def test_a_parked_item_that_is_deleted_leaves_the_quarantine_and_its_trace(ledger: WorkLedger) -> None:
    parked(ledger)
    assert ledger.erase("a1", now=after(60))
    assert ledger.parked() == []
    assert ledger.get("a1").trace == ""  # type: ignore[union-attr]


def test_no_later_poll_reopens_what_was_deleted_or_brings_its_words_back(ledger: WorkLedger) -> None:
    settled(ledger)
    ledger.commit_poll(poll(make_item(words="v2")), now=after(60))
    assert ledger.erase("a1", now=after(61))
    assert ledger.commit_poll(poll(make_item(words="v3")), now=after(5000)).known == 1
    assert ledger.due(Stage.QUEUED, now=after(9000), limit=10) == []
    assert ledger.get("a1").entry.title == ""  # type: ignore[union-attr]


# -- reconciling --------------------------------------------------------------------------------------------------


def test_what_was_rung_and_not_taken_is_rung_again_after_thirty_seconds(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    assert ledger.due(Stage.QUEUED, now=NOW, limit=10) == ["a1"]
    assert ledger.due(Stage.QUEUED, now=after(29), limit=10) == []
    assert ledger.due(Stage.QUEUED, now=after(30), limit=10) == ["a1"]


def test_an_item_whose_worker_died_is_rung_when_its_lease_ends(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    take(ledger)
    assert ledger.due(Stage.QUEUED, now=after(44), limit=10) == []
    assert ledger.due(Stage.QUEUED, now=after(45), limit=10) == ["a1"]


def test_who_has_waited_longest_is_rung_first(ledger: WorkLedger) -> None:
    for second, item_id in enumerate(["b", "c", "a"]):
        ledger.add([make_item(item_id)], now=after(second))
    assert ledger.due(Stage.QUEUED, now=after(5), limit=2) == ["b", "c"]
    assert ledger.due(Stage.QUEUED, now=after(5), limit=2) == ["a"]


def test_the_longest_wait_is_known_and_ringing_does_not_hide_it(ledger: WorkLedger) -> None:
    assert ledger.oldest_due(Stage.QUEUED) is None
    ledger.add([make_item("a1")], now=NOW)
    ledger.add([make_item("a2")], now=after(50))
    ledger.due(Stage.QUEUED, now=after(60), limit=10)
    assert ledger.oldest_due(Stage.QUEUED) == NOW


def test_nothing_is_due_where_nobody_works(ledger: WorkLedger) -> None:
    with pytest.raises(ValueError, match="settled"):
        ledger.due(Stage.SETTLED, now=NOW, limit=1)


# -- what is told -------------------------------------------------------------------------------------------------


def test_the_numbers_add_up(ledger: WorkLedger) -> None:
    ledger.add([make_item(name) for name in ("a1", "a2", "a3")], now=NOW)
    assert ledger.settle(take(ledger), Outcome.NOT_FOUND, now=NOW)

    assert ledger.counts() == {"queued": 2, "fetched": 0, "settled": 1, "parked": 0, "outcome:not_found": 1}


def test_an_items_story_is_told_with_its_times(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    for second in (1, 6, 11):
        ledger.defer(take(ledger, at=second), after(second + 5), "host_busy", now=after(second))
    ledger.fetched(take(ledger, at=16), "cap1", now=after(17))
    ledger.settle(take(ledger, Stage.FETCHED, at=20, risky=True), Outcome.INDEXED, now=after(21), article_id="art1")

    record = ledger.get("a1")
    assert record
    assert [((event.at - NOW).seconds, event.what, event.detail) for event in record.history] == [
        (0, "queued", record.history[0].detail),
        (11, "deferred", "host_busy"),
        (17, "fetched", ""),
        (20, "attempt", "1"),
        (21, "settled", "indexed"),
    ]
    assert (record.article_id, record.outcome) == ("art1", Outcome.INDEXED)


def test_a_long_story_keeps_its_beginning_and_its_last_lines(ledger: WorkLedger) -> None:
    ledger.commit_poll(poll(make_item()), now=NOW)
    for number in range(30):
        ledger.defer(take(ledger, at=number), after(number + 1), f"reason {number}", now=after(number))

    history = ledger.get("a1").history  # type: ignore[union-attr]
    assert len(history) == 20
    assert (history[0].what, history[1].detail, history[-1].detail) == ("queued", "reason 11", "reason 29")


def test_records_are_given_in_the_order_asked(ledger: WorkLedger) -> None:
    ledger.add([make_item("a1"), make_item("a2")], now=NOW)
    found = ledger.get_many(["a2", "nobody", "a1"])
    assert [record and record.item_id for record in found] == ["a2", None, "a1"]
    assert ledger.get_many([]) == []
