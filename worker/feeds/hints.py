"""What publishers say on when to come again, in the feed and in the answer's headers.

RSS 2.0 ``ttl``, ``skipHours``, ``skipDays``; the syndication module (``sy:updatePeriod``, ``sy:updateFrequency``);
RFC 9111 ``Cache-Control: max-age`` and ``Expires``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.dates import http_date

HEAD_CHARS = 60_000
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_FIRST_ENTRY = re.compile(r"<(?:item|entry)[\s>]")
_TTL = re.compile(r"<ttl>\s*(\d{1,7})\s*</ttl>")
_PERIOD = re.compile(r"<\w+:updatePeriod>\s*([a-z]{5,7})\s*</")
_FREQUENCY = re.compile(r"<\w+:updateFrequency>\s*(\d{1,4})\s*</")
_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL)
_SKIP_DAYS = re.compile(r"<skipDays>(.{0,1000}?)</skipDays>", re.DOTALL)
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>")
_DAY = re.compile(r"<day>\s*([A-Za-z]{6,9})\s*</day>")
_MAX_AGE = re.compile(r"(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*\"?(\d{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyHints:
    """What the feed itself asks for. Hours are UTC, days count from Monday as 0."""

    interval_s: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


def body_hints(text: str) -> BodyHints:
    """Return the hints of a feed's head: what stands before the first entry."""
    head = head_of(text)
    skipped_hours = _HOURS.search(head)
    skipped_days = _SKIP_DAYS.search(head)
    return BodyHints(
        interval_s=_interval(head),
        skip_hours=frozenset(int(hour) % 24 for hour in _HOUR.findall(skipped_hours[1]))
        if skipped_hours
        else frozenset(),
        skip_days=_days(skipped_days[1]) if skipped_days else frozenset(),
    )


def head_of(text: str) -> str:
    """Return what stands before a feed's first entry."""
    first = _FIRST_ENTRY.search(text)
    return text[: min(first.start() if first else HEAD_CHARS, HEAD_CHARS)]


def fresh_until(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """Return until when the answer calls itself fresh; ``no-cache`` and an ``Expires`` in the past say nothing."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    age = _MAX_AGE.search(control)
    if age:
        return now + timedelta(seconds=int(age[1])) if int(age[1]) else None
    expires = http_date(headers.get("expires", ""))
    return expires if expires and expires > now else None


def _interval(head: str) -> int | None:
    ttl = _TTL.search(head)
    period = _PERIOD.search(head)
    frequency = _FREQUENCY.search(head)
    asked = []
    if ttl and int(ttl[1]):
        asked.append(int(ttl[1]) * 60)
    if period and period[1] in _PERIODS:
        asked.append(_PERIODS[period[1]] // max(1, int(frequency[1]) if frequency else 1))
    return max(asked) if asked else None


def _days(markup: str) -> frozenset[int]:
    names = (day.lower() for day in _DAY.findall(markup))
    return frozenset(_DAYS.index(name) for name in names if name in _DAYS)
