"""Why a sentence became a record or did not: every candidate with the features that made or killed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.ports import TaggerInput
from worker.tag.candidates import Candidate, choose_holder, segment_features
from worker.tag.holders import holders_of
from worker.tag.judge import NONE
from worker.tag.merge import judge_all, merge
from worker.tag.relevance import concerns
from worker.tag.rules import RuleTagger
from worker.topic import Topic

Weighed = tuple[str, float]
_ELSEWHERE = "the article is not about this conflict: its sides are not named often enough"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReason:
    """What the tagger saw in one segment. Weights are log-odds in favour of the act beside them."""

    text: str
    start: int
    end: int
    holder: str | None
    speaker: str | None
    holder_route: str
    holder_probability: float
    acts: Mapping[str, float]
    act_reasons: Mapping[str, Sequence[Weighed]]
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


def explain(tagger: RuleTagger, document: TaggerInput, topic: Topic, *, most: int = 6) -> list[SegmentReason]:
    """Return the segments of a document in order, each with its candidates and their strongest ``most`` features."""
    analysis = tagger.analysis(document, topic)
    models = tagger.models
    is_about = concerns(analysis)
    candidates = tagger.candidates(analysis)
    judged = judge_all(candidates, models, analysis.topic)
    kept = {id(j.candidate): j for j in merge(judged, models.threshold)}
    by_segment: dict[object, list[Candidate]] = {}
    for candidate in candidates:
        by_segment.setdefault(candidate.segment, []).append(candidate)
    found: list[SegmentReason] = []
    words = analysis.reading.words
    for number, segments in enumerate(analysis.by_sentence):
        for place, segment in enumerate(segments):
            start, end = words.start[segment.first], words.end[segment.last - 1]
            chosen = choose_holder(holders_of(analysis.reading, segment), models)
            features = segment_features(analysis, (number, place), chosen.holder if chosen else None)
            acts = models.act.probabilities(features)
            reasons = [_candidate(tagger, c, c in _candidates(kept, c), most) for c in by_segment.get(segment, ())]
            mention = chosen.holder.placed.mention if chosen else None
            found.append(
                SegmentReason(
                    text=analysis.reading.text[start:end],
                    start=start,
                    end=end,
                    holder=mention.party if mention else None,
                    speaker=mention.name if mention else None,
                    holder_route=chosen.holder.placed.route if chosen else "",
                    holder_probability=round(chosen.probability, 3) if chosen else 0.0,
                    acts={a: round(p, 3) for a, p in sorted(acts.items(), key=lambda i: -i[1])[:3]},
                    act_reasons={a: _top_of_act(tagger, features, a, most) for a in _best_acts(acts)},
                    candidates=reasons,
                    verdict=_verdict(mention.party if mention else None, acts, reasons) if is_about else _ELSEWHERE,
                )
            )
    return found


def _candidates(kept: Mapping[int, object], candidate: Candidate) -> list[Candidate]:
    return [candidate] if id(candidate) in kept else []


def _best_acts(acts: Mapping[str, float]) -> list[str]:
    return sorted(acts, key=lambda a: -acts[a])[:2]


def _top_of_act(tagger: RuleTagger, features: Mapping[str, float], act: str, most: int) -> list[Weighed]:
    model = tagger.models.act
    column = list(model.classes).index(act)
    return _top([(n, model.weights[n][column] * v) for n, v in features.items() if n in model.weights], most)


def _candidate(tagger: RuleTagger, candidate: Candidate, published: bool, most: int) -> CandidateReason:
    weights = tagger.models.final.weights
    confidence = tagger.models.final.probability(candidate.features)
    if published:
        verdict = "published"
    elif confidence < tagger.models.threshold:
        verdict = f"below the threshold of {tagger.models.threshold}"
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
        reasons=_top([(n, weights[n] * v) for n, v in candidate.features.items() if n in weights], most),
    )


def _top(pairs: list[Weighed], most: int) -> list[Weighed]:
    return [(n, round(w, 2)) for n, w in sorted(pairs, key=lambda p: -abs(p[1]))[:most]]


def _verdict(party: str | None, acts: Mapping[str, float], reasons: Sequence[CandidateReason]) -> str:
    published = sum(r.published for r in reasons)
    if published:
        return f"{published} record{'s' if published > 1 else ''}"
    if party is None:
        return "nobody who speaks for a party is heard here"
    if not reasons:
        return f"no act is likely ({acts[NONE]:.0%} that nothing is demanded, offered or said against)"
    return "no candidate is sure enough"
