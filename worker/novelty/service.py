"""Enters statements into the claims ledger, grades them, and regrades what they touch.

A position is read, the entries are put into it, all is graded, and claims and levels are written by compare-and-set.
Then the position is read again: whoever looks after having written sees everyone who wrote before, so of two workers
at once the second one sees both statements and puts the levels right. All of it may run twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from worker.errors import StoreUnavailable
from worker.identity import claim_key, position_key
from worker.model import Article, GradedStatement, Level, Placement, TaggedStatement
from worker.novelty.grade import GradingRules, Verdict, grade, grade_all
from worker.novelty.history import Entry, entry_of
from worker.novelty.ledger_store import (
    TRIES,
    Held,
    is_unchanged,
    read_positions,
    take_out,
    with_entries,
    write_levels,
)
from worker.novelty.renames import Renames, current_id
from worker.novelty.warm_up import warm_up_end
from worker.ports import Kind, ResultStore

PositionId = tuple[str, str, str]
_HANDED_IN = frozenset({"ingest", "replay"})
_NEWS_OF_A_REVISION = frozenset({Level.NEW_TERMS, Level.NEW_TARGET, Level.NEW_VOICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an operator sets about novelty. ``renames``: topic → old id → id in force."""

    claim_min_confidence: float = 0.5
    grading: GradingRules = field(default_factory=GradingRules)
    renames: Renames = field(default_factory=dict)
    backfill_after: timedelta = timedelta(days=2)
    """An ingested article older than this when it comes in is back-fill: it counts and wakes nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrade:
    """A statement whose level is another since an earlier one was found, or one before it was taken out.

    ``previous`` is the statement that the new level speaks of.
    """

    statement_id: str
    claim_key: str
    old: Level
    new: Level
    reason: str
    previous: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What an article's statements are, and what they did to others.

    ``graded``: in the order given, without those too weak for a history, at the level that they had on arrival.
    ``regraded``: statements whose level in the ledger is another than the one people were told.
    """

    graded: tuple[GradedStatement, ...] = ()
    regraded: tuple[Regrade, ...] = ()


def grade_article(
    store: ResultStore,
    tagged: Sequence[TaggedStatement],
    article: Article,
    placement: Placement,
    *,
    now: datetime,
    policy: Policy,
) -> Grading:
    """Enter the statements into the ledger and return their levels, and whose levels changed through them.

    Raises StoreUnavailable if the store does not answer or others keep winning; all of it may simply run again.
    """
    strong = [_renamed(each, policy) for each in tagged if each.statement.confidence >= policy.claim_min_confidence]
    if not strong:
        return Grading()
    entries = [entry_of(each, article, placement, arrived=now) for each in strong]
    view = _settle(store, entries, policy)
    warm_until = warm_up_end(store)
    graded = tuple(_graded(each, entry, view, warm_until) for each, entry in zip(strong, entries, strict=True))
    return Grading(graded=graded, regraded=(*_overtaken(graded, view), *_regrades(entries, view)))


def withdraw_entries(store: ResultStore, statement_ids: Sequence[str], *, policy: Policy) -> tuple[Regrade, ...]:
    """Take statements out of the ledger and put right the levels of those that remain; nothing of it pages.

    For statements that a revision, a re-tag, a verdict or an operator took back. Of a revised article, grade the new
    statements first: what its earlier version said already is then not told again.
    """
    documents = store.get(Kind.STATEMENTS, list(statement_ids)).values()
    keys = sorted({key for each in documents if (key := each.document.get("claim", {}).get("key"))})
    return withdraw_from(store, keys, statement_ids, policy=policy)


def withdraw_from(
    store: ResultStore, keys: Sequence[str], statement_ids: Sequence[str], *, policy: Policy
) -> tuple[Regrade, ...]:
    """Do the same where the claims are known, for statements whose documents are gone."""
    positions = sorted({_position_of_key(key, policy) for key in keys})
    found = read_positions(store, positions, policy.renames)
    take_out(store, [held.history.key for each in found.values() for held in each], statement_ids)
    return regrade_positions(store, positions, policy=policy)


def regrade_positions(store: ResultStore, positions: Iterable[PositionId], *, policy: Policy) -> tuple[Regrade, ...]:
    """Work out every level of the positions anew and write those that differ; return them."""
    regrades: list[Regrade] = []
    for position in positions:
        regrades += _regrade_position(store, position, policy)
    return tuple(regrades)


