"""Segments of a sentence: stretches that carry at most one act, cut at connectives, quotations and lists of issues."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from worker.tag.issues import IssueMap, score
from worker.tag.lexicon.verbs import REPORTING, SOURCE_WORDS
from worker.tag.reading import Reading, Sentence
from worker.tag.routes import act_verbs

_CUT_BEFORE = frozenset(
    {"while", "whereas", "although", "though", "because", "unless", "until", "if", "provided", "yet"}
)
_CUT_BEFORE_LIGHT = frozenset(
    {"but", "once", "when", "after", "before", "which", "who", "so", "without", "only", "where", "as", "since"}
)
_CUT_AFTER = frozenset({";", "–", ":"})
_SUBJECTS = frozenset(
    {
        "he",
        "she",
        "it",
        "they",
        "we",
        "i",
        "that",
        "to",
        "not",
        "would",
        "will",
        "must",
        "should",
        "has",
        "have",
        "is",
        "are",
    }
)
_LEAST = 3
"""Words of a segment that can stand alone."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Words ``first`` to ``last`` (exclusive) of sentence number ``sentence``."""

    first: int
    last: int
    sentence: int
    in_quote: bool
    has_quote: bool


def segments_of(reading: Reading, number: int, issues: IssueMap) -> list[Segment]:
    """Return the segments of a sentence in order; together they cover it."""
    sentence = reading.sentences[number]
    cuts = _cuts(reading, sentence)
    spans = _merge_short(reading, list(itertools.pairwise(cuts)))
    parts = [piece for span in spans for piece in _split_list(reading, span, issues)]
    return [_segment(reading, number, first, last) for first, last in parts]


def _segment(reading: Reading, number: int, first: int, last: int) -> Segment:
    quoted = sum(q >= 0 for q in reading.in_quote[first:last])
    partial = any(w in {"“", '"', "‘"} for w in reading.words.lower[first:last])
    return Segment(first, last, number, quoted * 2 > last - first, quoted > 0 or partial)


def _cuts(reading: Reading, sentence: Sentence) -> list[int]:
    lower, inside = reading.words.lower, reading.in_quote
    heads = {p.mention.start for p in sentence.placed if p.route in {"subject", "subject-says"}}
    cuts = [sentence.first]
    for at in range(sentence.first + 1, sentence.last):
        word, before = lower[at], lower[at - 1]
        following = lower[at + 1] if at + 1 < sentence.last else ""
        if (
            before in _CUT_AFTER
            or inside[at] != inside[at - 1]
            or word in _CUT_BEFORE
            or (
                word in _CUT_BEFORE_LIGHT
                and (before == "," or word in {"once", "until", "unless", "without", "after", "before"})
            )
            or (word in {"and", "or", "but"} and _starts_clause(lower, heads, at + 1, sentence.last))
            or (before == "," and (_is_participle(word) or (word not in {"and", "or"} and at in heads)))
            or (word == "in" and following in {"exchange", "return"})
        ):
            cuts.append(at)
    cuts.append(sentence.last)
    return cuts


def _is_participle(word: str) -> bool:
    return word.endswith("ing") and (word in REPORTING or word in act_verbs())


def _starts_clause(lower: Sequence[str], heads: set[int], at: int, limit: int) -> bool:
    for position in range(at, min(at + 3, limit)):
        word = lower[position]
        if position in heads or word in REPORTING or word in act_verbs() or (position == at and word in _SUBJECTS):
            return True
        if word not in {"the", "also", "that", "again", "a", "mr", "president", "then"} and not word.endswith("ly"):
            return False
    return False


def _merge_short(reading: Reading, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in spans:
        size = sum(w[0].isalnum() for w in reading.words.lower[first:last])
        if merged and (size < _LEAST or _size(reading, merged[-1]) < _LEAST) and _mergeable(reading, merged[-1], first):
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


def _size(reading: Reading, span: tuple[int, int]) -> int:
    return sum(w[0].isalnum() for w in reading.words.lower[span[0] : span[1]])


def _mergeable(reading: Reading, left: tuple[int, int], first: int) -> bool:
    """Keep a long quotation apart from what stands around it."""
    return (
        reading.in_quote[left[1] - 1] == reading.in_quote[min(first, len(reading.in_quote) - 1)]
        or _size(reading, left) < _LEAST
    )


def _split_list(reading: Reading, span: tuple[int, int], issues: IssueMap) -> list[tuple[int, int]]:
    """Cut at commas and "and" that part hits of different issues."""
    first, last = span
    hits = issues.within(first, last)
    if len({h.value[0] for h in hits}) < 2:  # noqa: PLR2004 - one issue needs no cut
        return [span]
    lower = reading.words.lower
    marks = [at for at in range(first + 1, last - 1) if lower[at] in {",", "and", "or", "plus"}]
    parts: list[tuple[int, int]] = []
    begin = first
    for index, mark in enumerate(marks):
        if mark == begin:
            continue
        stop = marks[index + 1] if index + 1 < len(marks) else last
        left, right = issues.within(begin, mark), issues.within(mark, stop)
        if left and right and _best(left) != _best(right):
            parts.append((begin, mark))
            begin = mark
    parts.append((begin, last))
    return parts


def _best(hits: Sequence) -> str:  # type: ignore[type-arg]
    scores = score(hits)
    return max(scores, key=lambda issue: scores[issue])


def is_bare(reading: Reading, segment: Segment, issues: IssueMap) -> bool:
    """Say whether a segment only names who speaks: "the minister told reporters"."""
    if issues.within(segment.first, segment.last):
        return False
    sentence = reading.sentences[segment.sentence]
    named = {at for p in sentence.placed for at in range(p.mention.start, p.mention.end)}
    rest = [
        w
        for at, w in enumerate(reading.words.lower[segment.first : segment.last], segment.first)
        if at not in named and w[0].isalpha() and w not in REPORTING and w not in SOURCE_WORDS
    ]
    return not rest
