"""The life of one row of the outbox: one alert for one channel. Pure; documents in, documents out.

A row is claimed by setting its ``due_at`` behind a lease, sent, and settled. Whoever dies in between leaves a row
that is due again when the lease ends: sent once more, with the same id, and never lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from worker.ports import Delivery, Document, Message


class RowState(StrEnum):
    """Where a row stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """A dead letter: every try failed, or the channel is gone. ``alerts resend`` gives it another life."""
    SUPPRESSED = "suppressed"
    DIGEST = "digest"


SCHEDULE_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Standard Webhooks: how long each try waits after the one before; ten tries in about three days."""
JITTER_SHARE = 0.2
"""Most of a wait that jitter adds, so that what failed together does not come back together."""
SEND_LEASE_S = 60
"""Longer than any channel may take to send."""

BREAKER_FAILURES = 5
"""Failures in a row after which a channel is left alone for a while."""
BREAKER_FIRST_S, BREAKER_LONGEST_S = 60, 3_600


def is_due(row: Document, now: datetime) -> bool:
    """Return True if the row waits to be sent and nobody is at it."""
    return row["state"] == RowState.PENDING and datetime.fromisoformat(row["due_at"]) <= now


def claimed(row: Document, now: datetime) -> dict[str, Any]:
    """Return the row taken for one try, out of others' reach until the lease ends."""
    return {**row, "attempts": row["attempts"] + 1, "due_at": (now + timedelta(seconds=SEND_LEASE_S)).isoformat()}


def settled(row: Document, delivery: Delivery, now: datetime, *, jitter: float) -> dict[str, Any]:
    """Return the row after a try: sent, due again, or a dead letter. ``jitter`` is between 0 and 1."""
    after = {**row, "detail": delivery.detail}
    if delivery.ok:
        return after | {"state": str(RowState.SENT), "sent_at": now.isoformat()}
    if delivery.final or row["attempts"] >= len(SCHEDULE_S):
        return after | {"state": str(RowState.FAILED), "failed_at": now.isoformat()}
    wait = SCHEDULE_S[row["attempts"]] * (1 + JITTER_SHARE * jitter)
    return after | {"due_at": (now + timedelta(seconds=max(wait, delivery.retry_after_s or 0))).isoformat()}


def deferred(row: Document, until: datetime) -> dict[str, Any]:
    """Return the row waiting for its channel's breaker; no try is counted."""
    return {**row, "due_at": until.isoformat()}


def resent(row: Document, now: datetime) -> dict[str, Any]:
    """Return any row due at once with fresh tries, under the same id."""
    return {**row, "state": str(RowState.PENDING), "attempts": 0, "due_at": now.isoformat()}


def acknowledged(row: Document, now: datetime, *, by: str) -> dict[str, Any]:
    """Return the row marked as read by a person; one that still waits is not sent any more."""
    state = RowState.SUPPRESSED if row["state"] == RowState.PENDING else RowState(row["state"])
    return {**row, "state": str(state), "acknowledged": {"at": now.isoformat(), "by": by}}


def message_of(row: Document) -> Message:
    """Return what is sent: the same on every try."""
    message = row["message"]
    return Message(
        id=row["alert_id"],
        title=message["title"],
        text=message["text"],
        data=message["data"],
        created=datetime.fromisoformat(row["@timestamp"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """How a channel has been answering. ``gone``: it said that it is no more (410); nothing is sent to it."""

    failures: int = 0
    open_until: datetime | None = None
    gone: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Return True while the channel is to be left alone."""
        return self.open_until is not None and now < self.open_until

    def after(self, delivery: Delivery, now: datetime) -> "Breaker":
        """Return the breaker after one answer; each further failure doubles the pause."""
        if delivery.ok:
            return Breaker()
        if delivery.final:
            return Breaker(failures=self.failures + 1, gone=delivery.detail)
        failures = self.failures + 1
        over = failures - BREAKER_FAILURES
        pause = min(BREAKER_FIRST_S * 2**over, BREAKER_LONGEST_S) if over >= 0 else 0
        wait = max(pause, delivery.retry_after_s or 0)
        return Breaker(failures=failures, open_until=now + timedelta(seconds=wait) if wait else None)


def breaker_document(channel: str, breaker: Breaker) -> dict[str, Any]:
    """Return the breaker as the store keeps it."""
    until = breaker.open_until.isoformat() if breaker.open_until else None
    return {"channel": channel, "failures": breaker.failures, "open_until": until, "gone": breaker.gone}


def breaker_from(document: Mapping[str, Any] | None) -> Breaker:
    """Return the breaker in a document, a closed one if there is none."""
    if document is None:
        return Breaker()
    until = document.get("open_until")
    return Breaker(
        failures=int(document["failures"]),
        open_until=datetime.fromisoformat(until) if until else None,
        gone=document.get("gone"),
    )
