"""A live blog's page to one item for each of its updates; only those that are new become work.

An update is known by its address and its words: seen again it is the same item and costs nothing, edited it is a new
item of the same article, which makes it a revision.
"""

import json

from worker.extract.live import LiveBlog
from worker.identity import digest, text_hash
from worker.ledger import NewItem, Stage
from worker.model import Capture, FeedEntry, RawPage
from worker.ports import BlobStore, Clock, Kind, ResultStore, WorkLedger


def enter_updates(
    blog: LiveBlog, raw: RawPage, *, ledger: WorkLedger, blobs: BlobStore, store: ResultStore, clock: Clock
) -> int:
    """Enter the updates that nobody has seen, ready to be processed; return how many. May run twice."""
    names = {update_id(entry): entry for entry in blog.updates}
    records = ledger.get_many(list(names))
    fresh = [name for name, record in zip(names, records, strict=True) if record is None]
    indexed = store.get(Kind.ALIASES, fresh) if fresh else {}
    items = [_item(name, names[name], raw, blobs) for name in fresh if name not in indexed]
    if items:
        ledger.add(items, now=clock.now())
    return len(items)


def update_id(entry: FeedEntry) -> str:
    """Return the id of an update's item: another one when its words change."""
    words = str(entry.given["text"]) if entry.given else ""
    return digest("item", "live", entry.identity, text_hash(f"{entry.title}\n{words}"))


def _item(name: str, entry: FeedEntry, raw: RawPage, blobs: BlobStore) -> NewItem:
    page = raw.capture
    body = json.dumps(dict(entry.given or {}), ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    capture = Capture(
        item_id=name,
        feed_id=page.feed_id,
        entry=entry,
        chain=(entry.url,),
        status=page.status,
        headers={"content-type": "application/json"},
        fetched_at=page.fetched_at,
        body_hash=blobs.put_body(body),
        topics=page.topics,
        origin=page.origin,
    )
    return NewItem(
        item_id=name,
        feed_id=page.feed_id,
        entry=entry,
        entry_hash=name,
        topics=page.topics,
        origin=page.origin,
        stage=Stage.FETCHED,
        capture_id=blobs.put_capture(capture),
    )
