"""Pictures to take away: a timeline as SVG or PNG, with its title and where it comes from."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from worker.web.api import subject_of
from worker.web.desk import Room
from worker.web.picture import standing_svg, timeline_png
from worker.web.questions import refuse
from worker.web.timelines import timeline

_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9]+")


def svg(request: Request) -> Response:
    """Return the timeline of the address as SVG."""
    drawn, name = _drawn(request)
    return _file(drawn.encode(), "image/svg+xml", f"{name}.svg")


def png(request: Request) -> Response:
    """Return the same as PNG."""
    drawn, name = _drawn(request)
    return _file(timeline_png(drawn), "image/png", f"{name}.png")


def _drawn(request: Request) -> tuple[str, str]:
    room: Room = request.app.state.room
    subject = subject_of(room, request.query_params)
    if subject.is_open:
        refuse("name a party, an issue or a speaker")
    found = timeline(room.store, room.board, subject, room.labels)
    if not found.rows:
        raise HTTPException(404, "nothing was read of this yet")
    note = f"Stancewatch, {room.clock.now():%-d %b %Y}. Large dots: where a position began or turned. Unreviewed."
    return standing_svg(found.dots, title=found.title, note=note), _file_name(found.title)


def _file_name(title: str) -> str:
    return _NO_FILE_NAME.sub("-", title.lower()).strip("-") or "timeline"


def _file(body: bytes, media_type: str, name: str) -> Response:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'inline; filename="{name}"'})
