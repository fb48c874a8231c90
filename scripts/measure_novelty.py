"""Measures novelty on the golden stream: levels given gold statements, and end to end with the real tagger.

    python scripts/measure_novelty.py [--topic tests/data/topics/vesmar-ostrania.yml]

F1 is micro-averaged over (statement, level). End to end a statement found counts for the gold one of the same
article, party, act and issue; a wrong level, a statement missed and one too many are all errors.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fake_results import FakeResultStore  # noqa: E402 - the path comes first
from novelty_stream import Piece, arrived_in_order, levels_in, pass_through, read_stream  # noqa: E402

from worker.identity import claim_key, position_key, statement_id  # noqa: E402
from worker.model import TaggedStatement  # noqa: E402
from worker.novelty.service import Policy  # noqa: E402
from worker.ports import Tagger, TaggerInput  # noqa: E402
from worker.topic import Topic  # noqa: E402

STANDARD = Policy()
Found = Counter[tuple[str, str, str, str, str]]


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topic", type=Path, default=ROOT / "tests/data/topics/vesmar-ostrania.yml")
    parser.add_argument("--min-confidence", type=float, default=0.5, help="claim_min_confidence, end to end")
    parser.add_argument("--misses", action="store_true", help="list what is missing and what is too much")
    wanted = parser.parse_args()
    pieces = arrived_in_order(read_stream())
    gold = graded_as(pieces, {key: str(level) for piece in pieces for key, level in piece.levels.items()})
    report("levels given gold statements", gold, run(pieces))
    if wanted.topic.is_file():
        topic, tagger = load(wanted.topic)
        policy = Policy(claim_min_confidence=wanted.min_confidence)
        found = run([read(piece, topic, tagger) for piece in pieces], policy)
        report("end to end", gold, found)
        report("end to end, statements alone", *(_without_level(each) for each in (gold, found)))
        if wanted.misses:
            _list_misses(gold, found)


def run(pieces: list[Piece], policy: Policy = STANDARD) -> Found:
    """Pass the pieces through novelty and return what each statement was called in the end."""
    store = FakeResultStore()
    for piece in pieces:
        pass_through(store, piece, policy=policy)
    return graded_as(pieces, {key: str(level) for key, level in levels_in(store, pieces).items()})


def graded_as(pieces: Iterable[Piece], levels: dict[str, str]) -> Found:
    """Return (article, party, act, issue, level) of every statement that has a level."""
    return Counter(
        (
            each.article_id,
            each.statement.party,
            str(each.statement.act),
            each.statement.issue,
            levels[each.statement_id],
        )
        for piece in pieces
        for each in piece.statements
        if each.statement_id in levels
    )


def report(what: str, gold: Found, found: Found) -> None:
    """Print precision, recall and F1."""
    right = (gold & found).total()
    precision, recall = right / (found.total() or 1), right / (gold.total() or 1)
    f1 = 2 * precision * recall / ((precision + recall) or 1)
    print(f"{what}: {gold.total()} statements, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")


def _without_level(found: Found) -> Found:
    return Counter((*each[:4], "") for each in found.elements())


def _list_misses(gold: Found, found: Found) -> None:
    for mark, rest in (("missing", gold - found), ("too much", found - gold)):
        for each in sorted(rest.elements()):
            print(f"  {mark}: {' '.join(each)}")


def load(path: Path) -> tuple[Topic, Tagger]:
    """Return the topic and the rule tagger."""
    from worker.settings.yaml_source import read_yaml  # noqa: PLC0415 - only where end to end is asked for
    from worker.tag.rules import RuleTagger  # noqa: PLC0415
    from worker.topic_mapping import topic_from_mapping  # noqa: PLC0415

    return topic_from_mapping(read_yaml(path, path.name).value), RuleTagger()


def read(piece: Piece, topic: Topic, tagger: Tagger) -> Piece:
    """Return the piece with the statements that the tagger finds in its text."""
    article = piece.article
    output = tagger.tag(TaggerInput(text=article.text, title=article.title, published=article.published), topic)
    version = piece.statements[0].tagger_version if piece.statements else output.version
    found = tuple(
        TaggedStatement(
            statement_id=statement_id(topic.id, article.article_id, said),
            claim_key=claim_key(topic.id, said.party, said.act, said.issue),
            position_key=position_key(topic.id, said.party, said.issue),
            topic=topic.id,
            article_id=article.article_id,
            statement=said,
            tagger=output.tagger,
            tagger_version=version,
        )
        for said in output.statements
    )
    return replace(piece, statements=found)


if __name__ == "__main__":
    main()
