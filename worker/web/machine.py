"""Answers for machines: health, metrics, exports."""

import csv
import io
import json
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from worker.ports import Hit
from worker.web.desk import Room
from worker.web.health import readiness
from worker.web.paging import every_hit
from worker.web.questions import search_query
from worker.web.views import at
from worker.work.verdict_report import gold_lines

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
    lines = (json.dumps({"id": hit.id, **hit.document}, ensure_ascii=False) + "\n" for hit in _found(request))
    return StreamingResponse(lines, media_type="application/x-ndjson")


def gold(request: Request) -> Response:
    """Return judged articles as gold lines."""
    room: Room = request.app.state.room
    judged = gold_lines(room.store, partial=request.query_params.get("partial") == "1")
    headers = {"Content-Disposition": 'attachment; filename="verdicts.jsonl"'}
    lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in judged)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)


def search_csv(request: Request) -> Response:
    """Return every hit as a CSV line."""
    rows = _csv_lines(_found(request))
    headers = {"Content-Disposition": 'attachment; filename="stancewatch.csv"'}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


def _found(request: Request) -> Iterator[Hit]:
    room: Room = request.app.state.room
    return every_hit(room.store, search_query(request.query_params, now=room.clock.now()))


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
