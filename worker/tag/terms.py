# ruff: noqa: E501 - tables and patterns stand in rows that belong together
"""Numbers, places, dates and plan names of a sentence, normalised: what a repeated demand may newly say."""

import re

from worker.tag.lexicon.calendar import MONTHS
from worker.tag.words import fold
from worker.topic import Topic

_UNITS = "days?|hours?|weeks?|months?|years?|minutes?|regions?|provinces?|points?|troops|soldiers|prisoners|children|bodies|missiles|tanks|jets|percent|per cent|%|km|kilometres|kilometers|miles|million|billion|trillion|bn|m"
_NUMBER = re.compile(
    rf"(?P<money>[$€£]\s?)?(?P<n>\d{{1,9}}(?:[.,]\d{{1,3}}){{0,3}})(?:[ -](?P<unit>{_UNITS})\b|(?P<sign>%))?",
    re.IGNORECASE,
)
_WORDS = {
    w: str(n)
    for n, w in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
    )
}  # fmt: skip
_SPELLED = re.compile(rf"\b({'|'.join(list(_WORDS)[2:])})[ -]({_UNITS})\b", re.IGNORECASE)
_DATE = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)? ({'|'.join(MONTHS)})|({'|'.join(MONTHS)}) (\d{{1,2}}))\b", re.IGNORECASE
)
_SINGULAR = {"per cent": "%", "percent": "%", "bn": "billion", "m": "million", "kilometers": "km", "kilometres": "km"}


def terms_of(evidence: str, topic: Topic) -> tuple[str, ...]:
    """Return the terms in order, none twice: ``30 days``, ``luhansk``, ``1 march``, the canonical name of a plan."""
    text = fold(evidence)
    low = text.lower()
    found: list[tuple[int, str]] = []
    taken: list[tuple[int, int]] = []
    for match in _DATE.finditer(text):
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        found.append((match.start(), f"{int(day)} {month.lower()}"))
        taken.append(match.span())
    found += [(m.start(), _with_unit(_WORDS[m[1].lower()], m[2])) for m in _SPELLED.finditer(text)]
    found += [(m.start(), _number(m)) for m in _NUMBER.finditer(text) if not any(a <= m.start() < b for a, b in taken)]
    for name, canonical in topic.plans.items():
        at = low.find(name.lower())
        if at >= 0:
            found.append((at, canonical))
    for place in topic.places:
        at = _word_at(low, place.lower())
        if at >= 0:
            found.append((at, place.lower()))
    return tuple(dict.fromkeys(term for _, term in sorted(found)))


def _word_at(low: str, place: str) -> int:
    at = low.find(place)
    while at >= 0:
        end = at + len(place)
        if not low[at - 1 : at].isalpha() and not low[end : end + 1].isalpha():
            return at
        at = low.find(place, at + 1)
    return -1


def _number(match: re.Match[str]) -> str:
    value = match["n"].replace(",", "")
    money = (match["money"] or "").strip()
    unit = match["unit"] or match["sign"]
    return money + (_with_unit(value, unit) if unit else value)


def _with_unit(value: str, unit: str) -> str:
    low = unit.lower()
    low = _SINGULAR.get(low, low)
    if low not in {"%", "km", "troops", "children", "bodies", "million", "billion", "trillion", "miles"}:
        low = low.removesuffix("s") + ("" if value == "1" else "s")
    return value + low if low == "%" else f"{value} {low}"
