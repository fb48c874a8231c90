"""Atom and JSON feeds, for readers that people already have. Pure renderers; what they list is handed in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from worker.ports import Document

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry. ``page`` is its own address, ``source`` the article's; either may be empty. ``when``: ISO 8601."""

    id: str
    title: str
    text: str
    when: str
    page: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()


def alert_items(rows: Sequence[Document]) -> list[FeedItem]:
    """Return one item an alert, whatever its channels, in the order of the outbox rows."""
    each = list({row["alert_id"]: row for row in reversed(rows)}.values())[::-1]
    return [
        FeedItem(
            id=f"urn:stancewatch:alert:{row['alert_id']}",
            title=row["message"]["title"],
            text=row["message"]["text"],
            when=row["@timestamp"],
            source=str(row["message"]["data"].get("article", {}).get("url", "")),
            tags=(row["level"], row["rule"]) if row["rule"] else (row["level"],),
        )
        for row in each
    ]


def atom_feed(items: Sequence[FeedItem], *, title: str, address: str, updated: datetime) -> str:
    """Return an Atom feed (RFC 4287) of the items in the order given."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(_tag("feed"))
    _child(feed, "title", title)
    _child(feed, "id", address)
    _child(feed, "updated", _stamp(updated.isoformat()))
    ET.SubElement(feed, _tag("link"), rel="self", href=address)
    _child(ET.SubElement(feed, _tag("author")), "name", "Stancewatch")
    for item in items:
        _entry(feed, item)
    return ET.tostring(feed, encoding="unicode", xml_declaration=True)


def _entry(feed: ET.Element, item: FeedItem) -> None:
    entry = ET.SubElement(feed, _tag("entry"))
    _child(entry, "title", item.title)
    _child(entry, "id", item.id)
    _child(entry, "updated", _stamp(item.when))
    if item.page or item.source:
        ET.SubElement(entry, _tag("link"), rel="alternate", href=item.page or item.source)
    if item.page and item.source:
        ET.SubElement(entry, _tag("link"), rel="via", href=item.source)
    for tag in item.tags:
        ET.SubElement(entry, _tag("category"), term=tag)
    content = ET.SubElement(entry, _tag("content"), type="text")
    content.text = item.text


def json_feed(items: Sequence[FeedItem], *, title: str, address: str) -> str:
    """Return the same as JSON Feed 1.1."""
    entries = [
        {
            "id": item.id,
            "title": item.title,
            "content_text": item.text,
            "date_published": _stamp(item.when),
            "url": item.page,
            "external_url": item.source,
            "tags": list(item.tags),
        }
        for item in items
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "feed_url": address,
        "items": [{key: value for key, value in entry.items() if value} for entry in entries],
    }
    return json.dumps(feed, ensure_ascii=False)


def _stamp(moment: str) -> str:
    return datetime.fromisoformat(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


def _child(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = text


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"
