"""A live blog split into its timed entries, each an article of its own. JSON-LD ``LiveBlogPosting`` only. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin

from lxml.etree import LxmlError
from lxml.html import fromstring

from worker.canonical_url import canonical_url, clean_fetch_url, host_of, registered_domain
from worker.dates import moment
from worker.extract.metadata import PageFacts
from worker.identity import digest
from worker.model import FeedEntry
from worker.text import TEXT_CHARS, clean, clean_line

MAX_ENTRIES = 500
MIN_ENTRY_CHARS = 80
"""Shorter updates are scores and pictures."""
PLACE_CHARS = 200
_SAFE_IN_PLACE = "!$&'()*+,;=:@/?%"
PART = "part"
"""Name in ``FeedEntry.given`` of what tells an update from the others of its page."""

BLANK_LINE = "\n\n"
_BLOCK_END = re.compile(r"</(?:p|li|div|h[1-6]|blockquote)>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LiveBlog:
    """A page that is no article but its ``updates``, each of which is one."""

    updates: tuple[FeedEntry, ...]


def live_entries(facts: PageFacts, page_url: str, *, now: datetime) -> list[FeedEntry]:
    """Return the page's live updates as entries with ``given`` text, at most ``MAX_ENTRIES``, in the page's order.

    An update is known by its URL or ``@id``, else by its time and headline, so that only new ones are new work.
    """
    unique = {entry.identity: entry for entry in _entries(facts, page_url, now)}
    return list(unique.values())


def _entries(facts: PageFacts, page_url: str, now: datetime) -> Iterator[FeedEntry]:
    for update in facts.live_updates[:MAX_ENTRIES]:
        text = _plain(_text(update, "articleBody") or _text(update, "text"))
        if len(text) < MIN_ENTRY_CHARS:
            continue
        title = clean_line(_text(update, "headline") or text[:120])
        stamp = _text(update, "datePublished")
        url = _address(update, page_url, otherwise=digest(stamp, title)[:16])
        published = moment(stamp, now=now)
        given = {
            "title": title,
            "text": text,
            "published": published.isoformat() if published else None,
            "language": facts.language,
            PART: url.partition("#")[2] or digest(url)[:16],
        }
        yield FeedEntry(identity=url, url=url, title=title, published=published, given=given)


def _address(update: Mapping[str, Any], page_url: str, *, otherwise: str) -> str:
    """Return the update's own address: on the page's own site, and another one than the page's.

    Many blogs give all their updates the page's address, which tells none from another.
    """
    page = page_url.partition("#")[0]
    given, _, fragment = _joined(page, _text(update, "url") or _text(update, "@id")).partition("#")
    place = quote(clean_line(fragment, limit=PLACE_CHARS), safe=_SAFE_IN_PLACE)
    url = clean_fetch_url(given)
    if not url or registered_domain(host_of(url)) != registered_domain(host_of(page)):
        return f"{page}#{otherwise}"
    if place:
        return f"{url}#{place}"
    return url if canonical_url(url) != canonical_url(page) else f"{page}#{otherwise}"


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
