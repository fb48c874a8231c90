"""The web process: routes, templates and the guard in front of them."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from worker.errors import QueryRefused, StoreUnavailable
from worker.web import alerts, enter, feeds, machine, pages
from worker.web.desk import Room
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
)


def create_web(room: Room, *, token: str | None) -> Starlette:
    """Return the ASGI application. ``token`` None: only this machine may read."""
    app = Starlette(
        routes=[
            Route("/healthz", machine.healthz),
            Route("/readyz", machine.readyz),
            Route("/metrics", machine.metrics),
            Route("/", pages.now),
            Route("/positions", pages.positions),
            Route("/demands", pages.demands),
            Route("/timeline", pages.timeline),
            Route("/search", pages.search),
            Route("/search.csv", machine.search_csv),
            Route("/search.json", machine.search_json),
            Route("/statements/{statement_id}", pages.statement),
            Route("/statements/{statement_id}/verdict", pages.verdict, methods=["POST"]),
            Route("/arrivals.json", machine.arrivals),
            Route("/search.atom", feeds.search_atom),
            Route("/search.feed.json", feeds.search_feed),
            Route("/alerts", alerts.alerts),
            Route("/alerts.atom", feeds.alerts_atom),
            Route("/alerts.feed.json", feeds.alerts_feed),
            Route("/alerts/{row_id}/acknowledge", alerts.acknowledge, methods=["POST"]),
            Route("/mutes", alerts.mute, methods=["POST"]),
            Route("/enter", enter.enter),
            Route("/enter", enter.entered, methods=["POST"]),
            Route("/sources", pages.sources),
            Route("/pipeline", pages.pipeline),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(Guard, token=token)],
        exception_handlers={StoreUnavailable: _unavailable, QueryRefused: _refused, 404: _missing},
    )
    app.state.room = room
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


def _error(request: Request, title: str, text: str, status: int) -> Response:
    template = request.app.state.templates.get_template("message.html")
    return HTMLResponse(template.render(title=title, text=text, here="", coverage=""), status)


def _unavailable(request: Request, error: Exception) -> Response:
    return _error(request, "The store does not answer", f"{error}. Try again in a moment.", 503)


def _refused(request: Request, error: Exception) -> Response:
    return _error(request, "This search cannot be done", str(error), 400)


def _missing(request: Request, _: Exception) -> Response:
    return _error(request, "Nothing here", "There is no such page or record.", 404)
