"""A feed's entries as the ledger's items."""

from collections.abc import Sequence

from worker.canonical_url import canonical_url
from worker.identity import digest, item_id, normalised
from worker.ledger import NewItem
from worker.model import Feed, FeedEntry

ARCHIVE = "archive"
"""Tag of a feed whose dates are believed however old they are, and origin of its items."""


def items_of(feed: Feed, entries: Sequence[FeedEntry]) -> tuple[NewItem, ...]:
    """Return the ledger's items for a feed's entries.

    An entry known by a URL has the same item in every feed, so that two feeds of one outlet fetch it once; an opaque
    guid means something in its own feed only.
    """
    return tuple(
        NewItem(
            item_id=entry_item_id(feed.id, entry.identity),
            feed_id=feed.id,
            entry=entry,
            entry_hash=entry_hash(entry),
            topics=feed.topics,
            origin=ARCHIVE if ARCHIVE in feed.tags else "feed",
        )
        for entry in entries
    )


def entry_hash(entry: FeedEntry) -> str:
    """Return what changes when the feed's words on an entry change.

    Dates are left out where there are words: many feeds rewrite them at every poll.
    """
    words = (normalised(entry.title), normalised(entry.summary))
    dated = "" if any(words) or entry.updated is None else entry.updated.isoformat()
    return digest(canonical_url(entry.url), *words, dated)


def entry_item_id(feed_id: str, identity: str) -> str:
    """Return the id of an entry's item."""
    is_url = identity.startswith(("http://", "https://"))
    return item_id("", canonical_url(identity)) if is_url else item_id(feed_id, identity)
