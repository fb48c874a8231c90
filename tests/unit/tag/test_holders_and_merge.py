"""Who is found to speak, and which of several candidates become records."""

from dataclasses import replace

import pytest
from conflict import CONFLICT, TAGGER, statements

from worker.ports import TaggerInput
from worker.tag.candidates import Candidate
from worker.tag.gazetteer import Kind
from worker.tag.holders import Holder, holders_of
from worker.tag.mentions import Mention
from worker.tag.merge import SUREST, Judged, merge
from worker.tag.reading import Placed


@pytest.mark.parametrize(
    "text",
    [
        "Brandt, on a visit to the islands, demanded a ceasefire.",
        "The Veldorian president, in Norland for the congress, demanded a ceasefire.",
    ],
)
def test_a_subject_keeps_its_verb_over_an_aside(text: str) -> None:
    subject = TAGGER.analysis(TaggerInput(text=text), CONFLICT).reading.sentences[0].placed[0]
    assert (subject.mention.party, subject.route) == ("veldoria", "subject-says")


def test_a_name_with_a_state_in_brackets_speaks_for_it() -> None:
    found = statements("Ana Tavarro (Norland) called on both sides to agree to a ceasefire.")
    assert {(s.party, s.speaker) for s in found} == {("norland", "Ana Tavarro")}


def test_whoever_acted_before_may_hold_a_sentence_that_names_nobody() -> None:
    text = (
        "Veldoria demanded a ceasefire. Ostania refused. The snow had come early. A ceasefire was out of the question."
    )
    analysis = TAGGER.analysis(TaggerInput(text=text), CONFLICT)
    last = analysis.by_sentence[3][0]
    nearest = {name: h.party for h in holders_of(analysis.reading, last) for name in h.features}
    assert (nearest["recent:0|none"], nearest["recent:1|none"]) == ("ostania", "veldoria")


def judged(party: str, confidence: float, *, segment: int = 0) -> Judged:
    (one,) = (s for s in TAGGER.analysis(TaggerInput(text="Ostania demanded a ceasefire."), CONFLICT).by_sentence[0])
    placed = Placed(mention=Mention(start=0, end=1, np_end=1, party=party, kind=Kind.STATE), route="subject", group=0)
    candidate = Candidate(
        segment=replace(one, sentence=segment),
        holder=Holder(placed, {}, ()),
        act="demand",
        issue="ceasefire",
        features={},
        words={},
    )
    return Judged(party=party, speaker=None, candidate=candidate, confidence=confidence)


def test_one_clause_does_one_thing_for_one_holder() -> None:
    assert [j.party for j in merge([judged("ostania", 0.8), judged("norland", 0.6)], 0.3)] == ["ostania"]


def test_joint_holders_of_a_clause_are_both_kept() -> None:
    assert [j.party for j in merge([judged("ostania", 0.8), judged("norland", 0.8)], 0.3)] == ["norland", "ostania"]


def test_the_same_from_two_clauses_is_kept_for_both_holders() -> None:
    found = merge([judged("ostania", 0.8), judged("norland", 0.6, segment=1)], 0.3)
    assert sorted(j.party for j in found) == ["norland", "ostania"]


@pytest.mark.parametrize(("surest", "records"), [(SUREST - 0.01, 0), (SUREST, 2)])
def test_an_article_without_one_sure_statement_says_nothing(surest: float, records: int) -> None:
    found = [judged("ostania", surest), judged("norland", 0.35, segment=1)]
    assert len(merge(found, 0.3)) == records
