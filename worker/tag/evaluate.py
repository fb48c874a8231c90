"""Scores a tagger's records against labelled articles: how much is found, how much of it is right, and what is not.

Primary figure: document-level micro precision, recall and F1 over (party, act, issue), one record matched to one.
Where a triple occurs twice in an article, records are paired so that target, speaker and evidence agree best.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from worker.model import Act
from worker.tag.gold import GoldArticle, Labelled, labelled, load_gold, same_name, statement_as_gold

__all__ = ["Evaluation", "labelled", "load_gold", "score", "statement_as_gold"]

ROUNDS = 1000
OVERLAP = 0.5
"""Token F1 from which two pieces of evidence are held to be the same passage."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Found:
    """Records matched, records predicted, records in the gold."""

    hits: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Return the share of predicted records that are right; 1 where nothing is predicted."""
        return self.hits / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        """Return the share of gold records that are found; 1 where there are none."""
        return self.hits / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.hits / (self.predicted + self.gold) if self.predicted + self.gold else 1.0

    def __add__(self, other: "Found") -> "Found":
        return Found(self.hits + other.hits, self.predicted + other.predicted, self.gold + other.gold)

    def as_dict(self) -> dict[str, float]:
        """Return counts and ratios, rounded to four digits."""
        ratios = {name: round(getattr(self, name), 4) for name in ("precision", "recall", "f1")}
        return {**asdict(self), **ratios}


@dataclass(frozen=True, slots=True)
class Share:
    """``right`` of ``total``."""

    right: int
    total: int

    @property
    def value(self) -> float:
        """Return the share; 1 of nothing."""
        return self.right / self.total if self.total else 1.0

    def as_dict(self) -> dict[str, float]:
        """Return counts and share, rounded to four digits."""
        return {**asdict(self), "share": round(self.value, 4)}


@dataclass(frozen=True, slots=True)
class Finding:
    """A record that is missed or one too many, with the article it belongs to and what came closest there."""

    article: str
    topic: str
    record: Labelled
    nearest: Labelled | None

    def as_dict(self) -> dict[str, Any]:
        """Return a plain mapping for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All figures of one run. Shares named after a field are taken over the matched records."""

    articles: int
    triple: Found
    interval: tuple[float, float]
    """95 % bootstrap interval of the F1 over articles."""
    with_target: Found
    demands: Found
    target: Share
    speaker: Share
    attribution: Share
    conditional: Share
    condition_issue: Share
    """Over matched records that the gold calls conditional."""
    evidence_overlap: Share
    evidence_exact: Share
    """Over all predicted records: the evidence stands in the text, character for character."""
    by_act: Mapping[str, Found]
    by_topic: Mapping[str, Found]
    by_style: Mapping[str, Found]
    left_empty: Share
    """Articles without statements for which nothing was predicted."""
    false_per_empty_article: float
    misses: tuple[Finding, ...]
    extras: tuple[Finding, ...]

    @property
    def macro_f1(self) -> float:
        """Return the mean F1 over the acts that occur."""
        return sum(found.f1 for found in self.by_act.values()) / len(self.by_act) if self.by_act else 1.0

    def as_dict(self) -> dict[str, Any]:
        """Return a plain mapping for JSON."""
        plain: dict[str, Any] = {"articles": self.articles, "interval": list(self.interval)}
        for name in ("triple", "with_target", "demands"):
            plain[name] = getattr(self, name).as_dict()
        for name in _SHARES:
            plain[name] = getattr(self, name).as_dict()
        for name in ("by_act", "by_topic", "by_style"):
            plain[name] = {key: found.as_dict() for key, found in getattr(self, name).items()}
        plain["macro_f1"] = round(self.macro_f1, 4)
        plain["false_per_empty_article"] = round(self.false_per_empty_article, 4)
        plain["misses"] = [finding.as_dict() for finding in self.misses]
        plain["extras"] = [finding.as_dict() for finding in self.extras]
        return plain


_SHARES = (
    "target", "speaker", "attribution", "conditional", "condition_issue",
    "evidence_overlap", "evidence_exact", "left_empty",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Matched:
    """One article after matching."""

    article: GoldArticle
    predicted: tuple[Labelled, ...]
    pairs: tuple[tuple[Labelled, Labelled], ...]
    missed: tuple[Labelled, ...]
    extra: tuple[Labelled, ...]

    @property
    def found(self) -> Found:
        return Found(len(self.pairs), len(self.predicted), len(self.article.statements))


def score(gold: Sequence[GoldArticle], predicted: Mapping[str, Sequence[Labelled]], *, rng: Random) -> Evaluation:
    """Return the figures for records predicted per article id; an article without a key counts as left empty.

    Leave withdrawn demands out of ``predicted``: the gold does not know them. ``rng`` draws the bootstrap's samples.
    """
    matched = [_match(article, tuple(predicted.get(article.id, ()))) for article in gold]
    pairs = [pair for one in matched for pair in one.pairs]
    empty = [one for one in matched if not one.article.statements]
    return Evaluation(
        articles=len(matched),
        triple=_total(one.found for one in matched),
        interval=_interval([one.found for one in matched], rng),
        with_target=_total(_found(one, _quadruple) for one in matched),
        demands=_total(_restricted(one, Act.DEMAND) for one in matched),
        target=_share(pairs, lambda g, p: g.target == p.target),
        speaker=_share(pairs, lambda g, p: same_name(g.speaker, p.speaker)),
        attribution=_share(pairs, lambda g, p: g.attribution == p.attribution),
        conditional=_share(pairs, lambda g, p: g.conditional == p.conditional),
        condition_issue=_share(
            [x for x in pairs if x[0].conditional], lambda g, p: g.condition_issue == p.condition_issue
        ),
        evidence_overlap=_share(pairs, lambda g, p: token_f1(g.evidence, p.evidence) >= OVERLAP),
        evidence_exact=_exactness(matched),
        by_act={str(act): found for act in Act if _occurs(found := _total(_restricted(one, act) for one in matched))},
        by_topic=_grouped(matched, lambda article: article.topic),
        by_style=_grouped(matched, lambda article: article.style),
        left_empty=Share(sum(not one.predicted for one in empty), len(empty)),
        false_per_empty_article=sum(len(one.predicted) for one in empty) / len(empty) if empty else 0.0,
        misses=tuple(f for one in matched for f in _findings(one, one.missed, one.extra)),
        extras=tuple(f for one in matched for f in _findings(one, one.extra, one.missed)),
    )


def token_f1(left: str, right: str) -> float:
    """Return the F1 of the words two passages share, capitals aside; 0 if either has none."""
    a, b = (Counter(_WORD.findall(text.casefold())) for text in (left, right))
    shared = (a & b).total()
    return 2 * shared / (a.total() + b.total()) if shared else 0.0


def _match(article: GoldArticle, predicted: tuple[Labelled, ...]) -> _Matched:
    """Pair records of equal triple, the best agreeing first."""
    options = sorted(
        (
            (-_agreement(g, p), i, j)
            for i, g in enumerate(article.statements)
            for j, p in enumerate(predicted)
            if g.triple == p.triple
        ),
    )
    left, right = set(range(len(article.statements))), set(range(len(predicted)))
    pairs: list[tuple[Labelled, Labelled]] = []
    for _, i, j in options:
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            pairs.append((article.statements[i], predicted[j]))
    missed = tuple(article.statements[i] for i in sorted(left))
    return _Matched(article, predicted, tuple(pairs), missed, tuple(predicted[j] for j in sorted(right)))


def _agreement(gold: Labelled, predicted: Labelled) -> float:
    same = (gold.target == predicted.target) + same_name(gold.speaker, predicted.speaker)
    return same + token_f1(gold.evidence, predicted.evidence)


def _quadruple(record: Labelled) -> tuple[str | None, ...]:
    return (*record.triple, record.target)


def _found(one: _Matched, key: Callable[[Labelled], object]) -> Found:
    gold, predicted = (Counter(map(key, records)) for records in (one.article.statements, one.predicted))
    return Found((gold & predicted).total(), predicted.total(), gold.total())


def _restricted(one: _Matched, act: str) -> Found:
    return Found(
        sum(g.act == act for g, _ in one.pairs),
        sum(p.act == act for p in one.predicted),
        sum(g.act == act for g in one.article.statements),
    )


def _total(parts: Iterable[Found]) -> Found:
    return sum(parts, start=Found(0, 0, 0))


def _occurs(found: Found) -> bool:
    return found.predicted + found.gold > 0


def _grouped(matched: Sequence[_Matched], key: Callable[[GoldArticle], str]) -> dict[str, Found]:
    groups: dict[str, Found] = defaultdict(lambda: Found(0, 0, 0))
    for one in matched:
        groups[key(one.article)] += one.found
    return dict(sorted(groups.items()))


def _share(pairs: Sequence[tuple[Labelled, Labelled]], agrees: Callable[[Labelled, Labelled], bool]) -> Share:
    return Share(sum(agrees(g, p) for g, p in pairs), len(pairs))


def _exactness(matched: Sequence[_Matched]) -> Share:
    shown = [p.evidence in one.article.text and bool(p.evidence) for one in matched for p in one.predicted]
    return Share(sum(shown), len(shown))


def _interval(found: Sequence[Found], rng: Random) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the F1 over articles drawn with replacement."""
    if not found:
        return 0.0, 1.0
    values = sorted(_total(rng.choices(found, k=len(found))).f1 for _ in range(ROUNDS))
    return values[int(ROUNDS * 0.025)], values[int(ROUNDS * 0.975)]


def _findings(one: _Matched, records: Sequence[Labelled], others: Sequence[Labelled]) -> list[Finding]:
    return [Finding(one.article.id, one.article.topic, record, _nearest(record, others)) for record in records]


def _nearest(record: Labelled, others: Sequence[Labelled]) -> Labelled | None:
    """Return the unmatched record of the other side that shares most with this one, None if nothing is shared."""
    scored = [(sum(a == b for a, b in zip(record.triple, o.triple, strict=True)), o) for o in others]
    best = max(scored, key=lambda s: (s[0], token_f1(record.evidence, s[1].evidence)), default=None)
    return best[1] if best and best[0] >= 2 else None  # noqa: PLR2004 - two of the three parts of the triple agree
