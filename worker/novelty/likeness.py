"""When two sentences are the same report, and when they say the same thing in other words."""

import re
from functools import lru_cache

from worker.identity import normalised

NEAR = 0.8
"""Share of common words from which two sentences are one wire sentence, trimmed or touched up."""
ALIKE = 0.4
"""Share of common content words from which two sentences are about the same thing."""
LEAST_CONTAINED_CHARS = 40
"""A shorter sentence inside a longer one proves nothing: "it said" is in many."""
STEM_CHARS = 6
"""Cuts endings well enough to see withdraw, withdrawal and withdrawing as one."""

_WORD = re.compile(r"\w+")
_TRIMMED = " .,;:'\"-"
_NEGATIONS = frozenset(
    _WORD.findall("no not never none nor neither without refuse refuses refused reject rejects rejected")
)
_EMPTY = frozenset(
    _WORD.findall(
        "a an the of to in on at by for from with and or but that this it its is are was were be been has have had "
        "will would must should shall can could may might said says say saying told tells as his her their our he she "
        "they we all any who which what when where there also again more than into over under after before until "
        "unless if only demand demands demanded insist insists insisted call calls called urge urges urged want "
        "wants wanted"
    )
)


@lru_cache(maxsize=8192)
def _words(evidence: str) -> frozenset[str]:
    return frozenset(_WORD.findall(_plain(evidence)))


@lru_cache(maxsize=8192)
def _plain(evidence: str) -> str:
    return normalised(evidence).strip(_TRIMMED)


@lru_cache(maxsize=8192)
def _stems(evidence: str) -> frozenset[str]:
    return frozenset(word[:STEM_CHARS] for word in _words(evidence) - _EMPTY - _NEGATIONS)


def plain(evidence: str) -> str:
    """Return the sentence as it is compared, without the punctuation around it."""
    return _plain(evidence)


def is_same_sentence(one: str, other: str) -> bool:
    """Return True for the same words, or for one sentence that is a cut of the other."""
    short, long = _plain(one), _plain(other)
    if len(short) > len(long):
        short, long = long, short
    return short == long or (len(short) >= LEAST_CONTAINED_CHARS and short in long)


def is_near(one: str, other: str) -> bool:
    """Return True for one sentence printed twice, with small changes; another number or a "not" is no small change."""
    if is_same_sentence(one, other):
        return True
    left, right = _words(one), _words(other)
    return _share(left, right) >= NEAR and _telling(one) == _telling(other)


def is_alike(one: str, other: str) -> bool:
    """Return True if the sentences are about the same thing, whether for or against it."""
    return _share(_stems(one), _stems(other)) >= ALIKE


def _share(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / (len(left | right) or 1)


@lru_cache(maxsize=8192)
def _telling(evidence: str) -> frozenset[str]:
    return frozenset(word for word in _words(evidence) if word in _NEGATIONS or not word.isalpha())
