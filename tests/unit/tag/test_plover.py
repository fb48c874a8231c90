"""Our acts in the words of PLOVER and CAMEO."""

from dataclasses import replace

import pytest

from worker.model import Act, Attribution, Statement
from worker.tag.plover import event_code, family_of_act, family_of_code, with_event_code
from worker.topic import Issue

TRUCE = Issue(id="ceasefire", label="truce", patterns={"truce": 3}, mode="yield")
TALKS = Issue(id="talks", label="talks", patterns={"talks": 3}, mode="meet")
PLAN = Issue(id="plan", label="plan", patterns={"plan": 3}, mode="change")
FORCE = Issue(id="force", label="force", patterns={"attack": 3}, mode="yield", cooperative=False)


def said(act: Act, evidence: str, **more: object) -> Statement:
    base = Statement(
        party="ostania",
        speaker=None,
        act=act,
        issue="any",
        target=None,
        conditional=False,
        condition_issue=None,
        attribution=Attribution.REPORTED,
        evidence=evidence,
        start=0,
        end=len(evidence),
        confidence=0.9,
    )
    return replace(base, **more)


@pytest.mark.parametrize(
    ("act", "evidence", "issue", "expected"),
    [
        (Act.DEMAND, "Ostania demands a truce", TRUCE, ("REQUEST", "yield", "10")),
        (Act.DEMAND, "Norland urged both to meet", TALKS, ("REQUEST", "meet", "02")),
        (Act.REJECT, "Veldoria rejects the plan", PLAN, ("REJECT", "change", "12")),
        (Act.OFFER, "Ostania is ready to meet", TALKS, ("AGREE", None, "03")),
        (Act.OFFER, "Ostania would stop firing", TRUCE, ("CONCEDE", None, "03")),
        (Act.ACCEPT, "Veldoria agreed to meet", TALKS, ("AGREE", None, "05")),
        (Act.ACCEPT, "Norland endorsed the plan", PLAN, ("SUPPORT", None, "05")),
        (Act.ACCEPT, "Veldoria gave in to the truce", TRUCE, ("CONCEDE", None, "08")),
        (Act.THREATEN, "or the army will decide", FORCE, ("THREATEN", "violence", "13")),
        (Act.THREATEN, "Norland will impose sanctions", PLAN, ("THREATEN", "restrict", "13")),
        (Act.THREATEN, "it will have consequences", FORCE, ("THREATEN", "violence", "13")),
        (Act.THREATEN, "it will have consequences", PLAN, ("THREATEN", None, "13")),
        (Act.ACCUSE, "Ostania accused Veldoria of shelling", FORCE, ("ACCUSE", "allege", "11")),
        (Act.ACCUSE, "Ostania condemned the raid", FORCE, ("ACCUSE", "disapprove", "11")),
        (Act.PLEDGE, "Norland will go on helping", replace(PLAN, mode="assist"), ("AGREE", None, "03")),
        (Act.PLEDGE, "Ostania will fight on", FORCE, ("THREATEN", "violence", "13")),
        (Act.PLEDGE, "Ostania will keep its course", PLAN, (None, None, "01")),
    ],
)
def test_each_act_has_its_code(act: Act, evidence: str, issue: Issue, expected: tuple[str | None, ...]) -> None:
    code = event_code(said(act, evidence), issue)
    assert (code.category, code.mode, code.root) == expected


def test_a_dropped_demand_is_a_concession() -> None:
    code = event_code(said(Act.DEMAND, "Ostania dropped its demand", withdrawn=True), TRUCE)
    assert (code.category, code.root) == ("CONCEDE", "08")


def test_the_statement_carries_its_code() -> None:
    coded = with_event_code(said(Act.REJECT, "no truce"), TRUCE)
    assert (coded.plover, coded.plover_mode, coded.cameo) == ("REJECT", "yield", "12")


def test_offers_acceptances_and_pledges_are_one_family() -> None:
    assert {family_of_act(str(act)) for act in Act} == {"demand", "reject", "agree", "threaten", "accuse"}


@pytest.mark.parametrize(
    ("code", "family"),
    [("DEMAND", "demand"), ("Request", "demand"), ("DISAPPROVE", "accuse"), ("CONCEDE", "agree"), ("1384", "threaten"), ("025", "demand"), ("FIGHT", None), ("19", None)],
)  # fmt: skip
def test_codes_lead_back_to_families(code: str, family: str | None) -> None:
    assert family_of_code(code) == family
