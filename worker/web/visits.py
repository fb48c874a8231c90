"""When this reader was here last, as a cookie of the browser tells it. Pure; nothing is kept on our side."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

COOKIE = "stancewatch_seen"
COOKIE_S = 365 * 24 * 3_600
PAUSE = timedelta(minutes=30)
"""A longer silence ends a visit; reloading a page does not."""

OLDEST = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """``before``: when the visit before this one ended; None on the first. ``cookie``: what the browser keeps next."""

    before: datetime | None
    cookie: str


def visit(cookie: str, *, now: datetime) -> Visit:
    """Return the visit that a request belongs to; a cookie that is not ours counts as none."""
    before, latest = _read(cookie, now)
    if latest is not None and now - latest > PAUSE:
        before = latest
    return Visit(before=before, cookie=f"{_seconds(before)}.{_seconds(now)}")


def _read(cookie: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    before, _, latest = cookie.partition(".")
    return _moment(before, now), _moment(latest, now)


def _moment(text: str, now: datetime) -> datetime | None:
    if not text.isascii() or not text.isdecimal() or len(text) > len("9999999999"):
        return None
    moment = datetime.fromtimestamp(int(text), UTC)
    return moment if now - OLDEST <= moment <= now else None


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0
