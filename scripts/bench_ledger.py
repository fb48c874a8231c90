"""Measure what a month of work costs in Redis: keys, bytes an item, time of a poll, a claim and a settlement.

``python scripts/bench_ledger.py [ITEMS]`` starts a server of its own; nothing of yours is touched.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from worker.adapters.embedded_server import EmbeddedServer
from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.identity import digest
from worker.ledger import Claim, NewItem, PollCommit, Stage
from worker.model import FeedEntry
from worker.outcomes import Outcome

FEEDS, POLL_ENTRIES, NEW_A_POLL = 70, 50, 10
START = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    """Fill a ledger and print the figures."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with server() as link:
        ledger = RedisLedger(link)
        empty = memory(link)
        seconds = {"poll": 0.0, "claim": 0.0, "fetched": 0.0, "settle": 0.0}
        polls = 0
        for first in range(0, items, NEW_A_POLL):
            polls += 1
            now = START + timedelta(minutes=polls)
            work(ledger, first, now, seconds)
        used = memory(link) - empty
        print(f"items {items}  keys {link.client.dbsize()}  bytes an item {used / items:.0f}  all {used / 1e6:.1f} MB")
        print(f"poll of {POLL_ENTRIES} entries, {NEW_A_POLL} new: {seconds['poll'] / polls * 1e3:.2f} ms")
        for name in ("claim", "fetched", "settle"):
            print(f"{name}: {seconds[name] / items * 1e6:.0f} us an item")
        start = time.perf_counter()
        ledger.commit_poll(poll(items, 2_000, "big"), now=START)
        print(f"poll of 2,000 new entries: {(time.perf_counter() - start) * 1e3:.0f} ms")


def work(ledger: RedisLedger, first: int, now: datetime, seconds: dict[str, float]) -> None:
    """Poll one feed and carry its new items to their end."""
    feed = f"feed-{first // NEW_A_POLL % FEEDS}"
    with timed(seconds, "poll"):
        new = ledger.commit_poll(poll(max(0, first + NEW_A_POLL - POLL_ENTRIES), POLL_ENTRIES, feed), now=now).new
    for item_id in new:
        for stage in (Stage.QUEUED, Stage.FETCHED):
            with timed(seconds, "claim"):
                claim = ledger.claim(item_id, stage, owner="host:123", now=now, risky=stage is Stage.FETCHED)
            assert isinstance(claim, Claim)  # noqa: S101 - a measurement of something else is none
            if stage is Stage.QUEUED:
                with timed(seconds, "fetched"):
                    ledger.fetched(claim, digest("capture", item_id), now=now)
            else:
                with timed(seconds, "settle"):
                    ledger.settle(claim, Outcome.INDEXED, now=now, article_id=digest("article", item_id))


def poll(first: int, number: int, feed: str) -> PollCommit:
    """Return a poll whose entries look like those of a news agency."""
    items = tuple(entry(position) for position in range(first, first + number))
    return PollCommit(feed_id=feed, state={"etag": "x"}, due_at=START, items=items)


def entry(number: int) -> NewItem:
    """Return one entry."""
    url = f"https://www.agency.example/world/europe/2026/03/01/minister-asks-for-talks-about-the-border-{number:08}"
    summary = "The minister asked for talks about the border and repeated what had been said the week before. " * 3
    return NewItem(
        item_id=digest("item", url),
        feed_id="agency",
        entry=FeedEntry(identity=url, url=url, title="Minister asks for talks about the border", summary=summary),
        entry_hash=digest(url),
        topics=("border",),
    )


@contextmanager
def server() -> Iterator[RedisLink]:
    """Yield a link to a server that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedServer(Path(folder), fsync="no")
        link = RedisLink(embedded.start(), "bench")
        yield link
        link.close()
        embedded.stop()


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Add the time of the block."""
    start = time.perf_counter()
    yield
    seconds[name] += time.perf_counter() - start


def memory(link: RedisLink) -> int:
    """Return the bytes that the server's data takes."""
    return int(link.client.info("memory")["used_memory"])


if __name__ == "__main__":
    main()
