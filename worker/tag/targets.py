"""Whom a statement addresses: candidates with features, for ``judge`` to weigh, "nobody" being one of them."""

from collections.abc import Mapping, Sequence

from worker.tag.clauses import Segment
from worker.tag.compiled import CompiledTopic
from worker.tag.gazetteer import Kind
from worker.tag.reading import Reading, Sentence

NOBODY = ""
_ASKING = frozenset({"to", "must", "should", "has", "have", "needs", "would", "had", "ought", "will"})


def target_features(
    reading: Reading, segment: Segment, party: str, act: str, topic: CompiledTopic
) -> dict[str, dict[str, float]]:
    """Return party → features for everyone who may be addressed; ``NOBODY`` is always there."""
    sentence = reading.sentences[segment.sentence]
    found: dict[str, dict[str, float]] = {NOBODY: {"nobody": 1.0, f"nobody|{act}": 1.0}}
    order = 0
    for placed in sentence.placed:
        mention = placed.mention
        if mention.party in {None, party} or mention.party in topic.sets:
            continue
        inside = segment.first <= mention.start < segment.last
        features = found.setdefault(str(mention.party), {"named": 1.0, f"named|{act}": 1.0})
        order += 1
        _of_mention(features, reading, (mention.start, mention.np_end), act, inside=inside)
        features[f"route:{placed.route}|{'in' if inside else 'out'}"] = 1.0
        features[f"kind:{mention.kind}"] = 1.0
        if order == 1:
            features["first_named"] = 1.0
    _belligerent(found, party, act, topic)
    _earlier(found, reading, segment, party, topic)
    _only(found, sentence)
    return found


def _of_mention(features: dict[str, float], reading: Reading, span: tuple[int, int], act: str, *, inside: bool) -> None:
    lower = reading.words.lower
    start, end = span
    before = lower[start - 1] if start else ""
    earlier = lower[start - 2] if start > 1 else ""
    after = lower[end] if end < len(lower) else ""
    features[f"{'in' if inside else 'out'}|{act}"] = 1.0
    word = earlier if before in {"the", "a"} else before
    features[f"before:{word}"] = 1.0
    if inside:
        features[f"before:{word}|{act}"] = 1.0
    if after in _ASKING:
        features[f"asked:{after}|{act}"] = 1.0
    if after == "'s":
        features[f"possessive|{act}"] = 1.0


def _belligerent(found: dict[str, dict[str, float]], party: str, act: str, topic: CompiledTopic) -> None:
    if party not in topic.belligerents:
        return
    for other in topic.belligerents:
        if other != party:
            features = found.setdefault(other, {"unnamed": 1.0, f"unnamed|{act}": 1.0})
            features[f"enemy|{act}"] = 1.0


def _earlier(
    found: dict[str, dict[str, float]], reading: Reading, segment: Segment, party: str, topic: CompiledTopic
) -> None:
    if not segment.sentence:
        return
    for placed in reading.sentences[segment.sentence - 1].placed:
        other = placed.mention.party
        if other and other != party and other not in topic.sets and placed.mention.kind is not Kind.OUTSIDER:
            found.setdefault(other, {"unnamed": 1.0})["before_sentence"] = 1.0


def _only(found: Mapping[str, dict[str, float]], sentence: Sentence) -> None:
    named = [p for p in found if "named" in found[p]]
    for name in named:
        found[name]["only" if len(named) == 1 else "several"] = 1.0
    found[NOBODY][f"named:{min(len(named), 2)}"] = 1.0
    found[NOBODY]["quoted"] = sentence.quoted


def best_target(scores: Sequence[tuple[float, str]]) -> str | None:
    """Return the likeliest addressee, None if that is nobody."""
    name = max(scores)[1]
    return name or None
