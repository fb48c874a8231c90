# ruff: noqa: E501 - tables and patterns stand in rows that belong together
"""What depends on what: which segment of a sentence states a condition, and for which others."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.tag.clauses import Segment

_OPENERS = (
    ("only", "if"), ("only", "when"), ("only", "after"), ("only", "once"), ("only", "with"), ("if",), ("unless",), ("until",), ("till",), ("provided",),
    ("providing",), ("once",), ("as", "long", "as"), ("so", "long", "as"), ("on", "condition"), ("on", "the", "condition"),
    ("on", "one", "condition"), ("in", "exchange", "for"), ("in", "return", "for"), ("as", "soon", "as"), ("in", "so", "far", "as"),
    ("before",), ("after",), ("when",), ("should",), ("in", "case"), ("without",), ("not", "before"), ("not", "until"),
    ("subject", "to"), ("conditional", "on"), ("contingent", "on"),
)  # fmt: skip
_WEAK = frozenset({"before", "after", "when", "should", "without", "as"})
_INNER = frozenset({"if", "unless", "until", "provided", "once", "long"})
_SKIP = frozenset({",", "“", '"', "‘", "'", "and", "but", "even", "–", "that", "or", "”", ";"})


@dataclass(frozen=True, slots=True)
class Condition:
    """``opener`` is the connective; ``is_weak`` where it mostly tells time (after, when)."""

    segment: Segment
    opener: str
    is_weak: bool


def opener_of(lower: Sequence[str], segment: Segment) -> tuple[str, bool] | None:
    """Return the connective that opens a segment, None if it states no condition."""
    at = segment.first
    while at < segment.last and lower[at] in _SKIP:
        at += 1
    for words in _OPENERS:
        if tuple(lower[at : at + len(words)]) == words:
            if words == ("should",) and at + 1 < segment.last and lower[at + 1] in {"be", "not", "have"}:
                return None
            return " ".join(words), words[0] in _WEAK
    return None


def condition_for(lower: Sequence[str], segments: Sequence[Segment], index: int) -> Condition | None:
    """Return the condition that segment ``index`` of a sentence depends on, None if it stands alone."""
    if opener_of(lower, segments[index]):
        return None
    for near in (index + 1, index + 2, index - 1, index - 2):
        if not 0 <= near < len(segments):
            continue
        opened = opener_of(lower, segments[near])
        if opened and (near > index or _is_fronted(near)):
            return Condition(segments[near], *opened)
    inner = segments[index]
    if any(w in _INNER for w in lower[inner.first : inner.last]):
        return Condition(inner, "inner", is_weak=True)
    return None


def _is_fronted(near: int) -> bool:
    """Say whether a condition stands before what depends on it rather than after something else."""
    return near in {0, 1}
