"""An article's times: where the publication time comes from, and which time it counts as."""

from datetime import datetime, timedelta

from htmldate import find_date
from lxml.html import HtmlElement, document_fromstring

from worker.dates import EARLIEST, moment
from worker.extract.metadata import PageFacts
from worker.model import DateSource, FeedEntry

BELIEVED_PAST = timedelta(days=30)
BELIEVED_AHEAD = timedelta(minutes=10)
CENTURY = timedelta(days=36_500)
BACKDATED = frozenset({"ingest", "replay", "archive"})
"""Origins whose dates are believed however old they are."""


def published_at(
    entry: FeedEntry, facts: PageFacts, tree: HtmlElement | None, *, now: datetime
) -> tuple[datetime | None, DateSource]:
    """Return the publication time and where it was found: feed, JSON-LD, meta, then htmldate over the page."""
    if entry.published is not None and (found := moment(entry.published, now=now)):
        return found, DateSource.FEED
    if facts.published and (found := moment(facts.published, now=now)):
        return found, DateSource.JSON_LD if facts.published_from == "json-ld" else DateSource.META
    if facts.published and moment(facts.published, now=now + CENTURY):
        return None, DateSource.FETCHED  # dated ahead: a guess from the same page would be no better
    if tree is not None and (found := _by_htmldate(tree, now)):
        return found, DateSource.HTMLDATE
    return None, DateSource.FETCHED


def _by_htmldate(tree: HtmlElement, now: datetime) -> datetime | None:
    try:
        day = find_date(tree, extensive_search=True, original_date=True, outputformat="%Y-%m-%d", max_date=now)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):  # its guesses fail on some pages
        return None
    return moment(f"{day}T00:00:00+00:00", now=now) if day else None


def warm_dates() -> None:
    """Have htmldate's last resort, dateparser, load the words of all its languages: two seconds, once a process.

    It tries one language after the other, so only a line that none of them reads loads them all.
    """
    page = document_fromstring("<html><body><p class='date'>12 qwxzv 2021 vqzx</p></body></html>")
    _by_htmldate(page, EARLIEST + CENTURY)


def effective_time(published: datetime | None, fetched: datetime, *, origin: str) -> datetime:
    """Return the time that novelty compares by: the publication time where it can be believed, else the fetch."""
    if published is None or published > fetched + BELIEVED_AHEAD:
        return fetched
    if origin in BACKDATED or published > fetched - BELIEVED_PAST:
        return published
    return fetched
