"""The exact stretch of text that carries a statement."""

from worker.tag.clauses import Segment
from worker.tag.reading import Reading

_LONG = 40
"""Words beyond which the segment is clearer evidence than its whole sentence."""
_EDGES = frozenset({",", ";", "–", ":", "and", "but", "while", "or", "”", "’", "that"})
_TAIL = frozenset({",", ";", "–", ":", "“", "‘"})


def evidence_span(reading: Reading, segment: Segment, *, is_alone: bool) -> tuple[int, int]:
    """Return start and end in the text: the sentence if one segment of it speaks, else the segment."""
    sentence = reading.sentences[segment.sentence]
    if is_alone and sentence.last - sentence.first <= _LONG:
        return sentence.start, sentence.end
    lower = reading.words.lower
    first, last = segment.first, segment.last
    while first < last - 1 and lower[first] in _EDGES:
        first += 1
    while last - 1 > first and lower[last - 1] in _TAIL:
        last -= 1
    return reading.words.start[first], reading.words.end[last - 1]
