"""Outbox rows in the result store: written once each, changed by compare-and-set."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from worker.alert.outbox import RowState
from worker.errors import StoreRejected, StoreUnavailable
from worker.identity import digest
from worker.ports import CREATE, Document, Kind, Query, ResultStore, Stored, Write, WriteResult, WriteStatus

TRIES = 25
DUE_KQL = f"state: {RowState.PENDING}"


class RowKind(StrEnum):
    """What a row tells of."""

    ALERT = "alert"
    CORRECTION = "correction"
    EDIT = "edit"
    """The outlet took out or changed what an alert told."""
    DIGEST = "digest"
    NOTICE = "notice"
    """How many messages an hour's cap held back."""
    REMINDER = "reminder"
    SYSTEM = "system"


def row_id(alert: str, channel: str) -> str:
    """Return the id of an alert's row for one channel."""
    return f"{alert}-{channel}"


def unwritten(store: ResultStore, alert: str, channels: Sequence[str]) -> list[str]:
    """Return the channels for which the alert has no row yet."""
    present = store.get(Kind.ALERTS, [row_id(alert, channel) for channel in channels])
    return [channel for channel in channels if row_id(alert, channel) not in present]


def create_rows(store: ResultStore, rows: Sequence[Document]) -> list[str]:
    """Write the rows that are not there yet; return the ids of those written. Raises if the store did not take one."""
    writes = [Write(kind=Kind.ALERTS, id=row["id"], document=row, token=CREATE) for row in rows]
    return [result.id for result in checked(store.write(writes)) if result.status is WriteStatus.OK]


def change_row(store: ResultStore, row: str, change: Callable[[Document], Document | None]) -> Document | None:
    """Apply a change to a row by compare-and-set; return the row as written, None if it is gone or needs no change."""
    for _ in range(TRIES):
        stored = store.get(Kind.ALERTS, [row]).get(row)
        after = change(stored.document) if stored else None
        if stored is None or after is None:
            return None
        if replaced(store, Kind.ALERTS, stored, after):
            return after
    raise StoreUnavailable(f"alert {row} is changed by others faster than it can be read")


def replaced(store: ResultStore, kind: Kind, stored: Stored, document: Document) -> bool:
    """Write a document over the one that was read; False if that has changed since."""
    write = Write(kind=kind, id=stored.id, document=document, token=stored.token)
    return checked(store.write([write]))[0].status is WriteStatus.OK


def checked(results: Sequence[WriteResult]) -> Sequence[WriteResult]:
    """Return results that are OK or CONFLICT; raise for any other."""
    for result in results:
        if result.status is WriteStatus.LATER:
            raise StoreUnavailable(f"the store has no room for {result.id} now: {result.reason}")
        if result.status is WriteStatus.REJECTED:
            raise StoreRejected(f"{result.id}: {result.reason}", reason="store_rejected")
    return results


def due_rows(store: ResultStore, *, now: datetime, limit: int = 100) -> list[str]:
    """Return the ids of rows that are to be sent now, longest due first."""
    until = now + timedelta(milliseconds=1)  # a search ends before its end, in steps of a millisecond
    query = Query(
        kind=Kind.ALERTS, kql=DUE_KQL, size=limit, sort=(("due_at", "asc"),), until=until, time_field="due_at"
    )
    return [hit.id for hit in store.search(query).hits]


def following_row(  # noqa: PLR0913 - what one message has of its own
    told: Document, kind: RowKind, *, alert: str, reason: str, title: str, text: str, data: Document, now: datetime
) -> dict[str, Any]:
    """Return the row of a message to whoever got the row ``told``, which it follows; ``data`` is laid over its data."""
    own = {"type": f"stancewatch.{kind}", "id": alert, "reason": reason}
    return {
        **told,
        "@timestamp": now.isoformat(),
        "id": row_id(alert, told["channel"]),
        "alert_id": alert,
        "kind": str(kind),
        "level": str(kind),
        "reason": reason,
        "state": str(RowState.PENDING),
        "state_reason": "",
        "attempts": 0,
        "due_at": now.isoformat(),
        "message": {"title": title, "text": text, "data": {**told["message"]["data"], **own, **data}},
    }


def plain_row(  # noqa: PLR0913 - what a row without a statement is made of
    kind: RowKind, *, subject: str, channel: str, rule: str, title: str, text: str, now: datetime, due_at: datetime
) -> dict[str, Any]:
    """Return a row that tells of no single statement; ``subject`` makes its id."""
    alert = digest("alert", kind, subject)
    data = {"type": f"stancewatch.{kind}", "id": alert, "title": title, "text": text}
    return {
        "@timestamp": now.isoformat(),
        "id": row_id(alert, channel),
        "alert_id": alert,
        "kind": str(kind),
        "channel": channel,
        "rule": rule,
        "level": str(kind),
        "reason": title,
        "subject": subject,
        "state": str(RowState.PENDING),
        "state_reason": "",
        "attempts": 0,
        "due_at": due_at.isoformat(),
        "message": {"title": title, "text": text, "data": data},
    }
