"""Why a sentence became a record or did not: every candidate with the features that made or killed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.ports import TaggerInput
from worker.tag.candidates import (
    Analysis,
    Candidate,
    Chosen,
    Draft,
    candidates_of,
    choose_holder,
    likely_holders,
    segment_features,
)
from worker.tag.clauses import Segment
from worker.tag.holders import holders_of
from worker.tag.judge import NONE, Encoded, Index
from worker.tag.merge import judge_all, merge
from worker.tag.relevance import concerns
from worker.tag.rules import RuleTagger
from worker.topic import Topic

Weighed = tuple[str, float]
_SHOWN_ACTS = 3
_ELSEWHERE = "the article is not about this conflict: its sides are not named often enough"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReason:
    """What the tagger saw in one segment. Weights are log-odds in favour of the act beside them.

    The encoder's part is None in a tagger without one, beyond the windows that it reads, and where nobody could be
    the holder.
    """

    text: str
    start: int
    end: int
    holder: str | None
    speaker: str | None
    holder_route: str
    holder_probability: float
    acts: Mapping[str, float]
    act_reasons: Mapping[str, Sequence[Weighed]]
    encoder_holder: str | None
    """Whom the encoder takes for the holder: the speaker's name, else the party; None for a nameless outsider too."""
    encoder_holder_probability: float | None
    encoder_acts: Mapping[str, float] | None
    """The likeliest acts of that holder, ``none`` among them, by the encoder alone."""
    candidates: Sequence["CandidateReason"]
    verdict: str
    """One sentence: why nothing was proposed here, or how many records came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateReason:
    """One proposed statement and its fate."""

    party: str
    act: str
    issue: str
    rule: str
    confidence: float
    published: bool
    verdict: str
    reasons: Sequence[Weighed]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that is known of the article before a segment is looked at."""

    tagger: RuleTagger
    analysis: Analysis
    drafts: Mapping[Index, Draft]
    encoded: Mapping[Index, Encoded]
    candidates: Mapping[Segment, Sequence[Candidate]]
    published: frozenset[int]
    """The candidates that became records, by ``id``."""
    is_about: bool
    """Whether the article is about the topic's conflict."""
    most: int


def explain(tagger: RuleTagger, document: TaggerInput, topic: Topic, *, most: int = 6) -> list[SegmentReason]:
    """Return the segments of a document in order, each with its candidates and their strongest ``most`` features."""
    case = _case(tagger, tagger.analysis(document, topic), most)
    by_sentence = case.analysis.by_sentence
    return [_segment(case, (number, place)) for number, found in enumerate(by_sentence) for place in range(len(found))]


def _case(tagger: RuleTagger, analysis: Analysis, most: int) -> _Case:
    drafts, encoded = tagger.drafts(analysis)
    candidates = candidates_of(analysis, tagger.models, drafts, encoded)
    by_segment: dict[Segment, list[Candidate]] = {}
    for candidate in candidates:
        by_segment.setdefault(candidate.segment, []).append(candidate)
    kept = merge(judge_all(candidates, tagger.models, analysis.topic), tagger.models.threshold)
    return _Case(
        tagger=tagger,
        analysis=analysis,
        drafts=drafts,
        encoded=encoded,
        candidates=by_segment,
        published=frozenset(id(judged.candidate) for judged in kept),
        is_about=concerns(analysis),
        most=most,
    )


def _segment(case: _Case, index: Index) -> SegmentReason:
    analysis, models = case.analysis, case.tagger.models
    segment = analysis.by_sentence[index[0]][index[1]]
    start, end = analysis.reading.words.start[segment.first], analysis.reading.words.end[segment.last - 1]
    chosen = choose_holder(holders_of(analysis.reading, segment), models)
    mention = chosen.holder.placed.mention if chosen else None
    features = segment_features(analysis, index, chosen.holder if chosen else None)
    acts = models.act.probabilities(features)
    heard, said = _by_encoder(case, index)
    reasons = [_candidate(case, candidate) for candidate in case.candidates.get(segment, ())]
    return SegmentReason(
        text=analysis.reading.text[start:end],
        start=start,
        end=end,
        holder=mention.party if mention else None,
        speaker=mention.name if mention else None,
        holder_route=chosen.holder.placed.route if chosen else "",
        holder_probability=round(chosen.probability, 3) if chosen else 0.0,
        acts=_likeliest(acts),
        act_reasons={act: _top_of_act(case, features, act) for act in _best_acts(acts)},
        encoder_holder=_who(heard) if heard else None,
        encoder_holder_probability=round(heard.probability, 3) if heard else None,
        encoder_acts=_likeliest(said) if said else None,
        candidates=reasons,
        verdict=_verdict(reasons, heard or chosen, acts, said) if case.is_about else _ELSEWHERE,
    )


def _by_encoder(case: _Case, index: Index) -> tuple[Chosen | None, Mapping[str, float] | None]:
    """Return whom the encoder takes for the holder of a segment, and its acts for that one; None if it did not read."""
    encoded = case.encoded.get(index)
    if encoded is None:
        return None, None
    heard = likely_holders(case.drafts[index].holders, encoded.holders)[0]
    return heard, encoded.acts[heard.index]


def _who(chosen: Chosen) -> str | None:
    return chosen.holder.placed.mention.name or chosen.holder.party


def _likeliest(acts: Mapping[str, float]) -> dict[str, float]:
    return {act: round(p, 3) for act, p in sorted(acts.items(), key=lambda item: -item[1])[:_SHOWN_ACTS]}


def _best_acts(acts: Mapping[str, float]) -> list[str]:
    return sorted(acts, key=lambda act: -acts[act])[:2]


def _top_of_act(case: _Case, features: Mapping[str, float], act: str) -> list[Weighed]:
    model = case.tagger.models.act
    column = list(model.classes).index(act)
    return _top([(n, model.weights[n][column] * v) for n, v in features.items() if n in model.weights], case.most)


def _candidate(case: _Case, candidate: Candidate) -> CandidateReason:
    models = case.tagger.models
    final = models.final_for(candidate.features)
    weights, confidence = final.weights, final.probability(candidate.features)
    published = id(candidate) in case.published
    if published:
        verdict = "published"
    elif confidence < models.threshold:
        verdict = f"below the threshold of {models.threshold}"
    else:
        verdict = "said more clearly elsewhere in the article"
    return CandidateReason(
        party=candidate.holder.party or "",
        act=candidate.act,
        issue=candidate.issue,
        rule=candidate.rule,
        confidence=round(confidence, 3),
        published=published,
        verdict=verdict,
        reasons=_top([(n, weights[n] * v) for n, v in candidate.features.items() if n in weights], case.most),
    )


def _top(pairs: list[Weighed], most: int) -> list[Weighed]:
    return [(n, round(w, 2)) for n, w in sorted(pairs, key=lambda p: -abs(p[1]))[:most]]


def _verdict(
    reasons: Sequence[CandidateReason],
    holder: Chosen | None,
    acts: Mapping[str, float],
    encoder_acts: Mapping[str, float] | None,
) -> str:
    published = sum(r.published for r in reasons)
    if published:
        return f"{published} record{'s' if published > 1 else ''}"
    if reasons:
        return "no candidate is sure enough"
    if holder is None or holder.holder.party is None:
        return "nobody who speaks for a party is heard here"
    sure = f"{acts[NONE]:.0%}"
    if encoder_acts is not None:
        sure += f" by the rules and {encoder_acts[NONE]:.0%} by the encoder"
    return f"no act is likely ({sure} that nothing is demanded, offered or said against)"
