"""Housekeeping of the result store: retention by age, moving to another store.

Claims, alerts and stories are never touched by age: histories outlive what they were made of.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from worker.errors import StoreRejected, StoreUnavailable
from worker.ports import Document, Hit, Kind, Query, ResultStore, Write, WriteStatus

PAGE = 500

AGING = frozenset({Kind.ARTICLES, Kind.STATEMENTS, Kind.ALIASES})
"""What age may remove. It counts from when a document came in: an archive taken in today is not old."""


def delete_older(store: ResultStore, kind: Kind, *, before: datetime, limit: int) -> int:
    """Delete at most ``limit`` documents that came in before a time, oldest first; return how many. May run again."""
    if kind not in AGING:
        raise ValueError(f"{kind} do not age")
    count = 0
    while count < limit:
        found = store.search(
            Query(
                kind=kind,
                until=before,
                time_field="event.ingested",
                sort=(("event.ingested", "asc"),),
                size=min(PAGE, limit - count),
                fields=("event.ingested",),
            )
        )
        if not found.hits:
            break
        count += remove(store, kind, [hit.id for hit in found.hits])
        store.refresh()
    return count


def remove(store: ResultStore, kind: Kind, ids: Sequence[str]) -> int:
    """Delete documents by id and return how many were named; raises unless the store took every one."""
    carry_out(store, [Write(kind=kind, id=each, document=None) for each in ids])
    return len(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many documents of a kind there are, and a checksum that does not depend on their order."""

    kind: Kind
    count: int
    checksum: str


def move(source: ResultStore, target: ResultStore) -> Iterator[Moved]:
    """Copy everything kind by kind, each compared at the end; StoreRejected if a kind differs. May run again.

    Nothing may write to ``source`` meanwhile. Documents of ``target`` with the same ids are overwritten.
    """
    for kind in Kind:
        query = Query(kind=kind, sort=(), size=PAGE)
        for hits in pages(source, query):
            carry_out(target, [Write(kind=kind, id=hit.id, document=hit.document) for hit in hits])
        target.refresh()
        before, after = checksum(source, kind), checksum(target, kind)
        if before != after:
            raise StoreRejected(f"{kind} differ after the move: {before} and {after}", reason="store_rejected")
        yield after


def checksum(store: ResultStore, kind: Kind) -> Moved:
    """Return the number and the checksum of a kind's documents."""
    count, total = 0, 0
    for hits in pages(store, Query(kind=kind, sort=(), size=PAGE)):
        count += len(hits)
        total += sum(_number(hit.id, hit.document) for hit in hits)
    return Moved(kind=kind, count=count, checksum=f"{total % (1 << 128):032x}")


def _number(document_id: str, document: Document) -> int:
    text = json.dumps([document_id, document], sort_keys=True, ensure_ascii=False)
    return int.from_bytes(sha256(text.encode()).digest()[:16])


def pages(store: ResultStore, query: Query) -> Iterator[tuple[Hit, ...]]:
    """Yield a search's hits page by page, to the last."""
    while True:
        page = store.search(query)
        if page.hits:
            yield page.hits
        if page.next is None:
            return
        query = replace(query, after=page.next)


def carry_out(store: ResultStore, writes: Sequence[Write]) -> None:
    """Carry out the writes; StoreRejected or StoreUnavailable unless the store took every one."""
    for result in store.write(writes) if writes else ():
        if result.status is WriteStatus.REJECTED:
            raise StoreRejected(f"{result.id}: {result.reason}", reason="store_rejected")
        if result.status is not WriteStatus.OK:
            raise StoreUnavailable(f"the store did not take {result.id}: {result.reason}")
