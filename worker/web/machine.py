"""Answers for machines: health, metrics, exports."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from worker.ports import Hit, Query
from worker.web.desk import Room
from worker.web.health import readiness
from worker.web.questions import search_query
from worker.web.views import at

CSV_COLUMNS = (
    "@timestamp",
    "topic",
    "stance.party",
    "stance.act",
    "stance.issue",
    "stance.target",
    "stance.speaker",
    "stance.conditional",
    "stance.attribution",
    "stance.confidence",
    "claim.level",
    "stance.evidence",
    "publisher.name",
    "url.full",
)
EXPORT_PAGE = 500
ARRIVALS = 100


def healthz(_request: Request) -> Response:
    """Say that this process answers."""
    return PlainTextResponse("ok\n")


def readyz(request: Request) -> Response:
    """Say whether every store answers; 503 if not."""
    room: Room = request.app.state.room
    ready, lines = readiness(room.probes)
    return JSONResponse({"ready": ready, "checks": lines}, 200 if ready else 503)


def metrics(request: Request) -> Response:
    """Return the counters of all processes in Prometheus' text form."""
    room: Room = request.app.state.room
    return PlainTextResponse(room.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")


def search_json(request: Request) -> Response:
    """Return every hit as one JSON object a line, page by page, so that memory stays flat."""
    hits = _every_hit(request.app.state.room, request)
    lines = (json.dumps({"id": hit.id, **hit.document}, ensure_ascii=False) + "\n" for hit in hits)
    return StreamingResponse(lines, media_type="application/x-ndjson")


def arrivals(request: Request) -> Response:
    """Return one page of a search, oldest arrival first: ``items``, ``total``, and ``next`` to be sent as ``after``.

    ``next`` is null on the last page; what arrives later is found with ``since``, the last item's event.ingested.
    """
    room: Room = request.app.state.room
    asked = search_query(request.query_params, now=room.clock.now())
    by_arrival = (("event.ingested", "asc"),)
    query = replace(asked, size=ARRIVALS, sort=by_arrival, time_field="event.ingested", facets=(), highlight=False)
    page = room.store.search(query)
    items = [{"id": hit.id, **hit.document} for hit in page.hits]
    return JSONResponse({"items": items, "total": page.total, "next": page.next})


def search_csv(request: Request) -> Response:
    """Return every hit as a CSV line."""
    rows = _csv_lines(_every_hit(request.app.state.room, request))
    headers = {"Content-Disposition": 'attachment; filename="stancewatch.csv"'}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


def _every_hit(room: Room, request: Request) -> Iterator[Hit]:
    # The first page is asked for before the answer starts, so that a bad query is an error and not half a file.
    query: Query = replace(search_query(request.query_params, now=room.clock.now()), size=EXPORT_PAGE, facets=())
    page = room.store.search(query)

    def follow() -> Iterator[Hit]:
        current = page
        yield from current.hits
        while current.next:
            current = room.store.search(replace(query, after=current.next))
            yield from current.hits

    return follow()


def _csv_lines(hits: Iterator[Hit]) -> Iterator[str]:
    yield _csv_line(["id", *CSV_COLUMNS])
    for hit in hits:
        yield _csv_line([hit.id, *(_cell(at(hit.document, name)) for name in CSV_COLUMNS)])


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
