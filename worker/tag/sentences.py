"""Sentences of a paragraph, as offsets."""

import re

_END = re.compile(r"[.!?…]+[”’\"')\]]*\s+|[.!?][”’\"']{0,2}$")
LONGEST = 1_000
"""Characters; the longest sentence of the training articles has 620."""
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Gen|Lt|Col|Maj|Capt|Sgt|Mr|Mrs|Ms|Dr|St|No|Sen|Rep|Gov|Prof|Adm|Brig|vs|etc|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|"
    r"Nov|Dec|approx|Inc|Ltd|Corp|a\.m|p\.m|Art|Messrs|cf|i\.e|e\.g|Corr))\.$|\b(?:[A-Za-z]\.){2,}$"
)


def split_sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences in ``text[start:end]``; never parts a quotation from its lower-case report verb."""
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        if stop >= end:
            break
        if not _is_boundary(text, match, begin, stop):
            continue
        trimmed = match.start() + len(match.group().rstrip())
        spans.append((begin, trimmed))
        begin = stop
    if begin < end:
        spans.append((begin, end))
    return [piece for span in spans for piece in _cut_long(text, *span)]


def _cut_long(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut what is too long to be a sentence, at spaces where there are any: work per sentence must stay bounded."""
    pieces: list[tuple[int, int]] = []
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        pieces.append((start, cut))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        pieces.append((start, end))
    return pieces


def _is_boundary(text: str, match: re.Match[str], begin: int, stop: int) -> bool:
    following = text[stop]
    if following.islower():
        return False
    mark = match.start()
    if text[mark] == "." and _ABBREVIATION.search(text, max(begin, mark - 8), mark + 1):
        is_initialism = text[mark - 2 : mark - 1] == "."
        return (
            is_initialism
            and following.isupper()
            and text[stop : stop + 4].split(" ", maxsplit=1)[0] in {"The", "In", "He", "It", "On", "But"}
        )
    return True
