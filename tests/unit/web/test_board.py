"""The board says what the whole ledger says, and follows whatever changes it."""

from datetime import timedelta
from pathlib import Path

import pytest
from stories import entry, moment

from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.identity import claim_key
from worker.model import Level
from worker.novelty.history import History, added, claim_document, history_from, marked, without
from worker.novelty.positions import open_demands, positions
from worker.ports import Kind, Write
from worker.web.board import ANSWERS_KEPT, Board

ROOT = Path(__file__).parents[3]
TOPIC = "vesmar-ostrania"
DEMAND = entry("a1", "demand", "Vesmar demanded a truce.", target="ostrania")
ANSWER = entry("a2", "reject", "Ostrania rejected a truce.", party="ostrania", days=1)


class Clock:
    def __init__(self):
        self.at = moment(10)

    def now(self):
        return self.at

    def pass_(self, seconds):
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    found = SqliteStore(tmp_path / "results.sqlite", read_templates(ROOT / "config" / "elasticsearch"), clock=clock)
    found.setup()
    yield found
    found.close()


@pytest.fixture
def board(store, clock):
    return Board(store, clock)


def history(store, key):
    stored = store.get(Kind.CLAIMS, [key]).get(key)

    return history_from(key, stored.document if stored else None)


def enter(store, *entries):
    """Put entries into their claims, each at level first, as the novelty stage leaves them."""
    for each in entries:
        found = added(history(store, each.claim_key), [each])
        found = marked(found, {each.statement_id: Level.FIRST})
        store.write([Write(kind=Kind.CLAIMS, id=each.claim_key, document=claim_document(found))])


def take_out(store, each):
    found = without(history(store, each.claim_key), [each.statement_id])
    store.write([Write(kind=Kind.CLAIMS, id=each.claim_key, document=claim_document(found))])


def all_histories(store):
    keys = [
        claim_key(TOPIC, party, act, "ceasefire") for party in ("vesmar", "ostrania") for act in ("demand", "reject")
    ]
    return [history(store, key) for key in keys]


def test_it_says_what_the_whole_ledger_says(store, board, clock):
    enter(store, DEMAND, ANSWER)
    assert board.positions(TOPIC) == positions(all_histories(store))
    assert board.open_demands(TOPIC, now=clock.now()) == open_demands(all_histories(store), now=clock.now())


def test_another_topic_knows_nothing_of_it(store, board):
    enter(store, DEMAND)
    assert board.positions("elsewhere") == []


def test_what_arrives_is_seen_at_the_next_look(store, board, clock):
    enter(store, DEMAND)
    (demand,) = board.open_demands(TOPIC, now=clock.now())
    assert demand.answers == ()
    clock.at = moment(11)
    enter(store, entry("a3", "reject", "Ostrania said no.", party="ostrania", days=11))
    (demand,) = board.open_demands(TOPIC, now=clock.now())
    assert [answer.evidence for answer in demand.answers] == ["Ostrania said no."]


def test_it_looks_at_most_every_two_seconds(store, board, clock):
    assert board.positions(TOPIC) == []
    enter(store, entry("a3", "demand", "Vesmar wants it now.", days=10))
    clock.pass_(1)
    assert board.positions(TOPIC) == []
    clock.pass_(1)
    assert len(board.positions(TOPIC)) == 1


def test_a_verdict_that_takes_a_statement_out_is_seen(store, board, clock):
    enter(store, DEMAND, ANSWER)
    assert len(board.positions(TOPIC)) == 2
    clock.pass_(3_600)
    take_out(store, ANSWER)
    statement = {"claim": {"key": ANSWER.claim_key}}
    verdict = {"@timestamp": clock.now().isoformat(), "statement": {"id": ANSWER.statement_id}, "verdict": "wrong"}
    store.write([Write(kind=Kind.STATEMENTS, id=ANSWER.statement_id, document=statement)])
    store.write([Write(kind=Kind.VERDICTS, id=ANSWER.statement_id, document=verdict)])
    assert [each.party for each in board.positions(TOPIC)] == ["vesmar"]


def test_a_retraction_is_seen(store, board, clock):
    enter(store, DEMAND, ANSWER)
    assert len(board.positions(TOPIC)) == 2
    clock.pass_(3_600)
    take_out(store, ANSWER)
    statement = {"claim": {"key": ANSWER.claim_key}, "stance": {"retracted_at": clock.now().isoformat()}}
    store.write([Write(kind=Kind.STATEMENTS, id=ANSWER.statement_id, document=statement)])
    assert [each.party for each in board.positions(TOPIC)] == ["vesmar"]


def test_an_article_that_was_deleted_on_request_is_forgotten_however_old_its_tombstone(store, board, clock):
    enter(store, DEMAND, ANSWER)
    assert len(board.positions(TOPIC)) == 2
    tombstone = {"@timestamp": moment(0).isoformat()}
    store.write([Write(kind=Kind.STATE, id=f"deleted/{ANSWER.article_id}", document=tombstone)])
    clock.pass_(3_600)
    take_out(store, ANSWER)
    assert [each.party for each in board.positions(TOPIC)] == ["vesmar"]


def test_of_many_answers_the_newest_are_kept(store, board, clock):
    enter(store, DEMAND)
    enter(
        store,
        *(entry(f"b{n}", "reject", f"No, for the {n}th time.", party="ostrania", days=1 + n / 10) for n in range(9)),
    )
    (demand,) = board.open_demands(TOPIC, now=clock.now())
    assert len(demand.answers) == ANSWERS_KEPT
    assert demand.answers[-1].evidence == "No, for the 8th time."


def test_where_a_level_is_missing_it_grades_itself(store, board):
    enter(store, DEMAND)
    bare = added(History(key=ANSWER.claim_key), [ANSWER])
    store.write([Write(kind=Kind.CLAIMS, id=ANSWER.claim_key, document=claim_document(bare))])
    assert [(each.party, each.stance) for each in board.positions(TOPIC)] == [
        ("ostrania", "reject"),
        ("vesmar", "demand"),
    ]
