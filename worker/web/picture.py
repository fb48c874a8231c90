"""A timeline as SVG, drawn on the server. Pure; every text in it is escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

WIDTH, LEFT, RIGHT, TOP, LANE = 900, 110, 30, 24, 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One statement: when, on which lane, whether it turned the position, and what a pointer shows."""

    when: datetime
    lane: str
    turned: bool
    title: str


def timeline_svg(dots: Sequence[Dot]) -> Markup:
    """Return the picture; lanes in order of first appearance, the time axis from first to last dot."""
    lanes = list(dict.fromkeys(dot.lane for dot in dots))
    height = TOP + LANE * len(lanes) + 30
    parts = [_lane(lane, number) for number, lane in enumerate(lanes)]
    first, last = min(dot.when for dot in dots), max(dot.when for dot in dots)
    parts += [_dot(dot, _x(dot.when, first, last), lanes.index(dot.lane)) for dot in dots]
    parts += [_label(first, LEFT, "start", height), _label(last, WIDTH - RIGHT, "end", height)]
    opening = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">')
    label = f"{len(dots)} statements from {first:%-d %b %Y} to {last:%-d %b %Y}"
    return opening.format(w=WIDTH, h=height, label=label) + Markup("").join(parts) + Markup("</svg>")


def _x(when: datetime, first: datetime, last: datetime) -> float:
    span = (last - first).total_seconds()
    share = (when - first).total_seconds() / span if span else 0.5
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _lane(lane: str, number: int) -> Markup:
    y = TOP + LANE * number
    line = Markup('<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" stroke="currentColor" stroke-opacity=".25"/>')
    text = Markup('<text x="{x}" y="{y}" text-anchor="end">{lane}</text>')
    return line.format(x1=LEFT, x2=WIDTH - RIGHT, y=y) + text.format(x=LEFT - 14, y=y + 4, lane=lane)


def _dot(dot: Dot, x: float, lane: int) -> Markup:
    shape = Markup(
        '<circle cx="{x}" cy="{y}" r="{r}" fill="currentColor" fill-opacity="{o}"><title>{title}</title></circle>'
    )
    radius, opacity = (8, 1) if dot.turned else (5, 0.45)
    return shape.format(x=x, y=TOP + LANE * lane, r=radius, o=opacity, title=dot.title)


def _label(when: datetime, x: float, anchor: str, height: float) -> Markup:
    text = Markup('<text x="{x}" y="{y}" text-anchor="{anchor}">{day}</text>')
    return text.format(x=x, y=height - 6, anchor=anchor, day=f"{when:%-d %b %Y}")
