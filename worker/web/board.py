"""Where everybody stands, kept in memory: reading every claim for each page takes seconds once a store is full.

The board reads all claims of a topic once and from then on only those that changed. It grades nothing: the levels
that the ledger keeps at its entries say with which statements a position began or turned.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from worker.identity import claim_key, position_key
from worker.model import Act
from worker.novelty.grade import OTHER_ISSUE, TURNS, grade_all, ladder
from worker.novelty.history import Entry, history_from
from worker.novelty.positions import OpenDemand, Position, addressed, open_demand, positions_of
from worker.ports import Clock, Kind, Query, ResultStore
from worker.web.paging import every_hit

LOOK_EVERY = timedelta(seconds=2)
OVERLAP = timedelta(seconds=60)
"""How far back a look goes: a claim is written some time after the arrival that it is found by."""

ANSWERS_KEPT = 5
"""The newest answers of a party on an issue; older ones stand in its timeline."""

MOST_PARTIES = 1_000
TOMBSTONES = "document_id: deleted/*"

Place = tuple[str, str, str]
"""Topic, party, issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is kept of one party on one issue: its positions, and the newest answers that it gave."""

    positions: tuple[Position, ...]
    answers: tuple[Entry, ...]


def turned(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the statements with which a position began or turned; graded here only where a level is missing."""
    known = list(entries)
    if all(entry.level is not None for entry in known):
        return frozenset(entry.statement_id for entry in known if entry.level in TURNS)
    return frozenset(statement_id for statement_id, verdict in grade_all(known).items() if verdict.turned)


def standing_of(entries: Iterable[Entry]) -> Standing:
    """Return the standing that all entries of one party on one issue make."""
    ordered = sorted(entries, key=lambda each: each.order)
    answers = [entry for entry in ordered if ladder(entry.act) == "answer"]
    return Standing(positions=tuple(positions_of(ordered, turned(ordered))), answers=tuple(answers[-ANSWERS_KEPT:]))


@dataclass(slots=True)
class _Topic:
    """The standings of a topic, by position key; ``seen`` is when they were true."""

    seen: datetime
    standings: dict[str, Standing] = field(default_factory=dict)


class Board:
    """Answers from memory, at most ``LOOK_EVERY`` behind the store. Any thread may ask."""

    def __init__(self, store: ResultStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._topics: dict[str, _Topic] = {}

    def positions(self, topic: str) -> list[Position]:
        """Return the positions of all parties on all issues but ``other``, by key."""
        found = (position for _, each in sorted(self._standings(topic).items()) for position in each.positions)
        return [position for position in found if position.issue != OTHER_ISSUE]

    def open_demands(self, topic: str, *, now: datetime) -> list[OpenDemand]:
        """Return the demands that were not withdrawn, longest open first; of the answers, the newest few."""
        found = self._standings(topic)
        demands = (p for each in found.values() for p in each.positions if p.stance == Act.DEMAND)
        opened = [open_demand(p, _answers(found, addressed(p)), now=now) for p in demands]
        return sorted(opened, key=lambda each: each.demand.order)

    def _standings(self, topic: str) -> Mapping[str, Standing]:
        with self._lock:
            now = self._clock.now()
            known = self._topics.get(topic)
            if known is None:
                known = self._topics[topic] = self._read(topic, now)
            elif now >= known.seen + LOOK_EVERY:
                self._follow(topic, known, now)
            return dict(known.standings)

    def _read(self, topic: str, now: datetime) -> _Topic:
        """Read a topic party by party, so that no more than one party's histories are in memory."""
        found = _Topic(seen=now)
        asked = Query(kind=Kind.CLAIMS, kql=f'topic: "{topic}"', size=0, facets=("party",), facet_size=MOST_PARTIES)
        for party, _ in self._store.search(asked).facets.get("party", ()):
            by_place: dict[str, list[Entry]] = {}
            for entry in self._entries_of(topic, party):
                by_place.setdefault(position_key(topic, entry.party, entry.issue), []).append(entry)
            found.standings |= {key: standing_of(entries) for key, entries in by_place.items()}
        return found

    def _entries_of(self, topic: str, party: str) -> Iterator[Entry]:
        query = Query(kind=Kind.CLAIMS, kql=f'topic: "{topic}" and party: "{party}"', sort=(("key", "asc"),))
        for hit in every_hit(self._store, query):
            yield from history_from(hit.id, hit.document).entries

    def _follow(self, topic: str, known: _Topic, now: datetime) -> None:
        since = known.seen - OVERLAP
        keys = {*self._arrived(topic, since), *self._taken_out(since)}
        places = {_place(key) for key in keys} | self._deleted(known)
        for place in places:
            if place[0] == topic:
                self._renew(known, place)
        known.seen = now

    def _renew(self, known: _Topic, place: Place) -> None:
        topic, party, issue = place
        stored = self._store.get(Kind.CLAIMS, [claim_key(topic, party, act, issue) for act in Act])
        entries = [entry for key, each in stored.items() for entry in history_from(key, each.document).entries]
        key = position_key(topic, party, issue)
        if entries:
            known.standings[key] = standing_of(entries)
        else:
            known.standings.pop(key, None)

    def _arrived(self, topic: str, since: datetime) -> Iterator[str]:
        """Yield the claims of a topic that something arrived at."""
        query = Query(
            kind=Kind.CLAIMS,
            kql=f'topic: "{topic}"',
            sort=(("last_arrived", "asc"),),
            since=since,
            time_field="last_arrived",
            fields=("key",),
        )
        yield from (hit.id for hit in every_hit(self._store, query))

    def _taken_out(self, since: datetime) -> Iterator[str]:
        """Yield the claims that may have lost a statement: by a verdict, or because its article has it no more."""
        judged = every_hit(self._store, Query(kind=Kind.VERDICTS, since=since))
        stored = self._store.get(Kind.STATEMENTS, [hit.document["statement"]["id"] for hit in judged])
        yield from (each.document["claim"]["key"] for each in stored.values())
        retracted = Query(
            kind=Kind.STATEMENTS,
            since=since,
            time_field="stance.retracted_at",
            sort=(("stance.retracted_at", "asc"),),
            fields=("claim.key",),
        )
        yield from (hit.document["claim"]["key"] for hit in every_hit(self._store, retracted))

    def _deleted(self, known: _Topic) -> set[Place]:
        """Return the places that hold words of an article that was deleted on request; its tombstone may be old."""
        tombs = every_hit(self._store, Query(kind=Kind.STATE, kql=TOMBSTONES, fields=("document_id",)))
        gone = {hit.id.rpartition("/")[2] for hit in tombs}
        if not gone:
            return set()
        kept = (entry for standing in known.standings.values() for entry in _entries(standing))
        return {(entry.topic, entry.party, entry.issue) for entry in kept if entry.article_id in gone}


def _entries(standing: Standing) -> Iterator[Entry]:
    yield from standing.answers
    for position in standing.positions:
        yield position.last
        yield from (turn.entry for turn in position.turns)


def _place(key: str) -> Place:
    topic, party, _, issue = key.split("/", 3)
    return topic, party, issue


def _answers(found: Mapping[str, Standing], key: str | None) -> tuple[Entry, ...]:
    standing = found.get(key or "")
    return standing.answers if standing else ()
