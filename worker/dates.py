"""Dates as feeds and pages write them, as aware UTC moments, or None for what no article can have."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from dateutil import parser as dateutil_parser

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=24)
"""Time zones that were mistaken put an article a day ahead at most."""
MAX_CHARS = 60
# Zones that newsrooms write by name; dateutil would drop others, and a date an hour off beats none.
_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 3600, "WEST": 3600, "CET": 3600, "CEST": 7200, "EET": 7200,
    "EEST": 10800, "MSK": 10800, "TRT": 10800, "GST": 14400, "PKT": 18000, "IST": 19800, "SGT": 28800, "HKT": 28800,
    "JST": 32400, "KST": 32400, "AEST": 36000, "AEDT": 39600, "EST": -18000, "EDT": -14400, "CST": -21600,
    "CDT": -18000, "MST": -25200, "MDT": -21600, "PST": -28800, "PDT": -25200,
}  # fmt: skip


def moment(value: object, *, now: datetime) -> datetime | None:
    """Return the moment, or None if it cannot be read, lies before 1990 or more than a day ahead."""
    if isinstance(value, datetime):
        found: datetime | None = value
    elif isinstance(value, str) and 0 < len(value) <= MAX_CHARS:
        found = _read(value.strip())
    else:
        return None
    return found if found is not None and EARLIEST <= found <= now + AHEAD else None


def http_date(text: str) -> datetime | None:
    """Return the moment of an HTTP date (RFC 9110, 5.6.7), or None."""
    try:
        found = parsedate_to_datetime(text[:MAX_CHARS])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def retry_after(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """Return the moment that ``Retry-After`` names, in seconds or as a date; None if it names none ahead."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return now + timedelta(seconds=int(text[:8]))
    named = http_date(text)
    return named if named and named > now else None


@lru_cache(maxsize=1024)
def _read(text: str) -> datetime | None:
    for reader in (datetime.fromisoformat, parsedate_to_datetime, _loosely):
        try:
            found = reader(text)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError, TypeError, IndexError, AttributeError, ArithmeticError):
            continue
    return None


def _loosely(text: str) -> datetime:
    return dateutil_parser.parse(text, tzinfos=_ZONES)
