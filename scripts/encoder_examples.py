"""Labelled articles as the arrays that the encoder is fitted on: windows with their segments, holders and issues."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from gold_articles import Article
from torch import Tensor

from worker.tag.candidates import Draft, drafts_of
from worker.tag.encoder import ISSUE_PIECES, UNTOUCHED, issue_text
from worker.tag.judge import ACTS, NONE, Index, Models
from worker.tag.windows import LONGEST, Window, plain_window, windows_of
from worker.topic import Issue

SEGMENTS, HOLDERS, ISSUES = 28, 5, 26
CLASSES = (NONE, *ACTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTable:
    """The issues of all topics in one list: where each topic's begin, their ids, and the pieces of their texts."""

    first: dict[str, int]
    ids: dict[str, tuple[str, ...]]
    pieces: Tensor
    mask: Tensor


class Spot(NamedTuple):
    """A segment of an article, the window that it is judged in, and its place there."""

    article: Article
    index: Index
    window: Window
    place: int


def issue_table(articles: Sequence[Article]) -> IssueTable:
    """Return the issues of all topics that the articles are of."""
    topics = {a.topic: a.analysis.topic.topic for a in articles}
    first: dict[str, int] = {}
    every: list[Issue] = []
    for name in sorted(topics):
        first[name] = len(every)
        every += topics[name].issues
    pieces, mask = np.zeros((len(every), ISSUE_PIECES), np.int64), np.zeros((len(every), ISSUE_PIECES), np.float32)
    for row, ids in enumerate(plain_window(map(issue_text, every), ISSUE_PIECES)):
        pieces[row, : len(ids)], mask[row, : len(ids)] = ids, 1
    of = {name: tuple(issue.id for issue in topic.issues) for name, topic in topics.items()}
    return IssueTable(first=first, ids=of, pieces=torch.from_numpy(pieces), mask=torch.from_numpy(mask))


def examples(articles: Sequence[Article], models: Models, table: IssueTable) -> dict[str, Tensor]:
    """Return name → tensor, one row a window; ``StanceEncoder`` says what each is for."""
    rows = [row for article in articles for row in _rows(article, models, table)]
    return {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}


def _rows(article: Article, models: Models, table: IssueTable) -> Iterator[dict[str, np.ndarray]]:
    drafts = drafts_of(article.analysis, models)
    for window in windows_of(article.analysis):
        row = _empty(window, article, table)
        inside = [index for index in drafts if index[0] in window.sentences]
        for place, index in enumerate(inside[:SEGMENTS]):
            spot = Spot(article, index, window, place)
            _segment(row, spot)
            _holders(row, spot, drafts[index])
            _issues(row, spot, drafts[index], table.ids[article.topic])
        yield row


def _empty(window: Window, article: Article, table: IssueTable) -> dict[str, np.ndarray]:
    length, names = len(window.ids), table.ids[article.topic]
    per_piece = {name: np.zeros(LONGEST, np.int64) for name in ("ids", "kind", "touch")}
    per_piece["ids"][:length] = window.ids
    per_piece["kind"][:length], per_piece["touch"][:length] = np.divmod(window.kinds, 3)
    issues = np.zeros(ISSUES, np.int64)
    issues[: len(names)] = table.first[article.topic] + np.arange(len(names))
    shapes: dict[str, tuple[tuple[int, ...], Any]] = {
        "segment": ((SEGMENTS, 2), np.int64), "act": ((SEGMENTS, 8), np.float32), "judged": ((SEGMENTS,), np.float32),
        "labelled": ((SEGMENTS,), np.float32), "picked": ((SEGMENTS,), np.int64),
        "holder": ((SEGMENTS, HOLDERS, 2), np.int64), "holder_rules": ((SEGMENTS, HOLDERS), np.float32),
        "is_holder": ((SEGMENTS, HOLDERS), np.float32), "holder_mask": ((SEGMENTS, HOLDERS), np.float32),
        "issue": ((SEGMENTS, ISSUES), np.float32),
    }  # fmt: skip
    return {
        **per_piece,
        **{name: np.zeros(shape, kind) for name, (shape, kind) in shapes.items()},
        "mask": (np.arange(LONGEST) < length).astype(np.float32),
        "issues": issues,
        "issue_mask": (np.arange(ISSUES) < len(names)).astype(np.float32),
        "issue_rules": np.full((SEGMENTS, ISSUES), UNTOUCHED, np.float32),
    }


def _segment(row: dict[str, np.ndarray], spot: Spot) -> None:
    article, index, window, place = spot
    words, segment = article.analysis.reading.words, article.analysis.by_sentence[index[0]][index[1]]
    row["segment"][place] = window.span(words.start[segment.first], words.end[segment.last - 1])
    acts = sorted({s["act"] for s in article.labels.get(index, ())})
    for act in acts or [NONE]:
        row["act"][place, CLASSES.index(act)] = 1 / max(len(acts), 1)
    row["labelled"][place] = bool(acts)


def _holders(row: dict[str, np.ndarray], spot: Spot, draft: Draft) -> None:
    """Fill in the likeliest holders; a segment without a statement is judged only if somebody of a party may say it."""
    article, index, window, place = spot
    words = article.analysis.reading.words
    parties = {s["party"] for s in article.labels.get(index, ())}
    scores = dict(zip(map(id, draft.holders), draft.holder_scores, strict=True))
    order = sorted(draft.holders, key=lambda h: -scores[id(h)])
    right = [h for h in order if h.party in parties]
    kept = order[:HOLDERS]
    if right and right[0] not in kept:
        kept[-1] = right[0]
    for at, holder in enumerate(kept):
        mention = holder.placed.mention
        row["holder"][place, at] = window.span(words.start[mention.start], words.end[mention.end - 1])
        row["holder_rules"][place, at] = scores[id(holder)]
        row["is_holder"][place, at] = holder.party in parties
        row["holder_mask"][place, at] = 1
    row["picked"][place] = kept.index(right[0]) if right else 0
    row["judged"][place] = bool(parties) or (order[0].party is not None and index not in article.ignored)


def _issues(row: dict[str, np.ndarray], spot: Spot, draft: Draft, names: tuple[str, ...]) -> None:
    article, index, _, place = spot
    gold = sorted({s["issue"] for s in article.labels.get(index, ())} & set(names))
    for name in gold:
        row["issue"][place, names.index(name)] = 1 / len(gold)
    for name, score in draft.issue_scores.items():
        row["issue_rules"][place, names.index(name)] = score
