"""Every address for programs with what it takes and gives: the routes and their description are made of this list."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from worker import __version__
from worker.web import api, digest, feeds, machine, pictures
from worker.web.desk import Room
from worker.web.openapi import (
    MOMENT,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    Endpoint,
    Parameter,
    describe,
    listed,
    maybe,
    named,
    record,
)
from worker.web.questions import LIMIT, MOST


def openapi(request: Request) -> Response:
    """Return the description of every address."""
    room: Room = request.app.state.room
    return JSONResponse(describe(ENDPOINTS, room.mappings, schemas=SCHEMAS, version=__version__))


_SAID = {
    "statement_id": TEXT,
    "at": MOMENT,
    "evidence": TEXT,
    "speaker": maybe(TEXT),
    "publisher": TEXT,
    "url": TEXT,
    "confidence": NUMBER,
}
_PLACE = {"topic": TEXT, "party": TEXT, "issue": TEXT}
_PRECISION = listed(named("Precision"))
SCHEMAS = {
    "Problem": record(title=TEXT, status=WHOLE, detail=TEXT),
    "Said": record(**_SAID),
    "Turn": record(stance=TEXT, **_SAID),
    "Position": record(
        **_PLACE,
        ladder=TEXT,
        stance=TEXT,
        since=MOMENT,
        families=listed(TEXT),
        last=named("Said"),
        turns=listed(named("Turn")),
    ),
    "Demand": record(
        **_PLACE,
        target=maybe(TEXT),
        age_days=WHOLE,
        deadline=maybe(MOMENT),
        families=listed(TEXT),
        demand=named("Said"),
        last=named("Said"),
        answers=listed(named("Turn")),
    ),
    "TimelineRow": record(
        statement_id=TEXT,
        at=MOMENT,
        lane=TEXT,
        party=TEXT,
        issue=TEXT,
        stance=TEXT,
        turned=TRUTH,
        evidence=TEXT,
        speaker=maybe(TEXT),
        publisher=TEXT,
    ),
    "Feed": record(
        id=TEXT,
        url=TEXT,
        publisher=TEXT,
        family=TEXT,
        language=TEXT,
        state=TEXT,
        is_healthy=TRUTH,
        last_new=maybe(MOMENT),
        new_a_day=NUMBER,
        advice=TEXT,
    ),
    "Precision": record(value=TEXT, right=WHOLE, wrong=WHOLE, precision=NUMBER, low=NUMBER, high=NUMBER),
}

QUERY = Parameter(name="q", about="KQL, as on the search page and in Kibana; empty finds everything.")
SINCE = Parameter(name="since", about="day, week, month, or an ISO date or time in UTC.")
KIND = Parameter(name="in", about="statements (if left out) or articles.", schema={"enum": ["statements", "articles"]})
TOPIC = Parameter(name="topic", about="Id of a topic.")
PARTY = Parameter(name="party", about="Id of a party.")
ISSUE = Parameter(name="issue", about="Id of an issue.")
SPEAKER = Parameter(name="speaker", about="Name of a person, as the topic's file writes it.")
ID = Parameter(name="id", about="Id of the record.", in_path=True)
ARRIVAL = (
    QUERY,
    SINCE,
    Parameter(
        name="limit", about=f"Hits a page, {LIMIT} if left out.", schema={**WHOLE, "minimum": 1, "maximum": MOST}
    ),
    Parameter(name="after", about="`next` of the page before."),
)
SEARCH = (QUERY, KIND, SINCE)
PICTURE = (TOPIC, PARTY, ISSUE, SPEAKER)


def _paged(schema: str) -> dict[str, object]:
    return dict(record(items=listed(named(schema)), total=WHOLE, next=maybe(TEXT)))


def _whole(schema: str) -> dict[str, object]:
    return dict(record(items=listed(named(schema)), total=WHOLE))


ENDPOINTS = (
    Endpoint(
        path="/api/statements",
        handler=api.statements,
        summary="Statements, oldest arrival first. Read on with `after`; later with `since`, the last event.ingested.",
        parameters=ARRIVAL,
        answer=_paged("Statement"),
    ),
    Endpoint(
        path="/api/statements/{id}",
        handler=api.statement,
        summary="One statement.",
        parameters=(ID,),
        answer=named("Statement"),
    ),
    Endpoint(
        path="/api/articles",
        handler=api.articles,
        summary="Articles with their text, oldest arrival first.",
        parameters=ARRIVAL,
        answer=_paged("Article"),
    ),
    Endpoint(
        path="/api/articles/{id}",
        handler=api.article,
        summary="One article with its text.",
        parameters=(ID,),
        answer=named("Article"),
    ),
    Endpoint(
        path="/api/alerts",
        handler=api.alerts,
        summary="The outbox, a row an alert and channel, oldest first.",
        parameters=ARRIVAL,
        answer=_paged("Alert"),
    ),
    Endpoint(
        path="/api/positions",
        handler=api.stands,
        summary="Where the parties stand, since when, with every turn.",
        parameters=(TOPIC, PARTY, ISSUE),
        answer=_whole("Position"),
    ),
    Endpoint(
        path="/api/demands",
        handler=api.open_demands,
        summary="Demands that still stand, longest open first, with the newest answers of the other side.",
        parameters=(TOPIC, PARTY, ISSUE),
        answer=_whole("Demand"),
    ),
    Endpoint(
        path="/api/timeline",
        handler=api.said,
        summary="What a party said on an issue, what it or an issue turned on, or what a person said; oldest first.",
        parameters=PICTURE,
        answer=record(title=TEXT, items=listed(named("TimelineRow")), total=WHOLE),
    ),
    Endpoint(path="/api/feeds", handler=api.feeds, summary="Every feed with its health.", answer=_whole("Feed")),
    Endpoint(
        path="/api/status",
        handler=api.status,
        summary="How far the reading room sees, and items by stage and outcome.",
        answer=record(coverage=TEXT, items={"type": "object", "additionalProperties": WHOLE}),
    ),
    Endpoint(
        path="/api/verdicts",
        handler=api.verdicts,
        summary="How often the tagger was right where editors looked.",
        answer=record(total=WHOLE, rule=_PRECISION, act=_PRECISION, publisher=_PRECISION, language=_PRECISION),
    ),
    Endpoint(
        path="/verdicts.jsonl",
        handler=machine.gold,
        summary="Articles of which every statement was judged, as gold lines for `stancewatch evaluate`.",
        parameters=(Parameter(name="partial", about="1: those with some statements judged too."),),
        media_type="application/x-ndjson",
    ),
    Endpoint(
        path="/search.csv",
        handler=machine.search_csv,
        summary="Every hit of a search as CSV.",
        parameters=SEARCH,
        media_type="text/csv",
    ),
    Endpoint(
        path="/search.json",
        handler=machine.search_json,
        summary="Every hit of a search, one JSON object a line.",
        parameters=SEARCH,
        media_type="application/x-ndjson",
    ),
    Endpoint(
        path="/search.atom",
        handler=feeds.search_atom,
        summary="The newest hits of a search as an Atom feed.",
        parameters=SEARCH,
        media_type="application/atom+xml",
    ),
    Endpoint(
        path="/search.feed.json",
        handler=feeds.search_feed,
        summary="The same as JSON Feed 1.1.",
        parameters=SEARCH,
        media_type="application/feed+json",
    ),
    Endpoint(
        path="/alerts.atom",
        handler=feeds.alerts_atom,
        summary="The newest alerts as an Atom feed.",
        media_type="application/atom+xml",
    ),
    Endpoint(
        path="/alerts.feed.json",
        handler=feeds.alerts_feed,
        summary="The same as JSON Feed 1.1.",
        media_type="application/feed+json",
    ),
    Endpoint(
        path="/timeline.svg",
        handler=pictures.svg,
        summary="The picture of a timeline.",
        parameters=PICTURE,
        media_type="image/svg+xml",
    ),
    Endpoint(
        path="/timeline.png",
        handler=pictures.png,
        summary="The same as PNG.",
        parameters=PICTURE,
        media_type="image/png",
    ),
    Endpoint(
        path="/digest.txt",
        handler=digest.text,
        summary="What is new, as a text that can be mailed.",
        parameters=(SINCE,),
        media_type="text/plain",
    ),
    Endpoint(
        path="/digest.eml",
        handler=digest.mail,
        summary="The digest as a mail with text and HTML.",
        parameters=(SINCE,),
        media_type="message/rfc822",
    ),
    Endpoint(path="/openapi.json", handler=openapi, summary="This description.", answer={"type": "object"}),
    Endpoint(
        path="/healthz",
        handler=machine.healthz,
        summary="This process answers.",
        media_type="text/plain",
        is_open=True,
    ),
    Endpoint(
        path="/readyz",
        handler=machine.readyz,
        summary="Every store answers; 503 if not.",
        answer=record(ready=TRUTH, checks={"type": "object", "additionalProperties": TEXT}),
        is_open=True,
    ),
    Endpoint(path="/metrics", handler=machine.metrics, summary="Counters for Prometheus.", media_type="text/plain"),
)
