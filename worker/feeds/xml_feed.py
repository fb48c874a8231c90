"""Reads RSS 0.9 to 2.0, RDF and Atom: fastfeedparser, and feedparser where that fails or finds nothing.

On 70 real feeds the first takes a fiftieth of the second's time and agrees with it (``scripts/bench_feeds.py``).
Both get UTF-8 bytes, never a text or URL: given a text they may open what it names.
"""

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import fastfeedparser
import feedparser

from worker.feeds.document import RawEntry, RawFeed

_ENTRY = re.compile(r"<(item|entry)[\s>].*?</\1\s*>", re.DOTALL)
_SOURCE = re.compile(r"<source(\s[^>]{0,600})?>(.{0,2000}?)</source\s*>", re.DOTALL)
_URL = re.compile(r"url\s*=\s*[\"']([^\"']{1,2000})[\"']")
_ATOM_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,500}?)</title\s*>", re.DOTALL)
_ATOM_LINK = re.compile(r"<link[^>]{0,300}href\s*=\s*[\"']([^\"']{1,2000})[\"']")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_LANGUAGE = re.compile(r"<(?:dc:)?language>\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*<")
_HEAD_CHARS = 20_000
_HEADERS = {"content-type": "application/xml; charset=utf-8"}

# Its last resort for a date takes a millisecond each and reads "yesterday" by the system's clock: a date in words is
# no date here, and the same bytes give the same entries at any time.
fastfeedparser.main._slow_dateparser = lambda _text: None  # noqa: SLF001


def read_fast(data: bytes, text: str) -> RawFeed:
    """Return what fastfeedparser reads. Raises ValueError and whatever else it happens to raise."""
    parsed = fastfeedparser.parse(
        data, include_content=False, include_tags=False, include_media=False, include_enclosures=False
    )
    entries = [_fast_entry(entry) for entry in parsed["entries"]]
    if "<source" in text:
        entries = _with_sources(entries, text)
    about = parsed["feed"]
    return RawFeed(
        title=_word(about.get("title")),
        link=_word(about.get("link")),
        language=_word(about.get("language")) or _declared_language(text),
        entries=entries,
    )


def read_forgiving(data: bytes) -> RawFeed | None:
    """Return what feedparser reads, or None if it sees no feed. Raises what it happens to raise."""
    parsed = feedparser.parse(
        io.BytesIO(data), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.get("version") and not parsed.entries:
        return None
    about = parsed.feed
    return RawFeed(
        title=_word(about.get("title")),
        link=_word(about.get("link")),
        language=_word(about.get("language")),
        entries=[_forgiving_entry(entry) for entry in parsed.entries],
    )


def _declared_language(text: str) -> str:
    found = _LANGUAGE.search(text[:_HEAD_CHARS])
    return found[1] if found else ""


def _fast_entry(entry: Mapping[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_word(entry.get("id")),
        link=_word(entry.get("link")),
        title=_word(entry.get("title")),
        summary=_word(entry.get("description")),
        authors=[_word(author.get("name")) for author in entry.get("authors", [])],
        published=entry.get("published"),
        updated=entry.get("updated"),
    )


def _forgiving_entry(entry: Mapping[str, Any]) -> RawEntry:
    source = entry.get("source") or {}
    return RawEntry(
        guid=_word(entry.get("id")),
        link=_word(entry.get("link")),
        title=_word(entry.get("title")),
        summary=_word(entry.get("summary")),
        authors=[_word(author.get("name")) for author in entry.get("authors", [])] or [_word(entry.get("author"))],
        published=_from_struct(entry.get("published_parsed")) or _word(entry.get("published")),
        updated=_from_struct(entry.get("updated_parsed")) or _word(entry.get("updated")),
        source_name=_word(source.get("title")),
        source_url=_word(source.get("href") or source.get("link")),
    )


def _with_sources(entries: list[RawEntry], text: str) -> list[RawEntry]:
    """Return the entries with their ``<source>``, which fastfeedparser does not read."""
    blocks = [found[0] for found in _ENTRY.finditer(text)]
    if len(blocks) != len(entries):
        return entries
    return [_with_source(entry, block) for entry, block in zip(entries, blocks, strict=True)]


def _with_source(entry: RawEntry, block: str) -> RawEntry:
    found = _SOURCE.search(block)
    if found is None:
        return entry
    attributes, inner = found[1] or "", found[2]
    title, link = _ATOM_TITLE.search(inner), _ATOM_LINK.search(inner)
    url = _URL.search(attributes)
    values = {name: getattr(entry, name) for name in RawEntry.__dataclass_fields__}
    values["source_name"] = _CDATA.sub(r"\1", title[1] if title else inner)
    values["source_url"] = link[1] if link else url[1] if url else ""
    return RawEntry(**values)


def _from_struct(parsed: Any) -> datetime | None:  # noqa: ANN401 - a struct_time or what feedparser made of it
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _word(value: Any) -> str:  # noqa: ANN401 - parsers give what they like
    return value if isinstance(value, str) else ""
