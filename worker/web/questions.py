"""From the words of an address to a query of the store. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from worker.errors import QueryRefused
from worker.ports import Kind, Query

PAGE_SIZE = 25
SPANS = {"day": 1, "week": 7, "month": 31}
SEARCH_FACETS = ("stance.party", "stance.act", "stance.issue", "claim.level", "publisher.name", "topic")
STANDS = "not stance.retracted_at: *"
NEWS = f"claim.level: (first or changed or new_terms or new_target or new_voice or revived) and {STANDS}"
KQL_CHARS = 2_000


def since(words: Mapping[str, str], *, now: datetime, default: str = "day") -> datetime:
    """Return the start that ``since`` names: a span (day, week, month) or an ISO date or time."""
    asked = words.get("since") or default
    if asked in SPANS:
        return now - timedelta(days=SPANS[asked])
    try:
        found = datetime.fromisoformat(asked)
    except ValueError:
        raise QueryRefused(f"since: {asked!r} is neither day, week, month nor a date", reason="query_refused") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def news_query(words: Mapping[str, str], *, now: datetime) -> Query:
    """Return what is new since a time, by arrival, so that late articles are never missed."""
    topic = words.get("topic", "")
    kql = f'{NEWS} and topic: "{_quoted(topic)}"' if topic else NEWS
    return Query(
        kind=Kind.STATEMENTS,
        kql=kql,
        size=PAGE_SIZE,
        sort=(("event.ingested", "desc"),),
        since=since(words, now=now),
        time_field="event.ingested",
        after=words.get("after") or None,
    )


def search_query(words: Mapping[str, str], *, now: datetime) -> Query:
    """Return the search that a reader typed."""
    kql = words.get("q", "")
    if len(kql) > KQL_CHARS:
        raise QueryRefused(f"a query has at most {KQL_CHARS} characters", reason="query_refused")
    kind = Kind.ARTICLES if words.get("in") == "articles" else Kind.STATEMENTS
    return Query(
        kind=kind,
        kql=kql,
        size=PAGE_SIZE,
        since=since(words, now=now) if words.get("since") else None,
        facets=SEARCH_FACETS if kind is Kind.STATEMENTS else ("publisher.name", "article.language"),
        after=words.get("after") or None,
        highlight=kind is Kind.ARTICLES,
    )


def same_claim(claim_key: str) -> Query:
    """Return the other statements of a claim, newest first."""
    return Query(kind=Kind.STATEMENTS, kql=f'claim.key: "{_quoted(claim_key)}" and {STANDS}', size=PAGE_SIZE)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
