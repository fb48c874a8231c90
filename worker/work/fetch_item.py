"""A queued item to its body in the blob store, or to the outcome that says why there is none.

Order of writing: body, capture, ledger; a crash in between costs one more request. Nothing waits here: politeness,
Retry-After and back-off all become a ``due_at`` in the ledger.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.canonical_url import canonical_url, clean_fetch_url, host_of
from worker.errors import HostUnavailable, Refused, StoreUnavailable
from worker.fetch import robots
from worker.fetch.classify import GIVE_UP_AFTER, Deny, Fetched, Later, Trial, classify, later
from worker.identity import article_id
from worker.index import deletion
from worker.ledger import Claim, NotClaimed, Stage
from worker.log import logger
from worker.model import Capture, Feed
from worker.outcomes import Outcome
from worker.ports import (
    Bell,
    BlobStore,
    Breaker,
    Clock,
    Counters,
    HostGate,
    HttpClient,
    HttpRequest,
    HttpResponse,
    Kind,
    ResultStore,
    WorkLedger,
)
from worker.work.feed_health import count_end

log = logger(__name__)

Verdict = Fetched | Deny | Later | robots.RobotsFailed

ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
STORE_WAIT = timedelta(seconds=15)
_TRIED = re.compile(r"try (\d+) since (\S+): ")
"""How the reason of a deferral begins that counts as a try; waiting in line for a host does not."""
_UNKEPT_HEADERS = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "report-to", "nel", "permissions-policy"})
_FRESH_STARTS = frozenset({"reopened", "released", "fetched"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """What one page may take. ``gap_s`` is the least pause between two requests to a host."""

    deadline_s: float = 30.0
    max_bytes: int = 10_000_000
    gap_s: float = 5.0
    keep_trying: timedelta = GIVE_UP_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """The ports of a fetch, and the feeds by id (for their credentials). ``owner`` names this process in leases.

    ``breaker`` keeps everybody from fetching while pages cannot be kept.
    """

    feeds: Mapping[str, Feed]
    ledger: WorkLedger
    gate: HostGate
    http: HttpClient
    blobs: BlobStore
    store: ResultStore
    bell: Bell
    counters: Counters
    clock: Clock
    owner: str
    breaker: Breaker
    limits: PageLimits = PageLimits()


def fetch_item(item_id: str, ports: Fetcher) -> Outcome | None:
    """Fetch one item. None: it goes on to be processed, waits, or is not ours.

    While there is nowhere to keep a page nobody asks for one: a full disk is no reason to ask a site ever again.
    """
    if ports.breaker.is_open():
        return None
    claim = ports.ledger.claim(item_id, Stage.QUEUED, owner=ports.owner, now=ports.clock.now(), risky=False)
    if isinstance(claim, NotClaimed):
        return None
    try:
        return _carry(claim, ports)
    except StoreUnavailable as error:
        now = ports.clock.now()
        if ports.breaker.trip(pause_s=STORE_WAIT.total_seconds()):
            log.error("store_unavailable", why=str(error))  # noqa: TRY400 - the trace of a time-out says nothing
        ports.ledger.defer(claim, now + STORE_WAIT, "store unavailable", now=now)
        return None


def _carry(claim: Claim, ports: Fetcher) -> Outcome | None:
    if _is_known(claim, ports):
        return _settle(claim, Outcome.KNOWN, ports)
    url = clean_fetch_url(claim.record.entry.url)
    if not url:
        return _settle(claim, Outcome.BAD_URL, ports)
    if deletion.is_buried(ports.store, article_id(canonical_url(url))):
        return _settle(claim, Outcome.DELETED, ports)
    text = ports.gate.robots(robots.origin_of(url))
    if text is None or robots.is_stale_failure(text, now=ports.clock.now()):
        return _in_turn(claim, url, None, ports)
    rules = robots.decide(text, url)
    if isinstance(rules, robots.Robots) and rules.allowed:
        return _in_turn(claim, url, rules, ports)
    return _end(claim, _forbidden(rules), None, ports)


def _is_known(claim: Claim, ports: Fetcher) -> bool:
    """Return whether this very entry was indexed before: the ledger was lost, the result store was not."""
    found = ports.store.get(Kind.ALIASES, [claim.record.item_id]).get(claim.record.item_id)
    return found is not None and found.document.get("entry_hash") == claim.record.entry_hash


def _in_turn(claim: Claim, url: str, rules: robots.Robots | None, ports: Fetcher) -> Outcome | None:
    """Ask once the host lets us, for its robots.txt first if ``rules`` are not known; else take a place in its line."""
    host, item_id, now = host_of(url), claim.record.item_id, ports.clock.now()
    gap_s = max(rules.gap_s if rules else 0.0, ports.limits.gap_s)
    slot = ports.gate.enter(host, item_id=item_id, now=now, gap_s=gap_s, hold_s=ports.limits.deadline_s * 1.5)
    if slot.wait_until is not None:
        ports.ledger.defer(claim, slot.wait_until, "host is busy", now=now)
        return None
    closed_until = None
    try:
        found = rules or _robots(url, ports)
        if isinstance(found, robots.Robots) and found.allowed:
            verdict, answer = _asked(claim, url, ports)
            closed_until = _closed_until(verdict, found.gap_s, now)
        else:
            verdict, answer = _forbidden(found), None
    finally:
        ports.gate.leave(host, item_id=item_id, now=ports.clock.now(), not_before=closed_until)
    return _end(claim, verdict, answer, ports)


def _end(claim: Claim, verdict: Verdict, answer: HttpResponse | None, ports: Fetcher) -> Outcome | None:
    """Write down what came of it."""
    now = ports.clock.now()
    match verdict:
        case Fetched() if answer is not None:
            _keep(claim, answer, ports)
        case Deny(outcome=outcome, why=why):
            return _settle(claim, outcome, ports, why=why)
        case Later(due_at=due_at, why=why):
            trial = _trial(claim, ports)
            reason = f"try {trial.tries + 1} since {trial.since.isoformat()}: {why}"
            ports.ledger.defer(claim, due_at, reason, now=now)
        case robots.RobotsFailed(until=until):
            ports.ledger.defer(claim, until, "robots.txt does not answer", now=now)
    return None


def _forbidden(rules: robots.Robots | robots.RobotsFailed | Deny) -> Verdict:
    return Deny(Outcome.ROBOTS_DENIED) if isinstance(rules, robots.Robots) else rules


def _closed_until(verdict: Verdict, gap_s: float, now: datetime) -> datetime | None:
    """Return until when nobody is to ask the host: as it said itself, or the pause its robots.txt wishes."""
    if isinstance(verdict, Later) and verdict.host_until:
        return verdict.host_until
    return now + timedelta(seconds=gap_s) if gap_s else None


def _robots(url: str, ports: Fetcher) -> robots.Robots | robots.RobotsFailed | Deny:
    """Ask for the site's robots.txt, keep it and return what it says; Deny if the site must not be asked at all."""
    origin, now = robots.origin_of(url), ports.clock.now()
    try:
        text = _asked_robots(origin, known=ports.gate.robots(origin), now=now, ports=ports)
    except Refused as error:
        return Deny(Outcome(error.reason), str(error))
    ports.gate.keep_robots(origin, text, ttl_s=robots.ttl_s(text))
    return robots.decide(text, url)


