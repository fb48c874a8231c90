"""What makes a statement news. Vesmar, Ostrania and the League of Kell are invented."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import entry

from worker.model import Act, Level
from worker.novelty.grade import GradingRules, grade, grade_all
from worker.novelty.history import Entry, History, added, bounded, claim_document, history_from

DEMAND = "Vesmar demanded that Ostrania pull its troops back from the Lume valley."
REJECT = "The foreign ministry of Vesmar ruled out any truce along the river."
SOFTER = "Vesmar would agree to a truce only once the bridges are handed over, its minister said."


def levels(*entries: Entry) -> list[Level]:
    verdicts = grade_all(entries)
    return [verdicts[each.statement_id].level for each in entries]


def test_what_nobody_said_before_is_first() -> None:
    verdict = grade(entry("a", "demand", DEMAND), [])
    assert (verdict.level, verdict.previous) == (Level.FIRST, None)
    assert verdict.reason == "first time that vesmar demands ceasefire"


def test_the_statement_itself_and_later_ones_do_not_count() -> None:
    mine, later = entry("a", "demand", DEMAND), entry("b", "demand", REJECT, days=2)
    assert grade(mine, [mine, later]).level is Level.FIRST


def test_the_same_demand_in_other_words_is_a_repeat() -> None:
    again = entry("b", "demand", "The valley must be left by Ostranian forces, the Vesmari president repeated.", days=3)
    first = entry("a", "demand", DEMAND)
    assert grade(again, [first]).previous == first.statement_id
    assert levels(first, again) == [Level.FIRST, Level.REPEAT]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"act": "reject"}, {"act": "offer", "conditional": True}),
        ({"act": "offer", "conditional": True}, {"act": "offer"}),
        ({"act": "offer"}, {"act": "accept"}),
        ({"act": "accept"}, {"act": "reject"}),
        ({"act": "demand"}, {"act": "demand", "withdrawn": True}),
        ({"act": "demand", "withdrawn": True}, {"act": "demand"}),
    ],
)
def test_a_step_on_the_ladder_is_a_change(before: dict[str, object], after: dict[str, object]) -> None:
    old = entry("a", evidence=REJECT, **before)  # type: ignore[arg-type]
    new = entry("b", evidence=SOFTER, days=4, **after)  # type: ignore[arg-type]
    verdict = grade(new, [old])
    assert (verdict.level, verdict.previous) == (Level.CHANGED, old.statement_id)


def test_only_if_is_one_rung_however_it_is_put() -> None:
    as_no = entry("a", "reject", "No truce before the bridges are handed over, Vesmar said.", conditional=True)
    as_yes = entry("b", "offer", SOFTER, days=2, conditional=True)
    assert levels(as_no, as_yes) == [Level.FIRST, Level.REPEAT]


def test_one_article_that_says_both_is_no_change_against_itself() -> None:
    no = entry("a", "reject", REJECT, start=10)
    but = entry("a", "offer", SOFTER, start=90, conditional=True)
    assert levels(no, but) == [Level.FIRST, Level.FIRST]


def test_a_softer_sentence_beside_the_known_no_is_a_change() -> None:
    known = entry("a", "reject", REJECT)
    no = entry("b", "reject", "There will be no truce for now, Vesmar's envoy told the League.", days=3, start=10)
    but = entry("b", "offer", SOFTER, days=3, start=90, conditional=True)
    assert levels(known, no, but) == [Level.FIRST, Level.REPEAT, Level.CHANGED]


def test_an_uncertain_change_waits_for_a_second_family() -> None:
    known = entry("a", "reject", REJECT)
    one = entry("b", "offer", SOFTER, days=3, confidence=0.6, family="kell")
    same_house = entry(
        "c", "offer", "Vesmar is ready for a truce, an aide said.", days=4, confidence=0.6, family="kell"
    )
    other_house = entry(
        "d", "offer", "A truce is possible, Vesmar let it be known.", days=5, confidence=0.6, family="orm"
    )
    assert levels(known, one, same_house, other_house) == [Level.FIRST, Level.REPEAT, Level.REPEAT, Level.CHANGED]
    assert "provisional" in grade(one, [known]).reason


def test_new_terms_target_and_voice_are_told_apart() -> None:
    first = entry("a", "demand", DEMAND, target="ostrania", speaker="Ilva Renn", terms=("lume valley",))
    terms = entry("b", "demand", "Ostrania has ten days to go, Vesmar said.", days=2, terms=("10 days",))
    target = entry("c", "demand", "The League should make them go, said Vesmar.", days=3, target="kell")
    voice = entry("d", "demand", "Let them leave, urged General Odo Marn of Vesmar.", days=4, speaker="Odo Marn")
    again = entry("e", "demand", "They ought to be out by now, Renn said.", days=5, speaker="Ilva Renn", target="kell")
    expected = [Level.FIRST, Level.NEW_TERMS, Level.NEW_TARGET, Level.NEW_VOICE, Level.REPEAT]
    assert levels(first, terms, target, voice, again) == expected


def test_naming_what_was_understood_is_no_news() -> None:
    bare = entry("a", "demand", DEMAND)
    named = entry(
        "b",
        "demand",
        "Renn wants the soldiers gone, she told Ostrania.",
        days=2,
        speaker="Ilva Renn",
        target="ostrania",
    )
    assert levels(bare, named) == [Level.FIRST, Level.REPEAT]


def test_silence_of_more_than_thirty_days_makes_it_revived() -> None:
    first = entry("a", "demand", DEMAND)
    on_the_day = entry("b", "demand", "Out with the troops, Vesmar said once more.", days=30)
    later = entry("c", "demand", "Vesmar again called for the soldiers to go home.", days=61)
    assert levels(first, on_the_day, later) == [Level.FIRST, Level.REPEAT, Level.REVIVED]
    assert grade(later, [first], GradingRules(revived_after=timedelta(days=90))).level is Level.REPEAT


def test_the_same_sentence_after_weeks_is_said_anew() -> None:
    assert levels(entry("a", "demand", DEMAND), entry("b", "demand", DEMAND, days=40)) == [Level.FIRST, Level.REVIVED]


def test_a_copy_is_a_sighting_even_with_another_target() -> None:
    first = entry("a", "demand", DEMAND, target="ostrania")
    trimmed = entry("b", "demand", DEMAND.removesuffix(" from the Lume valley."), story="a", days=0.2, target="kell")
    verdict = grade(trimmed, [first])
    assert (verdict.level, verdict.copied) == (Level.REPEAT, True)


def test_a_copy_that_adds_a_voice_of_its_own_is_news() -> None:
    first = entry("a", "demand", DEMAND, speaker="Ilva Renn")
    added_line = entry(
        "b",
        "demand",
        "General Odo Marn told us that the enemy has to go home first.",
        story="a",
        days=0.2,
        speaker="Odo Marn",
    )
    assert levels(first, added_line) == [Level.FIRST, Level.NEW_VOICE]


def test_a_copy_of_an_old_position_does_not_change_it_back() -> None:
    no = entry("a", "reject", REJECT)
    yes = entry("b", "offer", SOFTER, days=1, conditional=True)
    late_copy = entry("c", "reject", REJECT, story="a", days=1.5)
    no_more = entry(
        "d", "offer", "If the bridges come back there can be a truce, Vesmar says.", days=2, conditional=True
    )
    assert levels(no, yes, late_copy, no_more) == [Level.FIRST, Level.CHANGED, Level.REPEAT, Level.REPEAT]


def test_another_number_in_the_same_sentence_is_not_a_copy() -> None:
    ten = entry(
        "a", "demand", "Vesmar demanded that Ostrania leave the Lume valley within 10 days.", terms=("10 days",)
    )
    three = entry(
        "b", "demand", "Vesmar demanded that Ostrania leave the Lume valley within 3 days.", days=1, terms=("3 days",)
    )
    assert levels(ten, three) == [Level.FIRST, Level.NEW_TERMS]


def test_a_not_in_the_same_sentence_is_not_a_copy() -> None:
    will = entry("a", "accept", "Vesmar will accept the truce that the League of Kell has drawn up.")
    will_not = entry("b", "reject", "Vesmar will not accept the truce that the League of Kell has drawn up.", days=1)
    assert levels(will, will_not) == [Level.FIRST, Level.CHANGED]


def test_a_new_tagger_that_reads_the_old_sentence_otherwise_changes_no_position() -> None:
    old = entry("a", "reject", REJECT, version="1")
    reread = entry("b", "offer", REJECT, days=20, version="2")
    assert levels(old, reread) == [Level.FIRST, Level.REPEAT]


def test_demanding_the_opposite_of_what_was_rejected_is_not_first() -> None:
    no = entry("a", "reject", "Vesmar will never accept League membership for Ostrania.", issue="membership")
    must_not = entry("b", "demand", "Ostrania must not get League membership, Vesmar said.", days=2, issue="membership")
    unrelated = entry(
        "c", "demand", "Fees for grain ships should fall by half, Vesmar said.", days=2, issue="membership"
    )
    assert levels(no, must_not) == [Level.FIRST, Level.REPEAT]
    assert levels(no, unrelated) == [Level.FIRST, Level.FIRST]


def test_the_issue_other_is_compared_by_text() -> None:
    fish = entry("a", "demand", "Vesmar wants the herring quota of the gulf doubled.", issue="other")
    fish_again = entry("b", "demand", "Double the herring quota in the gulf, Vesmar insisted.", days=9, issue="other")
    flag = entry("c", "demand", "Vesmar called for the old flag to be taken down in Port Sael.", days=9, issue="other")
    assert levels(fish, fish_again, flag) == [Level.FIRST, Level.REPEAT, Level.FIRST]


SENTENCES = (DEMAND, REJECT, SOFTER, "Renn said so.", "No truce, Marn said.", "Vesmar set out 4 terms for a truce.")
ENTRIES = st.builds(
    lambda name, act, text, days, story, **said: entry(name, act, SENTENCES[text], days=days, story=story, **said),
    name=st.sampled_from("abcdefghijk"),
    act=st.sampled_from([str(act) for act in Act]),
    text=st.integers(0, len(SENTENCES) - 1),
    days=st.integers(0, 90),
    story=st.sampled_from([None, "s1", "s2"]),
    conditional=st.booleans(),
    withdrawn=st.booleans(),
    confidence=st.sampled_from([0.55, 0.9]),
    family=st.sampled_from(["kell", "orm"]),
    version=st.sampled_from(["1", "2"]),
    speaker=st.sampled_from([None, "Ilva Renn", "Odo Marn"]),
    terms=st.sampled_from([(), ("10 days",), ("lume valley",)]),
    issue=st.just("ceasefire"),
)
SETS = st.lists(ENTRIES, min_size=1, max_size=25, unique_by=lambda each: each.statement_id)


@given(entries=SETS, order=st.randoms(use_true_random=False))
def test_levels_do_not_depend_on_the_order_of_arrival(entries: list[Entry], order: object) -> None:
    expected = grade_all(entries)
    order.shuffle(entries)  # type: ignore[attr-defined]
    assert grade_all(entries) == expected
    assert {each.statement_id: grade(each, entries) for each in entries} == expected


@given(entries=SETS, order=st.randoms(use_true_random=False), cut=st.integers(0, 25))
def test_bounding_in_parts_keeps_what_bounding_at_once_keeps(entries: list[Entry], order: object, cut: int) -> None:
    many = [
        entry(f"{number:04}", "demand", f"Sentence {number}.", days=number / 7, terms=(f"{number % 90} km",))
        for number in range(150)
    ]
    everything = [*entries, *many]
    order.shuffle(everything)  # type: ignore[attr-defined]
    parts = bounded([*bounded(everything[: cut * 7]), *everything[cut * 7 :]])
    assert parts == bounded(everything)
    assert len(parts) < 200


@given(entries=SETS)
def test_a_claim_document_gives_back_the_history(entries: list[Entry]) -> None:
    same_claim = [each for each in entries if each.act is entries[0].act]
    history = added(History(key=entries[0].claim_key), same_claim)
    assert history_from(history.key, claim_document(history)) == history


def test_entering_twice_changes_nothing() -> None:
    one = entry("a", "demand", DEMAND)
    history = added(History(key=one.claim_key), [one])
    assert added(history, [one]) == history
