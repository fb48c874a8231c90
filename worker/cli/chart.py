"""A timeline drawn with characters: lanes from top to bottom, time from left to right. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

TURN, SAID, LINE = "●", "·", "─"
LONGEST_LABEL = 28
NARROWEST = 20
DAY = "%-d %b %Y"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One statement: when, on which lane, and whether a position began or turned with it."""

    when: datetime
    lane: str
    turned: bool


def timeline_chart(marks: Sequence[Mark], *, width: int) -> list[str]:
    """Return the lines of the picture, at most ``width`` wide; a turn covers what falls on the same place."""
    if not marks:
        return []
    lanes = list(dict.fromkeys(mark.lane for mark in marks))
    margin = min(max(map(len, lanes)), LONGEST_LABEL)
    room = max(width - margin - 2, NARROWEST)
    first, last = min(mark.when for mark in marks), max(mark.when for mark in marks)
    rows = {lane: [LINE] * room for lane in lanes}
    for mark in sorted(marks, key=lambda each: each.turned):
        rows[mark.lane][_column(mark.when, first, last, room)] = TURN if mark.turned else SAID
    drawn = [f"{lane[:margin]:>{margin}}  {''.join(row)}" for lane, row in rows.items()]
    return [*drawn, f"{'':>{margin}}  {_axis(first, last, room)}"]


def _column(when: datetime, first: datetime, last: datetime, room: int) -> int:
    span = (last - first).total_seconds()
    return round((when - first).total_seconds() / span * (room - 1)) if span else room // 2


def _axis(first: datetime, last: datetime, room: int) -> str:
    begin, end = first.strftime(DAY), last.strftime(DAY)
    if begin == end or len(begin) + len(end) >= room:
        return begin.center(room).rstrip()
    return begin + end.rjust(room - len(begin))
