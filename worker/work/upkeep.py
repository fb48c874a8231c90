"""The minute's housekeeping. Each chore may fail by itself, run twice, and run late by hours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from worker.alert.digest import Coverage
from worker.alert.periodic import Approaching, DigestNews, enqueue_digests, enqueue_reminders, enqueue_system
from worker.alert.rules import RuleBook
from worker.alert.system import FeedSign, Limits, Signs, system_alerts
from worker.errors import HostUnavailable, Refused, StancewatchError
from worker.feeds.health import FeedHealth
from worker.ledger import ItemRecord, Stage
from worker.log import logger
from worker.model import Feed
from worker.novelty.history import history_from
from worker.novelty.positions import deadlines
from worker.novelty.service import Policy
from worker.ports import (
    BlobStore,
    Clock,
    Document,
    FeedStates,
    FingerprintStore,
    HttpClient,
    HttpRequest,
    Kind,
    Leases,
    Query,
    ResultStore,
    WorkLedger,
    Write,
)
from worker.work import upkeep_buckets, upkeep_renames, upkeep_retention
from worker.work.feed_health import healths

log = logger(__name__)

DEADLINES_WITHIN = timedelta(days=7)
PARKED_SHOWN = 500
HEARTBEAT_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeper:
    """The ports of upkeep and what is configured. ``owner`` names this process in leases."""

    feeds: Sequence[Feed]
    rules: RuleBook
    store: ResultStore
    ledger: WorkLedger
    states: FeedStates
    leases: Leases
    fingerprints: FingerprintStore
    blobs: BlobStore
    http: HttpClient
    clock: Clock
    owner: str
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    keep_documents: Mapping[Kind, timedelta] = field(default_factory=dict)
    """Kinds that are removed by age, and after how long."""
    keep_bodies: timedelta | None = None
    heartbeat_url: str | None = None


def upkeep(ports: Housekeeper) -> list[str]:
    """Do every chore; return the names of those that failed."""
    chores: tuple[Callable[[Housekeeper], object], ...] = (
        follow_feeds,
        follow_renames,
        fill_buckets,
        copy_feeds,
        copy_quarantine,
        write_digests,
        write_reminders,
        watch_over,
        age_out,
    )
    return [chore.__name__ for chore in chores if not _done(chore, ports)]


def _done(chore: Callable[[Housekeeper], object], ports: Housekeeper) -> bool:
    try:
        chore(ports)
    except StancewatchError as error:
        log.warning("upkeep_failed", chore=chore.__name__, why=str(error))
        return False
    return True


def follow_feeds(ports: Housekeeper) -> None:
    """Poll exactly the feeds that are configured."""
    ports.states.sync([feed.id for feed in ports.feeds], now=ports.clock.now())


def follow_renames(ports: Housekeeper) -> None:
    """Move claims to the ids that the topics give them now."""
    if ports.policy.renames:
        upkeep_renames.move_renamed(ports.store, ports.policy)


def fill_buckets(ports: Housekeeper) -> None:
    """Enter the articles of the last two weeks in the near-duplicate buckets, once after Redis was lost."""
    upkeep_buckets.fill_buckets(
        upkeep_buckets.Filler(
            store=ports.store,
            fingerprints=ports.fingerprints,
            leases=ports.leases,
            clock=ports.clock,
            owner=ports.owner,
        )
    )


def copy_feeds(ports: Housekeeper) -> None:
    """Copy the feeds' health into the result store, for dashboards."""
    now, found = ports.clock.now(), _healths(ports)
    documents = [feed_document(feed, found[feed.id], now=now) for feed in ports.feeds]
    ports.store.write(
        [Write(kind=Kind.FEEDS, id=feed.id, document=one) for feed, one in zip(ports.feeds, documents, strict=True)]
    )


def feed_document(feed: Feed, health: FeedHealth, *, now: datetime) -> Document:
    """Return a feed as dashboards see it."""
    return {
        "@timestamp": now.isoformat(),
        "feed": {
            "id": feed.id,
            "url": feed.url,
            "publisher": feed.publisher,
            "family": feed.family,
            "language": feed.language,
            "health": "healthy" if health.is_healthy else health.state,
            "changed_at": health.last_new.isoformat() if health.last_new else None,
            "next_poll_at": health.next_poll.isoformat() if health.next_poll else None,
            "lag_s": health.lag_p50_s,
            "reason": health.advice,
        },
    }


def copy_quarantine(ports: Housekeeper) -> None:
    """Copy what is parked into the result store, where it survives the ledger."""
    writes = [
        Write(kind=Kind.PARKED, id=record.item_id, document=parked_document(record))
        for record in ports.ledger.parked(limit=PARKED_SHOWN)
    ]
    if writes:
        ports.store.write(writes)


