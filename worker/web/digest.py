"""What is new as a page of its own that can be mailed: HTML that needs nothing else, plain text, or both as a mail."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from importlib import resources
from itertools import groupby

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from worker.novelty.positions import OpenDemand
from worker.web.desk import Room, coverage
from worker.web.ledgers import DemandRow, demand_rows
from worker.web.questions import digest_query, since
from worker.web.security import HEADERS
from worker.web.views import StatementView, statement_view

SHOWN = 60
DEMANDS = 12
"""Open demands at the end: those with the nearest deadline, then the youngest."""

STYLE = resources.files("worker.web").joinpath("static", "digest.css").read_text("utf-8")
_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = HEADERS["Content-Security-Policy"].replace("style-src 'self'", f"style-src 'sha256-{_HASH}'")
_SECTIONS = (
    ("New", ("first", "revived")),
    ("Changed", ("changed",)),
    ("New in detail", ("new_terms", "new_target", "new_voice")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Statements of some levels, by party."""

    title: str
    parties: tuple[tuple[str, tuple[StatementView, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that a digest says. ``base`` is the address that its links begin with, without a slash at the end."""

    title: str
    coverage: str
    sections: tuple[Section, ...]
    left_out: int
    demands: tuple[DemandRow, ...]
    base: str
    words: str
    """The query of the reading room's page with the same news."""


def page(request: Request) -> Response:
    """Return the digest as HTML that can be saved, printed and mailed."""
    return HTMLResponse(_html(request, _digest(request)), headers={"Content-Security-Policy": POLICY})


def text(request: Request) -> Response:
    """Return the digest as plain text."""
    return PlainTextResponse(_text(request, _digest(request)))


def mail(request: Request) -> Response:
    """Return the digest as a mail without sender and receiver: text, and HTML beside it."""
    room: Room = request.app.state.room
    found = _digest(request)
    message = EmailMessage()
    message["Subject"] = found.title
    message["Date"] = format_datetime(room.clock.now())
    message.set_content(_text(request, found))
    message.add_alternative(_html(request, found), subtype="html")
    headers = {"Content-Disposition": 'attachment; filename="stancewatch-digest.eml"'}
    return Response(message.as_bytes(), media_type="message/rfc822", headers=headers)


def _html(request: Request, found: Digest) -> str:
    template = request.app.state.templates.get_template("digest.html")
    rendered: str = template.render(digest=found, style=Markup(STYLE))  # noqa: S704 - our own file
    return rendered


def _text(request: Request, found: Digest) -> str:
    rendered: str = request.app.state.templates.get_template("digest.txt").render(digest=found)
    return rendered


def _digest(request: Request) -> Digest:
    room: Room = request.app.state.room
    now, words = room.clock.now(), request.query_params
    begin = since(words, now=now)
    found = room.store.search(digest_query(begin, size=SHOWN))
    views = [statement_view(hit, room.labels) for hit in found.hits]
    count = "nothing new" if not found.total else f"{found.total} new or changed"
    return Digest(
        title=f"Stancewatch: {count} since {begin:%-d %b %Y, %H:%M} UTC",
        coverage=coverage(room),
        sections=tuple(_sections(views)),
        left_out=found.total - len(views),
        demands=tuple(demand_rows(_demands(room, now), room.labels)),
        base=(room.address or str(request.base_url)).rstrip("/"),
        words=f"since={begin:%Y-%m-%dT%H:%M:%S}",
    )


def _sections(views: Sequence[StatementView]) -> list[Section]:
    parts = [(title, [view for view in views if view.level in levels]) for title, levels in _SECTIONS]
    return [Section(title=title, parties=_by_party(chosen)) for title, chosen in parts if chosen]


def _by_party(views: Sequence[StatementView]) -> tuple[tuple[str, tuple[StatementView, ...]], ...]:
    ordered = sorted(views, key=lambda view: view.party_label)
    return tuple((party, tuple(group)) for party, group in groupby(ordered, key=lambda view: view.party_label))


def _demands(room: Room, now: datetime) -> list[OpenDemand]:
    opened = [one for topic in room.topics for one in room.board.open_demands(topic, now=now)]
    near = [one for one in opened if one.deadline and one.deadline >= now]
    rest = [one for one in opened if one not in near]
    nearest = sorted(near, key=lambda one: (one.deadline or now, one.demand.order))
    return (nearest + sorted(rest, key=lambda one: one.age))[:DEMANDS]
