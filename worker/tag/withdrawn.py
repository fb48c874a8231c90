# ruff: noqa: E501 - phrases stand in rows that belong together
"""Demands that a party lets go: "dropped its demand", "no longer insists"."""

from functools import lru_cache

from worker.tag.clauses import Segment
from worker.tag.phrases import PhraseSet
from worker.tag.reading import Reading

_PHRASES = """
drop* .. demand*, dropped .. condition*, dropping .. demand*, no longer insist*, no longer demand*, no longer require*, no longer ask*
withdr* .. demand*, withdr* .. condition*, gave up .. demand*, give* up .. demand*, giving up .. demand*, abandon* .. demand*, backed down from, back* down on, backed away from, climb* down
retreat* from .. demand*, retract* .. demand*, waive* .. demand*, waive* .. condition*, renounce* .. demand*, scrap* .. demand*, drop* .. precondition*, no longer a condition, no longer a precondition
soften* .. demand*, relent* on, demand .. dropped, demand .. withdrawn, stopped insisting, stopped demanding, ceased to demand, drop* .. insistence, shelve* .. demand*
"""


@lru_cache(maxsize=1)
def _phrases() -> PhraseSet[bool]:
    return PhraseSet((p.strip(), True) for line in _PHRASES.splitlines() for p in line.split(",") if p.strip())


_REFUSALS = frozenset(
    {
        "not",
        "never",
        "refused",
        "refuse",
        "refuses",
        "won't",
        "wouldn't",
        "cannot",
        "if",
        "unless",
        "until",
        "must",
        "should",
    }
)


def is_withdrawn(reading: Reading, segment: Segment) -> bool:
    """Say whether a segment tells that a demand was dropped, and not that it should be or will not be."""
    lower = reading.words.lower
    for hit in _phrases().hits(lower, segment.first, segment.last):
        before = lower[max(segment.first, hit.start - 5) : hit.start]
        if not any(w in _REFUSALS for w in before):
            return True
    return False
