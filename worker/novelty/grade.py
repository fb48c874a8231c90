"""The level of a statement: a pure function of the entries without it.

Entries of one position (topic, party, issue) are walked in order of their effective time, whatever the order in
which they came; the level of each depends on those before it alone. That is why a crash, a replay, a late article
and two workers at once all lead to the same levels.

Reject < conditional < offer < accept is one ladder; demand and withdrawn are another. A change counts when the
sentence is read with confidence, or when two independent families report it; until then it is provisional.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from worker.model import Act, Level
from worker.novelty.history import Entry, Order
from worker.novelty.likeness import is_alike, is_near, is_same_sentence, plain

OTHER_ISSUE = "other"
TURNS = frozenset({Level.FIRST, Level.CHANGED})
"""Levels of a statement with which a position began or turned."""
_ANSWERS = frozenset({Act.REJECT, Act.OFFER, Act.ACCEPT})
_TWINS = {Act.DEMAND: Act.REJECT, Act.REJECT: Act.DEMAND}
"""Demanding that something does not happen and rejecting it are one thing said in two ways."""

_VERBS = {
    Act.DEMAND: "demands",
    Act.REJECT: "rejects",
    Act.OFFER: "offers",
    Act.ACCEPT: "accepts",
    Act.THREATEN: "threatens",
    Act.ACCUSE: "accuses",
    Act.PLEDGE: "pledges",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingRules:
    """What an operator may set about levels."""

    revived_after: timedelta = timedelta(days=30)
    flip_confidence: float = 0.75
    copy_window: timedelta = timedelta(days=7)
    """How long after a report the same sentence elsewhere is a copy of it, and not said anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``previous`` is the statement that this one changes, revives, adds to or repeats.

    ``copied``: the same report in another place, a sighting of its source. ``turned``: it changes or opens the
    party's position.
    """

    level: Level
    reason: str
    previous: str | None = None
    copied: bool = False
    turned: bool = False


def ladder(act: Act) -> str:
    """Return which acts are positions towards one another: all answers are, every other act is by itself."""
    return "answer" if act in _ANSWERS else str(act)


def sign(entry: Entry) -> str:
    """Return where on its ladder an entry stands. "Only if" is conditional, whether it is put as yes or as no."""
    if entry.withdrawn:
        return "withdrawn"
    if entry.act in _ANSWERS and entry.conditional:
        return "conditional"
    return str(entry.act)


def grade(entry: Entry, others: Iterable[Entry], rules: GradingRules | None = None) -> Verdict:
    """Return the level of an entry given the other entries of its position; later ones and itself do not matter."""
    earlier = (other for other in others if other.order < entry.order and other.statement_id != entry.statement_id)
    walk = _Walk(rules or GradingRules())
    for other in sorted(earlier, key=lambda each: each.order):
        if _belong_together(entry, other):
            walk.learn(other)
    return walk.judge(entry)


def grade_all(
    entries: Iterable[Entry], rules: GradingRules | None = None, *, since: Order | None = None
) -> dict[str, Verdict]:
    """Return the verdicts on the entries of one position, by statement id, in order; only those from ``since`` on."""
    ordered = sorted(entries, key=lambda each: each.order)
    wanted = [entry for entry in ordered if since is None or entry.order >= since]
    if ordered and ordered[0].issue == OTHER_ISSUE:
        return {entry.statement_id: grade(entry, ordered, rules) for entry in wanted}
    walk = _Walk(rules or GradingRules())
    for entry in ordered[: len(ordered) - len(wanted)]:
        walk.learn(entry)
    verdicts: dict[str, Verdict] = {}
    for entry in wanted:
        verdicts[entry.statement_id] = walk.judge(entry)
        walk.learn(entry)
    return verdicts


def _belong_together(one: Entry, other: Entry) -> bool:
    """Return False for two unrelated matters that only share the issue ``other``."""
    return one.issue != OTHER_ISSUE or is_alike(one.evidence, other.evidence)


@dataclass(slots=True)
class _Track:
    """A party's place on one ladder: what the last source said, and the one before it.

    A source is a story: an article that says both no and "only if" has both signs, and neither is a change
    against the other.
    """

    story: str = ""
    before: dict[str, Entry] = field(default_factory=dict)
    now: dict[str, Entry] = field(default_factory=dict)
    waiting: dict[str, set[str]] = field(default_factory=dict)
    """Families that reported a sign without enough confidence to believe one of them alone."""

    def base(self, entry: Entry) -> dict[str, Entry]:
        """Return the signs that the entry is compared with."""
        return self.before if entry.story_id == self.story else self.now

    def is_settled(self, entry: Entry) -> bool:
        """Return True if the last two sources said just this: another one changes nothing, be it a copy or not."""
        return self.now.keys() == self.before.keys() == {sign(entry)}

    def is_flip(self, entry: Entry) -> bool:
        base = self.base(entry)
        return bool(base) and sign(entry) not in base

    def is_confirmed(self, entry: Entry, least: float) -> bool:
        return entry.confidence >= least or bool(self.waiting.get(sign(entry), set()) - {entry.family})

    def take(self, entry: Entry, least: float) -> None:
        if self.is_flip(entry):
            if not self.is_confirmed(entry, least):
                self.waiting.setdefault(sign(entry), set()).add(entry.family)
                return
            self.waiting.clear()
        if entry.story_id != self.story:
            self.before, self.now, self.story = self.now or self.before, {}, entry.story_id
        self.now[sign(entry)] = entry


class _Walk:
    """What is known after the entries learned so far, which come in order."""

    def __init__(self, rules: GradingRules) -> None:
        self._rules = rules
        self._learned: list[Entry] = []
        self._tracks: dict[str, _Track] = {}
        self._stories: dict[tuple[str, Act], list[Entry]] = {}
        self._sentences: dict[str, list[Entry]] = {}

    def learn(self, entry: Entry) -> None:
        track = self._track(entry)
        if track.is_settled(entry) or self._original(entry) is None:
            track.take(entry, self._rules.flip_confidence)
        self._learned.append(entry)
        self._stories.setdefault((entry.story_id, entry.act), []).append(entry)
        self._sentences.setdefault(plain(entry.evidence), []).append(entry)

    def judge(self, entry: Entry) -> Verdict:
        original = self._original(entry)
        if original is not None:
            where = original.publisher or "another outlet"
            return Verdict(
                level=Level.REPEAT, reason=f"the same report as in {where}", previous=original.statement_id, copied=True
            )
        return self._turn(entry) or self._against_kin(entry)

    def _track(self, entry: Entry) -> _Track:
        return self._tracks.setdefault(ladder(entry.act), _Track())

    def _original(self, entry: Entry) -> Entry | None:
        """Return the earlier report that the entry is a copy of."""
        for other in self._stories.get((entry.story_id, entry.act), ()):
            if is_near(entry.evidence, other.evidence) or _says_no_more(entry, other):
                return other
        read_before = self._sentences.get(plain(entry.evidence), [])
        if read_before and all(_is_reread(entry, other) for other in read_before):
            return read_before[0]
        return self._recent_copy(entry)

    def _recent_copy(self, entry: Entry) -> Entry | None:
        since = entry.effective - self._rules.copy_window
        rung = (entry.act, sign(entry))
        for other in reversed(self._learned):
            if other.effective < since:
                return None
            alike = is_near if (other.act, sign(other)) == rung else is_same_sentence
            if other.article_id != entry.article_id and alike(entry.evidence, other.evidence):
                return other
        return None

    def _turn(self, entry: Entry) -> Verdict | None:
        track = self._track(entry)
        if not track.is_flip(entry):
            return None
        base = track.base(entry)
        previous = max(base.values(), key=lambda each: each.order)
        turn = f"from {' and '.join(sorted(base))} to {sign(entry)}"
        if track.is_confirmed(entry, self._rules.flip_confidence):
            reason = f"{_party(entry)} changed its position on {_issue(entry)} {turn}"
            return Verdict(level=Level.CHANGED, reason=reason, previous=previous.statement_id, turned=True)
        reason = f"a change {turn} that one source alone reports, read without certainty: provisional"
        return Verdict(level=Level.REPEAT, reason=reason, previous=previous.statement_id)

    def _against_kin(self, entry: Entry) -> Verdict:
        kin = self._kin(entry)
        said = f"{_party(entry)} {_VERBS[entry.act]} {_issue(entry)}"
        if not kin:
            first = f"first time that {said}" if not entry.withdrawn else f"{_party(entry)} drops {_issue(entry)}"
            return Verdict(level=Level.FIRST, reason=first, turned=True)
        carried = (entry.story_id, entry.act) in self._stories
        level, what = _news(entry, kin, self._rules, carried=carried)
        return Verdict(level=level, reason=f"{said}: {what}", previous=kin[-1].statement_id)

    def _kin(self, entry: Entry) -> list[Entry]:
        """Return the earlier entries that said this: the same act, the same rung, or the twin act in like words."""
        kin = [o for o in self._learned if o.act is entry.act or _same_rung(o, entry)]
        twin = _TWINS.get(entry.act)
        if kin or twin is None:
            return kin
        return [o for o in self._learned if o.act is twin and is_alike(o.evidence, entry.evidence)]


def _is_reread(entry: Entry, other: Entry) -> bool:
    """Return True if two versions of a tagger read one sentence differently: no news of the party."""
    return entry.tagger != other.tagger and (entry.act, sign(entry)) != (other.act, sign(other))


def _same_rung(one: Entry, other: Entry) -> bool:
    return ladder(one.act) == ladder(other.act) and sign(one) == sign(other)


def _says_no_more(entry: Entry, other: Entry) -> bool:
    """Return True if the entry has no speaker, target or sign that the other lacks."""
    return (
        entry.speaker in {None, other.speaker} and entry.target in {None, other.target} and sign(entry) == sign(other)
    )


def _news(entry: Entry, kin: Sequence[Entry], rules: GradingRules, *, carried: bool) -> tuple[Level, str]:
    """Return what is new against those that said it before.

    ``carried``: the story has it already, so neither a detail of the sentence nor the time since is news.
    """
    fresh = [] if carried else [term for term in entry.terms if all(term not in other.terms for other in kin)]
    if fresh:
        return Level.NEW_TERMS, f"for the first time with {', '.join(fresh)}"
    if _is_new(entry.target, [other.target for other in kin]):
        return Level.NEW_TARGET, f"for the first time addressed to {entry.target}"
    if _is_new(entry.speaker, [other.speaker for other in kin]):
        return Level.NEW_VOICE, f"for the first time by {entry.speaker}"
    silent = entry.effective - kin[-1].effective
    if silent > rules.revived_after and not carried:
        return Level.REVIVED, f"again after {silent.days} days of silence"
    return Level.REPEAT, f"said before, last on {kin[-1].effective:%-d %B %Y}"


def _is_new(value: str | None, known: Sequence[str | None]) -> bool:
    """Return True for a value never seen, if any was: naming what everybody took as understood is no news."""
    return value is not None and value not in known and any(known)


def _party(entry: Entry) -> str:
    return entry.party.replace("-", " ")


def _issue(entry: Entry) -> str:
    return "this matter" if entry.issue == OTHER_ISSUE else entry.issue.replace("-", " ")
