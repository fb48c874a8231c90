from datetime import timedelta
from itertools import groupby

from stories import entry, moment

from worker.novelty.history import Entry, History, added
from worker.novelty.positions import deadlines, open_demands, positions

NO = entry("a", "reject", "Vesmar ruled out any truce along the river.")
IF = entry(
    "b", "offer", "A truce could come once the bridges are back, Vesmar said.", days=4, conditional=True, family="orm"
)
IF_AGAIN = entry("c", "offer", "Give the bridges back and there is a truce, said Renn.", days=6, conditional=True)
DEMAND = entry("d", "demand", "Vesmar demanded a halt to the shelling by Ostrania.", days=1, target="ostrania")
ULTIMATUM = entry(
    "e",
    "demand",
    "Stop by 20 March, Vesmar told Ostrania.",
    days=5,
    target="ostrania",
    deadline=moment(19),
    terms=("20 march",),
)
ANSWER = entry("f", "reject", "Ostrania dismissed the Vesmari call for a truce.", days=7, party="ostrania")
EARLIER = entry("g", "accept", "Ostrania agreed to the winter truce.", days=-9, party="ostrania")


def histories(*entries: Entry) -> list[History]:
    ordered = sorted(entries, key=lambda each: each.claim_key)
    return [added(History(key=key), group) for key, group in groupby(ordered, key=lambda each: each.claim_key)]


def test_a_position_says_since_when_and_after_what() -> None:
    (position,) = positions(histories(NO, IF, IF_AGAIN))
    assert (position.party, position.issue, position.ladder) == ("vesmar", "ceasefire", "answer")
    assert (position.stance, position.since, position.last.statement_id) == (
        "conditional",
        moment(4),
        IF_AGAIN.statement_id,
    )
    assert [(turn.stance, turn.entry.statement_id) for turn in position.turns] == [
        ("reject", NO.statement_id),
        ("conditional", IF.statement_id),
    ]
    assert position.families == ("kell", "orm")


def test_an_open_demand_has_its_age_and_the_answers_given_since() -> None:
    (demand,) = open_demands(histories(DEMAND, ULTIMATUM, ANSWER, EARLIER), now=moment(10))
    assert (demand.demand.statement_id, demand.age) == (DEMAND.statement_id, timedelta(days=9))
    assert [each.statement_id for each in demand.answers] == [ANSWER.statement_id]
    assert demand.deadline == moment(19)


def test_a_withdrawn_demand_is_not_open() -> None:
    dropped = entry("h", "demand", "Vesmar no longer asks for a halt, Renn said.", days=8, withdrawn=True)
    assert open_demands(histories(DEMAND, dropped), now=moment(10)) == []


def test_a_deadline_is_found_while_it_is_ahead() -> None:
    ledger = histories(DEMAND, ULTIMATUM)
    near = deadlines(ledger, now=moment(17), within=timedelta(days=3))
    assert [each.statement_id for each in near] == [ULTIMATUM.statement_id]
    assert deadlines(ledger, now=moment(10), within=timedelta(days=3)) == []
    assert deadlines(ledger, now=moment(20), within=timedelta(days=3)) == []
