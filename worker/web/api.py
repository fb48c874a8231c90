"""The JSON API: what the pages show, for programs. Read-only; ``worker.web.endpoints`` describes every answer."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from worker.novelty.grade import sign
from worker.novelty.history import Entry
from worker.novelty.positions import OpenDemand, Position
from worker.ports import Hit, Kind
from worker.web.desk import Room, coverage
from worker.web.questions import arrivals_query, refuse
from worker.web.timelines import Row, Subject, timeline
from worker.work.feed_health import healths
from worker.work.verdict_report import Precision, precision, read_verdicts


def statements(request: Request) -> Response:
    """Return statements by arrival."""
    return _arrivals(request, Kind.STATEMENTS)


def articles(request: Request) -> Response:
    """Return articles by arrival."""
    return _arrivals(request, Kind.ARTICLES)


def alerts(request: Request) -> Response:
    """Return outbox rows by the time they were written."""
    return _arrivals(request, Kind.ALERTS)


def statement(request: Request) -> Response:
    """Return one statement."""
    return _one(request, Kind.STATEMENTS)


def article(request: Request) -> Response:
    """Return one article with its text."""
    return _one(request, Kind.ARTICLES)


def stands(request: Request) -> Response:
    """Return where the parties stand, with every turn."""
    room, words = _room(request), request.query_params
    found = [each for topic in _topics(room, words) for each in room.board.positions(topic)]
    kept = [each for each in found if _fits(each.party, each.issue, words)]
    return JSONResponse({"items": [_position(each) for each in kept], "total": len(kept)})


def open_demands(request: Request) -> Response:
    """Return the demands that still stand."""
    room, words = _room(request), request.query_params
    now = room.clock.now()
    found = [each for topic in _topics(room, words) for each in room.board.open_demands(topic, now=now)]
    kept = [each for each in found if _fits(each.demand.party, each.demand.issue, words)]
    return JSONResponse({"items": [_demand(each) for each in kept], "total": len(kept)})


def said(request: Request) -> Response:
    """Return a timeline."""
    room, words = _room(request), request.query_params
    subject = subject_of(room, words)
    if subject.is_open:
        refuse("name a party, an issue or a speaker")
    found = timeline(room.store, room.board, subject, room.labels)
    return JSONResponse({"title": found.title, "items": [_row(row) for row in found.rows], "total": found.total})


def feeds(request: Request) -> Response:
    """Return the health of every feed."""
    room = _room(request)
    found = healths(room.feeds, room.states, now=room.clock.now())
    items = [
        {
            "id": feed.id,
            "url": feed.url,
            "publisher": feed.publisher,
            "family": feed.family,
            "language": feed.language,
            "state": health.state,
            "is_healthy": health.is_healthy,
            "last_new": health.last_new.isoformat() if health.last_new else None,
            "new_a_day": health.habit_per_day,
            "advice": health.advice,
        }
        for feed, health in ((feed, found[feed.id]) for feed in room.feeds)
    ]
    return JSONResponse({"items": items, "total": len(items)})


def status(request: Request) -> Response:
    """Return how far the room sees, and how items ended."""
    room = _room(request)
    return JSONResponse({"coverage": coverage(room), "items": dict(room.ledger.counts())})


def verdicts(request: Request) -> Response:
    """Return how often the tagger was right, by rule, act, publisher and language."""
    found = read_verdicts(_room(request).store)
    shown = {name: [_precision(each) for each in rows] for name, rows in precision(found).items()}
    return JSONResponse({"total": len(found), **shown})


def subject_of(room: Room, words: Mapping[str, str]) -> Subject:
    """Return what a timeline was asked about; the first topic where none was named."""
    known = room.topics
    topic = words.get("topic", "")
    chosen = topic if topic in known else next(iter(known))
    names = {name: words.get(name, "").strip() for name in ("party", "issue", "speaker")}
    return Subject(topic=chosen, **names)


def _room(request: Request) -> Room:
    room: Room = request.app.state.room
    return room


def _arrivals(request: Request, kind: Kind) -> Response:
    room = _room(request)
    page = room.store.search(arrivals_query(kind, request.query_params, now=room.clock.now()))
    return JSONResponse({"items": [_item(hit) for hit in page.hits], "total": page.total, "next": page.next})


def _one(request: Request, kind: Kind) -> Response:
    wanted = request.path_params["id"]
    stored = _room(request).store.get(kind, [wanted]).get(wanted)
    if stored is None:
        raise HTTPException(404, "there is no such record")
    return JSONResponse(_item(Hit(id=stored.id, document=stored.document)))


def _item(hit: Hit) -> dict[str, Any]:
    return {**hit.document, "id": hit.id}


def _topics(room: Room, words: Mapping[str, str]) -> list[str]:
    wanted = words.get("topic")
    return [topic for topic in room.topics if wanted in (None, "", topic)]


def _fits(party: str, issue: str, words: Mapping[str, str]) -> bool:
    return words.get("party") in (None, "", party) and words.get("issue") in (None, "", issue)


def _position(one: Position) -> dict[str, Any]:
    return {
        "topic": one.topic,
        "party": one.party,
        "issue": one.issue,
        "ladder": one.ladder,
        "stance": one.stance,
        "since": one.since.isoformat(),
        "families": list(one.families),
        "last": _entry(one.last),
        "turns": [{"stance": turn.stance, **_entry(turn.entry)} for turn in one.turns],
    }


def _demand(one: OpenDemand) -> dict[str, Any]:
    return {
        "topic": one.demand.topic,
        "party": one.demand.party,
        "issue": one.demand.issue,
        "target": one.last.target or one.demand.target,
        "age_days": one.age.days,
        "deadline": one.deadline.isoformat() if one.deadline else None,
        "families": list(one.families),
        "demand": _entry(one.demand),
        "last": _entry(one.last),
        "answers": [{"stance": sign(answer), **_entry(answer)} for answer in one.answers],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "statement_id": entry.statement_id,
        "at": entry.effective.isoformat(),
        "evidence": entry.evidence,
        "speaker": entry.speaker,
        "publisher": entry.publisher,
        "url": entry.url,
        "confidence": entry.confidence,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "statement_id": row.id,
        "at": row.when.isoformat(),
        "lane": row.lane,
        "party": row.party,
        "issue": row.issue,
        "stance": row.stance,
        "turned": row.turned,
        "evidence": row.evidence,
        "speaker": row.speaker or None,
        "publisher": row.publisher,
    }


def _precision(each: Precision) -> dict[str, Any]:
    return {
        "value": each.value,
        "right": each.right,
        "wrong": each.wrong,
        "precision": round(each.share, 4),
        "low": round(each.low, 4),
        "high": round(each.high, 4),
    }
