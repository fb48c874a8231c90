# ruff: noqa: E501 - tables and patterns stand in rows that belong together
"""Paragraphs of an article and what they are: story, speaker's label, interviewer's question, or matter to skip."""

import re
from dataclasses import dataclass, replace

_SKIP = re.compile(
    r"\W{0,4}(?:read (?:more|also|next|on)\b|also read|watch(?: now)?:|watch live|photo(?:s| by| credit)?\s?[:/]|image:|picture:|video:|"
    r"reporting by|additional reporting|editing by|\(?reporting|writing by|subscribe|sign up|follow us|if you (?:notice|spot|find)|"
    r"advertis|share this|e-?mail us|do you think|vote in our|got a story|click here|source:|copyright|all rights reserved|"
    r"related:|recommended|next sunday:|this article|for more|comments?:|listen:|correction:|by [A-Z][a-z]+ [A-Z][a-z]+$)",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"(?:[A-Z][A-Z .'/-]{2,40}|[A-Z][\w .'/-]{2,30})(?:,[^.–\n]{2,40})?(?:\s\([^()\n]{2,30}\))?\s?[–-]{1,2}\s"
    r"|[A-Z][A-Z .'/-]{2,30}(?:,[^.–/\n]{2,25})?\.(?:\s?/[^/\n]{2,30}/\.?|\s(?=[A-Z]))"
    r"|[A-Z][A-Z '/-]{2,30}, [A-Z]?[A-Za-z]+\.? \d{1,2}[,.]?\s[–-]?\s?(?:[A-Z]{3,}[.:]?\s?[–-]?\s)?"
    r"|\(?[A-Z]{2,}\)\s?[–-]\s"
)
_CLOCK = re.compile(
    r"\W{0,3}(?:\[?\d{1,2}[.:h]\d{2}\]?(?:\s?(?:GMT|BST|CET|EET|UTC|a\.?m\.?|p\.?m\.?|MSK|ET))?\s?[:–-]?\s?)"
)
_LABEL = re.compile(r"([A-Z][\w.'’,\s-]{0,58}?)(?:\s\([^()\n]{1,40}\))?:\s")
_QUESTION_LABEL = re.compile(
    r"(?:Q|Question|QUESTION|Interviewer|MODERATOR|Moderator|Reporter|REPORTER|JOURNALIST|Journalist|HOST|Host|ANCHOR)\.?(?:\s\([^)]{1,40}\))?[:.]\s"
)
_ANSWER_LABEL = re.compile(r"(?:A|Answer|ANSWER)\.?:\s")
_BULLET = re.compile(r"\s{0,4}[•*▪–‣·-]\s?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Characters ``start`` to ``end``. ``label`` is the span of a speaker's name before a colon, if there is one."""

    start: int
    end: int
    kind: str = "body"
    """``body``, ``skip``, ``question`` (an interviewer speaks) or ``answer`` (the person interviewed speaks)."""
    label: tuple[int, int] | None = None


def split_paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a folded text, without datelines, clock times and bullets."""
    found: list[Paragraph] = []
    at = 0
    for line in text.split("\n"):
        start, end = at, at + len(line)
        at = end + 1
        if line.strip():
            found.append(_paragraph(text, start, end, is_first=len(found) < 2))  # noqa: PLR2004 - a byline may come first
    return _interview(text, found)


def _paragraph(text: str, start: int, end: int, *, is_first: bool) -> Paragraph:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if _SKIP.match(text, start, min(end, start + 80)):
        return Paragraph(start=start, end=end, kind="skip")
    for pattern in (_BULLET, _CLOCK, _DATELINE if is_first else _BULLET):
        match = pattern.match(text, start, min(end, start + 120))
        if match and match.end() < end:
            start = match.end()
    if _QUESTION_LABEL.match(text, start, end):
        return Paragraph(start=start, end=end, kind="question")
    answer = _ANSWER_LABEL.match(text, start, end)
    if answer:
        return Paragraph(start=answer.end(), end=end, kind="answer")
    label = _LABEL.match(text, start, min(end, start + 90))
    if label and _is_label(label.group(1)):
        return Paragraph(start=start, end=end, label=(start, label.end(1)))
    return Paragraph(start=start, end=end)


def _is_label(name: str) -> bool:
    words = name.split()
    return len(words) <= 6 and sum(w[0].isupper() for w in words if w) >= max(1, len(words) - 2)  # noqa: PLR2004


def _interview(text: str, paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Mark turns of an interview without labels: at least three paragraphs that end as questions, hardly any quotes."""
    if any(p.kind in {"answer", "question"} or p.label for p in paragraphs):
        return paragraphs
    asked = [i for i, p in enumerate(paragraphs) if text[p.end - 1] == "?" and p.end - p.start < 500]  # noqa: PLR2004
    quoting = sum(text[p.start] in '"“' for p in paragraphs)
    if len(asked) < 3 or quoting > len(paragraphs) // 4:  # noqa: PLR2004 - two questions make no interview
        return paragraphs
    first = asked[0]
    turns = paragraphs[:first]
    for offset, paragraph in enumerate(paragraphs[first:]):
        if paragraph.kind == "skip":
            turns.append(paragraph)
        else:
            turns.append(replace(paragraph, kind="answer" if offset % 2 else "question"))
    return turns
