"""Score the act model on PLOVER's gold sentences, source and target given: ``python scripts/measure_plover.py FILE``.

Families: demand, reject, agree (offer, accept, pledge), threaten, accuse. Nothing of the file is used for training.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from worker.ports import TaggerInput
from worker.tag.candidates import choose_holder, segment_features
from worker.tag.holders import holders_of
from worker.tag.judge import ACTS, NONE
from worker.tag.plover import family_of_act, family_of_code
from worker.tag.rules import RuleTagger
from worker.topic import Issue, Party, Topic

SOURCE, TARGET = "source", "target"


def names(actors: object) -> tuple[str, ...]:
    """Return the actors' names as the sentence writes them."""
    listed = actors if isinstance(actors, list) else []
    return tuple(a["actorText"] for a in listed if isinstance(a, Mapping) and a.get("actorText"))


def pair_topic(item: Mapping[str, Any]) -> Topic:
    """Return a topic whose only parties are the given source and target."""
    parties = [Party(id=key, label=key, names=names(item.get(key)), belligerent=True) for key in (SOURCE, TARGET)]
    rest = Party(id="other", label="other")
    return Topic(
        id="pair", label="pair", parties=(*parties, rest), issues=(Issue(id="other", label="other", patterns={}),)
    )


def predict(tagger: RuleTagger, item: Mapping[str, Any]) -> tuple[str | None, float]:
    """Return the family that the act model gives most to, over the segments that the source holds if there are any."""
    analysis = tagger.analysis(TaggerInput(text=item["text"]), pair_topic(item))
    best: tuple[float, str | None] = (0.0, None)
    for number, segments in enumerate(analysis.by_sentence):
        for place, segment in enumerate(segments):
            chosen = choose_holder(holders_of(analysis.reading, segment), tagger.models)
            holder = chosen.holder if chosen else None
            acts = tagger.models.act.probabilities(segment_features(analysis, (number, place), holder))
            families: Counter[str] = Counter()
            for act in ACTS:
                families[family_of_act(act)] += acts[act]
            family, mass = families.most_common(1)[0]
            weight = mass * (1.5 if holder and holder.party == SOURCE else 1.0) * (1 - acts[NONE])
            best = max(best, (weight, family))
    return best[1], best[0]


def macro_f1(pairs: Iterable[tuple[str, str | None]]) -> dict[str, float]:
    """Return F1 per family and their mean under ``macro``."""
    listed = list(pairs)
    found = {}
    for family in sorted({gold for gold, _ in listed}):
        hits = sum(gold == family == guess for gold, guess in listed)
        total = sum(gold == family for gold, _ in listed) + sum(guess == family for _, guess in listed)
        found[family] = 2 * hits / total if total else 0.0
    found["macro"] = sum(found.values()) / len(found)
    return found


def main() -> None:
    """Read, predict, print; ``--errors`` lists the sentences that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    items = json.loads(options.file.read_text(encoding="utf-8"))
    tagger = RuleTagger()
    scored = [(family_of_code(i["event"]), predict(tagger, i)[0], i) for i in items if family_of_code(i["event"])]
    result = macro_f1((str(gold), guess) for gold, guess, _ in scored)
    print(f"{len(scored)} sentences: " + ", ".join(f"{name} {value:.3f}" for name, value in result.items()))
    for gold, guess, item in scored if options.errors else ():
        if gold != guess:
            print(f"{gold} -> {guess}: {item['text']}")


if __name__ == "__main__":
    main()
