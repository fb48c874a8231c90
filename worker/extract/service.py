"""``extract``: a raw page in, an article or a refusal with its reason out. Never raises for any bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from worker.canonical_url import canonical_url, host_of, registered_domain
from worker.dates import moment
from worker.extract.agreement import agreement, plain_reading
from worker.extract.body import body_of
from worker.extract.bounds import refusal
from worker.extract.dates import effective_time, published_at, warm_dates
from worker.extract.decode import decode_page
from worker.extract.kinds import MIN_CHARS, kind_of
from worker.extract.language import language_of
from worker.extract.live import MIN_ENTRY_CHARS, PART, LiveBlog, live_entries
from worker.extract.metadata import PageFacts, page_facts
from worker.extract.origin import credited_origin
from worker.extract.page import is_markup, parse
from worker.extract.sites import body_of_site, drop_parts, facts_of_site, site_of
from worker.identity import article_id, text_hash
from worker.model import Article, DateSource, Feed, FeedEntry, RawPage, Site
from worker.outcomes import Outcome
from worker.text import TITLE_CHARS, clean, clean_line

EXTRACTOR_VERSION = "1"
"""Raised whenever the same bytes may give another text: a re-derivation is never taken for an edit of the outlet."""

NO_SITES: Mapping[str, Site] = MappingProxyType({})
_PLAIN = ("text/plain",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why there is no article, as the outcome that the item ends in."""

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from one page before it becomes an article."""

    text: str
    facts: PageFacts
    published: datetime | None
    source: DateSource
    notices: str = ""
    agreement: float | None = None


def extract(raw: RawPage, feed: Feed | None, sites: Mapping[str, Site] = NO_SITES) -> Article | LiveBlog | Refusal:
    """Return the article of a page, of a plain text, or of a document handed in whole; a live blog's updates.

    ``sites``: domain → what the operator knows of it.
    """
    given = raw.capture.entry.given
    reading = _given(given, raw) if given is not None else read(raw, sites)
    if isinstance(reading, Refusal):
        return reading
    updates = live_entries(reading.facts, raw.capture.chain[-1], now=raw.capture.fetched_at)
    if updates:
        return LiveBlog(tuple(updates))
    least = MIN_ENTRY_CHARS if given and given.get(PART) else MIN_CHARS
    kind = kind_of(reading.text, reading.facts, reading.notices, least=least)
    if kind is not None:
        return Refusal(outcome=kind, detail=f"{len(reading.text)} characters")
    return _article(reading, raw, feed)


def warm() -> None:
    """Load tables and models that the first page of a process would wait a second for."""
    language_of("Warm words are enough for the model to be loaded and for nothing else to happen here at all.")
    warm_dates()


def _given(given: Mapping[str, Any], raw: RawPage) -> Reading | Refusal:
    text = given.get("text")
    if not isinstance(text, str):
        return Refusal(outcome=Outcome.NO_TEXT, detail="the document has no text")
    title = clean_line(str(given.get("title") or ""))
    published = moment(given.get("published"), now=raw.capture.fetched_at) or raw.capture.entry.published
    return Reading(
        text=_paragraphs(text),
        facts=PageFacts(title=title, language=str(given.get("language") or "")),
        published=published,
        source=DateSource.GIVEN if published else DateSource.FETCHED,
    )


def read(raw: RawPage, sites: Mapping[str, Site] = NO_SITES) -> Reading | Refusal:
    """Return what a page or a plain text holds, before it is judged to be an article."""
    content_type = raw.capture.headers.get("content-type", "")
    if content_type.startswith(_PLAIN):
        return _read_plain(raw, content_type)
    if not is_markup(raw.body):
        return Refusal(outcome=Outcome.NOT_HTML, detail="a document, picture or archive")
    why = refusal(raw.body)
    if why is not None:
        return Refusal(outcome=Outcome.MARKUP_REFUSED, detail=why)
    try:
        html = decode_page(raw.body, content_type)
        return _read_html(raw, html, site_of(host_of(raw.capture.chain[-1]), sites))
    except MemoryError:
        raise  # the child process is at its limit: an attempt that failed, not a verdict on the page
    except Exception as error:  # noqa: BLE001 - whatever a parser stumbles over is the page's doing
        return Refusal(outcome=Outcome.MARKUP_REFUSED, detail=type(error).__name__)


def _read_plain(raw: RawPage, content_type: str) -> Reading:
    text = clean(decode_page(raw.body, content_type))
    facts = PageFacts(title=raw.capture.entry.title)
    published, source = published_at(raw.capture.entry, facts, None, now=raw.capture.fetched_at)
    return Reading(text=_paragraphs(text), facts=facts, published=published, source=source)


def _read_html(raw: RawPage, html: str, site: Site | None) -> Reading | Refusal:
    tree = parse(html)
    if tree is None:
        return Refusal(outcome=Outcome.NOT_HTML, detail="no element in it")
    facts = page_facts(tree, raw.capture.chain[-1])
    if site is not None:
        facts = facts_of_site(facts, tree, site)
        drop_parts(tree, site)
    published, source = published_at(raw.capture.entry, facts, tree, now=raw.capture.fetched_at)
    title, second = facts.title or raw.capture.entry.title, plain_reading(tree)
    body = (body_of_site(tree, site, title) if site is not None else None) or body_of(tree, title)
    return Reading(
        text=body.text,
        notices=body.notices,
        facts=facts,
        published=published,
        source=source,
        agreement=agreement(body.text, second),
    )


def _paragraphs(text: str) -> str:
    """Return a text that has its paragraphs already, cleaned, with its inner lines joined."""
    blocks = clean(text).replace("\n \n", "\n\n").split("\n\n")
    return "\n\n".join(line for block in blocks if (line := clean_line(block, limit=len(block) + 1)))


def _article(reading: Reading, raw: RawPage, feed: Feed | None) -> Article:
    capture, facts = raw.capture, reading.facts
    url = _own_url(capture.chain[-1], facts.canonical)
    host = host_of(url)
    publisher = feed.publisher if feed else facts.site or host
    authors = capture.entry.authors or facts.authors
    return Article(
        article_id=article_id(_key(url, capture.entry)),
        item_id=capture.item_id,
        url=url,
        title=clean_line(capture.entry.title or facts.title, limit=TITLE_CHARS),
        text=reading.text,
        text_hash=text_hash(reading.text),
        language=language_of(
            reading.text, facts.language or capture.entry.language or (feed.language if feed else None)
        ),
        authors=authors,
        published=reading.published,
        published_source=reading.source,
        modified=moment(facts.modified, now=capture.fetched_at) or capture.entry.updated,
        fetched=capture.fetched_at,
        effective=effective_time(reading.published, capture.fetched_at, origin=capture.origin),
        publisher=publisher,
        family=feed.family if feed else registered_domain(host),
        feed_id=capture.feed_id,
        domain=host,
        registered_domain=registered_domain(host),
        topics=capture.topics,
        origin=capture.origin,
        origin_name=credited_origin(reading.text, authors, capture.entry.source_name, publisher),
        extractor_version=EXTRACTOR_VERSION,
        agreement=reading.agreement,
    )


def _key(url: str, entry: FeedEntry) -> str:
    """Return what the article is known by: its canonical URL, and its place there if it is one of many on a page."""
    part = entry.given.get(PART) if entry.given else None
    return f"{canonical_url(url)}#{part}" if part else canonical_url(url)


def _own_url(fetched: str, canonical: str) -> str:
    """Return the canonical URL if it stays with whoever registered the domain, else where the page came from."""
    own = registered_domain(host_of(fetched))
    if canonical and own and registered_domain(host_of(canonical)) == own and not _is_front_page(canonical, fetched):
        return canonical
    return fetched


def _is_front_page(canonical: str, fetched: str) -> bool:
    """Return True if a page far from the front claims to be it; many templates do, and merge all pages."""
    return "/" not in canonical_url(canonical).rstrip("/") and "/" in canonical_url(fetched).rstrip("/")
