"""How a statement is tied to its speaker: his own words, reported, or narrated without a speech verb."""

from worker.model import Attribution
from worker.tag.candidates import Candidate
from worker.tag.lexicon.verbs import REPORTING
from worker.tag.reading import Reading

_SPOKEN = frozenset({"subject-says", "inverted", "according", "by", "noun", "label"})
_NARRATED_VERBS = frozenset(
    """want wants wanted refuse refuses refused oppose opposes opposed is are was were has have sign signed signs back backs supports
    support agreed agree agrees accept accepted accepts hope hopes seek seeks sought expects expect block blocked blocks""".split()
)


def attribution_of(reading: Reading, candidate: Candidate) -> Attribution:
    """Return the attribution of a candidate (ruling 1 of the guide)."""
    segment = candidate.segment
    sentence = reading.sentences[segment.sentence]
    if segment.in_quote or sentence.kind == "turn" or segment.has_quote:
        return Attribution.DIRECT
    placed = candidate.holder.placed
    if placed not in sentence.placed or placed.route in _SPOKEN - {"subject-says", "noun"}:
        return Attribution.REPORTED
    following = reading.words.lower[placed.mention.np_end : placed.mention.np_end + 5]
    verb = next((w for w in following if w in REPORTING or w in _NARRATED_VERBS), None)
    if placed.route == "subject-says" and verb not in _NARRATED_VERBS:
        return Attribution.REPORTED
    speech = any(w in REPORTING and w not in _NARRATED_VERBS for w in reading.words.lower[sentence.first : sentence.last])
    return Attribution.REPORTED if speech and placed.route == "noun" else Attribution.NARRATED