def _asked_robots(origin: str, *, known: str | None, now: datetime, ports: Fetcher) -> str:
    request = HttpRequest(
        url=f"{origin}/robots.txt",
        max_bytes=robots.MAX_BYTES,
        deadline_s=min(ports.limits.deadline_s, robots.DEADLINE_S),
        max_redirects=robots.MAX_REDIRECTS,
    )
    try:
        answer = ports.http.send(request)
    except HostUnavailable:
        return robots.cached_text(0, b"", known=known, now=now)
    except Refused as error:
        if error.reason in {Outcome.TOO_LARGE, Outcome.ENCODING_REFUSED, Outcome.REDIRECT_REFUSED}:
            return robots.ALLOW_ALL  # a file nobody can read forbids nothing; where it leads to is checked anyway
        raise
    return robots.cached_text(answer.status, answer.body, known=known, now=now)


def _asked(claim: Claim, url: str, ports: Fetcher) -> tuple[Verdict, HttpResponse | None]:
    feed = ports.feeds.get(claim.record.feed_id)
    request = HttpRequest(
        url=url,
        headers={"Accept": ACCEPT},
        max_bytes=ports.limits.max_bytes,
        deadline_s=ports.limits.deadline_s,
        credentials=_credentials(feed, url),
    )
    trial = _trial(claim, ports)
    try:
        answer = ports.http.send(request)
    except HostUnavailable as error:
        return later(str(error), trial=trial, now=ports.clock.now()), None
    except Refused as error:
        return Deny(Outcome(error.reason), str(error)), None
    return classify(answer, trial=trial, now=ports.clock.now()), answer


def _keep(claim: Claim, answer: HttpResponse, ports: Fetcher) -> None:
    record, now = claim.record, ports.clock.now()
    capture_id = ports.blobs.put_capture(
        Capture(
            item_id=record.item_id,
            feed_id=record.feed_id,
            entry=record.entry,
            chain=answer.chain,
            status=answer.status,
            headers={name: value for name, value in answer.headers.items() if name not in _UNKEPT_HEADERS},
            fetched_at=now,
            body_hash=ports.blobs.put_body(answer.body),
            topics=record.topics,
            origin=record.origin,
        )
    )
    if ports.breaker.answered():
        log.warning("store_is_back")
    if ports.ledger.fetched(claim, capture_id, now=now):
        ports.bell.ring("items.process", [record.item_id])


def _settle(claim: Claim, outcome: Outcome, ports: Fetcher, *, why: str = "") -> Outcome:
    if ports.ledger.settle(claim, outcome, now=ports.clock.now()):
        log.info("item_settled", item_id=claim.record.item_id, outcome=outcome.value, why=why)
        count_end(ports.counters, claim.record.feed_id, outcome)
    return outcome


def _credentials(feed: Feed | None, url: str) -> str | None:
    """Return the feed's credentials for pages of the feed's own host; no other host is to see them."""
    return feed.credentials if feed is not None and host_of(feed.url) == host_of(url) else None


def _trial(claim: Claim, ports: Fetcher) -> Trial:
    """Return how often the host failed us since the item was last queued, and since when."""
    keep_for = ports.limits.keep_trying
    for event in reversed(claim.record.history):
        tried = _TRIED.match(event.detail)
        if tried:
            return Trial(tries=int(tried[1]), since=datetime.fromisoformat(tried[2]), keep_for=keep_for)
        if event.what in _FRESH_STARTS:
            break
    return Trial(tries=0, since=ports.clock.now(), keep_for=keep_for)
