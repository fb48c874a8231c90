"""Reads JSON Feed 1.0 and 1.1 (jsonfeed.org), forgiving in everything but that it is an object with items."""

import json
from collections.abc import Mapping
from typing import Any

from worker.feeds.document import RawEntry, RawFeed


def read_json_feed(text: str) -> RawFeed | None:
    """Return the feed, or None if the text is no JSON Feed. ValueError or RecursionError if it is no JSON."""
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    return RawFeed(
        title=_text(document, "title"),
        link=_text(document, "home_page_url"),
        language=_text(document, "language"),
        older_url=_text(document, "next_url"),
        entries=[_entry(item) for item in document["items"] if isinstance(item, dict)],
    )


def _entry(item: Mapping[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        summary=_text(item, "summary") or _text(item, "content_text") or _text(item, "content_html"),
        authors=_authors(item),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        language=_text(item, "language"),
    )


def _authors(item: Mapping[str, Any]) -> list[str]:
    listed = item.get("authors")
    people = listed if isinstance(listed, list) else [item.get("author")]
    return [_text(person, "name") for person in people if isinstance(person, dict)]


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
