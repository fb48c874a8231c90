"""Asks a feed once and says what came, for ``feeds test`` and ``feeds add``; nothing is written or remembered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from worker.canonical_url import clean_fetch_url
from worker.errors import HostUnavailable, Refused
from worker.feeds.charset import decode_feed
from worker.feeds.discovery import FeedLink, feed_links, usual_places
from worker.feeds.document import ParseRefused
from worker.feeds.parse import parse_feed
from worker.outcomes import POLL_MEANINGS, PollOutcome
from worker.ports import Clock, HttpClient, HttpRequest, HttpResponse
from worker.work.poll_feed import answer_outcome
from worker.work.poll_round import FeedLimits

LOST = frozenset({PollOutcome.NOT_FOUND, PollOutcome.GONE, PollOutcome.NOT_A_FEED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one request to a feed gave; ``detail`` is the feed's title or what was wrong."""

    url: str
    outcome: PollOutcome
    detail: str
    entries: int = 0
    newest: datetime | None = None

    @property
    def is_good(self) -> bool:
        """Return True if there are entries."""
        return self.outcome is PollOutcome.PARSED


def try_feed(
    url: str, http: HttpClient, clock: Clock, *, limits: FeedLimits | None = None, credentials: str | None = None
) -> Trial:
    """Return what the address answers now; never raises for anything that a server does."""
    within = limits or FeedLimits()
    request = HttpRequest(url=url, max_bytes=within.max_bytes, deadline_s=within.deadline_s, credentials=credentials)
    try:
        answer = http.send(request)
    except HostUnavailable as error:
        return Trial(url=url, outcome=PollOutcome.UNREACHABLE, detail=str(error))
    except Refused as error:
        return Trial(url=url, outcome=PollOutcome.REFUSED, detail=str(error))
    bad = answer_outcome(answer)
    if bad is not None:
        return Trial(url=url, outcome=bad, detail=f"{answer.status}: {POLL_MEANINGS[bad]}")
    return _read(url, answer, clock.now())


def feeds_of_site(url: str, http: HttpClient, clock: Clock) -> Iterator[tuple[FeedLink, Trial]]:
    """Yield the feeds at an address that have entries: the address itself, what its page names, or usual places."""
    address = clean_fetch_url(url)
    own = try_feed(address, http, clock)
    if own.is_good:
        yield FeedLink(0, address, own.detail), own
        return
    answer = http.send(HttpRequest(url=address))
    page, base = decode_feed(answer.body, answer.headers.get("content-type", "")), answer.chain[-1]
    for link in feed_links(page, base) or usual_places(base):
        trial = try_feed(link.url, http, clock)
        if trial.is_good:
            yield link, trial


def successor_of(trial: Trial, http: HttpClient, clock: Clock) -> str | None:
    """Return a feed that the home page of a lost feed leads to; None if the feed is not lost or none is found."""
    if trial.outcome not in LOST:
        return None
    try:
        found = (link.url for link, _ in feeds_of_site(urljoin(trial.url, "/"), http, clock))
        return next((url for url in found if url != trial.url), None)
    except (HostUnavailable, Refused):
        return None


def _read(url: str, answer: HttpResponse, now: datetime) -> Trial:
    found = parse_feed(answer.body, url=answer.chain[-1], now=now, content_type=answer.headers.get("content-type", ""))
    if isinstance(found, ParseRefused):
        return Trial(url=url, outcome=found.outcome, detail=found.why)
    dates = [entry.published for entry in found.entries if entry.published]
    return Trial(
        url=url,
        outcome=PollOutcome.PARSED if found.entries else PollOutcome.EMPTY,
        detail=f"moved for good to {answer.chain[-1]}" if answer.permanent else found.title,
        entries=len(found.entries),
        newest=max(dates, default=None),
    )
