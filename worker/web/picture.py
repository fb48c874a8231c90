"""A timeline as a picture, drawn on the server: in a page it takes the page's colours, alone it brings its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources

from markupsafe import Markup

WIDTH, RIGHT, TOP, LANE, FOOT = 900, 30, 24, 32, 18
CHARACTER = 6.6
"""Width of an average character of the labels."""

LONGEST_LABEL = 34
TICKS = 5
DAY, HOUR = "%-d %b %Y", "%-d %b, %H:%M"
FEW_DAYS = timedelta(days=4)
"""Within these the axis needs hours."""

PNG_SCALE = 1.5
"""Pixels for each unit: sharp enough for a slide, drawn in a tenth of a second."""

FONT = "Roboto-Regular.ttf"
INK, PAPER = "#16202a", "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One statement: when, on which lane, whether it turned the position, and what a pointer shows."""

    when: datetime
    lane: str
    turned: bool
    title: str


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where things stand: lanes from top to bottom, time from left to right."""

    lanes: tuple[str, ...]
    first: datetime
    last: datetime

    @property
    def left(self) -> float:
        return 24 + CHARACTER * max(len(_cut(lane)) for lane in self.lanes)

    @property
    def height(self) -> int:
        return TOP + LANE * len(self.lanes) + FOOT

    def x(self, when: datetime) -> float:
        span = (self.last - self.first).total_seconds()
        return self.place((when - self.first).total_seconds() / span if span else 0.5)

    def place(self, share: float) -> float:
        return round(self.left + share * (WIDTH - self.left - RIGHT), 1)

    def y(self, lane: str) -> int:
        return TOP + LANE * self.lanes.index(lane)


def timeline_svg(dots: Sequence[Dot]) -> Markup:
    """Return the picture for a page; lanes in order of first appearance, the time axis from first to last dot."""
    plane = _plane(dots)
    opening = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">')
    return opening.format(w=WIDTH, h=plane.height, label=_spoken(dots, plane)) + _inside(dots, plane) + _CLOSING


def standing_svg(dots: Sequence[Dot], *, title: str, note: str) -> Markup:
    """Return the picture as a file of its own: with title, note, colours and a font."""
    plane = _plane(dots)
    height = plane.height + 76
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
        'font-family="Roboto, Helvetica, Arial, sans-serif" font-size="12" fill="{ink}" color="{ink}">'
        '<title>{title}. {label}</title><rect width="{w}" height="{h}" fill="{paper}"/>'
        '<text x="16" y="30" font-size="18">{title}</text><text x="16" y="{foot}" fill-opacity=".7">{note}</text>'
        '<g transform="translate(0 44)">'
    )
    head = opening.format(
        w=WIDTH, h=height, ink=INK, paper=PAPER, title=title, label=_spoken(dots, plane), foot=height - 12, note=note
    )
    return head + _inside(dots, plane) + Markup("</g>") + _CLOSING


def timeline_png(svg: str) -> bytes:
    """Return a picture of ours as PNG. The font ships with us, so that it looks the same everywhere."""
    import resvg_py  # noqa: PLC0415 - loaded by whoever asks for the first picture

    with resources.as_file(resources.files("worker.web").joinpath("fonts", FONT)) as font:
        return resvg_py.svg_to_bytes(
            svg_string=svg,
            width=round(WIDTH * PNG_SCALE),
            skip_system_fonts=True,
            font_files=[str(font)],
            sans_serif_family="Roboto",
        )


_CLOSING = Markup("</svg>")


def _plane(dots: Sequence[Dot]) -> _Plane:
    times = [dot.when for dot in dots]
    return _Plane(tuple(dict.fromkeys(dot.lane for dot in dots)), min(times), max(times))


def _spoken(dots: Sequence[Dot], plane: _Plane) -> str:
    count = "1 statement" if len(dots) == 1 else f"{len(dots)} statements"
    return f"{count} from {plane.first:{DAY}} to {plane.last:{DAY}}"


def _inside(dots: Sequence[Dot], plane: _Plane) -> Markup:
    parts = [_lane(lane, plane) for lane in plane.lanes]
    parts += [_dot(dot, plane) for dot in dots]
    return Markup("").join([*parts, *_ticks(plane)])


def _lane(lane: str, plane: _Plane) -> Markup:
    y = plane.y(lane)
    line = Markup('<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" stroke="currentColor" stroke-opacity=".25"/>')
    text = Markup('<text x="{x}" y="{y}" text-anchor="end">{lane}</text>')
    return line.format(x1=plane.left, x2=WIDTH - RIGHT, y=y) + text.format(x=plane.left - 14, y=y + 4, lane=_cut(lane))


def _cut(lane: str) -> str:
    return lane if len(lane) <= LONGEST_LABEL else f"{lane[: LONGEST_LABEL - 1]}…"


def _dot(dot: Dot, plane: _Plane) -> Markup:
    shape = Markup(
        '<circle cx="{x}" cy="{y}" r="{r}" fill="currentColor" fill-opacity="{o}"><title>{title}</title></circle>'
    )
    radius, opacity = (8, 1) if dot.turned else (5, 0.45)
    return shape.format(x=plane.x(dot.when), y=plane.y(dot.lane), r=radius, o=opacity, title=dot.title)


def _ticks(plane: _Plane) -> list[Markup]:
    """Return dates along the axis; one in the middle where all happened in one moment."""
    if plane.first == plane.last:
        return [_tick(plane.first, plane.place(0.5), "middle", plane)]
    shares = [number / (TICKS - 1) for number in range(TICKS)]
    anchors = ["start", *["middle"] * (TICKS - 2), "end"]
    span = plane.last - plane.first
    return [_tick(plane.first + span * s, plane.place(s), a, plane) for s, a in zip(shares, anchors, strict=True)]


def _tick(when: datetime, x: float, anchor: str, plane: _Plane) -> Markup:
    text = Markup('<text x="{x}" y="{y}" text-anchor="{anchor}">{day}</text>')
    form = DAY if plane.last - plane.first > FEW_DAYS else HOUR
    return text.format(x=x, y=plane.height - 8, anchor=anchor, day=when.strftime(form))
