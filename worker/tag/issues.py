"""Which issues the words of an article touch, and how strongly at each place."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.tag.compiled import CompiledTopic
from worker.tag.phrases import Hit
from worker.tag.reading import Reading

IssueHit = Hit[tuple[str, float]]
_WEAK = 2.5
"""A hit below this weight does not count inside the speaker's own name."""


@dataclass(frozen=True, slots=True)
class IssueMap:
    """The hits of an article in order of their words, and the totals of title and text."""

    hits: tuple[IssueHit, ...]
    starts: tuple[int, ...]
    title: Mapping[str, float]
    total: Mapping[str, float]

    def within(self, first: int, last: int) -> tuple[IssueHit, ...]:
        """Return the hits that begin in the words ``first`` to ``last`` (exclusive)."""
        return self.hits[bisect_left(self.starts, first) : bisect_left(self.starts, last)]

    def scores(self, first: int, last: int) -> dict[str, float]:
        """Return issue → weight of its best hit plus a little for each further one."""
        return score(self.within(first, last))


def score(hits: Sequence[IssueHit]) -> dict[str, float]:
    """Return issue → best weight plus a tenth of the others; longer phrases count more than single words."""
    found: dict[str, float] = {}
    extra: dict[str, float] = defaultdict(float)
    for hit in hits:
        issue, weight = hit.value
        weight += 0.25 * min(hit.end - hit.start - 1, 3)
        extra[issue] += weight
        found[issue] = max(found.get(issue, 0.0), weight)
    return {issue: best + 0.1 * (extra[issue] - best) for issue, best in found.items()}


def map_issues(reading: Reading, topic: CompiledTopic) -> IssueMap:
    """Return where the issues of the topic are touched."""
    lower = reading.words.lower
    hits = sorted(topic.issues.hits(lower), key=lambda h: (h.start, -h.end))
    blocked = list(topic.blockers.hits(lower))
    names = [
        (p.mention.start, p.mention.end)
        for s in reading.sentences
        for p in s.placed
        if p.route in {"label", "subject-says", "inverted", "according", "by", "subject"}
    ]
    kept = _without_covered([h for h in hits if not _is_blocked(h, blocked)])
    kept = [h for h in kept if h.value[1] >= _WEAK or not _inside(h, names)]
    return IssueMap(
        hits=tuple(kept),
        starts=tuple(h.start for h in kept),
        title=score(_without_covered(sorted(topic.issues.hits(reading.title.lower), key=lambda h: (h.start, -h.end)))),
        total=_totals(kept),
    )


def _totals(hits: Sequence[IssueHit]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for hit in hits:
        total[hit.value[0]] += hit.value[1]
    return dict(total)


def _is_blocked(hit: IssueHit, blocked: Sequence[Hit[str]]) -> bool:
    return any(b.value == hit.value[0] and b.start <= hit.start and hit.end <= b.end for b in blocked)


def _inside(hit: IssueHit, spans: Sequence[tuple[int, int]]) -> bool:
    at = bisect_left(spans, (hit.start + 1, 0)) - 1
    return at >= 0 and spans[at][0] <= hit.start and hit.end <= spans[at][1]


def _without_covered(hits: Sequence[IssueHit]) -> list[IssueHit]:
    """Drop a hit that lies inside a longer one of another issue: "peace" in "peace talks"."""
    kept: list[IssueHit] = []
    for at, hit in enumerate(hits):
        neighbours = hits[max(0, at - 6) : at + 7]
        length = hit.end - hit.start
        covered = any(
            n.start <= hit.start and hit.end <= n.end and n.end - n.start > length and n.value[0] != hit.value[0]
            and n.value[1] >= hit.value[1]
            for n in neighbours
        )  # fmt: skip
        if not covered:
            kept.append(hit)
    return kept
