"""The values that travel through the pipeline.

All are frozen: a stage returns a new value and never edits its input. Datetimes are aware, in UTC.
Text is clean (``worker.text``) from the moment it enters one of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Act(StrEnum):
    """What a party does with its words (``docs/reference/acts.md`` has the definitions)."""

    DEMAND = "demand"
    REJECT = "reject"
    OFFER = "offer"
    ACCEPT = "accept"
    THREATEN = "threaten"
    ACCUSE = "accuse"
    PLEDGE = "pledge"


class Attribution(StrEnum):
    """How the article ties the words to the speaker."""

    DIRECT = "direct"
    REPORTED = "reported"
    NARRATED = "narrated"


class Level(StrEnum):
    """How new a statement is, measured against its claim's history without the statement itself."""

    FIRST = "first"
    CHANGED = "changed"
    NEW_TERMS = "new_terms"
    NEW_TARGET = "new_target"
    NEW_VOICE = "new_voice"
    REVIVED = "revived"
    REPEAT = "repeat"


class DateSource(StrEnum):
    """Where an article's publication time was found; ``FETCHED`` says that none could be trusted."""

    FEED = "feed"
    JSON_LD = "json-ld"
    META = "meta"
    HTMLDATE = "htmldate"
    GIVEN = "given"
    FETCHED = "fetched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One line of ``config/feeds.yml``."""

    id: str
    url: str
    publisher: str
    family: str
    """Owner group: two outlets of one family are one independent source."""
    language: str = "en"
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    min_interval_s: int = 300
    max_interval_s: int = 21_600
    credentials: str | None = None
    """Name of a secret, never the secret itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One line of ``config/sites.yml``: XPath expressions for pages of a domain and of those below it."""

    domain: str
    body: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry of a feed or sitemap, or one document given to ``ingest``; all that the feed said of it."""

    identity: str
    """guid or id where the feed gives one, else the link: what the entry is known by from poll to poll."""
    url: str
    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    language: str | None = None
    source_name: str | None = None
    """``<source>``: the outlet that an aggregator names as the origin."""
    source_url: str | None = None
    given: Mapping[str, Any] | None = None
    """A whole article (title, text, published) handed in by ``ingest`` as JSON; then nothing is fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch, as the blob store keeps it: with the body it is all that ``replay`` needs.

    ``chain`` is every URL of the redirect chain, the last one being where the body came from. ``headers`` has
    lower-case names. ``body_hash`` is the sha256 of the decoded body in hex.
    """

    item_id: str
    feed_id: str
    entry: FeedEntry
    chain: tuple[str, ...]
    status: int
    headers: Mapping[str, str]
    fetched_at: datetime
    body_hash: str
    topics: tuple[str, ...] = ()
    origin: str = "feed"
    """``feed``, ``archive`` (a feed whose old dates are believed), ``ingest`` or ``replay``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """A capture together with its body."""

    capture: Capture
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What extraction found. ``text`` has paragraphs parted by one blank line and never repeats the title."""

    article_id: str
    item_id: str
    url: str
    title: str
    text: str
    text_hash: str
    language: str
    authors: tuple[str, ...]
    published: datetime | None
    published_source: DateSource
    modified: datetime | None
    fetched: datetime
    effective: datetime
    publisher: str
    family: str
    feed_id: str
    domain: str
    registered_domain: str
    topics: tuple[str, ...]
    origin: str
    origin_name: str | None = None
    """The outlet or agency that the text credits, if another than the publisher."""
    extractor_version: str = ""
    agreement: float | None = None
    """How far a second, simpler reading of the page has the same text, 0 to 1; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One party's act on one issue as an article reports it; what the stance tagger returns.

    ``evidence`` is ``text[start:end]`` of the article, to the character. ``confidence`` is a calibrated
    probability that (party, act, issue) is right.
    """

    party: str
    speaker: str | None
    act: Act
    issue: str
    target: str | None
    conditional: bool
    condition_issue: str | None
    attribution: Attribution
    evidence: str
    start: int
    end: int
    confidence: float
    withdrawn: bool = False
    plover: str | None = None
    plover_mode: str | None = None
    cameo: str | None = None
    deadline: datetime | None = None
    terms: tuple[str, ...] = ()
    """Numbers, places, dates and plan names of the evidence, normalised: ``30 days``, ``luhansk``."""
    rule: str = ""
    """Name of the rule that proposed it, for ``tag --explain`` and for precision per rule."""
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article stands among those already seen.

    ``revision`` counts the text versions of this article that we saw, from 1. ``is_revision`` is true if this very
    text is a change of an earlier one under the same extractor. ``copy_of`` is the story's opening article if
    another article opened the story.
    """

    article_id: str
    story_id: str
    revision: int
    is_revision: bool
    copy_of: str | None
    members: tuple[str, ...] = ()
    """The story's other articles, opening one first."""
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    """Of a revision: the sentences that the outlet took out, and those it put in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedStatement:
    """A statement with the identities that the stores know it by."""

    statement_id: str
    claim_key: str
    position_key: str
    topic: str
    article_id: str
    statement: Statement
    tagger: str
    tagger_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedStatement:
    """A statement with its level and the reason for it."""

    tagged: TaggedStatement
    level: Level
    reason: str
    """One sentence that a message can show: ``first time that russia demands this``."""
    previous_statement_id: str | None = None
    """The statement whose position this one changes, revives or repeats."""
    publishers: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    pages: bool = True
    """False where the statement counts but must not wake anyone: back-fill, warm-up, late, copy."""
