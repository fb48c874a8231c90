"""The invented conflict of ``tests/golden/novelty`` as articles with gold statements, and their way through novelty."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from stories import article, placement, statement, tagged

from worker.model import Article, GradedStatement, Level, Placement, TaggedStatement
from worker.novelty.service import Grading, Policy, grade_article
from worker.ports import Kind, ResultStore, Write

STREAM = Path(__file__).parent / "golden" / "novelty" / "stream.yml"
DELAY = timedelta(minutes=10)
"""From publication to arrival, where the stream says nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article on its way: ``levels`` is gold, by statement id, ``told`` the gold at the time of arrival."""

    article: Article
    placement: Placement
    statements: tuple[TaggedStatement, ...]
    levels: Mapping[str, Level]
    told: Mapping[str, Level]

    @property
    def arrives(self) -> datetime:
        return self.article.fetched


def read_stream(path: Path = STREAM) -> list[Piece]:
    """Return the pieces in order of publication."""
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    by_id: dict[str, dict[str, Any]] = {}
    for line in form["articles"]:
        by_id[line["id"]] = _as_copy(line, by_id[line["copy_of"]]) if "copy_of" in line else line
    return [_piece(line, form["topic"]) for line in by_id.values()]


def _as_copy(line: dict[str, Any], original: dict[str, Any]) -> dict[str, Any]:
    said = [{**each, "level": "repeat", "told": "repeat"} for each in original["says"] if each["s"] < line["keeps"]]
    return {**line, "text": original["text"][: line["keeps"]], "says": said}


def _piece(line: Mapping[str, Any], topic: str) -> Piece:
    published = _moment(line["at"])
    text = article(
        line["id"],
        title=line["title"],
        text=" ".join(line["text"]),
        published=published,
        effective=published,
        fetched=_moment(line["arrives"]) if "arrives" in line else published + DELAY,
        publisher=line["outlet"],
        family=line["family"],
        topics=(topic,),
    )
    found = [(_tagged(said, line, topic), said) for said in line["says"]]
    return Piece(
        article=text,
        placement=placement(line["id"], line.get("copy_of")),
        statements=tuple(each for each, _ in found),
        levels={each.statement_id: Level(said["level"]) for each, said in found},
        told={each.statement_id: Level(said.get("told", said["level"])) for each, said in found},
    )


def _tagged(said: Mapping[str, Any], line: Mapping[str, Any], topic: str) -> TaggedStatement:
    start = len(" ".join([*line["text"][: said["s"]], ""]))
    evidence = line["text"][said["s"]]
    known = {key: value for key, value in said.items() if key not in {"s", "act", "issue", "level", "told"}}
    known["terms"] = tuple(known.get("terms", ()))
    if "deadline" in known:
        known["deadline"] = _moment(known["deadline"])
    made = statement(said["act"], said["issue"], evidence, start=start, end=start + len(evidence), **known)
    return tagged(made, line["id"], version=line.get("tagger", "1"), topic=topic)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


def arrived_in_order(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces in the order in which they come in."""
    return sorted(pieces, key=lambda piece: piece.arrives)


def shuffled_arrival(pieces: Sequence[Piece], order: Sequence[int]) -> list[Piece]:
    """Return the pieces coming in in another order, one a minute after all were published."""
    last = max(piece.arrives for piece in pieces)
    return [
        replace(pieces[at], article=replace(pieces[at].article, fetched=last + timedelta(minutes=place)))
        for place, at in enumerate(order)
    ]


def pass_through(store: ResultStore, piece: Piece, *, policy: Policy | None = None) -> Grading:
    """Index a piece's statements as the stage before does, and grade them."""
    known = store.get(Kind.STATEMENTS, [each.statement_id for each in piece.statements])
    store.write([_document(each, piece) for each in piece.statements if each.statement_id not in known])
    return grade_article(
        store, piece.statements, piece.article, piece.placement, now=piece.arrives, policy=policy or Policy()
    )


def _document(each: TaggedStatement, piece: Piece) -> Write:
    said = each.statement
    document = {
        "@timestamp": piece.article.effective.isoformat(),
        "stance": {"party": said.party, "act": str(said.act), "issue": said.issue, "evidence": said.evidence},
        "claim": {"key": each.claim_key},
        "publisher": {"name": piece.article.publisher},
    }
    return Write(kind=Kind.STATEMENTS, id=each.statement_id, document=document)


def levels_in(store: ResultStore, pieces: Iterable[Piece]) -> dict[str, Level]:
    """Return the levels in the statements' documents; one too weak for a history has none."""
    stored = store.get(Kind.STATEMENTS, [each.statement_id for piece in pieces for each in piece.statements])
    levels = {each: one.document["claim"].get("level") for each, one in stored.items()}
    return {each: Level(level) for each, level in levels.items() if level}


def paged(gradings: Iterable[Grading]) -> list[GradedStatement]:
    """Return the statements that a rule for news would tell people about."""
    return [e for grading in gradings for e in grading.graded if e.pages and e.level is not Level.REPEAT]
