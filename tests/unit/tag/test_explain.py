"""What ``explain`` says of a segment: the rules' view, the encoder's beside it, and the fate of every candidate."""

from collections.abc import Mapping

import pytest
from conflict import CONFLICT, TAGGER

from worker.ports import TaggerInput
from worker.tag import encoder
from worker.tag.candidates import Analysis, Draft
from worker.tag.explain import SegmentReason, explain
from worker.tag.judge import ACTS, NONE, Encoded, Index
from worker.tag.rules import RuleTagger

LIGHT = RuleTagger(light=True)
DEMAND = "Ostania on Monday demanded that Veldoria withdraw its troops from Karst Valley."
MARKET = "The market in the old town opens at six."


def _reasons(text: str, tagger: RuleTagger = TAGGER) -> list[SegmentReason]:
    return explain(tagger, TaggerInput(text=text), CONFLICT)


def test_the_encoders_holder_and_acts_stand_beside_those_of_the_rules() -> None:
    (reason,) = _reasons(DEMAND)
    assert (reason.holder, reason.encoder_holder) == ("ostania", "ostania")
    assert reason.encoder_holder_probability is not None
    assert 0.5 < reason.encoder_holder_probability <= 1
    assert reason.encoder_acts is not None
    assert next(iter(reason.encoder_acts)) == "demand"
    assert list(reason.encoder_acts.values()) == sorted(reason.encoder_acts.values(), reverse=True)


def test_the_encoders_holder_goes_by_name_where_there_is_one() -> None:
    (reason,) = _reasons("Brandt said Ostania must withdraw its troops from Karst Valley.")
    assert (reason.encoder_holder, reason.candidates[0].party) == ("Tomas Brandt", "veldoria")


class Analyst:
    """An encoder that hears the outsider everywhere, and accusing; a party might be heard, but says nothing."""

    def read(self, analysis: Analysis, drafts: Mapping[Index, Draft]) -> dict[Index, Encoded]:
        return {
            index: Encoded(
                holders=[0.2 if holder.party else 0.9 for holder in draft.holders],
                acts=[
                    dict.fromkeys(ACTS, 0.0) | ({NONE: 1.0} if holder.party else {NONE: 0.6, "accuse": 0.4})
                    for holder in draft.holders
                ],
                issues={"talks": 1.0},
            )
            for index, draft in drafts.items()
        }


def test_the_encoders_acts_are_those_of_its_own_holder_and_so_is_the_verdict() -> None:
    tagger = RuleTagger()
    vars(tagger)["_encoder"] = Analyst()
    reason, _ = _reasons("Ostania demanded talks, Orla Finn told a friend in the town.", tagger)
    assert (reason.holder, reason.encoder_holder, reason.encoder_holder_probability) == ("ostania", "Orla Finn", 0.9)
    assert reason.encoder_acts is not None
    assert (reason.encoder_acts[NONE], reason.encoder_acts["accuse"]) == (0.6, 0.4)
    assert reason.verdict == "nobody who speaks for a party is heard here"


def test_without_the_encoder_its_part_is_none_and_the_rules_part_is_the_same() -> None:
    (light,), (full,) = _reasons(DEMAND, LIGHT), _reasons(DEMAND)
    assert (light.encoder_holder, light.encoder_holder_probability, light.encoder_acts) == (None, None, None)
    assert (light.holder, light.acts, light.act_reasons) == (full.holder, full.acts, full.act_reasons)


def test_beyond_the_windows_the_encoder_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "MOST_WINDOWS", 1)
    reasons = _reasons(f"{DEMAND} {MARKET} " * 10)
    read = [reason.encoder_acts is not None for reason in reasons]
    assert read == sorted(read, reverse=True)
    assert (read[0], read[-1]) == (True, False)


def test_what_happens_to_a_candidate_is_what_the_tagger_does() -> None:
    text = f"{DEMAND} Brandt refused to withdraw the troops. {MARKET} Dorsh said Ostania was ready for talks."
    reasons = _reasons(text)
    published = {(c.party, c.act, c.issue) for r in reasons for c in r.candidates if c.published}
    records = TAGGER.tag(TaggerInput(text=text), CONFLICT).statements
    assert published == {(s.party, str(s.act), s.issue) for s in records}
    assert {c.verdict for r in reasons for c in r.candidates if c.published} == {"published"}


@pytest.mark.parametrize(
    ("tagger", "start", "end"),
    [
        (LIGHT, "no act is likely (", "% that nothing is demanded, offered or said against)"),
        (TAGGER, "no act is likely (", "% by the encoder that nothing is demanded, offered or said against)"),
    ],
)
def test_why_nothing_was_proposed_names_everyone_who_said_so(tagger: RuleTagger, start: str, end: str) -> None:
    verdict = _reasons(f"{DEMAND} {MARKET}", tagger)[-1].verdict
    assert (verdict[: len(start)], verdict[-len(end) :]) == (start, end)


def test_a_sentence_in_which_no_party_speaks_says_so() -> None:
    (reason,) = _reasons("A shepherd near Karst Valley said the talks were a bore.")
    assert (reason.candidates, reason.verdict) == ([], "nobody who speaks for a party is heard here")


def test_a_candidate_that_lost_says_against_what() -> None:
    verdicts = {
        c.verdict
        for r in _reasons(f"{DEMAND} Later Ostania again demanded that troops be withdrawn.")
        for c in r.candidates
    }
    assert verdicts <= {
        "published",
        f"below the threshold of {TAGGER.models.threshold}",
        "said more clearly elsewhere in the article",
    }
    assert len(verdicts) > 1


def test_an_article_about_something_else_is_not_read_any_further() -> None:
    reasons = _reasons(f"{MARKET} The baker sells bread. " * 2)
    assert {r.verdict for r in reasons} == {
        "the article is not about this conflict: its sides are not named often enough"
    }
    assert {r.encoder_acts for r in reasons} == {None}
    assert [c for r in reasons for c in r.candidates] == []


def test_at_most_so_many_features_are_shown() -> None:
    (reason,) = explain(TAGGER, TaggerInput(text=DEMAND), CONFLICT, most=2)
    assert [len(c.reasons) for c in reason.candidates[:1]] == [2]
    assert {len(weighed) for weighed in reason.act_reasons.values()} == {2}


def test_segments_cover_the_text_in_order() -> None:
    text = f"{DEMAND} {MARKET}\n\n“We want a truce,” said Vell."
    spans = [(r.start, r.end) for r in _reasons(text)]
    assert spans == sorted(spans)
    assert [text[start:end] for start, end in spans] == [r.text for r in _reasons(text)]