def _regrade_position(store: ResultStore, position: PositionId, policy: Policy) -> list[Regrade]:
    view = _View(policy)
    changed: dict[str, Regrade] = {}
    for _ in range(TRIES):
        view.read(store, [position])
        view.grade(position, view.entries(position))
        levels = view.levels
        for entry in view.stale(levels):
            if entry.level is not None:
                changed.setdefault(entry.statement_id, _regrade(entry, entry.level, view.verdicts[entry.statement_id]))
        if _written(store, view, levels, own=(), touched=changed):
            return list(changed.values())
    raise _contended(position)


class _View:
    """The positions of one article as they were last read, and what their entries are worth."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._found: dict[PositionId, list[Held]] = {}
        self.verdicts: dict[str, Verdict] = {}

    @property
    def positions(self) -> Collection[PositionId]:
        return self._found.keys()

    @property
    def held(self) -> list[Held]:
        return [held for each in self._found.values() for held in each]

    def read(self, store: ResultStore, positions: Iterable[PositionId]) -> None:
        self.verdicts = {}
        self._found = read_positions(store, positions, self.policy.renames)

    def entries(self, position: PositionId) -> list[Entry]:
        return [entry for held in self._found.get(position, ()) for entry in held.history.entries]

    def stale(self, levels: Mapping[str, Level]) -> list[Entry]:
        """Return the entries whose level in the ledger is not the one given."""
        everyone = (entry for held in self.held for entry in held.history.entries)
        return [e for e in everyone if e.statement_id in levels and e.level is not levels[e.statement_id]]

    def enter(self, position: PositionId, ours: Sequence[Entry]) -> Sequence[Entry]:
        """Put entries into the position as read; return them."""
        self._found[position] = with_entries(self._found[position], ours)
        return ours

    @property
    def levels(self) -> dict[str, Level]:
        return {statement: verdict.level for statement, verdict in self.verdicts.items()}

    def grade(self, position: PositionId, ours: Sequence[Entry]) -> None:
        """Work out the verdicts on these entries and on all later ones of the position."""
        entries = self.entries(position)
        known = {entry.statement_id for entry in entries}
        everyone = [*entries, *(entry for entry in ours if entry.statement_id not in known)]
        first = min((entry.order for entry in ours), default=None)
        self.verdicts.update(grade_all(everyone, self.policy.grading, since=first))

    def kept(self, entry: Entry) -> Entry | None:
        """Return the entry as the ledger holds it; None if it lies beyond what a busy claim keeps."""
        mine = (e for e in self.entries(_position(entry)) if e.statement_id == entry.statement_id)
        return next(mine, None)

    def before(self, entry: Entry) -> list[Entry]:
        """Return what the ledger knew of the position when the entry came in, and the rest of its article.

        Within a claim its own numbering decides, which two workers cannot both win; between claims their clocks do.
        """
        return [each for each in self.entries(_position(entry)) if _came_before(each, entry)]

    def verdict_among(self, entry: Entry, before: Sequence[Entry]) -> Verdict:
        """Return the verdict given these entries alone; nothing is worked out again if they are all that matter."""
        known = {each.statement_id for each in before}
        others = (e for e in self.entries(_position(entry)) if e.order < entry.order)
        if all(other.statement_id in known for other in others):
            return self.verdicts[entry.statement_id]
        return grade(entry, before, self.policy.grading)

    def previous_level(self, entry: Entry, own: frozenset[str]) -> Level:
        """Return the level that the entry would have without the statements ``own``."""
        others = (e for e in self.entries(_position(entry)) if e.statement_id not in own)
        return grade(entry, others, self.policy.grading).level


def _settle(store: ResultStore, entries: Sequence[Entry], policy: Policy) -> _View:
    """Bring the levels in the ledger and in the statements' documents into agreement with the entries."""
    view = _View(policy)
    positions = sorted({_position(entry) for entry in entries})
    own = {entry.statement_id for entry in entries}
    touched: set[str] = set()
    for _ in range(TRIES):
        view.read(store, positions)
        for position in positions:
            view.grade(position, view.enter(position, [e for e in entries if _position(e) == position]))
        levels = view.levels
        touched |= {entry.statement_id for entry in view.stale(levels)} - own
        if _written(store, view, levels, own=own, touched=touched):
            return view
    raise _contended(positions[0])


def _written(
    store: ResultStore, view: _View, levels: Mapping[str, Level], *, own: Collection[str], touched: Collection[str]
) -> bool:
    """Write the levels; False if others changed something meanwhile, so that all must be read and graded again.

    Documents of other articles' statements come before the marks in the claims: after a crash an old mark says that
    they are still to be done. The article's own are done again anyway and may go in one step with the marks.
    """
    foreign = {statement for statement in touched if statement in levels}
    if foreign and write_levels(store, (), levels, projected=foreign) is None:
        return False
    tokens = write_levels(store, view.held, levels, projected=own)
    return tokens is not None and is_unchanged(store, view.positions, view.policy.renames, tokens)


