"""Alert rules as values, and whether one fires."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from worker.identity import normalised
from worker.model import Act, Article, GradedStatement, Level
from worker.ports import Document

NEWS = (Level.FIRST, Level.CHANGED)
"""The levels of a rule that names none."""

Predicate = Callable[[Document], bool]
"""A compiled KQL query over a statement's document."""


class ChannelKind(StrEnum):
    """Ways out that can be configured."""

    CONSOLE = "console"
    FILE = "file"
    WEBHOOK = "webhook"
    APPRISE = "apprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """One channel of ``config/alerts.yml``.

    ``target`` is a path (file) or an address (webhook, Apprise); ``secret`` names a secret that holds the address
    (Apprise) or the signing key (webhook). ``per_hour`` is the most messages that it gets in an hour.
    """

    id: str
    kind: ChannelKind
    target: str = ""
    secret: str | None = None
    per_hour: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a rule looks for. An empty tuple asks nothing; within a tuple one is enough; all of them must hold."""

    topics: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    issues: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    levels: tuple[Level, ...] = NEWS
    words: tuple[str, ...] = ()
    kql: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From when until when nobody is woken, in the time zone of those who sleep; may go over midnight."""

    begin: time
    end: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. ``version`` changes with what it looks for, not with where and when it tells."""

    id: str
    version: str
    channels: tuple[str, ...]
    match: Match = field(default_factory=Match)
    min_confidence: float = 0.6
    min_families: int = 1
    cooldown: timedelta = timedelta(0)
    quiet: QuietHours | None = None
    digest: str | None = None
    """Cron expression (UTC): matches wait and go out together."""
    shadow: bool = False
    """Only lists what it would have sent."""
    deadline_within: timedelta | None = None
    """Tells of demands whose deadline is as near as this, and of nothing else."""
    predicate: Predicate | None = field(default=None, compare=False)
    """``match.kql``, compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """All rules and channels. ``labels``: id of a party or issue → how people call it."""

    rules: tuple[Rule, ...] = ()
    channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def reads_documents(self) -> bool:
        """Return True if a rule needs the statement's document."""
        return any(rule.predicate is not None for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """Why a rule fired. ``level``: the statement's, or ``confirmed`` for the family that made up the number."""

    rule: Rule
    level: str
    reason: str


CONFIRMED = "confirmed"


def fires(rule: Rule, graded: GradedStatement, article: Article, document: Document) -> Fired | None:
    """Return why the rule fires for a statement, or None."""
    said = graded.tagged.statement
    if rule.deadline_within is not None:
        return None
    if said.confidence < rule.min_confidence or not _matches(rule, graded, article, document):
        return None
    families = len(graded.families)
    if graded.level in rule.match.levels and families >= rule.min_families:
        return Fired(rule=rule, level=str(graded.level), reason=graded.reason)
    if graded.level is Level.REPEAT and families == rule.min_families > 1:
        reason = f"now reported by {families} independent publisher families"
        return Fired(rule=rule, level=CONFIRMED, reason=reason)
    return None


def _matches(rule: Rule, graded: GradedStatement, article: Article, document: Document) -> bool:
    match, said = rule.match, graded.tagged.statement
    wanted: tuple[tuple[tuple[str, ...], str | None], ...] = (
        (match.topics, graded.tagged.topic),
        (match.parties, said.party),
        (match.acts, said.act),
        (match.issues, said.issue),
        (match.targets, said.target),
    )
    return (
        all(not allowed or value in allowed for allowed, value in wanted)
        and (not match.words or has_word(match.words, f"{article.title}\n{said.evidence}"))
        and (rule.predicate is None or rule.predicate(document))
    )


def has_word(words: tuple[str, ...], text: str) -> bool:
    """Return True if one of the words or phrases stands in the text; ``*`` at the end takes any ending."""
    compared = normalised(text)
    return any(re.search(_pattern(word), compared) for word in words)


def _pattern(word: str) -> str:
    stem = normalised(word)
    return rf"\b{re.escape(stem[:-1])}\w*" if stem.endswith("*") else rf"\b{re.escape(stem)}\b"
