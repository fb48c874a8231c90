"""Reads XML sitemaps (sitemaps.org) with the news extension: newsrooms without a feed mostly have one."""

import re

from lxml import etree

from worker.feeds.document import RawEntry, RawFeed

_IS_SITEMAP = re.compile(r"\s*(?:<\?[^>]*\?>\s*|<!--.{0,2000}?-->\s*)*<(?:\w+:)?(urlset|sitemapindex)[\s>]", re.DOTALL)


def sitemap_kind(text: str) -> str | None:
    """Return ``urlset``, ``sitemapindex`` or None."""
    found = _IS_SITEMAP.match(text[:20_000])
    return found[1] if found else None


def read_sitemap(data: bytes) -> RawFeed:
    """Return the pages of a ``urlset`` as entries. ``etree.XMLSyntaxError`` or ValueError if nothing can be read."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, parser)
    if root is None:
        raise ValueError("no markup")
    return RawFeed(entries=[_entry(url) for url in root if isinstance(url.tag, str) and _name(url) == "url"])


def _entry(url: etree._Element) -> RawEntry:
    found: dict[str, str] = {}
    for element in url.iter(tag=etree.Element):
        found.setdefault(_name(element), (element.text or "").strip())
    return RawEntry(
        guid=found.get("loc", ""),
        link=found.get("loc", ""),
        title=found.get("title", ""),
        published=found.get("publication_date"),
        updated=found.get("lastmod"),
        language=found.get("language", ""),
    )


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
