"""Lists of feeds as OPML 2.0, in and out without loss.

What OPML has no word for (publisher family, topics, bounds) travels in attributes of our own namespace; another
program ignores them, and we read them back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree

from worker.errors import Refused
from worker.model import Feed
from worker.outcomes import Outcome
from worker.text import clean_line

NAMESPACE = "urn:stancewatch:opml"
MAX_BYTES = 5_000_000

_NAMED = ("id", "publisher", "family", "credentials")
_LISTS = ("tags", "topics")
_NUMBERS = ("min_interval_s", "max_interval_s")


def opml_from(feeds: Iterable[Feed], *, title: str, now: datetime) -> bytes:
    """Return the feeds as an OPML document. Names of credentials are written, secrets are not part of a feed."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"sw": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    for feed in feeds:
        body.append(_outline(feed))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def feeds_from(data: bytes, *, taken_ids: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the feeds of an OPML document as mappings with the keys of ``config/feeds.yml``.

    Folders of other readers become tags. A feed without id gets one from its title. Refused if it is no OPML.
    """
    root = _root(data)
    taken = set(taken_ids)
    found = []
    for outline in root.iter("outline"):
        if outline.get("xmlUrl"):
            feed = _mapping(outline, taken)
            taken.add(feed["id"])
            found.append(feed)
    return found


def _outline(feed: Feed) -> etree._Element:
    outline = etree.Element("outline", {"type": "rss", "text": feed.publisher, "title": feed.publisher})
    outline.set("xmlUrl", feed.url)
    outline.set("language", feed.language)
    if feed.tags:
        outline.set("category", ",".join(feed.tags))
    for name in (*_NAMED, *_LISTS, *_NUMBERS):
        value = getattr(feed, name)
        if value:
            outline.set(_own(name), ",".join(value) if isinstance(value, tuple) else str(value))
    return outline


def _root(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(data[:MAX_BYTES], parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(f"not an OPML document: {error}", reason=Outcome.MARKUP_REFUSED) from error
    if root is None or root.tag != "opml":
        raise Refused("not an OPML document", reason=Outcome.MARKUP_REFUSED)
    return root


def _mapping(outline: etree._Element, taken: set[str]) -> dict[str, Any]:
    title = clean_line(outline.get("title") or outline.get("text") or outline.get("xmlUrl") or "feed", limit=100)
    feed: dict[str, Any] = {"id": _free_id(outline.get(_own("id")) or title, taken), "url": outline.get("xmlUrl")}
    feed["publisher"] = outline.get(_own("publisher")) or title
    feed["family"] = outline.get(_own("family")) or _slug(feed["publisher"])
    feed["language"] = clean_line(outline.get("language") or "en", limit=10)
    for name in _LISTS:
        text = outline.get(_own(name)) or (_categories(outline) if name == "tags" else "")
        if text:
            feed[name] = [word for word in text.split(",") if word]
    for name in _NUMBERS:
        text = outline.get(_own(name)) or ""
        if text.isdecimal():
            feed[name] = int(text)
    if outline.get(_own("credentials")):
        feed["credentials"] = outline.get(_own("credentials"))
    return feed


def _categories(outline: etree._Element) -> str:
    folder = outline.getparent()
    in_folder = folder.get("text") if folder is not None and folder.tag == "outline" else None
    named = outline.get("category") or in_folder or ""
    return ",".join(_slug(word) for word in named.replace("/", ",").split(",") if word.strip())


def _free_id(wanted: str, taken: set[str]) -> str:
    base = _slug(wanted)
    return next(
        name for number in range(1, len(taken) + 3) if (name := f"{base}-{number}" if number > 1 else base) not in taken
    )


def _slug(text: str) -> str:
    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in text.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "feed"


def _own(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
