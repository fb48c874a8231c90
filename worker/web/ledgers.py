"""Positions and open demands, shaped for the pages. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.novelty.grade import sign
from worker.novelty.history import Entry
from worker.novelty.positions import OpenDemand, Position
from worker.topic import Topic
from worker.web.views import Labels

SHORT = "%-d %b %Y"
MOST_PARTIES = 8
"""Columns of a matrix: more do not fit on a screen or on paper."""


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
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """``parties`` are the columns' labels; ``rows`` are (issue label, one list of cells a column).

    ``others`` are the groups of parties that stand on other pages: (page number, their labels).
    """

    topic: str
    label: str
    parties: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Cell, ...], ...]], ...]
    others: tuple[tuple[int, str], ...] = ()


def matrix(topic: Topic, known: Sequence[Position], *, page: int = 1) -> Matrix:
    """Return the topic's positions, parties and issues in the order of its file, empty rows and columns left out."""
    taken, about = {p.party for p in known}, {p.issue for p in known}
    parties = [one for one in topic.parties if one.id in taken]
    groups = [parties[at : at + MOST_PARTIES] for at in range(0, len(parties), MOST_PARTIES)] or [[]]
    number = min(max(page, 1), len(groups))
    shown = groups[number - 1]
    by_place: dict[tuple[str, str], list[Cell]] = {}
    for one in known:
        by_place.setdefault((one.party, one.issue), []).append(_cell(one))
    rows = tuple(
        (issue.label, tuple(tuple(by_place.get((party.id, issue.id), ())) for party in shown))
        for issue in topic.issues
        if issue.id in about
    )
    return Matrix(
        topic=topic.id,
        label=topic.label,
        parties=tuple(one.label for one in shown),
        rows=rows,
        others=tuple(
            (at, ", ".join(party.label for party in group)) for at, group in enumerate(groups, 1) if at != number
        ),
    )


def _cell(position: Position) -> Cell:
    return Cell(
        topic=position.topic,
        party=position.party,
        issue=position.issue,
        stance=position.stance,
        since=position.since.strftime(SHORT),
        evidence=position.turns[-1].entry.evidence,
        families=len(position.families),
        confidence=position.turns[-1].entry.confidence,
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


def demand_rows(opened: Iterable[OpenDemand], labels: Labels) -> list[DemandRow]:
    """Return the open demands as rows, in their order."""
    return [_demand_row(one, labels) for one in opened]


def _demand_row(one: OpenDemand, labels: Labels) -> DemandRow:
    topic = one.demand.topic
    return DemandRow(
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


def _answer(entry: Entry) -> Answer:
    return Answer(
        id=entry.statement_id, stance=sign(entry), when=entry.effective.strftime(SHORT), evidence=entry.evidence
    )
