"""Which issue a segment is about: features of each issue, for ``judge`` to weigh. Nothing here knows a topic."""

from collections.abc import Mapping

from worker.tag.clauses import Segment
from worker.tag.compiled import OTHER, CompiledTopic
from worker.tag.issues import IssueMap
from worker.tag.reading import Reading

_MEMORY, _DECAY = 5, 0.7
_PARAGRAPH = 30
"""Sentences to look back for the opening of a paragraph."""
_ANAPHORS = frozenset(
    {
        "this",
        "that",
        "it",
        "such",
        "these",
        "those",
        "so",
        "yes",
        "no",
        "same",
        "idea",
        "offer",
        "proposal",
        "demand",
        "move",
        "step",
    }
)


def issue_features(
    reading: Reading, segment: Segment, issues: IssueMap, topic: CompiledTopic
) -> dict[str, dict[str, float]]:
    """Return issue → features for every issue that segment, surroundings or title touch, and for ``other``."""
    sentence = reading.sentences[segment.sentence]
    here = issues.scores(segment.first, segment.last)
    left = issues.scores(sentence.first, segment.first)
    right = issues.scores(segment.last, sentence.last)
    before = _neighbour(reading, segment.sentence - 1, issues)
    after = _neighbour(reading, segment.sentence + 1, issues)
    wider = _neighbour(reading, segment.sentence - 2, issues)
    recent = _recent(reading, segment.sentence, issues)
    opening = _opening(reading, segment.sentence, issues)
    top = max(here.values(), default=0.0)
    anaphoric = any(w in _ANAPHORS for w in reading.words.lower[segment.first : segment.last])
    whole = sum(issues.total.values()) or 1.0
    names = {*here, *left, *right, *before, *after, *issues.title, *recent, OTHER} & topic.by_id.keys()
    out: dict[str, dict[str, float]] = {}
    for name in names:
        out[name] = _features(name, here, top, (left, right, before, after, wider, issues.title, recent, opening))
        out[name]["total"] = issues.total.get(name, 0.0) / whole
        if not here:
            out[name]["nothing_here"] = 1.0
            out[name]["anaphor_before" if anaphoric else "silent_before"] = min(before.get(name, 0.0), 4) / 3
        issue = topic.by_id[name]
        if name != OTHER and not issue.cooperative:
            out[name]["harm"] = 1.0
            out[name]["harm_here"] = here.get(name, 0.0) / 3
    _rank(out, here)
    return out


def _neighbour(reading: Reading, number: int, issues: IssueMap) -> dict[str, float]:
    if not 0 <= number < len(reading.sentences):
        return {}
    sentence = reading.sentences[number]
    return issues.scores(sentence.first, sentence.last)


def _recent(reading: Reading, number: int, issues: IssueMap) -> dict[str, float]:
    """Return the issues of the last sentences, each counting less the further back it stands."""
    found: dict[str, float] = {}
    for back in range(1, min(_MEMORY, number) + 1):
        for issue, value in _neighbour(reading, number - back, issues).items():
            found[issue] = found.get(issue, 0.0) + value * _DECAY**back
    return found


def _opening(reading: Reading, number: int, issues: IssueMap) -> dict[str, float]:
    """Return the issues of the sentence that opens the paragraph, nothing for that sentence itself."""
    at = number
    while at > max(0, number - _PARAGRAPH) and not reading.sentences[at].starts_paragraph:
        at -= 1
    return _neighbour(reading, at, issues) if at != number else {}


def _features(
    name: str, here: Mapping[str, float], top: float, around: tuple[Mapping[str, float], ...]
) -> dict[str, float]:
    score = here.get(name, 0.0)
    features = {"bias": 1.0, "here": score / 3}
    if score:
        features["is_here"] = 1.0
        features["behind_top"] = (top - score) / 3
        features["rivals"] = float(len(here) - 1)
        if score >= 3:  # noqa: PLR2004 - the weight of a sure phrase
            features["sure"] = 1.0
    elif here:
        features["another_here"] = top / 3
    for label, scores in zip(
        ("left", "right", "before", "after", "wider", "title", "recent", "opening"), around, strict=True
    ):
        value = min(scores.get(name, 0.0), 4) / 3
        if value:
            features[label] = value
            if not here:
                features[f"{label}_alone"] = value
            if scores[name] == max(scores.values()):
                features[f"{label}_top"] = 1.0
    if name == OTHER:
        features["is_other"] = 1.0
        features["other_while_here"] = float(bool(here))
    return features


def _rank(out: dict[str, dict[str, float]], here: Mapping[str, float]) -> None:
    for rank, name in enumerate(sorted(here, key=lambda n: -here[n])[:3]):
        if name in out:
            out[name][f"rank:{rank}"] = 1.0
