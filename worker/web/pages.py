"""The pages. Each asks the store, hands views to a template, and decides nothing."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from worker.ports import Hit, Kind
from worker.web import ledgers, tables
from worker.web.desk import Room, coverage
from worker.web.forms import read_own_form
from worker.web.picture import timeline_svg
from worker.web.questions import news_query, same_claim, search_query
from worker.web.security import csrf
from worker.web.views import at, facets, marked, safe_link, statement_view

VERDICTS = frozenset({"right", "wrong", "duplicate", "important"})
FACET_NAMES = {
    "stance.party": "Party",
    "stance.act": "Act",
    "stance.issue": "Issue",
    "claim.level": "Level",
    "publisher.name": "Outlet",
    "topic": "Topic",
    "article.language": "Language",
}


def _room(request: Request) -> Room:
    room: Room = request.app.state.room
    return room


def render(request: Request, template: str, title: str, **values: Any) -> Response:  # noqa: ANN401 - template values
    """Return a page of a template, with the line that says how far the room sees."""
    room = _room(request)
    rendered = request.app.state.templates.get_template(template).render(
        title=title, here=request.url.path, coverage=coverage(room), **values
    )
    return HTMLResponse(rendered)


def _missing(request: Request) -> Response:
    template = request.app.state.templates.get_template("message.html")
    text = "No such record: it may have been deleted, or the address is wrong."
    return HTMLResponse(template.render(title="Nothing here", text=text, here="", coverage=""), 404)


def now(request: Request) -> Response:
    """What is new or changed since a time."""
    room, words = _room(request), request.query_params
    page = room.store.search(news_query(words, now=room.clock.now()))
    return render(
        request,
        "now.html",
        "What is new",
        words={"since": words.get("since", "day"), "topic": words.get("topic", "")},
        topics=[(topic.id, topic.label) for topic in room.topics.values()],
        statements=[statement_view(hit, room.labels) for hit in page.hits],
        total=page.total,
        next=page.next,
    )


def search(request: Request) -> Response:
    """A search with facets and exports."""
    room, words = _room(request), request.query_params
    query = search_query(words, now=room.clock.now())
    page = room.store.search(query)
    kept = {key: words[key] for key in ("q", "in", "since") if words.get(key)}
    is_articles = query.kind is Kind.ARTICLES
    return render(
        request,
        "search.html",
        "Search",
        words={"q": query.kql, "kind": str(query.kind), "since": words.get("since", "")},
        statements=[] if is_articles else [statement_view(hit, room.labels) for hit in page.hits],
        articles=[_article_row(hit.document) for hit in page.hits] if is_articles else [],
        facets=facets(page.facets, query.kql, FACET_NAMES),
        total=page.total,
        next=page.next,
        export=urlencode(kept),
    )


def _article_row(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        "title": str(at(document, "article.title") or "untitled"),
        "url": safe_link(str(at(document, "url.full") or "")),
        "publisher": str(at(document, "publisher.name") or ""),
        "time": str(at(document, "@timestamp") or ""),
        "language": str(at(document, "article.language") or ""),
    }


def statement(request: Request) -> Response:
    """One statement: its sentence marked in its article, the verdict on it, the same claim elsewhere."""
    room, statement_id = _room(request), request.path_params["statement_id"]
    stored = room.store.get(Kind.STATEMENTS, [statement_id]).get(statement_id)
    if stored is None:
        return _missing(request)
    view = statement_view(Hit(id=stored.id, document=stored.document), room.labels)
    article = room.store.get(Kind.ARTICLES, [view.article_id]).get(view.article_id)
    text = str(at(article.document, "article.text") or "") if article else ""
    verdict_ = room.store.get(Kind.VERDICTS, [statement_id]).get(statement_id)
    others = [hit for hit in room.store.search(same_claim(view.claim_key)).hits if hit.id != statement_id]
    return render(
        request,
        "statement.html",
        f"{view.party_label}: {view.act}, {view.issue_label}",
        s=view,
        parts=marked(text, view.start, view.end) if text[view.start : view.end] == view.evidence else (text, "", ""),
        verdict=str(verdict_.document.get("verdict", "")) if verdict_ else "",
        csrf=csrf(room.secret, statement_id),
        claim_query=f'claim.key: "{view.claim_key}"',
        others=[statement_view(hit, room.labels) for hit in others],
    )


async def verdict(request: Request) -> Response:
    """Keep an editor's verdict; the form proves that one of our pages made it."""
    room, statement_id = _room(request), request.path_params["statement_id"]
    form = await read_own_form(request, made_for=statement_id)
    word = form.get("verdict", "")
    if word not in VERDICTS:
        raise HTTPException(400, f"a verdict is one of {', '.join(sorted(VERDICTS))}")
    if not await run_in_threadpool(room.keep_verdict, statement_id, word):
        return _missing(request)
    return RedirectResponse(f"/statements/{statement_id}", 303)


def positions(request: Request) -> Response:
    """Where each party stands on each issue."""
    room = _room(request)
    histories = ledgers.histories(room.store, topics=list(room.topics))
    matrices = [ledgers.matrix(topic, histories[topic.id]) for topic in room.topics.values()]
    return render(
        request, "positions.html", "Positions", matrices=[one for one in matrices if one.rows] or matrices[:1]
    )


def demands(request: Request) -> Response:
    """Demands that still stand, with what the other side said since."""
    room = _room(request)
    found = ledgers.histories(room.store, topics=list(room.topics))
    rows = ledgers.demand_rows(found, room.labels, now=room.clock.now())
    return render(request, "demands.html", "Open demands", demands=rows)


def timeline(request: Request) -> Response:
    """What a party said on an issue, as a picture and a table."""
    room, words = _room(request), request.query_params
    topic = room.topics.get(words.get("topic", "")) or next(iter(room.topics.values()))
    party, issue = words.get("party", ""), words.get("issue", "")
    rows = ledgers.timeline_rows(room.store, topic=topic.id, party=party, issue=issue)
    title = f"{room.labels.party(topic.id, party)} on {room.labels.issue(topic.id, issue)}" if rows else "Timeline"
    return render(
        request,
        "timeline.html",
        title,
        words={"topic": topic.id, "party": party, "issue": issue},
        topics=[(one.id, one.label) for one in room.topics.values()],
        parties=[(one.id, one.label) for one in topic.parties],
        issues=[(one.id, one.label) for one in topic.issues],
        rows=rows,
        picture=timeline_svg([row.dot for row in rows]) if rows else "",
    )


def sources(request: Request) -> Response:
    """Each feed's state and habits."""
    return render(request, "table.html", "Sources", tables=[tables.sources(_room(request))])


def pipeline(request: Request) -> Response:
    """Items by stage and outcome, and what is in quarantine."""
    return render(request, "table.html", "Pipeline", tables=tables.pipeline(_room(request).ledger))
