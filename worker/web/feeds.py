"""Any search and the outbox as Atom and JSON feeds: the newest to arrive first."""

from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from worker.alert.feeds import FeedItem, alert_items, atom_feed, json_feed
from worker.ports import Hit, Kind, Query
from worker.text import clean_line
from worker.web.desk import Room
from worker.web.questions import search_query
from worker.web.views import Labels, at, safe_link, statement_view

FEED_SIZE = 50
ATOM_TYPE, JSON_TYPE = "application/atom+xml", "application/feed+json"


def search_atom(request: Request) -> Response:
    """The search of the address as an Atom feed."""
    return _atom(request, _found(request), _search_title(request))


def search_feed(request: Request) -> Response:
    """The search of the address as a JSON feed."""
    return _json(request, _found(request), _search_title(request))


def alerts_atom(request: Request) -> Response:
    """The outbox as an Atom feed."""
    return _atom(request, _alerts(request), "Stancewatch alerts")


def alerts_feed(request: Request) -> Response:
    """The outbox as a JSON feed."""
    return _json(request, _alerts(request), "Stancewatch alerts")


def _atom(request: Request, items: list[FeedItem], title: str) -> Response:
    room: Room = request.app.state.room
    updated = max((datetime.fromisoformat(item.when) for item in items), default=room.clock.now())
    return Response(atom_feed(items, title=title, address=str(request.url), updated=updated), media_type=ATOM_TYPE)


def _json(request: Request, items: list[FeedItem], title: str) -> Response:
    return Response(json_feed(items, title=title, address=str(request.url)), media_type=JSON_TYPE)


def _search_title(request: Request) -> str:
    return clean_line(f"Stancewatch: {request.query_params.get('q') or 'everything'}")


def _found(request: Request) -> list[FeedItem]:
    room: Room = request.app.state.room
    asked = search_query(request.query_params, now=room.clock.now())
    newest = replace(asked, size=FEED_SIZE, sort=(("event.ingested", "desc"),), facets=(), highlight=False, after=None)
    hits = room.store.search(newest).hits
    if asked.kind is Kind.ARTICLES:
        return [_article_item(hit) for hit in hits]
    return [_statement_item(hit, room.labels, str(request.base_url)) for hit in hits]


def _statement_item(hit: Hit, labels: Labels, base: str) -> FeedItem:
    view = statement_view(hit, labels)
    who = f"{view.party_label}: {view.act}, {view.issue_label}"
    said = ", ".join(part for part in (view.speaker, view.publisher) if part)
    return FeedItem(
        id=f"urn:stancewatch:statement:{hit.id}",
        title=f"{who} ({view.level.replace('_', ' ')})",
        text=f"{view.evidence}\n\n{said}",
        when=_arrival(hit),
        page=f"{base}statements/{hit.id}",
        source=view.url,
        tags=(view.level, view.act),
    )


def _article_item(hit: Hit) -> FeedItem:
    return FeedItem(
        id=f"urn:stancewatch:article:{hit.id}",
        title=str(at(hit.document, "article.title") or "untitled"),
        text=str(at(hit.document, "publisher.name") or ""),
        when=_arrival(hit),
        source=safe_link(str(at(hit.document, "url.full") or "")),
    )


def _arrival(hit: Hit) -> str:
    return str(at(hit.document, "event.ingested") or hit.document["@timestamp"])


def _alerts(request: Request) -> list[FeedItem]:
    room: Room = request.app.state.room
    return alert_items([hit.document for hit in room.store.search(Query(kind=Kind.ALERTS, size=FEED_SIZE)).hits])