def parked_document(record: ItemRecord) -> Document:
    """Return a parked item as dashboards see it."""
    return {
        "@timestamp": record.updated_at.isoformat(),
        "reason": record.reason,
        "stage": str(record.parked_from or record.stage),
        "url": {"full": record.entry.url},
        "feed": {"id": record.feed_id},
        "payload": {"trace": record.trace, "input_hash": record.input_hash, "attempts": record.attempts},
    }


def coverage(ports: Housekeeper, *, since: datetime) -> Coverage:
    """Return how much of the press was read since a time."""
    found = _healths(ports)
    read = ports.store.search(Query(kind=Kind.ARTICLES, size=0, since=since, time_field="event.ingested"))
    foreign = ports.store.search(
        Query(kind=Kind.ARTICLES, kql="not article.language: en", size=0, since=since, time_field="event.ingested")
    )
    return Coverage(
        feeds_healthy=sum(health.is_healthy for health in found.values()),
        feeds_expected=len(found),
        articles=read.total,
        not_readable=foreign.total + ports.ledger.counts().get("parked", 0),
    )


def write_digests(ports: Housekeeper) -> None:
    """Write the digests whose time has come."""
    if any(rule.digest for rule in ports.rules.rules):
        now = ports.clock.now()
        news = DigestNews(coverage=coverage(ports, since=now - timedelta(days=1)))
        enqueue_digests(ports.store, ports.rules, news, now=now)


def write_reminders(ports: Housekeeper) -> None:
    """Write a reminder for each deadline that comes near."""
    if not any(rule.deadline_within for rule in ports.rules.rules):
        return
    now = ports.clock.now()
    query = Query(kind=Kind.STATEMENTS, size=500, since=now, until=now + DEADLINES_WITHIN, time_field="stance.deadline")
    keys = sorted({str(hit.document["claim"]["key"]) for hit in ports.store.search(query).hits})
    stored = ports.store.get(Kind.CLAIMS, keys) if keys else {}
    histories = [history_from(key, one.document) for key, one in stored.items()]
    near = [
        Approaching(
            claim_key=entry.claim_key,
            party=entry.party,
            issue=entry.issue,
            topic=entry.topic,
            target=entry.target,
            deadline=entry.deadline,
            sentence=entry.evidence,
            url=entry.url,
        )
        for entry in deadlines(histories, now=now, within=DEADLINES_WITHIN)
        if entry.deadline is not None
    ]
    enqueue_reminders(ports.store, ports.rules, near, now=now)


def signs(ports: Housekeeper) -> Signs:
    """Return what can be seen of the service's own state."""
    found = _healths(ports)
    newest = ports.store.search(Query(kind=Kind.ARTICLES, size=1, sort=(("event.ingested", "desc"),))).hits
    waiting = [at for stage in (Stage.QUEUED, Stage.FETCHED) if (at := ports.ledger.oldest_due(stage))]
    return Signs(
        feeds={
            key: FeedSign(last_new=health.last_new, usual_gap=_usual_gap(health))
            for key, health in found.items()
            if health.last_new is not None
        },
        last_article=datetime.fromisoformat(str(newest[0].document["event"]["ingested"])) if newest else None,
        oldest_due=min(waiting, default=None),
        parked=ports.ledger.counts().get("parked", 0),
    )


def _healths(ports: Housekeeper) -> dict[str, FeedHealth]:
    return healths(ports.feeds, ports.states, now=ports.clock.now())


def _usual_gap(health: FeedHealth) -> timedelta:
    return timedelta(days=1 / health.habit_per_day) if health.habit_per_day else timedelta(days=7)


def watch_over(ports: Housekeeper) -> None:
    """Alert about the service itself; while all is well, call the heartbeat address instead."""
    now = ports.clock.now()
    troubles = system_alerts(signs(ports), ports.limits, now=now)
    if troubles:
        enqueue_system(ports.store, ports.rules, troubles, now=now)
    elif ports.heartbeat_url:
        _beat(ports.http, ports.heartbeat_url)


def _beat(http: HttpClient, url: str) -> None:
    try:
        http.send(HttpRequest(url=url, max_bytes=10_000, deadline_s=HEARTBEAT_DEADLINE_S, max_redirects=0))
    except (HostUnavailable, Refused) as error:
        log.warning("heartbeat_failed", why=str(error))


def age_out(ports: Housekeeper) -> None:
    """Remove documents and pages that are older than they are kept."""
    now = ports.clock.now()
    upkeep_retention.age_out(ports.store, ports.keep_documents, now=now)
    if ports.keep_bodies is not None:
        upkeep_retention.sweep(ports.blobs, ports.keep_bodies, now=now)
