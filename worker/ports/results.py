"""The result store: articles, statements, claims, alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

STORE_TIMEOUT_S = 5.0
"""Seconds a store request inside a task may take; none is retried inside the task."""


class Kind(StrEnum):
    """What the result store holds. Each is an index (with an alias) or a table."""

    ARTICLES = "articles"
    STATEMENTS = "statements"
    CLAIMS = "claims"
    ALERTS = "alerts"
    ALIASES = "aliases"
    STORIES = "stories"
    PARKED = "parked"
    FEEDS = "feeds"
    VERDICTS = "verdicts"
    MUTES = "mutes"
    SEARCHES = "searches"
    STATE = "state"
    """Small documents of the program itself: warm-up, versions, last digest."""


Document = Mapping[str, Any]
"""A nested JSON object as the index holds it (``{"stance": {"act": "demand"}}``), field names as in DESIGN 7."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A document with the token that a compare-and-set must name."""

    id: str
    document: Document
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write. ``token``: ``CREATE`` = must not exist; a token = must be unchanged; None = whatever is there.

    ``document`` None deletes.
    """

    kind: Kind
    id: str
    document: Document | None
    token: str | None = None


CREATE = "create"


class WriteStatus(StrEnum):
    """What became of one write."""

    OK = "ok"
    CONFLICT = "conflict"
    """The document exists or has changed since it was read: read again and decide again."""
    REJECTED = "rejected"
    """For ever: the document does not fit."""
    LATER = "later"
    """The store has no room or time now; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """Answer to one write, in the order asked."""

    id: str
    status: WriteStatus
    token: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search. ``kql`` is what Kibana takes. ``after`` is ``Page.next`` of the page before."""

    kind: Kind
    kql: str = ""
    size: int = 20
    sort: tuple[tuple[str, str], ...] = (("@timestamp", "desc"),)
    """(field, ``asc`` | ``desc``); the id breaks ties."""
    since: datetime | None = None
    until: datetime | None = None
    time_field: str = "@timestamp"
    after: str | None = None
    facets: tuple[str, ...] = ()
    """Keyword fields to count values of."""
    facet_size: int = 20
    facets_within: int | None = None
    """A store that counts values slowly may leave facets out where more hits than this match; None: it must not."""
    highlight: bool = False
    fields: tuple[str, ...] = ()
    """Only these top-level or dotted fields; empty is all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document found. ``highlights``: field → fragments with ``<em>`` around the words found."""

    id: str
    document: Document
    highlights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``next`` is None on the last page. ``facets``: field → ((value, count), …), most frequent first."""

    hits: tuple[Hit, ...]
    total: int
    next: str | None
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


class ResultStore(Protocol):
    """Where articles, statements, claims and alerts live. SQLite and Elasticsearch keep the same promises.

    Every method raises StoreUnavailable when the store does not answer in ``STORE_TIMEOUT_S``; nothing is retried
    inside. ``search`` may lag a second behind; ``get`` never does.
    """

    def get(self, kind: Kind, ids: Sequence[str]) -> dict[str, Stored]:
        """Return the documents that exist, in real time."""
        ...

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Carry out each write by itself and answer each by itself. Durable when it returns."""
        ...

    def search(self, query: Query) -> Page:
        """Return one page. A KQL that the store cannot do raises ``QueryRefused`` naming the part."""
        ...

    def setup(self) -> list[str]:
        """Create or upgrade what the store needs; return one line per change, none if all was there."""
        ...

    def check(self) -> list[str]:
        """Return what is wrong (not set up, wrong version, read-only), one line each; empty is well."""
        ...

    def refresh(self) -> None:
        """Make everything written so far visible to ``search``; for tests, demo and reports."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...
