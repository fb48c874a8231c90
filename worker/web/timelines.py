"""Timelines: what was said on one issue by one party, what a party or an issue turned on, what a person said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.identity import claim_key
from worker.model import Act
from worker.novelty.grade import TURNS, sign
from worker.novelty.history import Entry, history_from
from worker.ports import Hit, Kind, Query, ResultStore
from worker.web.board import Board, turned
from worker.web.ledgers import SHORT
from worker.web.picture import Dot
from worker.web.questions import STANDS, quoted
from worker.web.views import Labels, at

MOST = 150
"""Rows of a page and dots of a picture; every turn is among them, and of the rest the newest."""

TITLE_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose words: of a party, on an issue, by a person; what is empty is any."""

    topic: str
    party: str = ""
    issue: str = ""
    speaker: str = ""

    @property
    def is_open(self) -> bool:
        """Return True if nothing was chosen."""
        return not (self.party or self.issue or self.speaker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One statement. ``lane`` is where it stands in the picture."""

    id: str
    when: datetime
    lane: str
    party: str
    issue: str
    stance: str
    turned: bool
    evidence: str
    speaker: str
    publisher: str

    @property
    def day(self) -> str:
        """Return the day as people read it."""
        return self.when.strftime(SHORT)

    @property
    def dot(self) -> Dot:
        """Return the row as a dot of the picture."""
        title = f"{self.day}: {self.evidence[:TITLE_CHARS]}{'…' if len(self.evidence) > TITLE_CHARS else ''}"
        return Dot(when=self.when, lane=self.lane, turned=self.turned, title=title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """``rows`` oldest first; ``total`` is how many there are, shown or not."""

    title: str
    rows: tuple[Row, ...]
    total: int

    @property
    def dots(self) -> list[Dot]:
        """Return the dots of the picture."""
        return [row.dot for row in self.rows]


def timeline(store: ResultStore, board: Board, subject: Subject, labels: Labels) -> Timeline:
    """Return the timeline of a subject; an open one has no rows."""
    if subject.speaker:
        return _spoken(store, subject, labels)
    if subject.party and subject.issue:
        return _said(store, subject, labels)
    if subject.party or subject.issue:
        return _turns(board, subject, labels)
    return Timeline(title="Timeline", rows=(), total=0)


def _said(store: ResultStore, subject: Subject, labels: Labels) -> Timeline:
    """Read by key, so it is never a second behind."""
    keys = [claim_key(subject.topic, subject.party, act, subject.issue) for act in Act]
    stored = store.get(Kind.CLAIMS, keys)
    entries = [entry for key, one in stored.items() for entry in history_from(key, one.document).entries]
    turns = turned(entries)
    ordered = sorted(entries, key=lambda entry: entry.order)
    rows = [_row(e, labels, lane=sign(e), is_turn=e.statement_id in turns) for e in shown(ordered, turns)]
    about = f"{labels.party(subject.topic, subject.party)} on {labels.issue(subject.topic, subject.issue)}"
    return Timeline(title=about, rows=tuple(rows), total=len(entries))


def shown(ordered: Sequence[Entry], turns: frozenset[str]) -> list[Entry]:
    """Return at most ``MOST`` of the entries, in order: the newest turns, then the newest of the rest."""
    if len(ordered) <= MOST:
        return list(ordered)
    by_weight = sorted(ordered, key=lambda entry: (entry.statement_id in turns, entry.order), reverse=True)
    kept = {entry.statement_id for entry in by_weight[:MOST]}
    return [entry for entry in ordered if entry.statement_id in kept]


def _turns(board: Board, subject: Subject, labels: Labels) -> Timeline:
    """Return where a party's positions, or the positions on an issue, began and turned."""
    found = [
        turn.entry
        for position in board.positions(subject.topic)
        if subject.party in ("", position.party) and subject.issue in ("", position.issue)
        for turn in position.turns
    ]
    newest = sorted(found, key=lambda entry: entry.order)[-MOST:]
    rows = tuple(_row(entry, labels, lane=_lane(entry, subject, labels), is_turn=True) for entry in newest)
    names = (labels.party(subject.topic, subject.party), labels.issue(subject.topic, subject.issue))
    return Timeline(title=f"{names[0] or names[1]}: every turn", rows=rows, total=len(found))


def _lane(entry: Entry, subject: Subject, labels: Labels) -> str:
    if subject.party:
        return labels.issue(entry.topic, entry.issue)
    return labels.party(entry.topic, entry.party)


def _row(entry: Entry, labels: Labels, *, lane: str, is_turn: bool) -> Row:
    return Row(
        id=entry.statement_id,
        when=entry.effective,
        lane=lane,
        party=labels.party(entry.topic, entry.party),
        issue=labels.issue(entry.topic, entry.issue),
        stance=sign(entry),
        turned=is_turn,
        evidence=entry.evidence,
        speaker=entry.speaker or "",
        publisher=entry.publisher,
    )


def _spoken(store: ResultStore, subject: Subject, labels: Labels) -> Timeline:
    """Return the newest statements of a person, one lane an issue."""
    wanted = {"topic": subject.topic, "stance.speaker": subject.speaker, "stance.party": subject.party}
    wanted["stance.issue"] = subject.issue
    kql = " and ".join(f'{name}: "{quoted(value)}"' for name, value in wanted.items() if value)
    page = store.search(Query(kind=Kind.STATEMENTS, kql=f"{kql} and {STANDS}", size=MOST))
    rows = tuple(_spoken_row(hit, labels) for hit in reversed(page.hits))
    return Timeline(title=subject.speaker, rows=rows, total=page.total)


def _spoken_row(hit: Hit, labels: Labels) -> Row:
    document = hit.document
    topic = str(document["topic"])
    issue = labels.issue(topic, at(document, "stance.issue"))
    return Row(
        id=hit.id,
        when=datetime.fromisoformat(document["@timestamp"]),
        lane=issue,
        party=labels.party(topic, at(document, "stance.party")),
        issue=issue,
        stance=_stance(document),
        turned=at(document, "claim.level") in TURNS,
        evidence=str(at(document, "stance.evidence") or ""),
        speaker=str(at(document, "stance.speaker") or ""),
        publisher=str(at(document, "publisher.name") or ""),
    )


def _stance(document: Mapping[str, Any]) -> str:
    return str(at(document, "stance.position") or at(document, "stance.act") or "")
