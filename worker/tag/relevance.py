"""Whether an article is about the topic's conflict at all, before anything is read into it.

A report on tariffs between third states uses the words of a conflict's issues and names its parties; what it lacks is
the conflict's sides.
"""

from collections import Counter
from collections.abc import Iterator

from worker.tag.compiled import CompiledTopic
from worker.tag.gazetteer import Kind
from worker.tag.mentions import Mention, find_mentions
from worker.tag.reading import Reading

SHORT = 120
"""Words up to which an article may name one side only: a brief on "the Kremlin" leaves the other to the reader."""
LEAST = 2
_NAMED = frozenset({Kind.PERSON, Kind.INSTITUTION, Kind.STATE, Kind.METONYM, Kind.DEMONYM, Kind.SET})


def concerns(reading: Reading, topic: CompiledTopic) -> bool:
    """Say whether the article names the sides of the conflict: one of them repeatedly and another at least once."""
    if len(topic.belligerents) < LEAST:
        return True
    counts: Counter[str] = Counter()
    for mention in _mentions(reading, topic):
        if mention.party and mention.kind in _NAMED:
            counts.update(topic.sets.get(mention.party, (mention.party,)))
    named = sorted((counts[side] for side in topic.belligerents), reverse=True)
    return named[0] >= 1 if len(reading.words) <= SHORT else named[0] >= LEAST and named[1] >= 1


def _mentions(reading: Reading, topic: CompiledTopic) -> Iterator[Mention]:
    yield from find_mentions(reading.title, topic.gazetteer, None)
    for sentence in reading.sentences:
        yield from (placed.mention for placed in sentence.placed)
