"""Takes documents that no feed carries into the one path of all articles, and says when they are done."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from worker.canonical_url import canonical_url
from worker.dates import moment
from worker.identity import digest, item_id
from worker.ledger import NewItem, Stage
from worker.model import Capture, FeedEntry
from worker.ports import Bell, BlobStore, Clock, WorkLedger

FEED_ID = "ingest"
ORIGIN = "ingest"
REPLAY = "replay"
TASKS = {Stage.QUEUED: "items.fetch", Stage.FETCHED: "items.process"}


class Given(Protocol):
    """A document as whoever read it from disk hands it in."""

    @property
    def url(self) -> str:
        """Return its address, which is its identity."""
        ...

    @property
    def body(self) -> bytes:
        """Return its bytes."""
        ...

    @property
    def content_type(self) -> str:
        """Return what the bytes are."""
        ...

    @property
    def title(self) -> str:
        """Return its title, or an empty text."""
        ...

    @property
    def published(self) -> str:
        """Return when it appeared, as it was written down, or an empty text."""
        ...

    @property
    def fetched(self) -> str:
        """Return when an archive got it, or an empty text."""
        ...

    @property
    def given(self) -> Mapping[str, Any] | None:
        """Return the whole article where there is nothing to extract."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingestor:
    """The ports of an ingest; ``topics`` are what the documents are read for."""

    ledger: WorkLedger
    blobs: BlobStore
    bell: Bell
    clock: Clock
    topics: tuple[str, ...]


@dataclass(slots=True)
class Waiting:
    """What an ingest still waits for. ``known`` counts documents that had been settled before, unchanged."""

    item_ids: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    parked: set[str] = field(default_factory=set)


def take_pages(urls: Sequence[str], ports: Ingestor) -> list[str]:
    """Enter addresses that are to be fetched; return their item ids."""
    return take_entries([FeedEntry(identity=url, url=url) for url in urls], ports)


def take_entries(entries: Iterable[FeedEntry], ports: Ingestor) -> list[str]:
    """Enter pages that a sitemap or feed names and that are to be fetched; return their item ids."""
    return _enter([_item(replace(entry, identity=entry.url), ports) for entry in entries], ports)


def take_documents(documents: Iterable[Given], ports: Ingestor) -> list[str]:
    """Keep bodies and captures and enter the items, ready to be processed; return their item ids.

    Those that an earlier, broken off run has brought to their end cost a look into the ledger.
    """
    given = [(_item_id(one.url), sha256(one.body).hexdigest(), one) for one in documents]
    records = ports.ledger.get_many([name for name, _, _ in given])
    fresh = [
        _captured(one, ports)
        for (_, body_hash, one), record in zip(given, records, strict=True)
        if record is None or record.stage is not Stage.SETTLED or record.entry_hash != digest(one.url, body_hash)
    ]
    _enter(fresh, ports)
    return [name for name, _, _ in given]


def take_captures(captures: Iterable[Capture], ports: Ingestor, *, run: str) -> list[str]:
    """Enter captures to be processed once more, as items of a replay of its own; return their item ids.

    The articles are known by their addresses, so nothing is doubled; ``run`` tells one replay from the next.
    """
    return _enter([_replayed(capture, ports, run) for capture in captures], ports)


def look(waiting: Waiting, ports: Ingestor) -> int:
    """Look which items have ended since; return how many. What ended is taken out of ``waiting.item_ids``."""
    ended = 0
    for one in list(waiting.item_ids):
        record = ports.ledger.get(one)
        if record is not None and record.stage not in {Stage.SETTLED, Stage.PARKED}:
            continue
        waiting.item_ids.discard(one)
        ended += 1
        if record is not None and record.stage is Stage.PARKED:
            waiting.parked.add(one)
            waiting.outcomes["parked"] += 1
        else:
            waiting.outcomes[str(record.outcome) if record else "lost"] += 1
    return ended


def ring_again(item_ids: Collection[str], ports: Ingestor, *, stage_of: Callable[[str], Stage | None]) -> None:
    """Ring for items that wait; harmless for those that are in work."""
    for stage, task in TASKS.items():
        ids = [one for one in item_ids if stage_of(one) is stage]
        if ids:
            ports.bell.ring(task, ids)


def stage_in(ledger: WorkLedger, one: str) -> Stage | None:
    """Return the stage of an item, None if the ledger does not know it."""
    record = ledger.get(one)
    return record.stage if record else None


def _enter(items: Sequence[NewItem], ports: Ingestor) -> list[str]:
    result = ports.ledger.add(items, now=ports.clock.now())
    fresh = {*result.new, *result.reopened}
    for stage, task in TASKS.items():
        ids = [item.item_id for item in items if item.stage is stage and item.item_id in fresh]
        if ids:
            ports.bell.ring(task, ids)
    return [item.item_id for item in items]


def _captured(document: Given, ports: Ingestor) -> NewItem:
    now = ports.clock.now()
    entry = FeedEntry(
        identity=document.url,
        url=document.url,
        title=document.title,
        published=_when(document.published, now),
        given=document.given,
    )
    body_hash = ports.blobs.put_body(document.body)
    capture = Capture(
        item_id=_item_id(document.url),
        feed_id=FEED_ID,
        entry=entry,
        chain=(document.url,),
        status=200,
        headers={"content-type": document.content_type},
        fetched_at=_when(document.fetched, now) or now,
        body_hash=body_hash,
        topics=ports.topics,
        origin=ORIGIN,
    )
    return _item(entry, ports, stage=Stage.FETCHED, capture_id=ports.blobs.put_capture(capture), words=body_hash)


def _replayed(capture: Capture, ports: Ingestor, run: str) -> NewItem:
    return NewItem(
        item_id=digest("replay", run, capture.item_id, capture.body_hash),
        feed_id=capture.feed_id,
        entry=capture.entry,
        entry_hash=capture.body_hash,
        topics=capture.topics,
        origin=REPLAY,
        stage=Stage.FETCHED,
        capture_id=ports.blobs.put_capture(capture),
    )


def _item(
    entry: FeedEntry, ports: Ingestor, *, stage: Stage = Stage.QUEUED, capture_id: str | None = None, words: str = ""
) -> NewItem:
    return NewItem(
        item_id=_item_id(entry.url),
        feed_id=FEED_ID,
        entry=entry,
        entry_hash=digest(entry.url, words),
        topics=ports.topics,
        origin=ORIGIN,
        stage=stage,
        capture_id=capture_id,
    )


def _item_id(url: str) -> str:
    return item_id("", canonical_url(url))


def _when(text: str, now: datetime) -> datetime | None:
    return moment(text, now=now) if text else None
