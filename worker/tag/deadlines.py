# ruff: noqa: E501 - patterns are read in one piece
"""Until when something is demanded: "by Friday", "within 48 hours", "until 1 March", counted from the publication."""

import re
from datetime import UTC, date, datetime, time, timedelta

from worker.tag.lexicon.calendar import DAYS, MONTHS

_SMALL = {
    w: n
    for n, w in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
_SMALL |= {
    "a": 1,
    "an": 1,
    "fourteen": 14,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "hundred": 100,
    "ninety": 90,
    "sixty": 60,
    "fifty": 50,
}
_LEAD = r"\b(?:by|before|until|till|no later than|not later than)\s(?:the\s)?(?:next\s|this\s|coming\s)?"
_MONTH = "|".join(MONTHS)
_WITHIN = re.compile(
    r"\b(?:within|in the next|over the next)\s(?:the next\s)?(\d{1,4}|[a-z]{1,9})[ -](hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(_LEAD + rf"({'|'.join(DAYS)})\b", re.IGNORECASE)
_DATE = re.compile(
    _LEAD
    + rf"(?:(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({_MONTH})|({_MONTH})\s(\d{{1,2}})(?:st|nd|rd|th)?)(?:,?\s(\d{{4}}))?\b",
    re.IGNORECASE,
)
_END_OF = re.compile(
    _LEAD + r"end of (?:the\s|this\s)?(day|week|month|year)\b|\bby (?:the\s|this\s)?(month|year|week)'s end\b",
    re.IGNORECASE,
)
_NAMED = re.compile(_LEAD + r"(tomorrow|tonight|midnight|today)\b", re.IGNORECASE)
_ONLY_MONTH = re.compile(_LEAD + rf"(?:end of\s)?({_MONTH})(?:\s(\d{{4}}))?\b(?!\s\d)", re.IGNORECASE)
_END = time(23, 59, 59)
_YEARS_AHEAD = 5


def deadline_of(text: str, published: datetime | None) -> datetime | None:
    """Return the end of the period in UTC, None if the text names none or the publication time is unknown."""
    if published is None:
        return None
    at = published.astimezone(UTC)
    try:
        return _within(text, at) or _calendar(text, at.date())
    except (ValueError, OverflowError):  # 31 February, or a year beyond the calendar
        return None


def _within(text: str, at: datetime) -> datetime | None:
    match = _WITHIN.search(text)
    if not match:
        return None
    word, unit = match[1].lower(), match[2].lower()
    count = int(word) if word.isdigit() else _SMALL.get(word)
    if not count:
        return None
    hours = {"hour": 1, "day": 24, "week": 168, "month": 720, "year": 8760}[unit]
    return at + timedelta(hours=count * hours)


def _calendar(text: str, today: date) -> datetime | None:
    day = (
        _explicit(text, today)
        or _weekday(text, today)
        or _end_of(text, today)
        or _named(text, today)
        or _month(text, today)
    )
    if day is None or not today <= day <= date(today.year + _YEARS_AHEAD, 12, 31):
        return None
    return datetime.combine(day, _END, UTC)


def _explicit(text: str, today: date) -> date | None:
    match = _DATE.search(text)
    if not match:
        return None
    number, name = (match[1], match[2]) if match[1] else (match[4], match[3])
    month = MONTHS.index(name.lower()) + 1
    if match[5]:
        return date(int(match[5]), month, int(number))
    day = date(today.year, month, int(number))
    return day if day >= today else date(today.year + 1, month, int(number))


def _weekday(text: str, today: date) -> date | None:
    match = _WEEKDAY.search(text)
    if not match:
        return None
    ahead = (DAYS.index(match[1].lower()) - today.weekday()) % 7
    return today + timedelta(days=ahead or 7)


def _end_of(text: str, today: date) -> date | None:
    match = _END_OF.search(text)
    if not match:
        return None
    unit = (match[1] or match[2]).lower()
    if unit == "week":
        return today + timedelta(days=6 - today.weekday())
    if unit == "month":
        return _last_day(today.year, today.month)
    return date(today.year, 12, 31) if unit == "year" else today


def _named(text: str, today: date) -> date | None:
    match = _NAMED.search(text)
    if not match:
        return None
    return today + timedelta(days=match[1].lower() == "tomorrow")


def _month(text: str, today: date) -> date | None:
    match = _ONLY_MONTH.search(text)
    if not match:
        return None
    month = MONTHS.index(match[1].lower()) + 1
    year = int(match[2]) if match[2] else today.year + (month < today.month)
    return _last_day(year, month)


def _last_day(year: int, month: int) -> date:
    return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)
