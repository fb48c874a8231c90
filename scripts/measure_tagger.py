"""Score the rules on labelled files: ``python scripts/measure_tagger.py FILE… [--errors] [--json]``.

Topics are read from config/topics. ``stancewatch evaluate`` prints the same figures for one file.
"""

import argparse
import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import yaml

from worker.ports import TaggerInput
from worker.tag.evaluate import Evaluation, Found, labelled, load_gold, score
from worker.tag.gold import GoldArticle, Labelled
from worker.tag.rules import RuleTagger
from worker.topic import Topic
from worker.topic_mapping import topic_from_mapping

TOPICS = Path(__file__).parent.parent / "config" / "topics"


def load_topics() -> dict[str, Topic]:
    """Return the shipped topics by id."""
    files = sorted(TOPICS.glob("*.yml"))
    return {f.stem: topic_from_mapping(yaml.safe_load(f.read_text(encoding="utf-8"))) for f in files}


def predict(articles: list[GoldArticle]) -> dict[str, list[Labelled]]:
    """Return the rules' records per article id, without withdrawn demands."""
    tagger, topics = RuleTagger(), load_topics()
    found: dict[str, list[Labelled]] = defaultdict(list)
    for article in articles:
        published = datetime.fromisoformat(article.published).replace(tzinfo=UTC) if article.published else None
        document = TaggerInput(text=article.text, title=article.title, published=published)
        statements = tagger.tag(document, topics[article.topic]).statements
        found[article.id] = [labelled(s) for s in statements if not s.withdrawn]
    return found


def show(result: Evaluation, *, errors: bool) -> None:
    """Print the figures, and on request every miss and extra with its sentence."""
    low, high = result.interval
    print(f"articles {result.articles}, F1 interval {low:.3f}-{high:.3f}, macro F1 over acts {result.macro_f1:.3f}")
    rows: dict[str, Found] = {"(party, act, issue)": result.triple, "with target": result.with_target}
    rows |= {f"act {k}": v for k, v in result.by_act.items()}
    rows |= {f"topic {k}": v for k, v in result.by_topic.items()}
    rows |= {f"style {k}": v for k, v in result.by_style.items()}
    for name, found in rows.items():
        print(f"{name:28} P {found.precision:.3f} R {found.recall:.3f} F1 {found.f1:.3f}  ({found.hits}/{found.gold})")
    for name in (
        "speaker",
        "attribution",
        "conditional",
        "condition_issue",
        "target",
        "evidence_overlap",
        "evidence_exact",
    ):
        share = getattr(result, name)
        print(f"{name:28} {share.value:.3f}  ({share.right}/{share.total})")
    print(f"empty articles left empty    {result.left_empty.right}/{result.left_empty.total}, ", end="")
    print(f"false records each {result.false_per_empty_article:.3f}")
    for kind, findings in (("miss", result.misses), ("extra", result.extras)) if errors else ():
        for f in findings:
            print(f"{kind:5} {f.article} {'/'.join(f.record.triple)} -> {f.record.target}: {f.record.evidence}")


def main() -> None:
    """Read the arguments, tag, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    articles = [a for path in options.gold for a in load_gold(path.read_text(encoding="utf-8").splitlines())]
    result = score(articles, predict(articles), rng=Random(20))  # noqa: S311 - a seed, not a secret
    if options.json:
        print(json.dumps(result.as_dict(), ensure_ascii=False, indent=1))
    else:
        show(result, errors=options.errors)


if __name__ == "__main__":
    main()
