"""Decides whether an article opens a story or joins one. Pure.

Measured on 14,016 labelled texts (1,168 news bodies, ten kinds of copies, as many follow-ups): "similar by .6, or
by .3 with the smaller text contained by .85" links copies and truncated wire stories and keeps follow-ups apart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.dedup.sketch import Sketch, containment, similarity
from worker.ports import Neighbour

COPY = 0.6
CUT_COPY = 0.3
CUT_CONTAINED = 0.85
MIN_NUMBERS = 3
SAME_NUMBERS = 0.5
MANY_NUMBERS = 6
"""Two market or weather reports share their words and few of their numbers; a copy shares most of both."""
MIN_NAMES = 5
SAME_NAMES = 0.34
"""A copy names whom its original names, cut short or not; a form letter of diplomacy names others."""
_NUMBER = re.compile(r"\d[\d.,]*\d")
"""Of two digits or more: any two texts have single ones in common."""
_NAME = re.compile(r"(?<=[\w,;] )[A-ZÀ-ÞА-ЯЁІЇЄҐ][\w'’-]{2,}")
"""A capital letter within a sentence."""


@dataclass(frozen=True, slots=True)
class New:
    """The article opens a story."""


@dataclass(frozen=True, slots=True)
class Joins:
    """The article is a copy of a story's ``like``."""

    story_id: str
    like: str
    similarity: float


def candidates(found: Sketch, neighbours: Sequence[Neighbour]) -> list[Joins]:
    """Return the stories that the sketch may join, the most similar first; ties by id, so that all workers agree."""
    joins = [join for near in neighbours if (join := _join(found, near))]
    return sorted(joins, key=lambda join: (-join.similarity, join.story_id, join.like))


def _join(found: Sketch, near: Neighbour) -> Joins | None:
    alike = similarity(found.signature, near.signature)
    contained = containment(alike, found.shingles, near.shingles)
    if alike >= COPY or (alike >= CUT_COPY and contained >= CUT_CONTAINED):
        return Joins(near.story_id, near.article_id, alike)
    return None


def choose(text: str, joins: Sequence[Joins], texts: Mapping[str, str]) -> New | Joins:
    """Return the first join whose text is no mere template of this one. A text that is not stored yet cannot object."""
    for join in joins:
        other = texts.get(join.like)
        if other is None or not is_template(text, other):
            return join
    return New()


def is_template(one: str, other: str) -> bool:
    """Return True for two texts of the same words about different numbers or names: prices, results, protests."""
    return _has_other_numbers(one, other) or _has_other_names(one, other)


def _has_other_numbers(one: str, other: str) -> bool:
    """Return whether the numbers differ.

    A text with few numbers beside one with many is a template only if it shares none of them: a copy cut short keeps
    those it has.
    """
    numbers, others = set(_NUMBER.findall(one)), set(_NUMBER.findall(other))
    shared, smaller = len(numbers & others), min(len(numbers), len(others))
    if smaller < MIN_NUMBERS:
        return smaller > 0 and shared == 0 and max(len(numbers), len(others)) >= MANY_NUMBERS
    return shared / smaller < SAME_NUMBERS


def _has_other_names(one: str, other: str) -> bool:
    names, others = set(_NAME.findall(one)), set(_NAME.findall(other))
    smaller = min(len(names), len(others))
    return smaller >= MIN_NAMES and len(names & others) / smaller < SAME_NAMES
