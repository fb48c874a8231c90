"""From the words of an address to a query of the store. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from worker.errors import QueryRefused
from worker.ports import Kind, Page, Query

PAGE_SIZE = 25
LAST_VISIT = "visit"
SPANS = {"day": 1, "week": 7, "month": 31}
SEARCH_FACETS = {
    Kind.STATEMENTS: ("stance.party", "stance.act", "stance.issue", "claim.level", "publisher.name", "topic"),
    Kind.ARTICLES: ("publisher.name", "article.language"),
}
STANDS = "not stance.retracted_at: *"
NEWS = f"claim.level: (first or changed or new_terms or new_target or new_voice or revived) and {STANDS}"
KQL_CHARS = 2_000
LIMIT, MOST = 100, 500
MOST_COUNTED = 20_000
COUNTED = timedelta(days=7)


def since(words: Mapping[str, str], *, now: datetime, default: str = "day") -> datetime:
    """Return the start that ``since`` names: a span (day, week, month) or an ISO date or time."""
    asked = words.get("since") or default
    if asked in SPANS:
        return now - timedelta(days=SPANS[asked])
    try:
        found = datetime.fromisoformat(asked)
    except ValueError:
        refuse(f"since: {asked[:40]!r} is neither day, week, month nor a date")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def now_words(words: Mapping[str, str], before: datetime | None) -> dict[str, str]:
    """Return what the first page was asked: a time that was typed goes first, then a span, then the last visit."""
    usual = LAST_VISIT if before else "day"
    asked = words.get("from") or words.get("since") or usual
    if asked == LAST_VISIT and before is None:
        asked = "day"
    return {"since": asked, "topic": words.get("topic", ""), "after": words.get("after", "")}


def news_query(words: Mapping[str, str], *, now: datetime) -> Query:
    """Return what is new since a time, by arrival, so that late articles are never missed."""
    topic = words.get("topic", "")
    kql = f'{NEWS} and topic: "{quoted(topic)}"' if topic else NEWS
    return Query(
        kind=Kind.STATEMENTS,
        kql=kql,
        size=PAGE_SIZE,
        sort=(("event.ingested", "desc"),),
        since=since(words, now=now),
        time_field="event.ingested",
        after=words.get("after") or None,
        facets=("claim.level",),
    )


def digest_query(begin: datetime, *, size: int) -> Query:
    """Return what is new since a time for a digest, the latest to arrive first."""
    return Query(
        kind=Kind.STATEMENTS,
        kql=NEWS,
        size=size,
        sort=(("event.ingested", "desc"),),
        since=begin,
        time_field="event.ingested",
    )


def arrivals_query(kind: Kind, words: Mapping[str, str], *, now: datetime) -> Query:
    """Return one page of a search, oldest arrival first, for a program that reads on from where it was."""
    by = "@timestamp" if kind is Kind.ALERTS else "event.ingested"
    return Query(
        kind=kind,
        kql=checked(words.get("q", "")),
        size=limit(words),
        sort=((by, "asc"),),
        since=since(words, now=now) if words.get("since") else None,
        time_field=by,
        after=words.get("after") or None,
    )


def limit(words: Mapping[str, str]) -> int:
    """Return how many hits a program asked for at once."""
    asked = words.get("limit") or str(LIMIT)
    if not (asked.isascii() and asked.isdecimal()) or not 1 <= int(asked) <= MOST:
        refuse(f"limit: a number from 1 to {MOST}, not {asked[:20]!r}")
    return int(asked)


def checked(kql: str) -> str:
    """Return a query of a length that can be answered."""
    if len(kql) > KQL_CHARS:
        refuse(f"a query has at most {KQL_CHARS} characters")
    return kql


def refuse(what: str) -> NoReturn:
    """Say what cannot be asked for."""
    raise QueryRefused(what, reason="query_refused") from None


def search_query(words: Mapping[str, str], *, now: datetime) -> Query:
    """Return the search that a reader typed."""
    kind = Kind.ARTICLES if words.get("in") == "articles" else Kind.STATEMENTS
    return Query(
        kind=kind,
        kql=checked(words.get("q", "")),
        size=PAGE_SIZE,
        since=since(words, now=now) if words.get("since") else None,
        facets=() if words.get("after") else SEARCH_FACETS[kind],
        facets_within=MOST_COUNTED,
        after=words.get("after") or None,
        highlight=kind is Kind.ARTICLES,
    )


def counts_query(query: Query, page: Page) -> Query | None:
    """Return what counts the values of a large result's fields in its newest week; None where the page has them.

    Values serve to narrow a search, and counting all of them may take seconds. Later pages have none.
    """
    if query.after or page.total <= MOST_COUNTED:
        return None
    newest = datetime.fromisoformat(page.hits[0].document["@timestamp"])
    since_ = max(newest - COUNTED, query.since) if query.since else newest - COUNTED
    return replace(query, size=0, highlight=False, since=since_, facets_within=None)


def same_claim(claim_key: str) -> Query:
    """Return the other statements of a claim, newest first."""
    return Query(kind=Kind.STATEMENTS, kql=f'claim.key: "{quoted(claim_key)}" and {STANDS}', size=PAGE_SIZE)


def quoted(value: str) -> str:
    """Return a value as it stands inside KQL's quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"')
