"""The web process: routes, templates and the guard in front of them."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from worker.errors import QueryRefused, StancewatchError, StoreUnavailable
from worker.log import logger
from worker.web import alerts, digest, enter, pages
from worker.web.desk import Glance, Room
from worker.web.endpoints import ENDPOINTS
from worker.web.security import Guard
from worker.web.views import moment

PAGES = (
    ("/", "Now"),
    ("/positions", "Positions"),
    ("/demands", "Open demands"),
    ("/timeline", "Timeline"),
    ("/search", "Search"),
    ("/alerts", "Alerts"),
    ("/sources", "Sources"),
    ("/pipeline", "Pipeline"),
    ("/verdicts", "Verdicts"),
)
NOT_FOUND = 404
THREADS = 8
"""Requests at work at once, the others wait: each thread holds a connection with a cache of its own."""

log = logger(__name__)


def create_web(room: Room, *, token: str | None) -> Starlette:
    """Return the ASGI application. ``token`` None: only this machine may read."""
    app = Starlette(
        routes=[
            *(Route(one.path, one.handler) for one in ENDPOINTS),
            Route("/", pages.now),
            Route("/positions", pages.positions),
            Route("/demands", pages.demands),
            Route("/timeline", pages.timeline),
            Route("/search", pages.search),
            Route("/statements/{statement_id}", pages.statement),
            Route("/statements/{statement_id}/verdict", pages.verdict, methods=["POST"]),
            Route("/alerts", alerts.alerts),
            Route("/alerts/{row_id}/acknowledge", alerts.acknowledge, methods=["POST"]),
            Route("/mutes", alerts.mute, methods=["POST"]),
            Route("/enter", enter.enter),
            Route("/enter", enter.entered, methods=["POST"]),
            Route("/sources", pages.sources),
            Route("/pipeline", pages.pipeline),
            Route("/verdicts", pages.verdicts),
            Route("/digest", digest.page),
            Route("/api", pages.for_programs),
            Route("/favicon.ico", pages.icon),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(Guard, token=token)],
        exception_handlers={StoreUnavailable: _unavailable, QueryRefused: _refused, HTTPException: _told},
        lifespan=_prepared,
    )
    app.state.room = room
    app.state.glance = Glance()
    app.state.token = token
    app.state.templates = _environment()
    return app


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("worker.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = moment
    environment.globals["pages"] = PAGES
    return environment


@asynccontextmanager
async def _prepared(app: Starlette) -> AsyncIterator[None]:
    """Bound the threads, and let the board read its claims before the first reader waits for it."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    threading.Thread(target=_fill_board, args=(app.state.room,), daemon=True).start()
    yield


def _fill_board(room: Room) -> None:
    try:
        for topic in room.topics:
            room.board.positions(topic)
    except StancewatchError as error:
        log.warning("board_not_filled", error=str(error))  # the first reader of a page asks again


def _error(request: Request, title: str, text: str, status: int) -> Response:
    if request.url.path.startswith("/api/"):
        body = {"title": title, "status": status, "detail": text}
        return JSONResponse(body, status, media_type="application/problem+json")
    template = request.app.state.templates.get_template("message.html")
    return HTMLResponse(template.render(title=title, text=text, here="", coverage=""), status)


def _unavailable(request: Request, error: Exception) -> Response:
    return _error(request, "The store does not answer", f"{error}. Try again in a moment.", 503)


def _refused(request: Request, error: Exception) -> Response:
    return _error(request, "This search cannot be done", str(error), 400)


def _told(request: Request, error: Exception) -> Response:
    """Say what Starlette or a page of ours refused."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == NOT_FOUND:
        return _error(request, "Nothing here", "There is no such page or record.", status)
    detail = error.detail if isinstance(error, HTTPException) else ""
    answer = _error(request, "This cannot be done", detail, status)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer
