"""The pages. Each asks the store, hands views to a template, and decides nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from worker.ports import Hit, Kind
from worker.topic import Topic
from worker.web import ledgers, tables
from worker.web.api import subject_of
from worker.web.desk import Room
from worker.web.endpoints import ENDPOINTS
from worker.web.forms import read_own_form
from worker.web.picture import timeline_svg
from worker.web.questions import LAST_VISIT, counts_query, news_query, now_words, same_claim, search_query, since
from worker.web.security import csrf
from worker.web.timelines import timeline as draw
from worker.web.views import at, facets, marked, safe_link, statement_view
from worker.web.visits import COOKIE as VISITS
from worker.web.visits import COOKIE_S, visit
from worker.work.verdict_report import read_verdicts

VERDICTS = frozenset({"right", "wrong", "duplicate", "important"})
DEMANDS = 40
"""Open demands a page."""

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
        title=title, here=request.url.path, coverage=request.app.state.glance.line(room), **values
    )
    return HTMLResponse(rendered)


def _missing(request: Request) -> Response:
    template = request.app.state.templates.get_template("message.html")
    text = "No such record: it may have been deleted, or the address is wrong."
    return HTMLResponse(template.render(title="Nothing here", text=text, here="", coverage=""), 404)


def now(request: Request) -> Response:
    """What is new or changed since the last visit or a chosen time; the browser is told when this visit was."""
    room, at_ = _room(request), _room(request).clock.now()
    seen = visit(request.cookies.get(VISITS, ""), now=at_)
    words = now_words(request.query_params, seen.before)
    begin = seen.before if words["since"] == LAST_VISIT else since(words, now=at_)
    page = room.store.search(news_query({**words, "since": begin.isoformat()} if begin else words, now=at_))
    answer = render(
        request,
        "now.html",
        "What is new",
        words=words,
        before=seen.before.isoformat() if seen.before else "",
        topics=[(topic.id, topic.label) for topic in room.topics.values()],
        statements=[statement_view(hit, room.labels) for hit in page.hits],
        levels=page.facets.get("claim.level", ()),
        total=page.total,
        next=page.next,
        kept=urlencode({name: words[name] for name in ("since", "topic") if words[name]}),
    )
    is_https = request.url.scheme == "https"
    answer.set_cookie(VISITS, seen.cookie, max_age=COOKIE_S, httponly=True, samesite="lax", secure=is_https)
    return answer


def search(request: Request) -> Response:
    """A search with facets and exports."""
    room, words = _room(request), request.query_params
    query = search_query(words, now=room.clock.now())
    page = room.store.search(query)
    counting = counts_query(query, page)
    counted = room.store.search(counting).facets if counting else page.facets
    kept = {key: words[key] for key in ("q", "in", "since") if words.get(key)}
    is_articles = query.kind is Kind.ARTICLES
    return render(
        request,
        "search.html",
        "Search",
        words={"q": query.kql, "kind": str(query.kind), "since": words.get("since", "")},
        statements=[] if is_articles else [statement_view(hit, room.labels) for hit in page.hits],
        articles=[_article_row(hit.document) for hit in page.hits] if is_articles else [],
        facets=facets(counted, query.kql, FACET_NAMES),
        counts_since=counting.since.isoformat() if counting and counting.since and not query.since else "",
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
    """Where each party stands on each issue, one topic a page."""
    room, words = _room(request), request.query_params
    topic = _topic(room, words.get("topic", ""))
    shown = ledgers.matrix(topic, room.board.positions(topic.id), page=_number(words.get("parties", "")))
    return render(request, "positions.html", "Positions", matrix=shown, topics=_topics(room))


def demands(request: Request) -> Response:
    """Demands that still stand, with what the other side said since."""
    room, words = _room(request), request.query_params
    at_, party, number = room.clock.now(), words.get("party", ""), _number(words.get("page", ""))
    topics = [one.id for one in room.topics.values() if words.get("topic") in (None, "", one.id)]
    opened = [one for topic in topics for one in room.board.open_demands(topic, now=at_)]
    kept = [one for one in opened if party in ("", one.demand.party)]
    rows = ledgers.demand_rows(kept[(number - 1) * DEMANDS : number * DEMANDS], room.labels)
    return render(
        request,
        "demands.html",
        "Open demands",
        demands=rows,
        total=len(kept),
        page=number,
        pages_=max(1, -(-len(kept) // DEMANDS)),
        words={"topic": words.get("topic", ""), "party": party},
        topics=_topics(room),
        parties=sorted({(one.demand.party, room.labels.party(one.demand.topic, one.demand.party)) for one in opened}),
    )


def timeline(request: Request) -> Response:
    """What a party said on an issue, what it turned on, or what a person said: as a picture and a table."""
    room = _room(request)
    subject = subject_of(room, request.query_params)
    topic, found = room.topics[subject.topic], draw(room.store, room.board, subject, room.labels)
    words = {name: value for name, value in asdict(subject).items() if value}
    return render(
        request,
        "timeline.html",
        found.title,
        words=asdict(subject),
        topics=_topics(room),
        parties=[(one.id, one.label) for one in topic.parties],
        issues=[(one.id, one.label) for one in topic.issues],
        people=sorted({person.name for party in topic.parties for person in party.people}),
        rows=found.rows,
        total=found.total,
        picture=timeline_svg(found.dots) if found.rows else "",
        address=urlencode(words),
    )


def verdicts(request: Request) -> Response:
    """How often the tagger was right where editors looked."""
    found = read_verdicts(_room(request).store)
    return render(request, "verdicts.html", "Verdicts", tables=tables.verdicts(found), total=len(found))


def for_programs(request: Request) -> Response:
    """Every address for programs, from the list that makes the routes."""
    return render(request, "table.html", "For programs", tables=[tables.endpoints(ENDPOINTS)])


def icon(_request: Request) -> Response:
    """Lead to the icon: browsers ask for this name by themselves where a page names none."""
    return RedirectResponse("/static/icon.svg", 308)


def _topics(room: Room) -> list[tuple[str, str]]:
    return [(topic.id, topic.label) for topic in room.topics.values()]


def _topic(room: Room, wanted: str) -> Topic:
    return room.topics.get(wanted) or next(iter(room.topics.values()))


def _number(text: str) -> int:
    """Return a page number; the first for what is none."""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < len("10000") else 1


def sources(request: Request) -> Response:
    """Each feed's state and habits."""
    return render(request, "table.html", "Sources", tables=[tables.sources(_room(request))])


def pipeline(request: Request) -> Response:
    """Items by stage and outcome, and what is in quarantine."""
    return render(request, "table.html", "Pipeline", tables=tables.pipeline(_room(request).ledger))
