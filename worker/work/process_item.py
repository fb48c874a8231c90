"""One item from its stored body to its settled outcome: extract, dedup, tag, index, novelty, alert, settle.

The order of writing is what makes a crash harmless: documents first, then the claims' histories, then the outbox, and
the ledger last. Each of them may run twice and gives the same; whatever was written is found again by its id.
"""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from worker.alert import service as alerting
from worker.alert.edits import tell_edits
from worker.dedup import service as dedup
from worker.errors import StoreRejected, StoreUnavailable
from worker.extract import service as extraction
from worker.extract.live import LiveBlog
from worker.extract.service import Refusal
from worker.feeds.items import entry_hash
from worker.identity import claim_key, position_key, statement_id
from worker.index import deletion
from worker.index import service as indexing
from worker.ledger import Claim, NotClaimed, Stage
from worker.log import logger
from worker.model import Article, Feed, GradedStatement, Placement, RawPage, Site, TaggedStatement
from worker.novelty import service as novelty
from worker.outcomes import Outcome, ParkReason
from worker.ports import (
    BlobStore,
    Breaker,
    Clock,
    Counters,
    FingerprintStore,
    Leases,
    ResultStore,
    Tagger,
    TaggerInput,
    TaggerOutput,
    WorkLedger,
)
from worker.topic import Topic
from worker.work.feed_health import count_end
from worker.work.ingest import REPLAY
from worker.work.split_live import enter_updates

log = logger(__name__)

STORE_WAIT_S = 15
"""How long an item waits after a store of ours did not answer."""
ARTICLE_WAIT_S = 3
"""How long an item waits while another worker holds the same article."""
ARTICLE_LEASE_S = 45
TRACE_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an editor configures: feeds and topics by id, sites by domain, alert rules, thresholds."""

    feeds: Mapping[str, Feed]
    topics: Mapping[str, Topic]
    rules: alerting.RuleBook
    policy: novelty.Policy
    sites: Mapping[str, Site] = field(default_factory=dict)
    public_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """The ports that one article needs on its way. ``owner`` names this process in leases.

    ``breaker`` keeps everybody from claiming while the result store is away.
    """

    ledger: WorkLedger
    breaker: Breaker
    blobs: BlobStore
    store: ResultStore
    fingerprints: FingerprintStore
    leases: Leases
    counters: Counters
    tagger: Tagger
    clock: Clock
    owner: str


def process_item(item_id: str, desk: Desk, ports: Processor) -> Outcome | None:
    """Take one fetched item to its outcome. None: it waits, was parked, or is not ours.

    An exception of ours counts as a failed attempt; a store that does not answer counts for nothing.
    """
    if ports.breaker.is_open():
        return None
    claim = ports.ledger.claim(item_id, Stage.FETCHED, owner=ports.owner, now=ports.clock.now(), risky=True)
    if isinstance(claim, NotClaimed):
        return None
    try:
        return _carry(claim, desk, ports)
    except StoreUnavailable as error:
        if ports.breaker.trip(pause_s=STORE_WAIT_S):
            log.error("store_unavailable", why=str(error))  # noqa: TRY400 - the trace of a time-out says nothing
        _defer(claim, ports, STORE_WAIT_S, "store unavailable")
    except StoreRejected as error:
        log.warning("item_rejected", item_id=item_id, why=str(error))
        _fail(claim, ports, ParkReason.STORE_REJECTED, str(error))
    except Exception as error:
        log.exception("item_failed", item_id=item_id, error=type(error).__name__)
        _fail(claim, ports, ParkReason.ERROR, _first_lines(error))
    return None


def _carry(claim: Claim, desk: Desk, ports: Processor) -> Outcome | None:
    raw = _raw_page(claim, ports.blobs)
    if raw is None:
        ports.ledger.refetch(claim, now=ports.clock.now())
        return None
    feed = desk.feeds.get(raw.capture.feed_id)
    found = extraction.extract(raw, feed, desk.sites)
    if isinstance(found, Refusal):
        return _settle(claim, ports, found.outcome, None)
    if isinstance(found, LiveBlog):
        new = enter_updates(found, raw, ledger=ports.ledger, blobs=ports.blobs, store=ports.store, clock=ports.clock)
        log.info("live_blog_split", item_id=claim.record.item_id, updates=len(found.updates), new=new)
        return _settle(claim, ports, Outcome.SPLIT, None)
    return _in_turn(found, claim, desk, ports)


def _in_turn(found: Article, claim: Claim, desk: Desk, ports: Processor) -> Outcome | None:
    """Publish the article unless another worker is at it, it was deleted, or a replay brings an older text."""
    lease = f"article:{found.article_id}"
    if not ports.leases.take(lease, claim.record.item_id, ttl_s=ARTICLE_LEASE_S):
        _defer(claim, ports, ARTICLE_WAIT_S, "article in work")
        return None
    try:
        outcome = _untouched(found, claim, ports.store) or _publish(found, claim, desk, ports)
        if ports.breaker.answered():
            log.warning("store_is_back")
        return _settle(claim, ports, outcome, found.article_id)
    finally:
        ports.leases.drop(lease, claim.record.item_id)


def _untouched(article: Article, claim: Claim, store: ResultStore) -> Outcome | None:
    """Return how an article ends that must not be written: deleted on request, or an old text that a replay brings."""
    if deletion.is_buried(store, article.article_id):
        return Outcome.DELETED
    is_old = claim.record.origin == REPLAY and indexing.is_superseded(store, article)
    return Outcome.UNCHANGED if is_old else None


def _publish(article: Article, claim: Claim, desk: Desk, ports: Processor) -> Outcome:
    """Write everything that follows from the article and say how it ended; nothing here touches the ledger."""
    now = ports.clock.now()
    placement = dedup.place(article, store=ports.store, fingerprints=ports.fingerprints, now=now)
    reads = article.language in ports.tagger.languages
    tagged = tag(article, desk.topics, ports.tagger) if reads else []
    report = indexing.write_article(
        ports.store, article, placement, tagged, entry_hash=claim.record.entry_hash, now=now
    )
    grading = novelty.grade_article(ports.store, tagged, article, placement, policy=desk.policy, now=now)
    if report.retracted:  # after grading: a sentence that an edit only reworded must find its old self there
        novelty.withdraw_entries(ports.store, report.retracted, policy=desk.policy)
    replayed, entry = claim.record.origin == REPLAY, claim.record.entry
    if not replayed:  # what was to be told of a page was told when it came
        alerting.enqueue(ports.store, grading, article, desk.rules, now=now, public_url=desk.public_url)
        tell_edits(ports.store, article.article_id, report.retracted, tagged, desk.rules, now=now)
        _measure(article, grading.graded, now, ports.counters)
    brought = entry_hash(entry) if replayed else claim.record.entry_hash
    indexing.remember_entry(ports.store, article, brought, now=now, is_news=report.changed or not replayed)
    return outcome_of(placement, report, reads=reads)


def tag(article: Article, topics: Mapping[str, Topic], tagger: Tagger) -> list[TaggedStatement]:
    """Return the statements of each of the article's topics with their identities."""
    document = TaggerInput(
        text=article.text,
        title=article.title,
        published=article.published or article.effective,
        language=article.language,
    )
    known = [topics[name] for name in article.topics if name in topics]
    return [done for topic in known for done in _identified(article, topic.id, tagger.tag(document, topic))]


