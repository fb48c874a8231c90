"""Dates as KQL writes them: ``now-7d``, ``now/d``, ``2026-03``, ``2026-03-01T10:30:00Z``, ``2026-03-01||+1M/d``.

They are resolved here, against a given now, so that both stores compare with the same instant. Elasticsearch's rule
holds: what a date leaves out is the whole unit, so ``> 2026-03`` begins in April and ``<= 2026-03`` ends with March.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_PARTIAL = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:T(?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?\Z"
)
_STEP = re.compile(r"([+-])(\d{1,6})([yMwdhHms])|/([yMwdhHms])")
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_UNIT_OF = {"year": "y", "month": "M", "day": "d", "hour": "h", "minute": "m", "second": "s"}
_TICK = timedelta(milliseconds=1)


def resolve(expression: str, *, now: datetime, last: bool) -> datetime:
    """Return the first instant that a date expression covers, or the ``last``; ValueError if it is no date."""
    anchor, steps = _parted(expression)
    moment, unit = (now, None) if anchor == "now" else _partial(anchor)
    matched = list(_STEP.finditer(steps))
    if "".join(step.group() for step in matched) != steps:
        raise ValueError(expression)
    try:
        for sign, amount, of, rounding in (step.groups() for step in matched):
            if rounding:
                moment, unit = _floor(moment, rounding), rounding
            else:
                moment = _moved(moment, int(sign + amount), of)
        return _moved(moment, 1, unit) - _TICK if last and unit else moment
    except OverflowError:
        raise ValueError(expression) from None


def _parted(expression: str) -> tuple[str, str]:
    if expression.startswith("now"):
        return "now", expression[3:]
    anchor, _, steps = expression.partition("||")
    return anchor, steps


def _partial(text: str) -> tuple[datetime, str | None]:
    """Return the first instant of what is written and the unit that it leaves open (None: none)."""
    found = _PARTIAL.match(text)
    if found is None:
        raise ValueError(text)
    given = [found[unit] for unit in _UNITS]
    numbers = [int(value) if value else least for value, least in zip(given, (1, 1, 1, 0, 0, 0), strict=True)]
    fraction = found["fraction"]
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    zone = found["zone"]
    offset = datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo if zone else UTC
    moment = datetime(*numbers, micros, tzinfo=offset).astimezone(UTC)  # type: ignore[misc,arg-type]  # six numbers
    finest = _UNITS[sum(value is not None for value in given) - 1]
    return moment, None if fraction else _UNIT_OF[finest]


def _floor(moment: datetime, unit: str) -> datetime:
    if unit == "w":
        moment, unit = moment - timedelta(days=moment.weekday()), "d"
    finest = "yMdhms".index("h" if unit == "H" else unit)
    floored = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second]
    floored[finest + 1 :] = (1, 1, 0, 0, 0)[finest:]
    return datetime(*floored, tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers


_FIXED = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "H": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


def _moved(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in _FIXED:
        return moment + amount * _FIXED[unit]
    return _months_on(moment, amount * (12 if unit == "y" else 1))


def _months_on(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:  # noqa: PLR2004 - the years that a datetime can hold
        raise OverflowError(year)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
