"""Every fault that a topic can have, one at a time, in a topic that is otherwise sound."""

from dataclasses import replace
from datetime import date

import pytest

from worker.tag.topic_check import check_topic
from worker.topic import Issue, Office, Party, Person, Topic

PATTERNS = {"truce*": 3.0, "ceasefire": 3.0, "halt* .. fighting": 3.0, "guns .. silent": 2.0, "pause": 1.0}
TRUCE = Issue(id="truce", label="truce", patterns=PATTERNS, mode="yield")
TARR = Person(name="Milan Tarr", gender="m", offices=(Office(title="president", since=date(2019, 5, 20)),))
FERRUM = Person(name="Ada Ferrum", gender="f", offices=(Office(title="president", since=date(2023, 2, 1)),))
ALDMARK = Party(id="aldmark", label="Aldmark", names=("Aldmark",), people=(FERRUM,), belligerent=True)
VERENIA = Party(id="verenia", label="Verenia", names=("Verenia",), people=(TARR,), belligerent=True)
OTHER = Party(id="other", label="other", names=("League",))
SOUND = Topic(
    id="sound",
    label="Sound",
    parties=(ALDMARK, VERENIA, OTHER),
    issues=(TRUCE, Issue(id="other", label="other")),
)


def with_party(party: Party) -> Topic:
    return replace(SOUND, parties=(*(p for p in SOUND.parties if p.id != party.id), party))


def with_issue(**changes: object) -> Topic:
    return replace(SOUND, issues=(replace(TRUCE, **changes), Issue(id="other", label="other")))


def test_a_sound_topic_has_nothing_to_say() -> None:
    assert check_topic(SOUND) == []


CONTRADICTIONS = {
    "party aldmark is there twice": replace(SOUND, parties=(*SOUND.parties, ALDMARK)),
    "the name 'verenia' stands in parties aldmark, verenia": with_party(replace(ALDMARK, names=("Aldmark", "Verenia"))),
    "party other: member nowhere is no other party": with_party(replace(OTHER, members=("nowhere",))),
    "issue truce: default_actor nowhere is no party": with_issue(default_actor="nowhere"),
    "renames: old leads to gone, which is neither": replace(SOUND, renames={"old": "gone"}),
    "renames: truce is renamed and still in use": replace(SOUND, renames={"truce": "other"}),
    "Milan Tarr is listed 2 times: verenia, aldmark": with_party(replace(ALDMARK, people=(FERRUM, replace(TARR, aliases=())))),
    "must be spelled in ASCII": with_party(replace(ALDMARK, people=(replace(FERRUM, name="Ádá Ferrum"),))),
    "must be m or f": with_party(replace(ALDMARK, people=(replace(FERRUM, gender="x"),))),
    "is president until before since": with_party(
        replace(ALDMARK, people=(replace(FERRUM, offices=(Office(title="president", since=date(2023, 2, 1), until=date(2022, 1, 1)),)),))
    ),
    "are both president at once": with_party(replace(ALDMARK, people=(FERRUM, replace(FERRUM, name="Piet Hollow")))),
    "mode must be one of assist, change, meet, yield, not shout": with_issue(mode="shout"),
    "'pause' is both pattern and blocker": with_issue(blockers=("pause",)),
    "the pattern '..' holds no word": with_issue(patterns={**PATTERNS, "..": 1.0}),
    "the pattern 'a* truce' matches almost every word": with_issue(patterns={**PATTERNS, "a* truce": 1.0}),
    "the pattern 'ceasefire' names the issues other, truce with full weight": replace(
        SOUND, issues=(TRUCE, Issue(id="other", label="other", patterns={"ceasefire": 3.0}))
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expected", "topic"), CONTRADICTIONS.items(), ids=CONTRADICTIONS)
def test_a_contradiction_is_named(expected: str, topic: Topic) -> None:
    assert [line for line in check_topic(topic) if line.startswith("contradiction: ") and expected in line]


THIN = {
    "no party is marked belligerent": replace(
        SOUND, parties=(replace(ALDMARK, belligerent=False), replace(VERENIA, belligerent=False), OTHER)
    ),
    "fewer than two parties": replace(SOUND, parties=(ALDMARK,)),
    "no issue 'other'": replace(SOUND, issues=(TRUCE,)),
    "no party 'other'": replace(SOUND, parties=(ALDMARK, VERENIA)),
    "issue truce: no patterns": with_issue(patterns={}),
    "issue truce: only 1 patterns": with_issue(patterns={"truce": 3.0}),
    "party other: no name": with_party(replace(OTHER, names=())),
    "party aldmark: a side of the conflict without people": with_party(replace(ALDMARK, people=())),
    "Ada Ferrum has no office": with_party(replace(ALDMARK, people=(replace(FERRUM, offices=()),))),
    "the blocker 'armistice day' holds none": with_issue(blockers=("armistice day",)),
}


@pytest.mark.parametrize(("expected", "topic"), THIN.items(), ids=THIN)
def test_a_thin_spot_is_named(expected: str, topic: Topic) -> None:
    found = check_topic(topic)
    assert [line for line in found if line.startswith("thin: ") and expected in line]
    assert not [line for line in found if line.startswith("contradiction: ")]


def test_a_set_shares_names_with_its_members() -> None:
    assert (
        check_topic(with_party(Party(id="both", label="both", names=("Aldmark",), members=("aldmark", "verenia"))))
        == []
    )


def test_one_office_may_pass_from_one_person_to_the_next() -> None:
    before = Person(
        name="Piet Hollow", offices=(Office(title="president", since=date(2019, 1, 1), until=date(2023, 2, 1)),)
    )
    assert check_topic(with_party(replace(ALDMARK, people=(before, FERRUM)))) == []


def test_a_blocker_with_a_stem_blocks_what_the_stem_begins() -> None:
    assert check_topic(with_issue(blockers=("paus* in the talks",))) == []
