"""Whether an article is about the topic's conflict at all, before anything is read into it.

A report on tariffs between third states uses the words of a conflict's issues and names its parties; what it lacks is
the conflict's sides.
"""

from collections import Counter
from collections.abc import Iterator

from worker.tag.candidates import Analysis
from worker.tag.compiled import OTHER
from worker.tag.gazetteer import Kind
from worker.tag.mentions import Mention, find_mentions

SHORT = 120
"""Words up to which one side or one issue is enough: a brief leaves the rest to the reader."""
OFTEN = 3
CERTAIN = 3.0
"""Weight of a pattern that names an issue by itself."""
_NAMED = frozenset({Kind.PERSON, Kind.INSTITUTION, Kind.STATE, Kind.METONYM, Kind.DEMONYM, Kind.SET})


def concerns(analysis: Analysis) -> bool:
    """Say whether the article is about the topic's conflict.

    It is if it names two sides, one of them repeatedly; or a side and three of the conflict's issues by their own
    names; or the topic's first side often and two of its issues. A topic without two sides takes every article.
    """
    sides = analysis.topic.belligerents
    if len(sides) < 2:  # noqa: PLR2004 - one side is no conflict
        return True
    counts = _counts(analysis)
    named = sorted((counts[side] for side in sides), reverse=True)
    issues = len({hit.value[0] for hit in analysis.issues.hits if hit.value[1] >= CERTAIN} - {OTHER})
    if len(analysis.reading.words) <= SHORT:
        return named[0] + issues > 0
    return (
        (named[0] > 1 and named[1] > 0)
        or (sum(named) > 1 and issues > 2)  # noqa: PLR2004 - as the docstring says
        or (counts[sides[0]] >= OFTEN and issues > 1)
    )


def _counts(analysis: Analysis) -> Counter[str]:
    counts: Counter[str] = Counter()
    for mention in _mentions(analysis):
        if mention.party and mention.kind in _NAMED:
            counts.update(analysis.topic.sets.get(mention.party, (mention.party,)))
    return counts


def _mentions(analysis: Analysis) -> Iterator[Mention]:
    yield from find_mentions(analysis.reading.title, analysis.topic.gazetteer, None)
    for sentence in analysis.reading.sentences:
        yield from (placed.mention for placed in sentence.placed)
