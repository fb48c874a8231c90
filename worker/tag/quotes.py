"""Quoted spans, by a scanner with state: no pairing by parity, so that one stray mark spoils one paragraph at most."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.tag.zones import Paragraph

_OPENING = {"“": "”", "‘": "’", '"': '"', "'": "'"}


@dataclass(frozen=True, slots=True)
class Quote:
    """Characters inside the marks. ``is_open`` where the paragraph ended before the quotation did."""

    start: int
    end: int
    is_open: bool = False
    continues: bool = False
    """The paragraph before ended inside a quotation and this one opens with a mark: the same person still speaks."""


def find_quotes(text: str, paragraphs: Sequence[Paragraph]) -> list[Quote]:
    """Return the quotations of a folded text in order."""
    found: list[Quote] = []
    was_open = False
    for paragraph in paragraphs:
        if paragraph.kind == "skip":
            continue
        here = _in_paragraph(text, paragraph)
        if here and was_open and here[0].start <= paragraph.start + 1:
            here[0] = Quote(here[0].start, here[0].end, here[0].is_open, continues=True)
        was_open = bool(here) and here[-1].is_open
        found += here
    return found


def _in_paragraph(text: str, paragraph: Paragraph) -> list[Quote]:
    found: list[Quote] = []
    mark, begin = "", 0
    single = _uses_single(text, paragraph)
    for at in range(paragraph.start, paragraph.end):
        char = text[at]
        if char not in "“”\"‘’'":
            continue
        if mark:
            if _closes(text, at, mark, paragraph.end):
                found.append(Quote(begin, at))
                mark = ""
        elif char in _OPENING and _opens(text, at, paragraph, single=single):
            mark, begin = char, at + 1
    if mark and mark in '“"':
        found.append(Quote(begin, paragraph.end, is_open=True))
    return found


def _uses_single(text: str, paragraph: Paragraph) -> bool:
    """Say whether single marks quote here: only where no double ones do."""
    part = text[paragraph.start : paragraph.end]
    return not any(mark in part for mark in '“”"')


def _opens(text: str, at: int, paragraph: Paragraph, *, single: bool) -> bool:
    char = text[at]
    before = text[at - 1] if at > paragraph.start else " "
    after = text[at + 1] if at + 1 < paragraph.end else " "
    if char in "‘'":
        return single and not before.isalnum() and not after.isspace()
    return not before.isalnum() and not (after.isspace() and before.isspace())


def _closes(text: str, at: int, mark: str, end: int) -> bool:
    char = text[at]
    if mark in "‘'":
        after = text[at + 1] if at + 1 < end else " "
        before = text[at - 1]
        return (
            char in "’'"
            and not after.isalnum()
            and not before.isspace()
            and not (before == "s" and after == " " and _later(text, at, end))
        )
    return char in {"”", '"'} or (char == "“" and mark == "“" and not (at + 1 < end and text[at + 1].isalnum()))


def _later(text: str, at: int, end: int) -> bool:
    """Say whether a better closing mark follows soon: then this one is the apostrophe of a plural."""
    window = text[at + 1 : min(end, at + 160)]
    for offset, char in enumerate(window):
        if char in "’'":
            after = window[offset + 1] if offset + 1 < len(window) else " "
            before = window[offset - 1] if offset else " "
            if not after.isalnum() and before in ",.?!":
                return True
        if char == "‘":
            return False
    return False
