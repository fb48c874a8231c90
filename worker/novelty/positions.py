"""Where the parties stand now, since when, and which demands are open. Pure: histories in, answers out."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.identity import position_key
from worker.model import Act
from worker.novelty.grade import OTHER_ISSUE, GradingRules, grade_all, ladder, sign
from worker.novelty.history import Entry, History

_LADDERS_WITH_POSITIONS = frozenset({"answer", str(Act.DEMAND)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One step of a position: from then on the party stood at ``stance``, as ``entry`` shows."""

    stance: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A party's position on an issue on one ladder (``answer`` or ``demand``).

    ``turns`` are its history, oldest first; the last one is the current stance. ``families`` independently
    reported the current stance; ``last`` is the latest entry that did.
    """

    topic: str
    party: str
    issue: str
    ladder: str
    turns: tuple[Turn, ...]
    families: tuple[str, ...]
    last: Entry

    @property
    def stance(self) -> str:
        """Return reject, conditional, offer, accept, demand or withdrawn."""
        return self.turns[-1].stance

    @property
    def since(self) -> datetime:
        """Return since when the party stands there."""
        return self.turns[-1].entry.effective


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDemand:
    """A demand that still stands. ``answers`` are what the addressed party said on the issue since, oldest first."""

    demand: Entry
    last: Entry
    age: timedelta
    families: tuple[str, ...]
    answers: tuple[Entry, ...]
    deadline: datetime | None


def positions(histories: Iterable[History], rules: GradingRules | None = None) -> list[Position]:
    """Return the positions of all parties on all issues but ``other``, which is no single matter; by key."""
    found: list[Position] = []
    for _, entries in sorted(_by_position(histories).items()):
        if entries[0].issue != OTHER_ISSUE:
            found.extend(positions_of(entries, _turned(entries, rules)))
    return found


def open_demands(histories: Iterable[History], *, now: datetime, rules: GradingRules | None = None) -> list[OpenDemand]:
    """Return the demands not withdrawn since, longest open first."""
    grouped = _by_position(histories)
    found = [
        open_demand(position, grouped.get(addressed(position) or "", ()), now=now)
        for entries in grouped.values()
        for position in positions_of(entries, _turned(entries, rules))
        if position.stance == Act.DEMAND
    ]
    return sorted(found, key=lambda each: each.demand.order)


def deadlines(histories: Iterable[History], *, now: datetime, within: timedelta) -> list[Entry]:
    """Return the entries whose deadline falls in the time to come, nearest first, one for each claim and deadline."""
    nearest: dict[tuple[str, datetime], Entry] = {}
    for history in histories:
        for entry in history.entries:
            if entry.deadline is not None and now <= entry.deadline <= now + within and not entry.withdrawn:
                nearest.setdefault((history.key, entry.deadline), entry)
    return [nearest[key] for key in sorted(nearest, key=lambda each: (each[1], each[0]))]


def _by_position(histories: Iterable[History]) -> dict[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = {}
    for history in histories:
        for entry in history.entries:
            grouped.setdefault(position_key(entry.topic, entry.party, entry.issue), []).append(entry)
    return {key: sorted(entries, key=lambda each: each.order) for key, entries in grouped.items()}


def _turned(entries: Iterable[Entry], rules: GradingRules | None) -> set[str]:
    return {statement_id for statement_id, verdict in grade_all(entries, rules).items() if verdict.turned}


def positions_of(entries: Iterable[Entry], turned: Collection[str]) -> Iterator[Position]:
    """Yield the positions of one party on one issue, one a ladder.

    ``entries`` are all it said on the issue, in order; ``turned`` the statements with which a position began or turned.
    """
    rungs_of: dict[str, list[Entry]] = {}
    for entry in entries:
        rungs_of.setdefault(ladder(entry.act), []).append(entry)
    for name in sorted(rungs_of.keys() & _LADDERS_WITH_POSITIONS):
        rungs = rungs_of[name]
        turns = [Turn(stance=sign(e), entry=e) for e in rungs if e.statement_id in turned]
        turns = turns or [Turn(stance=sign(rungs[0]), entry=rungs[0])]
        same = [entry for entry in rungs if sign(entry) == turns[-1].stance]
        yield Position(
            topic=rungs[0].topic,
            party=rungs[0].party,
            issue=rungs[0].issue,
            ladder=name,
            turns=tuple(_without_echo(turns)),
            families=tuple(sorted({e.family for e in same if e.order >= turns[-1].entry.order})),
            last=same[-1],
        )


def _without_echo(turns: list[Turn]) -> Iterator[Turn]:
    """Yield turns without those that lead where the position was already (a first rejection after a conditional)."""
    stance = ""
    for turn in turns:
        if turn.stance != stance:
            yield turn
        stance = turn.stance


def addressed(position: Position) -> str | None:
    """Return the key of the position whose answers count for a demand; None if it is addressed to nobody."""
    target = position.last.target or position.turns[-1].entry.target
    return position_key(position.topic, target, position.issue) if target else None


def open_demand(position: Position, answers: Iterable[Entry], *, now: datetime) -> OpenDemand:
    """Return the demand that a position stands at; of what the other side said, the answers since count."""
    demand = position.turns[-1].entry
    return OpenDemand(
        demand=demand,
        last=position.last,
        age=now - demand.effective,
        families=position.families,
        answers=tuple(e for e in answers if ladder(e.act) == "answer" and e.effective >= demand.effective),
        deadline=position.last.deadline or demand.deadline,
    )
