"""The ordered stream: levels as an editor gives them, whatever the order of arrival, and no alert twice."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from alert_samples import book
from fake_results import FakeResultStore
from novelty_stream import Piece, arrived_in_order, levels_in, paged, pass_through, read_stream, shuffled_arrival
from stories import article, moment, placement, statement, tagged

from worker.alert.service import enqueue
from worker.model import Level
from worker.novelty.history import History, history_from
from worker.novelty.positions import open_demands, positions
from worker.ports import Kind

PIECES = read_stream()


def histories(store: FakeResultStore) -> list[History]:
    return [history_from(key, document) for key, document in sorted(store.all(Kind.CLAIMS).items())]


def test_every_level_is_the_one_an_editor_gave() -> None:
    store = FakeResultStore()
    told = {}
    for piece in arrived_in_order(PIECES):
        told.update({each.tagged.statement_id: each.level for each in pass_through(store, piece).graded})
    assert len(PIECES) >= 60
    assert told == {key: level for piece in PIECES for key, level in piece.told.items()}
    assert levels_in(store, PIECES) == {key: level for piece in PIECES for key, level in piece.levels.items()}


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_arrival_gives_the_same_claims_positions_and_levels(seed: int) -> None:
    in_order, shuffled = FakeResultStore(), FakeResultStore()
    for piece in arrived_in_order(PIECES):
        pass_through(in_order, piece)
    order = random.Random(seed).sample(range(len(PIECES)), len(PIECES))
    for piece in shuffled_arrival(PIECES, order):
        pass_through(shuffled, piece)
    assert levels_in(shuffled, PIECES) == levels_in(in_order, PIECES)
    assert _without_arrival(histories(shuffled)) == _without_arrival(histories(in_order))
    assert _stances(shuffled) == _stances(in_order)


def _without_arrival(found: list[History]) -> list[History]:
    return [
        replace(each, entries=tuple(replace(e, arrived=e.effective, sequence=0) for e in each.entries))
        for each in found
    ]


def _stances(store: FakeResultStore) -> list[tuple[str, str, str, str, list[str]]]:
    return [
        (each.party, each.issue, each.stance, str(each.since), [turn.entry.statement_id for turn in each.turns])
        for each in positions(histories(store))
    ]


def test_at_the_end_the_positions_are_those_of_the_story() -> None:
    store = FakeResultStore()
    for piece in arrived_in_order(PIECES):
        pass_through(store, piece)
    found = {(p.party, p.issue, p.ladder): [t.stance for t in p.turns] for p in positions(histories(store))}
    assert found[("vesmar", "peace-talks", "answer")] == ["reject", "offer", "accept"]
    assert found[("ostrania", "ceasefire", "answer")] == ["offer", "reject", "accept"]
    assert found[("vesmar", "grain-transit", "demand")] == ["demand", "withdrawn", "demand"]
    assert found[("ostrania", "troop-withdrawal", "answer")] == ["reject", "conditional"]
    still_open = {(d.demand.party, d.demand.issue): d for d in open_demands(histories(store), now=PIECES[-1].arrives)}
    pull_out = still_open[("vesmar", "troop-withdrawal")]
    assert pull_out.age.days == 72
    assert [str(answer.act) for answer in pull_out.answers][-1] == "offer"


def test_replaying_everything_twice_sends_nothing() -> None:
    store, rules = FakeResultStore(), book({"match": {"levels": [level for level in Level if level != "repeat"]}})
    written = []
    for _ in range(3):
        for piece in arrived_in_order(PIECES):
            enqueue(store, pass_through(store, piece), piece.article, rules, now=piece.arrives)
        written.append(len(store.all(Kind.ALERTS)))
    assert written[0] > 20
    assert written == [written[0]] * 3


def test_fifty_wire_stories_in_five_outlets_each_alert_as_often_as_without_the_copies() -> None:
    stories = [_wire(number) for number in range(50)]
    alone, copied = FakeResultStore(), FakeResultStore()
    expected = paged([pass_through(alone, story) for story in stories])
    everything = [each for number, story in enumerate(stories) for each in (story, *_cuts(story, number))]
    found = paged([pass_through(copied, piece) for piece in arrived_in_order(everything)])
    assert len(expected) >= 50
    assert [each.tagged.statement_id for each in found] == [each.tagged.statement_id for each in expected]


def _wire(number: int) -> Piece:
    name = f"wire-{number:02}"
    said = [
        statement(
            "demand",
            f"matter-{number // 2}",
            f"Vesmar demanded on day {number} that the gate of dyke {number} be opened by hand.",
            terms=(f"dyke {number}",),
            start=0,
        ),
        statement(
            "reject",
            f"matter-{number % 7}",
            f"Its minister Ilva Renn turned down paper {number} of the League, whatever its weight.",
            speaker="Ilva Renn",
            start=90,
        ),
    ]
    return _made(name, name, said, days=number / 4, outlet="wire")


def _cuts(story: Piece, number: int) -> list[Piece]:
    """Return five cuts: shorter evidence, no speaker, other quotes, one sentence only."""
    first, second = (each.statement for each in story.statements)
    shorter = first.evidence.removesuffix(" by hand.")
    cuts = [
        [first, second],
        [replace(first, evidence=shorter)],
        [replace(second, speaker=None)],
        [replace(first, evidence=f"“{first.evidence}”"), second],
        [replace(second, evidence=second.evidence.replace("Its minister ", "Minister "), start=0)],
    ]
    days = number / 4
    return [
        _made(f"{story.article.article_id}-{at}", story.article.article_id, cut, days=days + (at + 1) / 100, outlet=f"out{at}")
        for at, cut in enumerate(cuts)
    ]  # fmt: skip


def _made(name: str, story: str, said: list, *, days: float, outlet: str) -> Piece:
    text = article(name, days=days, publisher=outlet, family=outlet, fetched=moment(days) + timedelta(minutes=5))
    found = tuple(tagged(each, name) for each in said)
    return Piece(article=text, placement=placement(name, story), statements=found, levels={}, told={})
