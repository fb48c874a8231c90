"""A feed's body to its entries. Never raises: whatever a body does to a parser comes back as a value with a reason."""

import re
from collections.abc import Callable
from datetime import datetime

from worker.feeds.charset import decode_feed
from worker.feeds.document import FeedDocument, ParseRefused, RawFeed, finished_entries, newest
from worker.feeds.gap import older_page
from worker.feeds.hints import body_hints, head_of
from worker.feeds.json_feed import read_json_feed
from worker.feeds.sitemap import read_sitemap, sitemap_kind
from worker.feeds.xml_feed import read_fast, read_forgiving
from worker.outcomes import PollOutcome
from worker.text import clean_line

MAX_BYTES = 5_000_000
MAX_ENTRIES = 2_000
MAX_RAW_ENTRIES = 10_000
"""More than that is no feed; each may carry a date that takes a millisecond to make out."""
MAX_FORGIVING_CHARS = 1_500_000
MAX_FORGIVING_MARKS = 100_000
"""feedparser takes 7 s for a megabyte of open tags; of 70 real feeds none over a tenth of this needs it."""

_DECLARES = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]{0,2000}\[", re.IGNORECASE)
_HTML = re.compile(r"\s*(?:<!--.{0,500}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_FEED_ROOT = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_ENTRY_START = re.compile(r"<(?:item|entry)[\s>]")
_PROLOG_CHARS = 4_096
_MAX_DECLARATIONS = 20


def parse_feed(
    body: bytes, *, url: str, now: datetime, content_type: str = "", max_entries: int = MAX_ENTRIES
) -> FeedDocument | ParseRefused:
    """Return the document, or why there is none. ``url`` is where the body came from: links may be relative to it."""
    if len(body) > MAX_BYTES:
        return ParseRefused(PollOutcome.REFUSED, f"larger than {MAX_BYTES} bytes")
    try:
        return _parsed(body, url=url, now=now, content_type=content_type, max_entries=max_entries)
    except Exception as error:  # noqa: BLE001 - parsers of foreign bytes raise anything; the reason is kept
        return ParseRefused(PollOutcome.NOT_A_FEED, clean_line(f"{type(error).__name__}: {error}", limit=200))


def declares_entities(text: str) -> bool:
    """Return whether the document has an internal DTD subset or declares entities: no feed needs either.

    In CDATA, after the head, the same words are only words.
    """
    for count, found in enumerate(_DECLARES.finditer(text)):
        if found.start() < _PROLOG_CHARS or count > _MAX_DECLARATIONS or not _is_in_cdata(text, found.start()):
            return True
    return False


def _parsed(
    body: bytes, *, url: str, now: datetime, content_type: str, max_entries: int
) -> FeedDocument | ParseRefused:
    text = decode_feed(body, content_type)
    if not text.strip():
        return ParseRefused(PollOutcome.EMPTY, "the answer is empty")
    if not _is_json(text) and declares_entities(text):
        return ParseRefused(PollOutcome.REFUSED, "declares entities or an internal DTD subset")
    feed = _read(text)
    if isinstance(feed, ParseRefused):
        return feed
    entries = finished_entries(feed.entries, base=feed.link if "://" in feed.link[:12] else url, now=now)
    if not entries:
        return ParseRefused(PollOutcome.EMPTY, "a feed without entries that have a link")
    kept = newest(entries, max_entries)
    return FeedDocument(
        title=clean_line(feed.title),
        language=clean_line(feed.language, limit=20) or None,
        site_url=clean_line(feed.link, limit=2_000),
        entries=tuple(kept),
        hints=body_hints(text),
        left_out=len(feed.entries) - len(kept),
        older_url=feed.older_url or older_page(head_of(text), url),
    )


def _read(text: str) -> RawFeed | ParseRefused:
    if _is_json(text):
        return read_json_feed(text) or ParseRefused(PollOutcome.NOT_A_FEED, "JSON, but no JSON Feed")
    kind = sitemap_kind(text)
    if kind == "sitemapindex":
        return ParseRefused(PollOutcome.NOT_A_FEED, "a list of sitemaps: use one of the news sitemaps it names")
    if kind:
        return read_sitemap(_encoded(text))
    if _HTML.match(text) and not _FEED_ROOT.search(text[:_PROLOG_CHARS]):
        return ParseRefused(PollOutcome.NOT_A_FEED, "a web page")
    if sum(1 for _ in _ENTRY_START.finditer(text)) > MAX_RAW_ENTRIES:
        return ParseRefused(PollOutcome.REFUSED, f"more than {MAX_RAW_ENTRIES} entries")
    return _read_xml(text)


def _read_xml(text: str) -> RawFeed | ParseRefused:
    data = _encoded(text)
    fast = _tried(lambda: read_fast(data, text))
    if isinstance(fast, RawFeed) and fast.entries:
        return fast
    if len(text) > MAX_FORGIVING_CHARS or text.count("<") + text.count("&") > MAX_FORGIVING_MARKS:
        return (
            fast if isinstance(fast, RawFeed) else ParseRefused(PollOutcome.NOT_A_FEED, f"too broken to read: {fast}")
        )
    forgiving = _tried(lambda: read_forgiving(data))
    if isinstance(forgiving, RawFeed):
        return forgiving
    if isinstance(fast, RawFeed):
        return fast
    return ParseRefused(PollOutcome.NOT_A_FEED, str(forgiving or fast))


def _tried(read: Callable[[], RawFeed | None]) -> RawFeed | str:
    """Return the feed, or what hindered: both parsers raise far more than they say they do."""
    try:
        return read() or "neither RSS nor Atom"
    except Exception as error:  # noqa: BLE001
        return clean_line(f"{type(error).__name__}: {error}", limit=200)


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in {"{", "["}


def _is_in_cdata(text: str, position: int) -> bool:
    return text.rfind("<![CDATA[", 0, position) > text.rfind("]]>", 0, position)


def _encoded(text: str) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>' + text.encode("utf-8", "replace")
