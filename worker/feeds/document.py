"""What parsing a feed gives: a document, or the reason why there is none."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin

from worker.canonical_url import canonical_url, clean_fetch_url
from worker.dates import moment
from worker.feeds.hints import BodyHints
from worker.model import FeedEntry
from worker.outcomes import PollOutcome
from worker.text import AUTHOR_CHARS, clean, clean_line

MAX_AUTHORS = 10
SUMMARY_CHARS = 4_000
IDENTITY_CHARS = 1_000

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>|<!--.{0,1000}?-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed that was read, its entries in its own order. ``left_out`` counts those over the cap or without link."""

    title: str
    language: str | None
    site_url: str
    entries: tuple[FeedEntry, ...]
    hints: BodyHints
    left_out: int = 0
    older_url: str = ""
    """Where its older entries are, if it says so."""


@dataclass(frozen=True, slots=True)
class ParseRefused:
    """Why a body gave no entries: EMPTY, NOT_A_FEED or REFUSED, and one sentence."""

    outcome: PollOutcome
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as a parser gives it: texts are dirty, links may be relative, dates are whatever was written."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    authors: Sequence[str] = ()
    published: str | datetime | None = None
    updated: str | datetime | None = None
    source_name: str = ""
    source_url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A feed as a parser gives it."""

    title: str = ""
    link: str = ""
    language: str = ""
    older_url: str = ""
    entries: Sequence[RawEntry] = field(default_factory=list)


def plain_text(markup: str, *, limit: int) -> str:
    """Return the words of a text that may be HTML, clean and on one line."""
    bounded = markup[: limit * 8]
    return clean_line(
        html.unescape(_TAG.sub(" ", html.unescape(bounded) if "<" not in bounded else bounded)), limit=limit
    )


def finished_entries(raw: Iterable[RawEntry], *, base: str, now: datetime) -> list[FeedEntry]:
    """Return the entries that can be fetched, each with the identity it is known by from poll to poll.

    That is the guid; where one guid stands for several links, the link. A second entry of the same identity is left
    out: the first is the newest in nearly every feed.
    """
    found = [entry for entry in (_finished(one, base=base, now=now) for one in raw) if entry is not None]
    links_of: dict[str, set[str]] = defaultdict(set)
    for entry in found:
        links_of[entry.identity].add(canonical_url(entry.url))
    unique: dict[str, FeedEntry] = {}
    for entry in found:
        is_shared = len(links_of[entry.identity]) > 1
        identity = entry.url if is_shared else entry.identity
        unique.setdefault(identity, _renamed(entry, identity) if is_shared else entry)
    return list(unique.values())


def newest(entries: list[FeedEntry], most: int) -> list[FeedEntry]:
    """Return at most ``most`` entries in their order, dropping the oldest; undated ones go by their place."""
    if len(entries) <= most:
        return entries
    dated = sorted(range(len(entries)), key=lambda place: (-_age_key(entries[place]), place))
    return [entries[place] for place in sorted(dated[:most])]


def _age_key(entry: FeedEntry) -> float:
    when = entry.published or entry.updated
    return when.timestamp() if when else 0.0


def _finished(raw: RawEntry, *, base: str, now: datetime) -> FeedEntry | None:
    guid = clean_line(raw.guid, limit=IDENTITY_CHARS)
    url = _absolute(raw.link, base) or (clean_fetch_url(guid) if "://" in guid[:12] else "")
    if not url:
        return None
    return FeedEntry(
        identity=guid or url,
        url=url,
        title=plain_text(raw.title, limit=500),
        published=moment(raw.published, now=now),
        updated=moment(raw.updated, now=now),
        authors=_author_names(raw.authors),
        summary=plain_text(raw.summary, limit=SUMMARY_CHARS),
        language=clean_line(raw.language, limit=20) or None,
        source_name=plain_text(raw.source_name, limit=AUTHOR_CHARS) or None,
        source_url=_absolute(raw.source_url, base) or None,
    )


def _renamed(entry: FeedEntry, identity: str) -> FeedEntry:
    values = {name: getattr(entry, name) for name in FeedEntry.__dataclass_fields__}
    return FeedEntry(**{**values, "identity": identity})


def _author_names(names: Sequence[str]) -> tuple[str, ...]:
    cleaned = (plain_text(name, limit=AUTHOR_CHARS) for name in names[:MAX_AUTHORS])
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _absolute(link: str, base: str) -> str:
    text = clean(link, limit=4096).strip()
    if not text:
        return ""
    try:
        return clean_fetch_url(text if text.startswith(("http://", "https://")) else urljoin(base, text))
    except ValueError:
        return ""
