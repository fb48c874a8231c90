"""One row of the outbox to its channel: claim by compare-and-set, send, settle.

A crash after sending and before settling sends once more when the lease ends, with the same id; a crash anywhere
else sends once, and so does a store that refuses to be told. A channel that keeps failing is left alone for a while,
and the others do not notice.
"""

from collections.abc import Mapping
from datetime import datetime

from worker.alert.limits import with_count
from worker.alert.outbox import (
    Breaker,
    RowState,
    breaker_document,
    breaker_from,
    claimed,
    deferred,
    is_due,
    message_of,
    settled,
)
from worker.alert.rows import RowKind, change_row, checked, due_rows
from worker.errors import StoreUnavailable
from worker.log import logger
from worker.ports import Channel, Delivery, Document, Kind, Leases, ResultStore, Write

__all__ = ["breaker_of", "deliver", "due_rows"]

log = logger(__name__)

_SENT, _ASKED = "sent", "asked"
_SENT_BEFORE = Delivery(ok=True, detail="sent before, when the store took no notes")
_MARK_S = 86_400
"""Longer than any outage of the store that is not itself the news."""


def deliver(
    store: ResultStore,
    channels: Mapping[str, Channel],
    row_id: str,
    *,
    now: datetime,
    jitter: float,
    marks: Leases | None = None,
) -> RowState | None:
    """Send a row if it is due; return the state it has then, or None if there was nothing to do.

    ``jitter`` is a number between 0 and 1 by which the next try is put off. ``marks`` remember what was sent while the
    store took no notes: without them it is sent again. Raises StoreUnavailable.
    """
    found = store.get(Kind.ALERTS, [row_id]).get(row_id)
    if found is None or not is_due(found.document, now):
        return None
    name = found.document["channel"]
    breaker = breaker_of(store, name)
    held = _held_back(channels.get(name), breaker, now)
    if isinstance(held, datetime):
        change_row(store, row_id, lambda row: deferred(row, held) if is_due(row, now) else None)
        return RowState.PENDING
    row = change_row(store, row_id, lambda row: claimed(row, now) if is_due(row, now) else None)
    if row is None:
        return None  # another worker was faster
    known = held or (_SENT_BEFORE if marks and _is_marked(marks, row_id) else None)
    delivery = known or channels[name].send(message_of(_complete(store, row)))
    try:
        if known is None:
            _remember(store, name, breaker, breaker.after(delivery, now))
        state = _settle(store, row, delivery, now, jitter)
    except StoreUnavailable:
        if marks and delivery.ok:
            marks.take(_mark(row_id), _SENT, ttl_s=_MARK_S)
        raise
    if marks and known is _SENT_BEFORE:
        marks.drop(_mark(row_id), _SENT)
    return state


def _is_marked(marks: Leases, row_id: str) -> bool:
    """Return True if the row was sent; the try to take the mark leaves one of a moment, which is given back."""
    if not marks.take(_mark(row_id), _ASKED, ttl_s=1):
        return True
    marks.drop(_mark(row_id), _ASKED)
    return False


def _mark(row_id: str) -> str:
    return f"sent:{row_id}"


def breaker_of(store: ResultStore, channel: str) -> Breaker:
    """Return how a channel has been answering."""
    stored = store.get(Kind.STATE, [_breaker_id(channel)]).get(_breaker_id(channel))
    return breaker_from(stored.document if stored else None)


def _breaker_id(channel: str) -> str:
    return f"channel/{channel}"


def _held_back(channel: Channel | None, breaker: Breaker, now: datetime) -> Delivery | datetime | None:
    """Return until when to wait, or the answer that stands for one never asked for, or None: go."""
    if channel is None:
        return Delivery(ok=False, detail="the channel is not configured any more", final=True)
    if breaker.gone is not None:
        return Delivery(ok=False, detail=f"the channel is gone: {breaker.gone}", final=True)
    return breaker.open_until if breaker.is_open(now) else None


def _complete(store: ResultStore, row: Document) -> Document:
    if row["kind"] != RowKind.NOTICE:
        return row
    hour = store.get(Kind.STATE, [row["subject"]]).get(row["subject"])
    return with_count(row, hour.document if hour else None)


def _remember(store: ResultStore, channel: str, before: Breaker, after: Breaker) -> None:
    """Write the breaker if it changed. Last writer wins: a failure more or less makes no odds."""
    if after != before:
        document = breaker_document(channel, after)
        checked(store.write([Write(kind=Kind.STATE, id=_breaker_id(channel), document=document)]))


def _settle(store: ResultStore, row: Document, delivery: Delivery, now: datetime, jitter: float) -> RowState:
    """Write what came of the try, unless somebody has changed the row since (resend, acknowledge)."""

    def settle(current: Document) -> Document | None:
        is_ours = (current["attempts"], current["due_at"]) == (row["attempts"], row["due_at"])
        return settled(current, delivery, now, jitter=jitter) if is_ours else None

    after = change_row(store, row["id"], settle) or row
    log.info(
        "alert_delivery",
        alert_id=row["alert_id"],
        channel=row["channel"],
        attempt=row["attempts"],
        state=after["state"],
        detail=delivery.detail,
    )
    return RowState(after["state"])
