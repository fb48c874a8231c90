"""The alerts as an Atom and a JSON feed, for readers that people already have. Pure renderers of outbox rows."""

import json
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from worker.ports import Document

ATOM = "http://www.w3.org/2005/Atom"
TITLE = "Stancewatch alerts"


def atom_feed(rows: Sequence[Document], *, address: str, updated: datetime) -> str:
    """Return an Atom feed (RFC 4287) of the rows, newest first as given; one entry an alert, whatever its channels."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(_tag("feed"))
    _child(feed, "title", TITLE)
    _child(feed, "id", address)
    _child(feed, "updated", _stamp(updated.isoformat()))
    ET.SubElement(feed, _tag("link"), rel="self", href=address)
    _child(ET.SubElement(feed, _tag("author")), "name", "Stancewatch")
    for row in _one_of_each(rows):
        _entry(feed, row)
    return ET.tostring(feed, encoding="unicode", xml_declaration=True)


def _entry(feed: ET.Element, row: Document) -> None:
    entry = ET.SubElement(feed, _tag("entry"))
    _child(entry, "title", row["message"]["title"])
    _child(entry, "id", f"urn:stancewatch:alert:{row['alert_id']}")
    _child(entry, "updated", _stamp(row["@timestamp"]))
    url = _url(row)
    if url:
        ET.SubElement(entry, _tag("link"), rel="alternate", href=url)
    content = ET.SubElement(entry, _tag("content"), type="text")
    content.text = row["message"]["text"]


def json_feed(rows: Sequence[Document], *, address: str) -> str:
    """Return the same as JSON Feed 1.1."""
    items = [
        {
            "id": row["alert_id"],
            "title": row["message"]["title"],
            "content_text": row["message"]["text"],
            "date_published": _stamp(row["@timestamp"]),
            "external_url": _url(row) or None,
            "tags": [row["level"], row["rule"]],
        }
        for row in _one_of_each(rows)
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": TITLE,
        "feed_url": address,
        "items": [{key: value for key, value in item.items() if value is not None} for item in items],
    }
    return json.dumps(feed, ensure_ascii=False)


def _one_of_each(rows: Sequence[Document]) -> list[Document]:
    return list({row["alert_id"]: row for row in reversed(rows)}.values())[::-1]


def _url(row: Document) -> str:
    return str(row["message"]["data"].get("article", {}).get("url", ""))


def _stamp(moment: str) -> str:
    return datetime.fromisoformat(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


def _child(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = text


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"
