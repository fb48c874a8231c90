"""Fills the near-duplicate buckets from the result store after Redis was lost, a stretch of time after the other.

For each stretch a lease says that it was entered. The leases lie in Redis with the buckets: they are gone when those
are. A worker that dies at a stretch holds it for a minute only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from worker.dedup.rebuild import reenter
from worker.index.upkeep import pages
from worker.log import logger
from worker.ports import Clock, FingerprintStore, Kind, Leases, Query, ResultStore, Stored

log = logger(__name__)

KEPT = timedelta(days=14)
"""As far as the buckets reach back."""
STRETCH = timedelta(hours=3)
BUDGET = timedelta(seconds=10)
"""A task is killed after 25 s; two weeks of 3,000 articles a day take 35 s."""
AT_WORK_S = 60
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filler:
    """The ports of the filling. ``owner`` names this process in leases."""

    store: ResultStore
    fingerprints: FingerprintStore
    leases: Leases
    clock: Clock
    owner: str


def fill_buckets(ports: Filler) -> int:
    """Enter what is missing, oldest first, as far as the time allows; return how many articles were entered."""
    began = ports.clock.now()
    run, entered = f"{ports.owner}:{began.isoformat()}", 0
    for begin in _stretches(began):
        if ports.clock.now() - began > BUDGET:
            break
        lease = f"upkeep:buckets:{begin:%Y%m%dT%H}"
        if ports.leases.take(lease, run, ttl_s=AT_WORK_S):
            entered += _entered(ports, begin)
            ports.leases.take(lease, run, ttl_s=int(KEPT.total_seconds()))
    if entered:
        log.info("buckets_filled", articles=entered)
    return entered


def _stretches(now: datetime) -> Iterator[datetime]:
    length = STRETCH.total_seconds()
    first = datetime.fromtimestamp((now - KEPT).timestamp() // length * length, UTC)
    while first <= now:
        yield first
        first += STRETCH


def _entered(ports: Filler, begin: datetime) -> int:
    query = Query(
        kind=Kind.ARTICLES,
        size=PAGE,
        sort=(("event.ingested", "asc"),),
        since=begin,
        until=begin + STRETCH,
        time_field="event.ingested",
    )
    entered = 0
    for hit in (hit for hits in pages(ports.store, query) for hit in hits):
        ingested = datetime.fromisoformat(str(hit.document["event"]["ingested"]))
        entered += reenter([Stored(id=hit.id, document=hit.document, token="")], ports.fingerprints, now=ingested)
    return entered
