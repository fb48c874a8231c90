"""Entries that came and went between two polls: where to look for them, and when enough was looked. Pure.

A poll that knows none of its entries may have missed some. They are looked for in the feed's older pages (RFC 5005
``prev-archive`` and ``next``, JSON Feed's ``next_url``, WordPress's ``?paged=``), else in the site's news sitemaps,
until something known or something older than the poll before turns up.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from worker.canonical_url import clean_fetch_url
from worker.feeds.document import FeedDocument
from worker.feeds.state import FeedState
from worker.model import FeedEntry

MAX_PAGES = 5
MAX_SOURCES = 4
MAX_FAILED = 3
"""After as many gaps that nothing filled, a site is not searched again until the state is lost."""
MARGIN = timedelta(hours=1)
"""Entries show up this much later than they are dated."""
_PAGE_NUMBER = re.compile(r"[0-9]{1,6}")
_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml")
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S{8,2000})", re.IGNORECASE | re.MULTILINE)


def opened(state: FeedState, document: FeedDocument, *, url: str, robots: str, before: datetime | None) -> FeedState:
    """Return the state with where to look for what may have been missed since ``before``, the poll before this one.

    ``robots`` is the site's robots.txt as far as it is known: it names the site's sitemaps.
    """
    if state.fill_failed >= MAX_FAILED:
        return state
    found = [document.older_url, *_sitemaps(robots, document.site_url or url)]
    sources = list(dict.fromkeys(clean for source in found if source and (clean := clean_fetch_url(source))))
    return replace(
        state, fill_urls=" ".join(sources[:MAX_SOURCES]), fill_left=MAX_PAGES if sources else 0, fill_since=before
    )


def without_source(state: FeedState) -> FeedState:
    """Return the state after a source gave nothing: the next one is asked, if there is one."""
    rest = " ".join(state.fill_urls.split()[1:])
    if rest:
        return replace(state, fill_urls=rest)
    return replace(state, fill_urls="", fill_left=0, fill_failed=state.fill_failed + 1)


def missed(state: FeedState, entries: Sequence[FeedEntry]) -> list[FeedEntry]:
    """Return the entries of a source that may have been missed: those not dated before the gap."""
    return [entry for entry in entries if not _is_older(state, entry)]


def after_page(state: FeedState, document: FeedDocument, *, known: int, new: int) -> FeedState:
    """Return the state after a source was read, ``known`` and ``new`` of its entries being so.

    The gap is closed when a known or an older entry turned up, or when there is no further page.
    """
    counted = replace(state, filled=state.filled + new, fill_failed=0)
    is_closed = known > 0 or any(_is_older(state, entry) for entry in document.entries) or state.fill_left <= 1
    older = "" if is_closed else clean_fetch_url(document.older_url) if document.older_url else ""
    if not older or older == state.fill_urls.split()[0]:
        return replace(counted, fill_urls="", fill_left=0)
    return replace(counted, fill_urls=older, fill_left=state.fill_left - 1)


def older_page(head: str, url: str) -> str:
    """Return where the feed's older entries are, by what stands before its first entry; empty if nowhere."""
    links = dict(_links(head))
    named = links.get("prev-archive") or links.get("next")
    if named:
        return _joined(url, named)
    return _paged(url) if "wordpress.org" in head or "wordpress.com" in head else ""


_LINK = re.compile(r"<(?:\w+:)?link\s([^<>]{1,2000})>")
_ATTRIBUTE = re.compile(r"\b(rel|href)\s*=\s*[\"']([^\"']{1,2000})[\"']")


def _links(head: str) -> Iterator[tuple[str, str]]:
    for found in _LINK.finditer(head):
        given = dict(_ATTRIBUTE.findall(found[1]))
        if "rel" in given and "href" in given:
            yield given["rel"].lower(), given["href"].replace("&amp;", "&")


def _paged(url: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    number = query.get("paged", "1")
    query["paged"] = str(int(number) + 1) if _PAGE_NUMBER.fullmatch(number) else "2"
    return parts._replace(query=urlencode(query)).geturl()


def _sitemaps(robots: str, site: str) -> Iterator[str]:
    named = (clean_fetch_url(line) for line in _SITEMAP_LINE.findall(robots))
    yield from (url for url in named if url and "news" in urlsplit(url).path.lower())
    yield from (_joined(site, path) for path in _SITEMAPS)


def _is_older(state: FeedState, entry: FeedEntry) -> bool:
    return bool(state.fill_since and entry.published and entry.published < state.fill_since - MARGIN)


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""
