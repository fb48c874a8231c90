"""The work ledger in Redis. The rules are ``worker.ledger``'s; ``lua/ledger.lua`` makes each step atomic."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from worker.adapters.redis_link import RedisLink, store_errors
from worker.adapters.redis_records import fields_of, from_ms, read_record, to_ms, write_item, write_settled_entry
from worker.ledger import (
    EXPIRY_S,
    LEASE_S,
    MAX_ATTEMPTS,
    REOPEN_AFTER_S,
    RETRY_S,
    RING_AGAIN_S,
    WORKING,
    Claim,
    ItemRecord,
    NewItem,
    NotClaimed,
    PollCommit,
    PollResult,
    Stage,
)
from worker.outcomes import Outcome
from worker.text import clean_line

_REASON_CHARS = 160
_TRACE_CHARS = 2_000
_OUTCOMES = 'items_total{outcome="'


class RedisLedger:
    """``WorkLedger`` over one Redis or Valkey server (6.2 or later, not a cluster)."""

    def __init__(self, link: RedisLink, *, lease_s: float = LEASE_S, reopen_after_s: float = REOPEN_AFTER_S) -> None:
        self._link = link
        self._script = link.script("items", "ledger")
        limits = (lease_s * 1000, MAX_ATTEMPTS, reopen_after_s * 1000, EXPIRY_S, RING_AGAIN_S * 1000, RETRY_S * 1000)
        self._limits = json.dumps([int(limit) for limit in limits])

    def commit_poll(self, commit: PollCommit, *, now: datetime) -> PollResult:
        """Write a poll's items and its feed's state in one step."""
        state = [part for field in commit.state.items() for part in field]
        head = [commit.feed_id, to_ms(commit.due_at), len(state), *state]
        return _poll_result(self._run("commit", now, *head, *_written(commit.items)))

    def add(self, items: Sequence[NewItem], *, now: datetime) -> PollResult:
        """Write items that no feed carries."""
        return _poll_result(self._run("add", now, *_written(items)))

    def claim(self, item_id: str, stage: Stage, *, owner: str, now: datetime, risky: bool) -> Claim | NotClaimed:
        """Take the item for the length of a lease, or say why not."""
        answer = self._run("claim", now, item_id, stage.value, owner, int(risky))
        if answer[0] != "claimed":
            return NotClaimed(why=answer[0], until=from_ms(answer[1]) if len(answer) > 1 else None)
        record = read_record(item_id, fields_of(answer[2]), answer[1])
        return Claim(record=record, owner=owner, lease_until=from_ms(answer[1]))

    def fetched(self, claim: Claim, capture_id: str, *, now: datetime) -> bool:
        """Move on to be processed."""
        return self._change("fetched", claim, now, capture_id)

    def refetch(self, claim: Claim, *, now: datetime) -> bool:
        """Send back to be fetched; the third time, parks it as ``body_lost``."""
        return self._change("refetch", claim, now)

    def defer(self, claim: Claim, due_at: datetime, reason: str, *, now: datetime, refund: bool = True) -> bool:
        """Give back until ``due_at``."""
        return self._change("defer", claim, now, to_ms(due_at), _word(reason), int(refund))

    def fail(self, claim: Claim, reason: str, trace: str, *, now: datetime) -> bool:
        """Give back after a failure of its own, for ``RETRY_S``; the third one parks it."""
        return self._change("fail", claim, now, _word(reason), trace[:_TRACE_CHARS])

    def settle(self, claim: Claim, outcome: Outcome, *, now: datetime, article_id: str | None = None) -> bool:
        """End the item and count how."""
        entry = write_settled_entry(claim.record.entry)
        return self._change("settle", claim, now, outcome.value, article_id or "", entry)

    def due(self, stage: Stage, *, now: datetime, limit: int) -> list[str]:
        """Return what to ring now, longest silent first; wakes entries that changed while their item was fresh."""
        if stage not in WORKING:
            raise ValueError(f"nothing is due in stage {stage}")
        return list(self._run("due", now, stage.value, limit))

    def get(self, item_id: str) -> ItemRecord | None:
        """Return the record or None."""
        return self.get_many([item_id])[0]

    def get_many(self, item_ids: Sequence[str]) -> list[ItemRecord | None]:
        """Return the records in the order asked, None where there is none."""
        found = self._run("read", None, *item_ids)
        pairs = zip(item_ids, found, strict=True)
        return [read_record(id_, fields_of(flat), at) if flat else None for id_, (flat, at) in pairs]

    def parked(self, *, limit: int = 1000) -> list[ItemRecord]:
        """Return the items in quarantine, oldest first."""
        with store_errors():
            ids = self._link.client.zrange(self._key("parked"), 0, limit - 1)
        return [record for record in self.get_many(ids) if record]

    def release(self, item_id: str, *, now: datetime) -> bool:
        """Put a parked item back to work."""
        return bool(self._run("release", now, item_id))

    def drop(self, item_id: str, *, now: datetime) -> bool:
        """End a parked item as DROPPED."""
        return bool(self._run("drop", now, item_id))

    def erase(self, item_id: str, *, now: datetime) -> bool:
        """End an item as DELETED, wherever it stands."""
        record = self.get(item_id)
        return bool(record and self._run("erase", now, item_id, write_settled_entry(record.entry)))

    def counts(self) -> Mapping[str, int]:
        """Return items by stage and, ever, by outcome. ``settled`` counts records that have expired since, too."""
        with store_errors():
            pipe = self._link.client.pipeline(transaction=False)
            for key in ("due:queued", "due:fetched", "parked"):
                pipe.zcard(self._key(key))
            pipe.hgetall(self._key("counters"))
            queued, fetched, parked, counters = pipe.execute()
        ended = {
            name.removeprefix(_OUTCOMES).removesuffix('"}'): int(number)
            for name, number in counters.items()
            if name.startswith(_OUTCOMES)
        }
        settled = sum(ended.values()) - int(counters.get("items_reopened_total", 0))
        stages = {Stage.QUEUED: queued, Stage.FETCHED: fetched, Stage.SETTLED: settled, Stage.PARKED: parked}
        outcomes = {f"outcome:{word}": number for word, number in sorted(ended.items())}
        return {stage.value: int(number) for stage, number in stages.items()} | outcomes

    def oldest_due(self, stage: Stage) -> datetime | None:
        """Return since when (or from when) the stage's first item waits; None if the stage is empty."""
        with store_errors():
            first = self._link.client.zrange(self._key(f"due:{stage}"), 0, 0, withscores=True)
        return from_ms(first[0][1]) if first else None

    def _key(self, name: str) -> str:
        return f"{self._link.prefix}{name}"

    def _run(self, operation: str, now: datetime | None, *arguments: object) -> Any:  # noqa: ANN401 - as each script answers
        moment = to_ms(now) if now else 0
        with store_errors():
            return self._script(args=[self._link.prefix, moment, operation, self._limits, *arguments])

    def _change(self, operation: str, claim: Claim, now: datetime, *arguments: object) -> bool:
        held = (claim.record.item_id, claim.record.version, claim.owner)
        return bool(self._run(operation, now, *held, *arguments))


def _written(items: Sequence[NewItem]) -> list[str]:
    return [part for item in items for part in write_item(item)]


def _poll_result(answer: Sequence[Any]) -> PollResult:
    new, reopened, known = answer
    return PollResult(new=tuple(new), reopened=tuple(reopened), known=known)


def _word(reason: str) -> str:
    """Return the reason fit for a line of the history, which is parted by bars."""
    return clean_line(reason, limit=_REASON_CHARS).replace("|", "/")
