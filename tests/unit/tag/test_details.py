"""Deadlines, terms, withdrawn demands, conditions, speakers and targets of single records."""

from datetime import UTC, datetime

import pytest
from conflict import CONFLICT, PUBLISHED, TAGGER, statements

from worker.ports import TaggerInput
from worker.tag.deadlines import deadline_of
from worker.tag.explain import explain
from worker.tag.polarity import is_cancelled
from worker.tag.terms import terms_of


def _end(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("withdraw by Friday", _end(2030, 5, 17)),
        ("withdraw by Wednesday", _end(2030, 5, 22)),
        ("withdraw within 48 hours", datetime(2030, 5, 17, 12, tzinfo=UTC)),
        ("withdraw within ten days", datetime(2030, 5, 25, 12, tzinfo=UTC)),
        ("withdraw within a week", datetime(2030, 5, 22, 12, tzinfo=UTC)),
        ("stop until 1 June", _end(2030, 6, 1)),
        ("sign by March 1", _end(2031, 3, 1)),
        ("sign by 3 October 2031", _end(2031, 10, 3)),
        ("sign by the end of the month", _end(2030, 5, 31)),
        ("sign by the end of the week", _end(2030, 5, 19)),
        ("sign by the end of the year", _end(2030, 12, 31)),
        ("sign no later than December", _end(2030, 12, 31)),
        ("sign by midnight", _end(2030, 5, 15)),
        ("sign by tomorrow", _end(2030, 5, 16)),
        ("sign at once", None),
        ("by 31 February", None),
        ("within 99999 years", None),
        ("stood by Friday's words of 1950", _end(2030, 5, 17)),
    ],
)
def test_a_deadline_is_counted_from_the_publication(text: str, deadline: datetime | None) -> None:
    assert deadline_of(text, PUBLISHED) == deadline


def test_without_a_publication_time_there_is_no_deadline() -> None:
    assert deadline_of("by Friday", None) is None


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a truce of 30 days", ("30 days",)),
        ("a 30-day truce", ("30 days",)),
        ("three weeks", ("3 weeks",)),
        ("$5 billion", ("$5 billion",)),
        ("2,500 prisoners", ("2500 prisoners",)),
        ("leave Karst Valley by 1 March", ("karst valley", "1 march")),
        ("the ten-point plan", ("10 points", "Ten-Point Plan")),
        ("20 per cent", ("20%",)),
        ("20%", ("20%",)),
        ("nothing of that", ()),
    ],
)
def test_terms_are_normalised(text: str, terms: tuple[str, ...]) -> None:
    assert terms_of(text, CONFLICT) == terms


@pytest.mark.parametrize(
    "text",
    [
        "Ostania dropped its demand that Veldoria withdraw its troops.",
        "Ostania no longer insists on a ceasefire before talks.",
        "Dorsh withdrew the demand for a ceasefire.",
    ],
)
def test_a_dropped_demand_is_marked_as_withdrawn(text: str) -> None:
    assert any(s.withdrawn and s.party == "ostania" and s.act == "demand" for s in statements(text))


@pytest.mark.parametrize(
    "text",
    [
        "Ostania refused to drop its demand for a ceasefire.",
        "Veldoria says Ostania must drop its demand for a ceasefire.",
    ],
)
def test_a_demand_that_stands_is_not_withdrawn(text: str) -> None:
    assert not any(s.withdrawn for s in statements(text))


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Brandt demanded a ceasefire.", "Tomas Brandt"),
        ("“We demand a ceasefire and we want it now,” said Brandt.", "Tomas Brandt"),
        ("Brandt arrived in Ostagrad. He demanded a ceasefire.", "Tomas Brandt"),
        ("Veldoria's president demanded a ceasefire.", "Tomas Brandt"),
        ("The Veldorian president demanded a ceasefire.", "Tomas Brandt"),
        ("Veldorian Foreign Minister Mira Vell demanded a ceasefire.", "Mira Vell"),
        ("Mira Vell, the Veldorian foreign minister, demanded a ceasefire.", "Mira Vell"),
        ("According to Vell, Ostania must agree to a ceasefire.", "Mira Vell"),
        ("Veldorian Foreign Ministry demanded a ceasefire.", "Veldorian Foreign Ministry"),
        ("Veldoria demanded a ceasefire.", None),
    ],
)
def test_the_speaker_is_found_by_name_office_or_pronoun(text: str, speaker: str | None) -> None:
    found = [s.speaker for s in statements(text) if (s.party, s.issue) == ("veldoria", "ceasefire")]
    assert found[:1] == [speaker]


def test_an_unknown_name_speaks_for_the_state_of_its_title() -> None:
    (statement,) = statements("Veldorian Deputy Prime Minister Orla Finn demanded a ceasefire.")
    assert (statement.party, statement.speaker) == ("veldoria", "Orla Finn")


def test_a_third_state_that_no_file_lists_is_other() -> None:
    assert {s.party for s in statements("Portugal demanded that Veldoria withdraw its troops.")} == {"other"}


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Ostania demanded that Veldoria withdraw its troops.", "veldoria"),
        ("Norland urged Ostania to agree to a ceasefire.", "ostania"),
        ("Ostania called for a ceasefire.", None),
    ],
)
def test_the_target_is_whoever_must_act(text: str, target: str | None) -> None:
    assert [s.target for s in statements(text) if s.act == "demand"] == [target]


def test_a_condition_counts_twice() -> None:
    found = {
        (s.act, s.issue): s
        for s in statements("Dorsh said Ostania was ready for talks only if Veldoria withdraws its troops.")
    }
    assert found["offer", "talks"].conditional
    assert found["offer", "talks"].condition_issue == "withdrawal"
    assert found["demand", "withdrawal"].target == "veldoria"


def test_both_sides_are_two_parties() -> None:
    assert {s.party for s in statements("Both sides agreed to a ceasefire.")} == {"ostania", "veldoria"}


@pytest.mark.parametrize(
    ("features", "act", "expected"),
    [
        ({"n:offer_ready": 1.0}, "offer", True),
        ({"n:offer_ready": 1.0, "c:offer_say": 1.0}, "offer", False),
        ({"n:accept_say": 2.0}, "accept", True),
        ({"n:demand_ask": 2.0}, "demand", False),
        ({"n:reject_say": 2.0}, "reject", False),
        ({"ng:reject_say": 2.0}, "reject", True),
        ({}, "offer", False),
    ],
)
def test_a_negated_carrier_cancels_its_act(features: dict[str, float], act: str, expected: bool) -> None:
    assert is_cancelled(features, act) is expected


def test_explain_names_what_made_a_record_and_what_killed_the_rest() -> None:
    text = "Ostania demanded a ceasefire. The bakery opens at six."
    made, killed = explain(TAGGER, TaggerInput(text=text), CONFLICT)
    assert (made.verdict, [c.published for c in made.candidates][:1]) == ("1 record", [True])
    assert made.candidates[0].rule == "c:demand_ask"
    assert killed.candidates == []


def test_the_version_names_code_and_weights() -> None:
    code, weights = TAGGER.version.split("+")
    assert (code, len(weights)) == ("3", 8)