def _graded(tagged: TaggedStatement, entry: Entry, view: _View, warm_until: datetime | None) -> GradedStatement:
    """Return the level that the statement had when it came in, which is what people are told.

    An older article may have come since; then the ledger has another level by now, and a correction is due.
    """
    kept = view.kept(entry)
    before = view.before(kept) if kept else view.entries(_position(entry))
    verdict = view.verdict_among(entry, before)
    same = sorted((e for e in (*before, entry) if e.act is entry.act), key=lambda each: each.order)
    return GradedStatement(
        tagged=tagged,
        level=verdict.level,
        reason=verdict.reason,
        previous_statement_id=verdict.previous,
        publishers=tuple(sorted({e.publisher for e in same})),
        families=_independent_families(same),
        pages=kept is not None and not verdict.copied and not _is_quiet(kept, verdict, same, view.policy, warm_until),
    )


def _is_quiet(
    kept: Entry, verdict: Verdict, same: Sequence[Entry], policy: Policy, warm_until: datetime | None
) -> bool:
    is_late = same[-1].order > kept.order
    is_warming_up = warm_until is not None and kept.arrived < warm_until
    is_backfill = kept.origin in _HANDED_IN and kept.arrived - kept.effective > policy.backfill_after
    is_old_news = kept.succeeds and verdict.level not in _NEWS_OF_A_REVISION
    return is_late or is_warming_up or is_backfill or is_old_news


def _independent_families(ordered: Sequence[Entry]) -> tuple[str, ...]:
    """Return the families that reported by themselves: of a story's copies only the first counts."""
    opening = {entry.story_id: entry.family for entry in reversed(ordered)}
    return tuple(sorted(set(opening.values())))


def _came_before(one: Entry, entry: Entry) -> bool:
    if one.act is entry.act:
        return one.sequence < entry.sequence
    if one.arrived == entry.arrived:
        return one.order < entry.order
    return one.arrived < entry.arrived


def _overtaken(graded: Sequence[GradedStatement], view: _View) -> Iterable[Regrade]:
    """Yield the article's own statements whose level changed between their arrival and now."""
    for each in graded:
        verdict = view.verdicts[each.tagged.statement_id]
        if each.pages and verdict.level is not each.level:
            yield Regrade(
                statement_id=each.tagged.statement_id,
                claim_key=each.tagged.claim_key,
                old=each.level,
                new=verdict.level,
                reason=verdict.reason,
                previous=verdict.previous,
            )


def _regrades(own: Sequence[Entry], view: _View) -> Iterable[Regrade]:
    """Yield what the article's statements changed. It compares with a ledger without them, so a retry says the same."""
    ids = frozenset(entry.statement_id for entry in own)
    everyone = {e.statement_id: e for held in view.held for e in held.history.entries}
    later = [everyone[statement] for statement in view.verdicts if statement not in ids and statement in everyone]
    for entry in sorted(later, key=lambda each: each.order):
        verdict = view.verdicts[entry.statement_id]
        old = view.previous_level(entry, ids)
        if old is not verdict.level:
            yield _regrade(entry, old, verdict)


def _regrade(entry: Entry, old: Level, verdict: Verdict) -> Regrade:
    return Regrade(
        statement_id=entry.statement_id,
        claim_key=entry.claim_key,
        old=old,
        new=verdict.level,
        reason=verdict.reason,
        previous=verdict.previous,
    )


def _position(entry: Entry) -> PositionId:
    return (entry.topic, entry.party, entry.issue)


def _position_of_key(key: str, policy: Policy) -> PositionId:
    topic, party, _, issue = key.split("/", 3)
    names: Mapping[str, str] = policy.renames.get(topic, {})
    return (topic, current_id(party, names), current_id(issue, names))


def _renamed(tagged: TaggedStatement, policy: Policy) -> TaggedStatement:
    topic, party, issue = _position_of_key(tagged.claim_key, policy)
    key = claim_key(topic, party, tagged.statement.act, issue)
    return replace(tagged, claim_key=key, position_key=position_key(topic, party, issue))


def _contended(position: PositionId) -> StoreUnavailable:
    return StoreUnavailable(f"position {'/'.join(position)} is changed by others faster than it can be read")
