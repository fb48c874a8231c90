"""The alerts page: the outbox with its shadow rows, every rule, what is muted, and saying *seen* or *quiet*."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from worker.alert import limits
from worker.alert.outbox import RowState, acknowledged
from worker.alert.rows import change_row
from worker.alert.rules import Rule
from worker.ports import Hit, Kind, Query
from worker.web.desk import Room
from worker.web.forms import read_own_form
from worker.web.pages import render
from worker.web.security import csrf
from worker.web.views import at

PAGE = 100
FORM = "alerts"
READER = "reading room"
HOURS = {"1": "an hour", "24": "a day", "168": "a week", "0": "for good"}
KEY_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One alert for one channel. ``why`` says what held it back."""

    id: str
    time: str
    state: str
    why: str
    rule: str
    level: str
    title: str
    evidence: str
    channel: str
    statement_id: str
    acknowledged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule, or anything else that is muted. ``muted``: until when, "for good", or empty."""

    key: str
    name: str
    channels: str
    shadow: bool
    muted: str


def alerts(request: Request) -> Response:
    """What was sent, what waits, what was held back and why; each rule and whether it is muted."""
    room: Room = request.app.state.room
    state = request.query_params.get("state", "")
    kql = f"state: {state}" if state in set(RowState) else ""
    page = room.store.search(Query(kind=Kind.ALERTS, kql=kql, size=PAGE))
    return render(
        request,
        "alerts.html",
        "Alerts",
        state=state if kql else "",
        states=[str(each) for each in RowState],
        rows=[_row(hit) for hit in page.hits],
        total=page.total,
        rules=rule_rows(room.rules, _mutes(room), now=room.clock.now()),
        hours=HOURS,
        csrf=csrf(room.secret, FORM),
    )


async def acknowledge(request: Request) -> Response:
    """Mark a row as seen; one that still waits is not sent any more."""
    await read_own_form(request, made_for=FORM)
    room: Room = request.app.state.room
    now = room.clock.now()
    row = request.path_params["row_id"]
    changed = await run_in_threadpool(
        change_row, room.store, row, lambda document: acknowledged(document, now, by=READER)
    )
    if changed is None:
        raise HTTPException(404)
    return await _back(room)


async def mute(request: Request) -> Response:
    """Mute a rule, claim, position or party for some hours (0: for good), or lift its mute."""
    form = await read_own_form(request, made_for=FORM)
    room: Room = request.app.state.room
    key, hours, now = form.get("what", ""), form.get("hours", ""), room.clock.now()
    if not key.startswith(limits.MUTABLE) or len(key) > KEY_CHARS or not key.isprintable():
        raise HTTPException(400, "only a rule, claim, position or party can be muted")
    if form.get("lift"):
        await run_in_threadpool(limits.unmute, room.store, key)
        return await _back(room)
    if hours not in HOURS:
        raise HTTPException(400, f"hours: one of {', '.join(HOURS)}")
    until = now + timedelta(hours=int(hours)) if int(hours) else None
    await run_in_threadpool(limits.mute, room.store, key, until=until, by=READER, now=now)
    return await _back(room)


async def _back(room: Room) -> Response:
    await run_in_threadpool(room.store.refresh)  # so that the page shows what was just done
    return RedirectResponse("/alerts", 303)


def _mutes(room: Room) -> dict[str, str | None]:
    hits = room.store.search(Query(kind=Kind.MUTES, size=PAGE)).hits
    return {hit.id: at(hit.document, "until") for hit in hits}


def rule_rows(rules: Iterable[Rule], mutes: Mapping[str, str | None], *, now: datetime) -> list[RuleRow]:
    """Return every rule, and after them all else that is muted now."""
    muted = {key: until for key, until in mutes.items() if until is None or datetime.fromisoformat(until) > now}
    rows = [
        RuleRow(
            key=f"rule:{rule.id}",
            name=rule.id,
            channels=", ".join(rule.channels),
            shadow=rule.shadow,
            muted=_until(muted, f"rule:{rule.id}"),
        )
        for rule in rules
    ]
    known = {row.key for row in rows}
    others = [key for key in muted if key not in known]
    return rows + [RuleRow(key=key, name=key, channels="", shadow=False, muted=_until(muted, key)) for key in others]


def _until(muted: Mapping[str, str | None], key: str) -> str:
    return (muted[key] or "for good") if key in muted else ""


def _row(hit: Hit) -> OutboxRow:
    document = hit.document
    return OutboxRow(
        id=hit.id,
        time=_text(document, "@timestamp"),
        state=_text(document, "state"),
        why=_text(document, "state_reason") or _text(document, "detail"),
        rule=_text(document, "rule"),
        level=_text(document, "level"),
        title=_text(document, "message.title"),
        evidence=_text(document, "stance.evidence"),
        channel=_text(document, "channel"),
        statement_id=_text(document, "statement_id"),
        acknowledged=bool(at(document, "acknowledged")),
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    return str(at(document, name) or "")
