"""What an outlet's edit of a told statement is told as, and what is no edit of the outlet's."""

from dataclasses import replace
from typing import Any

from alert_samples import EVIDENCE, book, graded, put, rows
from fake_results import FakeResultStore
from stories import article, moment, placement, tagged

from worker.alert.edits import tell_edits
from worker.index.document import statement_document
from worker.ports import CREATE, Kind, Write

TOLD = graded()
NAME = TOLD.tagged.statement_id


def edited(*removed: str, revision: int = 2) -> FakeResultStore:
    """Return a store in which a statement was told and a revision removed these sentences."""
    store = FakeResultStore()
    put(store, book(), TOLD)
    document = statement_document(TOLD.tagged, article("a"), placement("a"), {}, now=moment(0))
    revisions = [{"revision": revision, "removed": list(removed), "added": []}]
    for kind, name, one in (
        (Kind.STATEMENTS, NAME, document),
        (Kind.ARTICLES, "a", {"article": {"id": "a", "revisions": revisions}}),
    ):
        store.write([Write(kind=kind, id=name, document=one, token=CREATE)])
    return store


def tell(store: FakeResultStore, *present: Any) -> list[str]:
    return tell_edits(store, "a", [NAME], [each.tagged for each in present], book(), now=moment(1))


def test_a_sentence_taken_out_is_told_to_whoever_was_told_and_once() -> None:
    store = edited(EVIDENCE)
    assert len(tell(store)) == 1
    assert tell(store) == []
    edit = next(row for row in rows(store) if row["kind"] == "edit")
    told = next(row for row in rows(store) if row["kind"] == "alert")
    assert edit["message"]["title"] == f"Taken out: {told['message']['title']}"
    assert edit["message"]["data"]["follows"] == told["alert_id"]
    assert f"“{EVIDENCE}”" in edit["message"]["text"]


def test_another_act_on_the_same_issue_is_a_change() -> None:
    now = graded(act="reject", evidence="Vesmar no longer asked that Ostrania pull its troops back.")
    store = edited(EVIDENCE)
    tell(store, now)
    edit = next(row for row in rows(store) if row["kind"] == "edit")
    assert edit["message"]["data"]["now"] == "Vesmar no longer asked that Ostrania pull its troops back."


def test_other_terms_are_a_change_and_other_words_alone_are_none() -> None:
    sooner = graded(evidence="Vesmar demanded a pull-back of Ostrania's troops in 5 days.", terms=("5 days",))
    assert len(tell(edited(EVIDENCE), sooner)) == 1
    reworded = graded(evidence="Ostrania must pull its troops back within 10 days, Vesmar demanded.")
    assert tell(edited(EVIDENCE), reworded) == []


def test_a_statement_whose_sentence_still_stands_was_lost_by_the_tagger_not_the_outlet() -> None:
    assert tell(edited("The weather in the capital was fine all week long.")) == []


def test_an_edit_before_the_statement_was_found_is_none_of_it() -> None:
    assert tell(edited(EVIDENCE, revision=1)) == []


def test_nobody_hears_of_a_statement_that_nobody_was_told_of() -> None:
    store = edited(EVIDENCE)
    other = replace(TOLD.tagged, statement_id="other")
    document = statement_document(other, article("a"), placement("a"), {}, now=moment(0))
    store.write([Write(kind=Kind.STATEMENTS, id="other", document=document, token=CREATE)])
    assert tell_edits(store, "a", ["other"], [], book(), now=moment(1)) == []


def test_nothing_gone_asks_no_store() -> None:
    assert tell_edits(FakeResultStore(), "a", [], [tagged(TOLD.tagged.statement, "a")], book(), now=moment(1)) == []
