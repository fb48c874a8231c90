"""The ledger through the port: races, crashes, late articles, removals."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from fake_results import FakeResultStore
from stories import article, moment, placement, statement, tagged

from worker.errors import StoreUnavailable
from worker.model import GradedStatement, Level, Statement
from worker.novelty import service
from worker.novelty.history import history_from
from worker.novelty.ledger_store import migrate
from worker.novelty.service import Grading, Policy
from worker.novelty.warm_up import begin_warm_up, warm_up_end
from worker.ports import CREATE, Kind, Query, Stored, Write, WriteResult, WriteStatus

POLICY = Policy()
DEMAND = statement("demand", "troop-withdrawal", "Vesmar demanded that Ostrania pull its troops back.")
REJECT = statement("reject", "ceasefire", "The foreign ministry of Vesmar ruled out any truce.")
OFFER = statement("offer", "ceasefire", "Vesmar is ready for a truce, its minister said.")


def grade(
    store: FakeResultStore, name: str, *said: Statement, days: float, policy: Policy = POLICY, **fields: object
) -> Grading:
    """Index the statements as the stage before does, and grade them; ``arrives`` is the day of arrival."""
    text = article(name, days=days, **fields)
    found = [tagged(each, name) for each in said]
    for each in found:
        document = {"stance": {"act": str(each.statement.act)}, "claim": {"key": each.claim_key}}
        store.write([Write(kind=Kind.STATEMENTS, id=each.statement_id, document=document, token=CREATE)])
    return service.grade_article(store, found, text, placement(name), now=text.fetched, policy=policy)


def stored_levels(store: FakeResultStore) -> dict[str, str]:
    return {each: document["claim"]["level"] for each, document in store.all(Kind.STATEMENTS).items()}


def ledger_levels(store: FakeResultStore) -> dict[str, Level | None]:
    histories = [history_from(key, document) for key, document in store.all(Kind.CLAIMS).items()]
    return {entry.statement_id: entry.level for history in histories for entry in history.entries}


def only(graded: Sequence[GradedStatement]) -> tuple[Level, bool]:
    assert len(graded) == 1
    return graded[0].level, graded[0].pages


def test_levels_are_written_to_the_statements_and_the_claims() -> None:
    store = FakeResultStore()
    first = grade(store, "a", REJECT, DEMAND, days=0).graded
    changed = grade(store, "b", OFFER, days=2).graded
    assert [each.level for each in first] == [Level.FIRST, Level.FIRST]
    assert only(changed) == (Level.CHANGED, True)
    assert changed[0].previous_statement_id == first[0].tagged.statement_id
    assert stored_levels(store) == {key: str(level) for key, level in ledger_levels(store).items()}


def test_a_second_run_after_a_crash_says_the_same() -> None:
    store = FakeResultStore()
    grade(store, "a", REJECT, days=0)
    once = grade(store, "b", OFFER, days=2)
    assert grade(store, "b", OFFER, days=2) == once


def test_a_retry_pages_though_a_later_article_came_between() -> None:
    store = FakeResultStore()
    text = article("a", days=0)
    service.grade_article(store, [tagged(DEMAND, "a")], text, placement("a"), now=moment(0), policy=POLICY)
    assert only(grade(store, "b", DEMAND, days=1).graded) == (Level.REPEAT, False)
    again = service.grade_article(store, [tagged(DEMAND, "a")], text, placement("a"), now=moment(2), policy=POLICY)
    assert only(again.graded) == (Level.FIRST, True)


def test_an_older_article_that_comes_late_takes_first_over_and_pages_nobody() -> None:
    store = FakeResultStore()
    early = grade(store, "b", DEMAND, days=5).graded
    late = grade(store, "a", DEMAND, days=1, arrives=6, publisher="orm-post", family="orm")
    assert only(early) == (Level.FIRST, True)
    assert only(late.graded) == (Level.FIRST, False)
    assert [(each.statement_id, each.old, each.new) for each in late.regraded] == [
        (early[0].tagged.statement_id, Level.FIRST, Level.REPEAT)
    ]
    assert stored_levels(store)[early[0].tagged.statement_id] == "repeat"
    again = grade(store, "a", DEMAND, days=1, arrives=6, publisher="orm-post", family="orm")
    assert again.regraded == late.regraded


def test_old_files_given_to_ingest_count_and_page_nobody() -> None:
    store = FakeResultStore()
    old = grade(store, "a", DEMAND, days=0, arrives=100, origin="ingest").graded
    fresh = grade(store, "b", REJECT, days=100, arrives=100.5, origin="ingest").graded
    assert (only(old), only(fresh)) == ((Level.FIRST, False), (Level.FIRST, True))
    assert only(grade(store, "c", DEMAND, days=101).graded)[0] is Level.REVIVED


def test_the_warm_up_fills_the_ledger_and_pages_nobody() -> None:
    store = FakeResultStore()
    begin_warm_up(store, now=moment(0), length=timedelta(days=1))
    assert only(grade(store, "a", DEMAND, days=0.5).graded) == (Level.FIRST, False)
    assert only(grade(store, "b", DEMAND, days=0.7).graded) == (Level.REPEAT, False)
    assert only(grade(store, "c", REJECT, days=1.5).graded) == (Level.FIRST, True)


def test_a_restart_does_not_prolong_the_warm_up() -> None:
    store = FakeResultStore()
    begin_warm_up(store, now=moment(0), length=timedelta(days=1))
    begin_warm_up(store, now=moment(5), length=timedelta(days=1))
    assert warm_up_end(store) == moment(1)


def test_a_ledger_that_is_not_empty_needs_no_warm_up() -> None:
    store = FakeResultStore()
    grade(store, "a", DEMAND, days=0)
    assert begin_warm_up(store, now=moment(3), length=timedelta(days=1)) == moment(3)


def test_a_weak_statement_makes_no_history() -> None:
    store = FakeResultStore()
    weak = statement("demand", "troop-withdrawal", "Perhaps Vesmar wants them gone.", confidence=0.4)
    assert grade(store, "a", weak, days=0) == Grading()
    assert store.all(Kind.CLAIMS) == {}


def test_a_record_taken_out_does_not_own_first_for_ever() -> None:
    store = FakeResultStore()
    wrong = grade(store, "a", DEMAND, days=0).graded[0].tagged.statement_id
    right = grade(store, "b", DEMAND, days=3).graded[0].tagged.statement_id
    regraded = service.withdraw_entries(store, [wrong], policy=POLICY)
    assert [(each.statement_id, each.old, each.new) for each in regraded] == [(right, Level.REPEAT, Level.FIRST)]
    assert ledger_levels(store) == {right: Level.FIRST}
    assert stored_levels(store)[right] == "first"
    assert service.withdraw_entries(store, [wrong], policy=POLICY) == ()


def test_a_revision_that_only_rewords_wakes_nobody_even_after_a_crash() -> None:
    store = FakeResultStore()
    old = grade(store, "a", DEMAND, days=0).graded[0]
    reworded = statement("demand", "troop-withdrawal", "Vesmar demanded on Sunday that Ostrania pull its troops back.")
    assert not grade(store, "a", reworded, days=0, arrives=1, fetched=moment(1)).graded[0].pages
    service.withdraw_entries(store, [old.tagged.statement_id], policy=POLICY)
    after = grade(store, "a", reworded, days=0, fetched=moment(1)).graded
    assert only(after) == (Level.FIRST, False)


def test_a_revision_that_adds_an_addressee_is_news() -> None:
    store = FakeResultStore()
    first = statement("demand", "troop-withdrawal", "Vesmar demanded that they pull back.", target="ostrania")
    grade(store, "a", first, days=0)
    more = statement(
        "demand",
        "troop-withdrawal",
        "The League has to send its guards home too, Vesmar added.",
        target="kell",
        start=80,
    )
    graded = grade(store, "a", first, more, days=0, fetched=moment(1)).graded
    assert [(each.level, each.pages) for each in graded] == [(Level.FIRST, True), (Level.NEW_TARGET, True)]


def test_two_statements_of_one_claim_in_one_article_are_one_first() -> None:
    store = FakeResultStore()
    again = statement("demand", "troop-withdrawal", "Out they must go, the envoy of Vesmar repeated.", start=200)
    graded = grade(store, "a", DEMAND, again, days=0).graded
    assert [(each.level, each.pages) for each in graded] == [(Level.FIRST, True), (Level.REPEAT, False)]


def test_copies_are_not_independent_outlets() -> None:
    store = FakeResultStore()
    grade(store, "a", DEMAND, days=0)
    text = article("b", days=0.1, family="orm", publisher="orm-post")
    service.grade_article(store, [tagged(DEMAND, "b")], text, placement("b", "a"), now=moment(0.1), policy=POLICY)
    own = statement("demand", "troop-withdrawal", "Our reporter heard Vesmar ask for the pull-back.")
    third = grade(store, "c", own, days=1, family="tal", publisher="tal-radio").graded[0]
    assert (third.families, third.publishers) == (("kell", "tal"), ("kell-courier", "orm-post", "tal-radio"))


def test_any_order_of_arrival_ends_with_the_same_ledger() -> None:
    arrivals = [
        (name, said, day * 8)
        for day, (name, said) in enumerate(zip("abcdefgh", [REJECT, DEMAND, OFFER, REJECT] * 2, strict=True))
    ]
    endings = []
    for seed in range(6):
        random.Random(seed).shuffle(arrivals)
        store = FakeResultStore()
        for name, said, day in arrivals:
            grade(store, name, said, days=day, arrives=70)
        endings.append((ledger_levels(store), stored_levels(store)))
    assert all(ending == endings[0] for ending in endings)
    assert sorted(endings[0][1].values()) == ["changed"] * 4 + ["first"] * 2 + ["repeat", "revived"]


class RacingStore(FakeResultStore):
    """Lets another worker grade an older article right before the nth call of this one."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self._left = nth
        self.rival: Grading | None = None

    def get(self, kind: Kind, ids: Sequence[str]) -> dict[str, Stored]:
        self._let_rival_by()
        return super().get(kind, ids)

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        self._let_rival_by()
        return super().write(writes)

    def _let_rival_by(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.rival = grade(self, "a", DEMAND, days=0, arrives=5, family="orm", publisher="orm-post")


@pytest.mark.parametrize("nth", [2, 3, 4, 5, 6])
def test_of_two_workers_at_once_one_is_first_wherever_they_meet(nth: int) -> None:
    store = RacingStore(nth)
    mine = grade(store, "b", DEMAND, days=1, arrives=5)
    assert store.rival is not None
    assert sorted(stored_levels(store).values()) == ["first", "repeat"]
    assert stored_levels(store) == {key: str(level) for key, level in ledger_levels(store).items()}
    graded = (*mine.graded, *store.rival.graded)
    told = {each.tagged.statement_id for each in graded if each.level is Level.FIRST and each.pages}
    corrected = {each.statement_id for each in (*mine.regraded, *store.rival.regraded)}
    assert len(told) == 1
    assert all(stored_levels(store)[each] == "first" or each in corrected for each in told)


class RefusingStore(FakeResultStore):
    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        return [WriteResult(id=each.id, status=WriteStatus.CONFLICT) for each in writes]


def test_endless_conflict_is_a_store_that_is_not_available() -> None:
    with pytest.raises(StoreUnavailable, match="vesmar/troop-withdrawal is changed by others faster"):
        grade(RefusingStore(), "a", DEMAND, days=0)


def test_a_renamed_issue_carries_its_claims_on() -> None:
    store = FakeResultStore()
    grade(store, "a", DEMAND, days=0)
    renamed = Policy(renames={"vesmar-ostrania": {"troop-withdrawal": "pull-back"}})
    new_id = statement("demand", "pull-back", "Out with the troops, Vesmar said.")
    assert grade(store, "b", new_id, days=1, policy=renamed).graded[0].level is Level.REPEAT
    old_key, new_key = "vesmar-ostrania/vesmar/demand/troop-withdrawal", "vesmar-ostrania/vesmar/demand/pull-back"
    assert migrate(store, list(store.all(Kind.CLAIMS)), renamed.renames) == [(old_key, new_key)]
    assert [each.issue for each in history_from(new_key, store.all(Kind.CLAIMS)[new_key]).entries] == ["pull-back"] * 2
    assert store.search(Query(kind=Kind.CLAIMS)).total == 1
