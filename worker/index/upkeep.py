"""Housekeeping of the result store: retention by age, deletion on request, moving to another store.

Claims, alerts and stories are never touched by age: histories outlive what they were made of.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from worker.errors import StoreRejected, StoreUnavailable
from worker.ports import Document, Hit, Kind, Query, ResultStore, Write, WriteStatus

PAGE = 500

AGING: Mapping[Kind, str] = {Kind.ARTICLES: "@timestamp", Kind.STATEMENTS: "@timestamp", Kind.ALIASES: "event.ingested"}
"""What retention removes, by which time."""


def delete_older(store: ResultStore, *, keep: timedelta, now: datetime) -> dict[Kind, int]:
    """Delete articles, statements and aliases from before ``now - keep``; return how many of each. May run again."""
    return {kind: _delete_before(store, kind, time_field, now - keep) for kind, time_field in AGING.items()}


def _delete_before(store: ResultStore, kind: Kind, time_field: str, before: datetime) -> int:
    count = 0
    query = Query(
        kind=kind, until=before, time_field=time_field, sort=((time_field, "asc"),), size=PAGE, fields=(time_field,)
    )
    while ids := [hit.id for hit in store.search(query).hits]:
        count += _delete(store, kind, ids)
        store.refresh()
    return count


def delete_article(store: ResultStore, article_id: str) -> dict[Kind, int]:
    """Delete an article, its statements and its aliases, for good reasons of law; return how many of each.

    The claims still hold the sentences: take the statements out of them first (``novelty.withdraw_entries``).
    """
    store.refresh()
    deleted = {}
    for kind in (Kind.STATEMENTS, Kind.ALIASES):
        query = Query(kind=kind, kql=f'article.id: "{article_id}"', sort=(), size=PAGE, fields=("article.id",))
        deleted[kind] = sum(_delete(store, kind, [hit.id for hit in page]) for page in _pages(store, query))
    return deleted | {Kind.ARTICLES: _delete(store, Kind.ARTICLES, list(store.get(Kind.ARTICLES, [article_id])))}


def _delete(store: ResultStore, kind: Kind, ids: Sequence[str]) -> int:
    _carry_out(store, [Write(kind=kind, id=each, document=None) for each in ids])
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
        for hits in _pages(source, query):
            _carry_out(target, [Write(kind=kind, id=hit.id, document=hit.document) for hit in hits])
        target.refresh()
        before, after = checksum(source, kind), checksum(target, kind)
        if before != after:
            raise StoreRejected(f"{kind} differ after the move: {before} and {after}", reason="store_rejected")
        yield after


def checksum(store: ResultStore, kind: Kind) -> Moved:
    """Return the number and the checksum of a kind's documents."""
    count, total = 0, 0
    for hits in _pages(store, Query(kind=kind, sort=(), size=PAGE)):
        count += len(hits)
        total += sum(_number(hit.id, hit.document) for hit in hits)
    return Moved(kind=kind, count=count, checksum=f"{total % (1 << 128):032x}")


def _number(document_id: str, document: Document) -> int:
    text = json.dumps([document_id, document], sort_keys=True, ensure_ascii=False)
    return int.from_bytes(sha256(text.encode()).digest()[:16])


def _pages(store: ResultStore, query: Query) -> Iterator[tuple[Hit, ...]]:
    while True:
        page = store.search(query)
        if page.hits:
            yield page.hits
        if page.next is None:
            return
        query = replace(query, after=page.next)


def _carry_out(store: ResultStore, writes: Sequence[Write]) -> None:
    for result in store.write(writes) if writes else ():
        if result.status is WriteStatus.REJECTED:
            raise StoreRejected(f"{result.id}: {result.reason}", reason="store_rejected")
        if result.status is not WriteStatus.OK:
            raise StoreUnavailable(f"the store did not take {result.id}: {result.reason}")
