"""Reads XML sitemaps (sitemaps.org) with the news extension: newsrooms without a feed mostly have one."""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from worker.canonical_url import clean_fetch_url
from worker.dates import moment
from worker.feeds.document import RawEntry, RawFeed

_IS_SITEMAP = re.compile(r"\s*(?:<\?[^>]*\?>\s*|<!--.{0,2000}?-->\s*)*<(?:\w+:)?(urlset|sitemapindex)[\s>]", re.DOTALL)


def sitemap_kind(text: str) -> str | None:
    """Return ``urlset``, ``sitemapindex`` or None."""
    found = _IS_SITEMAP.match(text[:20_000])
    return found[1] if found else None


def read_sitemap(data: bytes) -> RawFeed:
    """Return the pages of a ``urlset`` as entries. ``etree.XMLSyntaxError`` or ValueError if nothing can be read."""
    return RawFeed(entries=[_entry(url) for url in _children(data, "url")])


def named_sitemaps(data: bytes, *, since: datetime | None, now: datetime) -> Iterator[str]:
    """Yield the addresses that a ``sitemapindex`` names, without those that last changed before ``since``."""
    for sitemap in _children(data, "sitemap"):
        found = _fields(sitemap)
        changed = moment(found.get("lastmod"), now=now)
        url = clean_fetch_url(found.get("loc", ""))
        if url and (since is None or changed is None or changed >= since):
            yield url


def _children(data: bytes, name: str) -> list[etree._Element]:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, parser)
    if root is None:
        raise ValueError("no markup")
    return [child for child in root if isinstance(child.tag, str) and _name(child) == name]


def _entry(url: etree._Element) -> RawEntry:
    found = _fields(url)
    return RawEntry(
        guid=found.get("loc", ""),
        link=found.get("loc", ""),
        title=found.get("title", ""),
        published=found.get("publication_date"),
        updated=found.get("lastmod"),
        language=found.get("language", ""),
    )


def _fields(parent: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in parent.iter(tag=etree.Element):
        found.setdefault(_name(element), (element.text or "").strip())
    return found


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2]  # QName refuses the names that a broken document comes to
