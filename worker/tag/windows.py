"""An article cut into windows of word pieces, as the encoder reads it: whole sentences, each with the one before it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from worker.tag.candidates import Analysis
from worker.tag.gazetteer import Kind
from worker.tag.issues import IssueMap
from worker.tag.reading import Placed, Sentence

LONGEST = 160
"""Pieces of a window, the two marks at its ends included."""
PLAIN = 18
"""The kind of a piece in a text that has no mentions marked."""
_CLS, _SEP, _UNKNOWN = 101, 102, 100
_LONGEST_WORD = 100
_STRONG = 2.0
"""Weight from which an issue phrase counts as sure."""
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_ASCII = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-"})


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces with their kinds, and where each stands in the text; the marks at both ends stand nowhere (-1)."""

    ids: tuple[int, ...]
    kinds: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sentences: range
    """The sentences that are judged here; one more before them may be there to be understood."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the pieces of the text's characters ``start`` to ``end`` as a half-open range, (0, 0) if none."""
        first = bisect_right(self.ends, start, 1, len(self.ends) - 1)
        last = bisect_left(self.starts, end, 1, len(self.starts) - 1)
        return (first, last) if first < last else (0, 0)


@dataclass(frozen=True, slots=True)
class _Piece:
    id: int
    kind: int
    start: int
    end: int


def windows_of(analysis: Analysis) -> Iterator[Window]:
    """Yield the windows of an article in order; every sentence is judged in exactly one."""
    sentences = analysis.reading.sentences
    pieces = [_pieces_of(analysis, sentence) for sentence in sentences]
    room, at = LONGEST - 2, 0
    while at < len(sentences):
        inside = list(pieces[at - 1]) if at and len(pieces[at - 1]) + len(pieces[at]) <= room else []
        first = at
        while at < len(sentences) and len(inside) + len(pieces[at]) <= room:
            inside += pieces[at]
            at += 1
        yield _window(inside, range(first, at))


def _window(pieces: Sequence[_Piece], sentences: range) -> Window:
    return Window(
        ids=(_CLS, *(p.id for p in pieces), _SEP),
        kinds=(0, *(p.kind for p in pieces), 0),
        starts=(-1, *(p.start for p in pieces), -1),
        ends=(-1, *(p.end for p in pieces), -1),
        sentences=sentences,
    )


def _pieces_of(analysis: Analysis, sentence: Sentence) -> list[_Piece]:
    text = analysis.reading.words.text[sentence.start : sentence.end]
    kinds = _kinds(analysis, sentence)
    found = [
        _Piece(piece, kinds.get(sentence.start + start, 0), sentence.start + start, sentence.start + end)
        for piece, start, end in pieces_of(text)
    ]
    return found[: LONGEST - 2]


def _kinds(analysis: Analysis, sentence: Sentence) -> Mapping[int, int]:
    """Return character → kind: three times that of the mention which it is in, plus that of the issue phrase."""
    words = analysis.reading.words
    mentioned: dict[int, int] = {}
    for placed in sentence.placed:
        span = range(placed.mention.start, placed.mention.end)
        mentioned |= dict.fromkeys(span, _kind_of(placed))
    touched = _touched(analysis.issues, sentence)
    found: dict[int, int] = {}
    for word in mentioned.keys() | touched.keys():
        kind = 3 * mentioned.get(word, 0) + touched.get(word, 0)
        found |= dict.fromkeys(range(words.start[word], words.end[word]), kind)
    return found


def _kind_of(placed: Placed) -> int:
    mention = placed.mention
    if placed.route in {"first-person", "second-person"}:
        return 4
    if mention.kind is Kind.OUTSIDER:
        return 2
    if mention.word:
        return 3
    return 1 if mention.party else 5


def _touched(issues: IssueMap, sentence: Sentence) -> dict[int, int]:
    found: dict[int, int] = {}
    for hit in issues.within(sentence.first, sentence.last):
        kind = 2 if hit.value[1] >= _STRONG else 1
        for word in range(hit.start, min(hit.end, sentence.last)):
            found[word] = max(found.get(word, 0), kind)
    return found


def pieces_of(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (vocabulary id, start, end) of a folded text's word pieces; those of one word share its place.

    WordPiece over lower-cased words and single marks, as BERT's uncased models were trained.
    """
    for match in _WORD.finditer(text.translate(_ASCII)):
        for piece in _wordpiece(match.group().lower()):
            yield piece, match.start(), match.end()


def plain_window(texts: Iterable[str], longest: int) -> Iterator[tuple[int, ...]]:
    """Yield the ids of each text between the two marks, cut to ``longest``."""
    for text in texts:
        yield (_CLS, *(piece for piece, _, _ in pieces_of(text)), _SEP)[:longest]


@lru_cache(maxsize=16384)
def _wordpiece(word: str) -> tuple[int, ...]:
    known = vocabulary()
    found: list[int] = []
    start = 0
    while start < len(word) <= _LONGEST_WORD:
        prefix = "##" if start else ""
        end = next((e for e in range(len(word), start, -1) if prefix + word[start:e] in known), 0)
        if not end:
            return (_UNKNOWN,)
        found.append(known[prefix + word[start:end]])
        start = end
    return tuple(found) or (_UNKNOWN,)


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, int]:
    """Return piece → id, from the package; a piece inside a word begins with ``##``."""
    lines = resources.files("worker.tag").joinpath("model", "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    return {piece: number for number, piece in enumerate(lines)}
