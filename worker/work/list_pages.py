"""The pages that a sitemap, a list of sitemaps or a feed names, for ``ingest``."""

import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from worker.errors import HostUnavailable, Refused
from worker.feeds.charset import decode_feed
from worker.feeds.document import FeedDocument, finished_entries
from worker.feeds.parse import declares_entities, parse_feed
from worker.feeds.sitemap import named_sitemaps, read_sitemap, sitemap_kind
from worker.log import logger
from worker.model import FeedEntry
from worker.ports import Clock, HttpClient, HttpRequest
from worker.text import clean_line

log = logger(__name__)

MAX_BYTES = 52_428_800
"""A sitemap may have 50 MiB, unpacked (sitemaps.org)."""
MAX_SITEMAPS = 1_000
_GZIP = b"\x1f\x8b"
_OK = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """What one document names: pages, or further sitemaps. ``fault`` is empty if it could be read."""

    entries: tuple[FeedEntry, ...] = ()
    sitemaps: tuple[str, ...] = ()
    fault: str = ""


def pages_from(
    url: str, http: HttpClient, clock: Clock, *, since: datetime | None = None, pause: Callable[[], None] = lambda: None
) -> Iterator[list[FeedEntry]]:
    """Yield the pages of each document, following lists of sitemaps; ``pause`` is called between two requests.

    With ``since``, only pages and sitemaps dated from then on, and those without a date. What cannot be read is
    logged and passed over, but for the first document: HostUnavailable or Refused say why.
    """
    waiting, seen = deque([url]), {url}
    while waiting:
        address = waiting.popleft()
        found = _asked(address, http, clock.now(), since=since, is_first=address == url)
        if found.fault:
            log.warning("sitemap_not_read", url=address, why=found.fault)
        yield list(found.entries)
        fresh = [one for one in dict.fromkeys(found.sitemaps) if one not in seen][: MAX_SITEMAPS - len(seen)]
        seen.update(fresh)
        waiting.extend(fresh)
        if waiting:
            pause()


def listing_of(
    body: bytes, *, url: str, now: datetime, content_type: str = "", since: datetime | None = None
) -> Listing:
    """Return what a document names: a sitemap, a list of sitemaps, or any feed, packed or not. Never raises."""
    try:
        plain = _unpacked(body)
    except zlib.error as error:
        return Listing(fault=f"cannot be unpacked: {error}")
    text = decode_feed(plain, content_type)
    kind = sitemap_kind(text)
    if kind is None:
        found = parse_feed(plain, url=url, now=now, content_type=content_type)
        return Listing(found.entries) if isinstance(found, FeedDocument) else Listing(fault=found.why)
    if declares_entities(text):
        return Listing(fault="declares entities or an internal DTD subset")
    data = text.encode("utf-8", "replace")
    try:
        if kind == "sitemapindex":
            return Listing(sitemaps=tuple(named_sitemaps(data, since=since, now=now)))
        entries = finished_entries(read_sitemap(data).entries, base=url, now=now)
    except Exception as error:  # noqa: BLE001 - parsers of foreign bytes raise anything; the reason is kept
        return Listing(fault=clean_line(f"{type(error).__name__}: {error}", limit=200))
    return Listing(tuple(entry for entry in entries if _is_wanted(entry, since)))


def _asked(url: str, http: HttpClient, now: datetime, *, since: datetime | None, is_first: bool) -> Listing:
    try:
        answer = http.send(HttpRequest(url=url, max_bytes=MAX_BYTES))
    except (HostUnavailable, Refused) as error:
        if is_first:
            raise
        return Listing(fault=str(error))
    if answer.status != _OK:
        return Listing(fault=f"status {answer.status}")
    content_type = answer.headers.get("content-type", "")
    return listing_of(answer.body, url=answer.chain[-1], now=now, content_type=content_type, since=since)


def _unpacked(body: bytes) -> bytes:
    """Return the document of a ``.xml.gz``, no more of it than a sitemap may have."""
    if not body.startswith(_GZIP):
        return body
    return zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES)


def _is_wanted(entry: FeedEntry, since: datetime | None) -> bool:
    when = entry.updated or entry.published
    return since is None or when is None or when >= since
