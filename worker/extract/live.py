"""A live blog split into its timed entries, each an article of its own. JSON-LD ``LiveBlogPosting`` only. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from lxml.etree import LxmlError
from lxml.html import fromstring

from worker.dates import moment
from worker.extract.metadata import PageFacts
from worker.identity import digest
from worker.model import FeedEntry
from worker.text import TEXT_CHARS, clean, clean_line

MAX_ENTRIES = 500
MIN_ENTRY_CHARS = 80
"""Shorter updates are scores and pictures."""

BLANK_LINE = "\n\n"
_BLOCK_END = re.compile(r"</(?:p|li|div|h[1-6]|blockquote)>|<br\s*/?>", re.IGNORECASE)


def live_entries(facts: PageFacts, page_url: str, *, now: datetime) -> list[FeedEntry]:
    """Return the page's live updates as entries with ``given`` text, at most ``MAX_ENTRIES``, in the page's order.

    An update is known by its URL or ``@id``, else by its time and headline, so that only new ones are new work.
    """
    return list(_entries(facts.live_updates[:MAX_ENTRIES], page_url, now))


def _entries(updates: tuple[Mapping[str, Any], ...], page_url: str, now: datetime) -> Iterator[FeedEntry]:
    for update in updates:
        text = _plain(_text(update, "articleBody") or _text(update, "text"))
        if len(text) < MIN_ENTRY_CHARS:
            continue
        title = clean_line(_text(update, "headline") or text[:120])
        stamp = _text(update, "datePublished")
        name = _text(update, "url") or _text(update, "@id") or f"#{digest(stamp, title)[:16]}"
        url = _joined(page_url, name)
        published = moment(stamp, now=now)
        given = {"title": title, "text": text, "published": published.isoformat() if published else None}
        yield FeedEntry(identity=url, url=url, title=title, published=published, given=given)


def _text(update: Mapping[str, Any], name: str) -> str:
    value = update.get(name)
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """Return the text of a body that may hold markup."""
    if "<" in text:
        try:
            tree = fromstring(f"<div>{_BLOCK_END.sub(BLANK_LINE, text[:TEXT_CHARS])}</div>")
        except (LxmlError, ValueError):
            return ""
        for node in tree.iter("script", "style"):
            node.text = ""
        text = "".join(str(part) for part in tree.itertext())
    lines = (clean_line(line, limit=TEXT_CHARS) for line in clean(text).split("\n"))
    return BLANK_LINE.join(line for line in lines if line)


def _joined(page_url: str, name: str) -> str:
    try:
        return urljoin(page_url, name)
    except ValueError:
        return page_url
