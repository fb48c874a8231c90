"""What editors' verdicts say: how often the tagger was right, by what, and the judged articles as gold lines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from math import sqrt
from typing import Any

from worker.index.upkeep import PAGE, pages
from worker.ports import Document, Kind, Query, ResultStore
from worker.tag.gold import Labelled
from worker.work.judge_statement import Word

VERDICTS = 5_000
"""Verdicts read at once: they are small."""

Z_95 = 1.96
RIGHT = frozenset({Word.RIGHT, Word.IMPORTANT, Word.DUPLICATE})
"""A duplicate says what was said before, and says it rightly."""

GROUPS = ("rule", "act", "publisher", "language")
_GOLD_FIELDS = tuple(field.name for field in fields(Labelled))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One verdict. ``about`` has rule, act, publisher and language of the statement as it was judged."""

    statement_id: str
    word: str
    about: Mapping[str, str]

    @property
    def is_right(self) -> bool:
        """Return True unless the editor said *wrong*."""
        return self.word in RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How many of the judged statements were right. ``low`` and ``high``: Wilson's interval, 95 %."""

    value: str
    right: int
    wrong: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Return the share that was right."""
        return self.right / (self.right + self.wrong)


def read_verdicts(store: ResultStore) -> list[Judged]:
    """Return every verdict, newest first."""
    return [_judged(hit.document) for page in pages(store, Query(kind=Kind.VERDICTS, size=VERDICTS)) for hit in page]


def _judged(document: Document) -> Judged:
    payload = document.get("payload", {})
    about = {name: str(payload.get(name) or "not recorded") for name in GROUPS}
    return Judged(statement_id=document["statement"]["id"], word=document["verdict"], about=about)


def precision(verdicts: Iterable[Judged]) -> dict[str, list[Precision]]:
    """Return the precision by rule, act, publisher and language; of each, what has most verdicts first."""
    known = list(verdicts)
    return {name: _by(name, known) for name in GROUPS}


def _by(name: str, verdicts: Iterable[Judged]) -> list[Precision]:
    counted: dict[str, list[int]] = {}
    for each in verdicts:
        counted.setdefault(each.about[name], [0, 0])[0 if each.is_right else 1] += 1
    found = [_precision(value, right, wrong) for value, (right, wrong) in counted.items()]
    return sorted(found, key=lambda each: (-each.right - each.wrong, each.value))


def _precision(value: str, right: int, wrong: int) -> Precision:
    low, high = wilson(right, right + wrong)
    return Precision(value=value, right=right, wrong=wrong, low=low, high=high)


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), which holds for few trials too."""
    share, spread = hits / total, Z_95**2 / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def gold_lines(store: ResultStore, *, partial: bool = False) -> Iterator[dict[str, Any]]:
    """Yield judged articles in the gold's form: ``statements`` were right, ``wrong`` were not.

    Only articles of which every statement was judged, unless ``partial``: in the others a statement that nobody looked
    at would count as an error. What the tagger missed is in neither.
    """
    words = {each.statement_id: each for each in read_verdicts(store)}
    stored = store.get(Kind.STATEMENTS, list(words))
    topics_of: dict[str, set[str]] = {}
    for each in stored.values():
        topics_of.setdefault(each.document["article"]["id"], set()).add(each.document["topic"])
    for article_id, topics in sorted(topics_of.items()):
        article = store.get(Kind.ARTICLES, [article_id]).get(article_id)
        for topic in sorted(topics) if article else ():
            said = list(_said_in(store, article_id, topic, words))
            if article and (partial or all(each.statement_id in words for each in said)):
                yield _gold_line(article.document, topic, said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    statement_id: str
    word: str
    record: dict[str, Any]


def _said_in(store: ResultStore, article_id: str, topic: str, words: Mapping[str, Judged]) -> Iterator[_Said]:
    """Yield the article's statements on a topic: those that stand, and those retracted ones that were judged."""
    query = Query(kind=Kind.STATEMENTS, kql=f'article.id: "{article_id}" and topic: "{topic}"', size=PAGE)
    for hit in store.search(query).hits:
        stance, judged = hit.document["stance"], words.get(hit.id)
        if judged or not stance.get("retracted_at"):
            record = {name: stance.get(name) for name in _GOLD_FIELDS}
            yield _Said(statement_id=hit.id, word=judged.word if judged else "", record=record)


def _gold_line(article: Document, topic: str, said: Iterable[_Said]) -> dict[str, Any]:
    head = article["article"]
    right: dict[tuple[str, str, str], dict[str, Any]] = {}
    wrong: list[dict[str, Any]] = []
    for each in said:
        triple = (each.record["party"], each.record["act"], each.record["issue"])
        if each.word in RIGHT:
            right.setdefault(triple, each.record)  # the gold holds a triple once an article
        elif each.word:
            wrong.append(each.record)
    return {
        "id": head["id"],
        "topic": topic,
        "style": "judged",
        "published": head.get("published") or article["@timestamp"],
        "title": head.get("title", ""),
        "text": head.get("text", ""),
        "statements": list(right.values()),
        "wrong": wrong,
    }
