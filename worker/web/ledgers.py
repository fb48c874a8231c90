"""Positions, open demands and timelines from the claims ledger, shaped for the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.identity import claim_key
from worker.model import Act
from worker.novelty.grade import grade_all, sign
from worker.novelty.history import Entry, History, history_from
from worker.novelty.positions import Position, open_demands, positions
from worker.ports import Kind, Query, ResultStore
from worker.topic import Topic
from worker.web.picture import Dot
from worker.web.views import Labels

PAGE = 500
SHORT = "%-d %b %Y"


def histories(store: ResultStore, *, topics: Sequence[str]) -> dict[str, list[History]]:
    """Return every claim's history by topic."""
    return {topic: _of_topic(store, topic) for topic in topics}


def _of_topic(store: ResultStore, topic: str) -> list[History]:
    query = Query(kind=Kind.CLAIMS, kql=f'topic: "{topic}"', size=PAGE, sort=(("last_seen", "desc"),))
    found: list[History] = []
    while True:
        page = store.search(query)
        found += [history_from(hit.id, hit.document) for hit in page.hits]
        if page.next is None:
            return found
        query = replace(query, after=page.next)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One position in the matrix."""

    topic: str
    party: str
    issue: str
    stance: str
    since: str
    evidence: str
    families: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """``parties`` are the columns' labels; ``rows`` are (issue label, one list of cells a column)."""

    label: str
    parties: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Cell, ...], ...]], ...]


def matrix(topic: Topic, found: Sequence[History]) -> Matrix:
    """Return the topic's positions, parties and issues in the order of its file, empty rows and columns left out."""
    known = positions(found)
    parties = [one for one in topic.parties if any(p.party == one.id for p in known)]
    issues = [one for one in topic.issues if any(p.issue == one.id for p in known)]
    rows = tuple((issue.label, tuple(_cells(known, party.id, issue.id) for party in parties)) for issue in issues)
    return Matrix(label=topic.label, parties=tuple(one.label for one in parties), rows=rows)


def _cells(known: Sequence[Position], party: str, issue: str) -> tuple[Cell, ...]:
    return tuple(_cell(one) for one in known if one.party == party and one.issue == issue)


def _cell(position: Position) -> Cell:
    return Cell(
        topic=position.topic,
        party=position.party,
        issue=position.issue,
        stance=position.stance,
        since=position.since.strftime(SHORT),
        evidence=position.turns[-1].entry.evidence,
        families=len(position.families),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the addressed party said since."""

    id: str
    stance: str
    when: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandRow:
    """One open demand."""

    id: str
    party: str
    issue: str
    target: str
    evidence: str
    since: str
    last: str
    age_days: int
    families: int
    deadline: str
    answers: tuple[Answer, ...]


def demand_rows(found: Mapping[str, Sequence[History]], labels: Labels, *, now: datetime) -> list[DemandRow]:
    """Return the open demands of all topics, longest open first within each."""
    return [
        DemandRow(
            id=one.demand.statement_id,
            party=labels.party(topic, one.demand.party),
            issue=labels.issue(topic, one.demand.issue),
            target=labels.party(topic, one.last.target or one.demand.target),
            evidence=one.last.evidence,
            since=one.demand.effective.strftime(SHORT),
            last=one.last.effective.strftime(SHORT),
            age_days=one.age.days,
            families=len(one.families),
            deadline=one.deadline.strftime(SHORT) if one.deadline else "",
            answers=tuple(_answer(each) for each in one.answers),
        )
        for topic, its in found.items()
        for one in open_demands(its, now=now)
    ]


def _answer(entry: Entry) -> Answer:
    return Answer(
        id=entry.statement_id, stance=sign(entry), when=entry.effective.strftime(SHORT), evidence=entry.evidence
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One statement of a party on an issue."""

    id: str
    when: str
    stance: str
    turned: bool
    evidence: str
    speaker: str
    publisher: str
    dot: Dot


def timeline_rows(store: ResultStore, *, topic: str, party: str, issue: str) -> list[TimelineRow]:
    """Return what the party said on the issue, oldest first; read by key, so it is never a second behind."""
    keys = [claim_key(topic, party, act, issue) for act in Act]
    stored = store.get(Kind.CLAIMS, keys)
    entries = [entry for key, one in stored.items() for entry in history_from(key, one.document).entries]
    verdicts = grade_all(entries)
    ordered = sorted(entries, key=lambda entry: entry.order)
    return [_row(entry, turned=verdicts[entry.statement_id].turned) for entry in ordered]


def _row(entry: Entry, *, turned: bool) -> TimelineRow:
    stance = sign(entry)
    return TimelineRow(
        id=entry.statement_id,
        when=entry.effective.strftime(SHORT),
        stance=stance,
        turned=turned,
        evidence=entry.evidence,
        speaker=entry.speaker or "",
        publisher=entry.publisher,
        dot=Dot(when=entry.effective, lane=stance, turned=turned, title=f"{entry.effective:{SHORT}}: {entry.evidence}"),
    )
