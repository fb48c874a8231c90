"""A small pattern language over words, matched in one pass over a text.

``withdraw* .. troops``: words, ``*`` for any ending, ``..`` for up to four words between, ``a|b`` for either.
All patterns of a set are looked up by the first word: the cost grows with the text, not with the patterns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from worker.tag.words import split_words

T = TypeVar("T")

GAP = 4
"""Words that ``..`` may skip: more joins words of different clauses."""

_STOPS = frozenset({".", ";", "!", "?", "“", "”", '"'})


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """One match: the pattern's value and the words it covers, end exclusive."""

    value: T
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Step:
    exact: frozenset[str]
    stems: tuple[str, ...]
    gap: bool

    def takes(self, word: str) -> bool:
        return word in self.exact or (bool(self.stems) and word.startswith(self.stems))


def _steps(pattern: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    gap = False
    for part in pattern.lower().split():
        if part == "..":
            gap = True
            continue
        for position, piece in enumerate(_expand(part)):
            exact = frozenset(p for p in piece if not p.endswith("*"))
            stems = tuple(p[:-1] for p in piece if p.endswith("*"))
            steps.append(_Step(exact, stems, gap and position == 0))
        gap = False
    return tuple(steps)


def _expand(part: str) -> list[tuple[str, ...]]:
    if "|" in part:
        return [tuple(part.split("|"))]
    star = part.endswith("*")
    words = split_words(part.removesuffix("*")).lower
    ending: list[tuple[str, ...]] = [(f"{words[-1]}*" if star else words[-1],)] if words else []
    return [(word,) for word in words[:-1]] + ending


class PhraseSet(Generic[T]):
    """Patterns compiled for one pass. ``hits`` yields every match of every pattern, by start."""

    def __init__(self, patterns: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, list[tuple[tuple[_Step, ...], T]]] = {}
        self._stems: dict[str, list[tuple[tuple[_Step, ...], T]]] = {}
        for pattern, value in patterns:
            steps = _steps(pattern)
            if not steps:
                continue
            for word in steps[0].exact:
                self._exact.setdefault(word, []).append((steps, value))
            for root in steps[0].stems:
                self._stems.setdefault(root, []).append((steps, value))
        self._lengths = sorted({len(root) for root in self._stems})
        self._starts: dict[str, list[tuple[tuple[_Step, ...], T]]] = {}

    def _starting_at(self, word: str) -> list[tuple[tuple[_Step, ...], T]]:
        known = self._starts.get(word)
        if known is None:
            known = list(self._exact.get(word, ()))
            for length in self._lengths:
                if length > len(word):
                    break
                known += self._stems.get(word[:length], ())
            if len(self._starts) < 50_000:  # noqa: PLR2004 - a bound on memory, far over any vocabulary
                self._starts[word] = known
        return known

    def hits(self, lower: Sequence[str], begin: int = 0, stop: int | None = None) -> Iterator[Hit[T]]:
        """Yield the matches in ``lower[begin:stop]``."""
        limit = len(lower) if stop is None else stop
        for at in range(begin, limit):
            for steps, value in self._starting_at(lower[at]):
                end = _match(steps, lower, at + 1, limit)
                if end:
                    yield Hit(value, at, end)


def _match(steps: tuple[_Step, ...], lower: Sequence[str], at: int, limit: int) -> int:
    """Return the end of a match whose first step is already taken, 0 if there is none."""
    for step in steps[1:]:
        furthest = min(limit, at + GAP + 1) if step.gap else min(limit, at + 1)
        while at < furthest and not step.takes(lower[at]):
            if lower[at] in _STOPS:
                return 0
            at += 1
        if at >= furthest:
            return 0
        at += 1
    return at


def table(**blocks: str) -> Mapping[str, tuple[str, ...]]:
    """Return ``name.line`` → phrases, from blocks with phrases parted by commas: each line is a class."""
    found: dict[str, tuple[str, ...]] = {}
    for name, block in blocks.items():
        lines = [line for line in block.splitlines() if line.strip()]
        for number, line in enumerate(lines):
            found[f"{name}.{number}"] = tuple(phrase.strip() for phrase in line.split(",") if phrase.strip())
    return found
