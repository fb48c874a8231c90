"""What must not change a record, and what must. Templates of plain news English over an invented conflict."""

import pytest
from conflict import statements, triples

ACTS = [
    ("{A} demanded a ceasefire.", "demand", "ceasefire"),
    ("{A} demands that {B} withdraw its troops.", "demand", "withdrawal"),
    ("{A} called on {B} to release all captives.", "demand", "captives"),
    ("{A} urged {B} to return to the negotiating table.", "demand", "talks"),
    ("{A} insists on the withdrawal of all troops.", "demand", "withdrawal"),
    ("{A} ruled out talks with {B}.", "reject", "talks"),
    ("{A} refused to discuss a ceasefire.", "reject", "ceasefire"),
    ("{A} said it would never agree to a ceasefire.", "reject", "ceasefire"),
    ("{A} offered to hold talks with {B}.", "offer", "talks"),
    ("{A} proposed a truce.", "offer", "ceasefire"),
    ("{A} said it was ready for talks.", "offer", "talks"),
    ("{A} agreed to a ceasefire.", "accept", "ceasefire"),
    ("{A} accepted the truce.", "accept", "ceasefire"),
    ("{A} threatened to attack {B}.", "threaten", "attacks"),
    ("{A} accused {B} of breaking the ceasefire.", "accuse", "ceasefire"),
    ("{A} condemned the attack.", "accuse", "attacks"),
    ("{A} pledged more rockets.", "pledge", "arms"),
]
PAIRS = [("Ostania", "Veldoria"), ("Veldoria", "Ostania"), ("Ostagrad", "Veldor"), ("Veldor", "Ostagrad")]
PARTY = {
    "Ostania": "ostania",
    "Veldoria": "veldoria",
    "Ostagrad": "ostania",
    "Veldor": "veldoria",
    "Norland": "norland",
}


@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.parametrize(("template", "act", "issue"), ACTS)
def test_a_plain_sentence_gives_its_record_whichever_side_speaks(
    template: str, act: str, issue: str, a: str, b: str
) -> None:
    assert (PARTY[a], act, issue) in triples(template.format(A=a, B=b))


@pytest.mark.parametrize(("template", "act", "issue"), ACTS)
def test_swapping_the_sides_mirrors_every_record(template: str, act: str, issue: str) -> None:
    mirror = {"ostania": "veldoria", "veldoria": "ostania", None: None}
    there = {(s.party, s.act, s.issue, s.target) for s in statements(template.format(A="Ostania", B="Veldoria"))}
    back = {(s.party, s.act, s.issue, s.target) for s in statements(template.format(A="Veldoria", B="Ostania"))}
    assert {(mirror[p], act_, issue_, mirror[t]) for p, act_, issue_, t in there} == back


@pytest.mark.parametrize("speakers", ["Analysts say", "Experts believe", "Observers think"])
@pytest.mark.parametrize(
    "claim", ["{A} could demand a ceasefire.", "{A} may reject the truce.", "{A} might offer talks."]
)
def test_what_analysts_expect_is_nobodys_statement(speakers: str, claim: str) -> None:
    assert statements(f"{speakers} {claim.format(A='Ostania')}") == ()


QUOTED = ["“{}” Brandt said.", '"{}" Brandt said.', "‘{}’ Brandt said.", "'{}' Brandt said."]
WORDS = [
    ("They must release the captives,", "demand", "captives"),
    ("We will never withdraw from the hills,", "reject", "withdrawal"),
    ("We are ready for talks at any time,", "offer", "talks"),
    ("They must stop the shelling of our towns,", "demand", "ceasefire"),
]


@pytest.mark.parametrize(("words", "act", "issue"), WORDS)
@pytest.mark.parametrize("form", QUOTED)
def test_the_kind_of_quotation_mark_changes_nothing(form: str, words: str, act: str, issue: str) -> None:
    found = [s for s in statements(form.format(words)) if (s.party, s.act, s.issue) == ("veldoria", act, issue)]
    assert [(s.speaker, s.attribution) for s in found] == [("Tomas Brandt", "direct")]


@pytest.mark.parametrize(("template", "act", "issue"), ACTS)
@pytest.mark.parametrize("space", [" "])
def test_the_kind_of_space_changes_nothing(template: str, act: str, issue: str, space: str) -> None:
    plain = template.format(A="Ostania", B="Veldoria")
    assert triples(plain.replace(" ", space)) == triples(plain)


@pytest.mark.parametrize("name", ["Kareliy", "Karelyy", "Karely", "Kareliÿ", "Ivo Karelyy"])
def test_a_transliteration_names_the_same_man(name: str) -> None:
    assert [s.speaker for s in statements(f"{name} demanded a ceasefire.")] == ["Ivo Kareliy"]


PLAIN = [template.format(A="Ostania", B="Veldoria") for template, _, _ in ACTS[:6]]


def test_the_order_of_paragraphs_changes_no_party() -> None:
    forward, backward = "\n\n".join(PLAIN), "\n\n".join(reversed(PLAIN))
    assert {p for p, _, _ in triples(forward)} == {p for p, _, _ in triples(backward)} == {"ostania"}


UNRELATED = [
    "The price of wheat rose by two per cent on Tuesday.",
    "The bakery on the square opens at six and sells out by nine.",
    "Rain is forecast for the weekend, with sunny spells in the west.",
]


@pytest.mark.parametrize("paragraph", UNRELATED)
@pytest.mark.parametrize(("template", "act", "issue"), ACTS)
def test_an_unrelated_paragraph_adds_no_record(template: str, act: str, issue: str, paragraph: str) -> None:
    sentence = template.format(A="Ostania", B="Veldoria")
    added = triples(f"{sentence}\n\n{paragraph}") - triples(sentence)
    assert added == set()


NEGATED = [
    ("Ostania accepted the truce.", "Ostania did not accept the truce.", ("ostania", "accept", "ceasefire")),
    ("Ostania agreed to talks.", "Ostania never agreed to talks.", ("ostania", "accept", "talks")),
    ("Ostania said it was ready for talks.", "Ostania said it was not ready for talks.", ("ostania", "offer", "talks")),
    ("Brandt said he would attack.", "Brandt said he would not attack.", ("veldoria", "threaten", "attacks")),
]


@pytest.mark.parametrize(("plain", "negated", "record"), NEGATED)
def test_a_negation_takes_the_record_away_or_turns_it(plain: str, negated: str, record: tuple[str, str, str]) -> None:
    assert record not in triples(negated)
