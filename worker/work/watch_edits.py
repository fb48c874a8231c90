"""Has articles that carry statements fetched again, less and less often: outlets change and take down what they wrote.

Each look is an item of the ledger like any other, under the same robots rules and host pauses. What comes of it is a
revision, which ``process_item`` compares and tells of, ``unchanged``, or a page that is gone, which is told here. An
edited article is looked at anew from the first look on: what was edited once is edited again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.alert.edits import tell_taken_down
from worker.alert.rules import RuleBook
from worker.identity import digest
from worker.index.upkeep import pages
from worker.ledger import ItemRecord, NewItem
from worker.log import logger
from worker.model import DateSource, FeedEntry
from worker.outcomes import Outcome
from worker.ports import Clock, Hit, Kind, Leases, Query, ResultStore, WorkLedger

log = logger(__name__)

LOOKS = (
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)
"""After how long an article is looked at, from when its present text came in."""
EVERY_S = 300
LATE = timedelta(seconds=4 * EVERY_S)
"""A look that a rest of the service has delayed for longer is left out: the next one follows anyway."""
LEASE = "upkeep:edits"
PAGE = 500
TAKEN_DOWN = frozenset({Outcome.NOT_FOUND, Outcome.GONE})
WATCHED = "article.statements > 0 and article.origin: (feed or archive)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The ports of the watch. ``owner`` names this process in leases."""

    store: ResultStore
    ledger: WorkLedger
    leases: Leases
    rules: RuleBook
    clock: Clock
    owner: str


def watch_edits(ports: Watch) -> int:
    """Enter the looks that are due; return how many. Every five minutes at most; may run twice."""
    now = ports.clock.now()
    if not ports.leases.take(LEASE, f"{ports.owner}:{now.isoformat()}", ttl_s=EVERY_S):
        return 0
    entered = sum(_enter(list(hits), after, ports, now) for after in LOOKS for hits in _due(after, ports.store, now))
    if entered:
        log.info("edits_watched", items=entered)
    return entered


def look_id(hit: Hit, after: timedelta) -> str:
    """Return the id of one look at one text of an article."""
    return digest("look", hit.id, hit.document["article"]["text_hash"], str(after))


def _due(after: timedelta, store: ResultStore, now: datetime) -> Iterator[Sequence[Hit]]:
    return pages(
        store,
        Query(
            kind=Kind.ARTICLES,
            kql=WATCHED,
            size=PAGE,
            sort=(("event.ingested", "asc"),),
            since=now - after - LATE,
            until=now - after,
            time_field="event.ingested",
        ),
    )


def _enter(hits: Sequence[Hit], after: timedelta, ports: Watch, now: datetime) -> int:
    looks = {look_id(hit, after): hit for hit in hits if "#" not in hit.document["url"]["full"]}
    known = dict(zip(looks, ports.ledger.get_many(list(looks)), strict=True))
    for look, record in known.items():
        if record is not None and record.outcome in TAKEN_DOWN:
            tell_taken_down(ports.store, looks[look].document["article"]["statement_ids"], ports.rules, now=now)
    due = {look: hit for look, hit in looks.items() if known[look] is None}
    records = ports.ledger.get_many([str(hit.document["article"]["item_id"]) for hit in due.values()])
    items = [_item(look, hit, record) for (look, hit), record in zip(due.items(), records, strict=True)]
    if items:
        ports.ledger.add(items, now=now)
    return len(items)


def _item(look: str, hit: Hit, record: ItemRecord | None) -> NewItem:
    """Return a look's item: at the address that was fetched before, as long as the ledger knows it."""
    document = hit.document
    return NewItem(
        item_id=look,
        feed_id=document["feed"]["id"],
        entry=_entry(hit, record.entry.url if record else document["url"]["full"]),
        entry_hash=look,
        topics=tuple(document["topic"]),
        origin=document["article"]["origin"],
    )


def _entry(hit: Hit, url: str) -> FeedEntry:
    """Return an entry by which the same page gives the same article."""
    head = hit.document["article"]
    told = head.get("published") if head.get("published_source") == DateSource.FEED else None
    modified = head.get("modified")
    return FeedEntry(
        identity=url,
        url=url,
        title=head["title"],
        published=datetime.fromisoformat(told) if told else None,
        updated=datetime.fromisoformat(modified) if modified else None,
        authors=tuple(head.get("authors", ())),
        source_name=head.get("credits"),
    )
