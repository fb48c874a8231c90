"""From judged candidates to records: joint holders, sets, one record a triple, with its clearest evidence."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from worker.tag.candidates import Candidate
from worker.tag.clauses import Segment
from worker.tag.compiled import CompiledTopic
from worker.tag.judge import Models
from worker.tag.reading import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A candidate for one party with its calibrated probability."""

    party: str
    speaker: str | None
    candidate: Candidate
    confidence: float


def judge_all(candidates: Sequence[Candidate], models: Models, topic: CompiledTopic) -> list[Judged]:
    """Return every candidate once for each party that it speaks for, with its probability."""
    found: list[Judged] = []
    for candidate in candidates:
        confidence = models.final_for(candidate.features).probability(candidate.features)
        found += [
            Judged(party=party, speaker=speaker, candidate=candidate, confidence=confidence)
            for party, speaker in parties_of(candidate, topic)
        ]
    return found


def parties_of(candidate: Candidate, topic: CompiledTopic) -> list[tuple[str, str | None]]:
    """Return (party, speaker) of each joint holder, sets such as "both sides" taken apart."""
    placed: Iterable[Placed] = candidate.holder.group or (candidate.holder.placed,)
    found: dict[str, str | None] = {}
    for each in placed:
        party = each.mention.party
        if party is None:
            continue
        members = topic.sets.get(party)
        for member in members or (party,):
            found.setdefault(member, None if members else each.mention.name)
    return list(found.items())


SUREST = 0.4
"""An article whose surest candidate is below this says nothing: 14 of the 16 training articles without statements stay
empty that way (``scripts/train_judge.py --cross-validate``), and no F1 is lost."""


def merge(judged: Sequence[Judged], threshold: float) -> list[Judged]:
    """Return the surest record of each (party, act, issue) at or over the threshold, in text order."""
    if max((each.confidence for each in judged), default=0.0) < SUREST:
        return []
    best: dict[tuple[str, str, str], Judged] = {}
    for each in _without_rivals(judged):
        if each.confidence < threshold:
            continue
        key = (each.party, each.candidate.act, each.candidate.issue)
        if key not in best or best[key].confidence < each.confidence:
            best[key] = each
    return sorted(best.values(), key=lambda j: (j.candidate.segment.first, j.party, j.candidate.act, j.candidate.issue))


def _without_rivals(judged: Sequence[Judged]) -> Iterator[Judged]:
    """Yield those that nobody likelier rivals: one clause does one thing for one holder, or for joint ones together."""
    surest: dict[tuple[Segment, str, str], float] = defaultdict(float)
    for each in judged:
        key = (each.candidate.segment, each.candidate.act, each.candidate.issue)
        surest[key] = max(surest[key], each.confidence)
    for each in judged:
        if each.confidence >= surest[each.candidate.segment, each.candidate.act, each.candidate.issue]:
            yield each