def _identified(article: Article, topic: str, output: TaggerOutput) -> list[TaggedStatement]:
    return [
        TaggedStatement(
            statement_id=statement_id(topic, article.article_id, found),
            claim_key=claim_key(topic, found.party, found.act, found.issue),
            position_key=position_key(topic, found.party, found.issue),
            topic=topic,
            article_id=article.article_id,
            statement=found,
            tagger=output.tagger,
            tagger_version=output.version,
        )
        for found in output.statements
    ]


def outcome_of(placement: Placement, report: indexing.WriteReport, *, reads: bool) -> Outcome:
    """Return the one word that counts this article, the same if a crash made this its second attempt."""
    if not report.changed:
        return Outcome.UNCHANGED
    if not reads:
        return Outcome.LANGUAGE_NOT_TAGGED
    if placement.is_revision or (report.repeated and placement.revision > 1):
        return Outcome.REVISED
    return Outcome.COPY if placement.copy_of else Outcome.INDEXED


def _raw_page(claim: Claim, blobs: BlobStore) -> RawPage | None:
    capture = blobs.get_capture(claim.record.capture_id) if claim.record.capture_id else None
    body = blobs.get_body(capture.body_hash) if capture else None
    return None if capture is None or body is None else RawPage(capture=capture, body=body)


def _settle(claim: Claim, ports: Processor, outcome: Outcome, article_id: str | None) -> Outcome | None:
    settled = ports.ledger.settle(claim, outcome, now=ports.clock.now(), article_id=article_id)
    log.info("item_settled", item_id=claim.record.item_id, outcome=outcome, article_id=article_id, ours=settled)
    if settled:
        count_end(ports.counters, claim.record.feed_id, outcome)
    return outcome if settled else None


def _defer(claim: Claim, ports: Processor, seconds: float, reason: str) -> None:
    now = ports.clock.now()
    ports.ledger.defer(claim, now + timedelta(seconds=seconds), reason, now=now)


def _fail(claim: Claim, ports: Processor, reason: ParkReason, trace: str) -> None:
    ports.ledger.fail(claim, reason, trace, now=ports.clock.now())


def _first_lines(error: Exception) -> str:
    """Return the innermost lines of the trace: the place that failed says more than the shell around it."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(lines[-TRACE_LINES:])


def _measure(article: Article, graded: Sequence[GradedStatement], now: datetime, counters: Counters) -> None:
    """Count statements by level, and how long after publication a live article was read."""
    for one in graded:
        labels = {"act": one.tagged.statement.act.value, "level": one.level.value}
        counters.add("statements_total", labels)
    if article.origin == "feed" and article.published is not None:
        counters.observe("published_to_indexed_seconds", {}, max(0.0, (now - article.published).total_seconds()))
