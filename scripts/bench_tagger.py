"""Measure what the tagger costs: ``python scripts/bench_tagger.py GOLD.jsonl …`` (articles about their topics).

Prints processor time for 600 words with the encoder and without, for 200 kB of text, and the memory that it adds.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
import yaml

from worker.ports import TaggerInput
from worker.tag.gold import GoldArticle, load_gold
from worker.tag.rules import MOST_CHARACTERS, RuleTagger
from worker.topic import Topic
from worker.topic_mapping import topic_from_mapping

TOPICS = Path(__file__).parents[1] / "config" / "topics"
WORDS, ROUNDS = 600, 3


def load_topics() -> dict[str, Topic]:
    """Return the shipped topics by id."""
    files = sorted(TOPICS.glob("*.yml"))
    return {f.stem: topic_from_mapping(yaml.safe_load(f.read_text(encoding="utf-8"))) for f in files}


def document_of(article: GoldArticle) -> TaggerInput:
    """Return what the tagger is given of an article."""
    published = datetime.fromisoformat(article.published).replace(tzinfo=UTC) if article.published else None
    return TaggerInput(text=article.text, title=article.title, published=published)


def seconds(tagger: RuleTagger, documents: Sequence[tuple[TaggerInput, Topic]]) -> float:
    """Return the least processor time of three rounds: what other processes do to the caches is not the tagger's."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for document, topic in documents:
            tagger.tag(document, topic)
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    """Read the arguments, tag, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="+", type=Path)
    topics = load_topics()
    articles = [
        article for path in parser.parse_args().gold for article in load_gold(path.read_text("utf-8").splitlines())
    ]
    documents = [(document_of(article), topics[article.topic]) for article in articles]
    words = sum(len(document.text.split()) for document, _ in documents)
    long = "\n".join(document.text for document, _ in documents) * (1 + MOST_CHARACTERS // 50_000)
    for light in (True, False):
        tagger, before = RuleTagger(light=light), psutil.Process().memory_info().rss
        for topic in {topic.id: topic for _, topic in documents}.values():
            tagger.tag(next(document for document, of in documents if of.id == topic.id), topic)
        added = (psutil.Process().memory_info().rss - before) / 1e6
        each = seconds(tagger, documents) / words * WORDS * 1000
        whole = seconds(tagger, [(TaggerInput(text=long[:MOST_CHARACTERS]), documents[0][1])])
        name = "rules:light" if light else "rules"
        print(f"{name:12} {each:5.0f} ms for {WORDS} words, {whole:.1f} s for 200 kB, {added:.0f} MB at first use")


if __name__ == "__main__":
    main()
