"""Fit the tagger's weights on labelled articles and write ``worker/tag/weights.json``.

    python scripts/train_judge.py GOLD.jsonl …                       fit on all, and what we wrote, and write
    python scripts/train_judge.py --cross-validate GOLD.jsonl …      print figures by folds and by topic left out

There are two final judges: one for candidates by the rules alone, one for those that the encoder has read too. The
second learns from ``examples/encoded.json.gz``: what an encoder says of articles that it has not seen
(``scripts/train_encoder.py`` writes it).

Deterministic: the same articles and the same scikit-learn give the same file, rounded to six digits.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from gold_articles import ROOT, Article, Index, load_articles, load_encoded, load_examples, load_written
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from worker.tag.candidates import Candidate, candidates_of, choose_holder, drafts_of, segment_features
from worker.tag.clauses import is_bare
from worker.tag.holders import Holder, holders_of
from worker.tag.issuefeatures import issue_features
from worker.tag.judge import ACTS, NONE, Encoded, Logistic, Models, models_of
from worker.tag.manner import ATTRIBUTIONS, attribution_features, condition_features
from worker.tag.merge import judge_all, merge, parties_of
from worker.tag.relevance import concerns
from worker.tag.targets import NOBODY, target_features

FOLDS = 6
CLASSES = (NONE, *ACTS)
STRENGTH = {"act": 0.6, "holder": 0.5, "issue": 1.0, "target": 0.3, "manner": 0.3, "final": 0.3}
"""Inverse regularisation of each model, chosen by cross-validation over the training articles."""
SENTENCE_WEIGHT = 2.0
"""Of a sentence written to be plain: what is said in so many words must not drown in what is only hinted at."""
TOLERANCE = 0.02
"""F1 given up for precision: the curve is flat, and an alert's reader prefers fewer wrong records."""
Rows = list[Mapping[str, float]]
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What we wrote ourselves: articles, from which all models learn, and sentences for the act model."""

    articles: Sequence[Article]
    sentences: Sequence[Article]


@cache
def _holders(article: Article, index: Index) -> list[Holder]:
    """Return the candidates of a segment; kept, for every fold asks for them again."""
    segment = article.analysis.by_sentence[index[0]][index[1]]
    return holders_of(article.analysis.reading, segment)


@cache
def _features(article: Article, index: Index, number: int | None) -> dict[str, float]:
    """Return the act features of a segment for its holder ``number``."""
    holder = None if number is None else _holders(article, index)[number]
    return segment_features(article.analysis, index, holder)


def _chosen(article: Article, index: Index, models: Models) -> int | None:
    """Return the number of the likeliest holder of a segment, None if nobody can be it."""
    holders = _holders(article, index)
    chosen = choose_holder(holders, models)
    return None if chosen is None else holders.index(chosen.holder)


def fit_binary(rows: Rows, labels: Sequence[int], strength: float) -> dict[str, float]:
    """Return feature → weight of a logistic model without intercept (a ``bias`` feature does that work)."""
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(_frequent(rows, 2))
    model = LogisticRegression(C=strength, max_iter=3000, tol=1e-3, fit_intercept=False).fit(matrix, labels)
    pairs = zip(vectorizer.feature_names_, model.coef_[0], strict=True)
    return {name: round(float(weight), 6) for name, weight in pairs if abs(weight) > 1e-4}  # noqa: PLR2004 - adds nothing


def fit_softmax(
    rows: Rows, labels: Sequence[str], weights: Sequence[float], strength: float, *, classes: Sequence[str] = CLASSES
) -> dict[str, list[float]]:
    """Return feature → one weight a class."""
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(_frequent(rows, 3))
    model = LogisticRegression(C=strength, max_iter=3000, tol=1e-3, fit_intercept=False).fit(
        matrix, labels, sample_weight=weights
    )
    order = [list(model.classes_).index(name) for name in classes]
    table = {
        name: [round(float(model.coef_[k][column]), 4) for k in order]
        for column, name in enumerate(vectorizer.feature_names_)
    }
    return {name: row for name, row in table.items() if max(map(abs, row)) > 0.04}  # noqa: PLR2004 - adds nothing


def _frequent(rows: Rows, least: int) -> Rows:
    counts = Counter(name for row in rows for name in row)
    return [{n: v for n, v in row.items() if counts[n] >= least} for row in rows]


def fit_base(gold: Sequence[Article], own: Own) -> Models:
    """Return models for holder, issue, target and act; the final one is still empty."""
    articles = [*gold, *own.articles]
    holder = fit_binary(*_holder_rows(articles), STRENGTH["holder"])
    issue = fit_binary(*_issue_rows(articles), STRENGTH["issue"])
    target = fit_binary(*_target_rows(articles), STRENGTH["target"])
    data = {"holder": holder, "issue": issue, "target": target, "condition": {}, **_NO_FINAL}
    data |= {"act": _no_weights(CLASSES), "attribution": _no_weights(ATTRIBUTIONS)}
    empty = models_of(data)
    act = fit_softmax(*_act_rows([*articles, *own.sentences], empty), STRENGTH["act"])
    data["condition"], manner = _fit_manner(articles, empty)
    data |= {"act": {"classes": CLASSES, "weights": act}, "attribution": {"classes": ATTRIBUTIONS, "weights": manner}}
    return models_of(data)


_NO_FINAL: Mapping[str, object] = {"final": {}, "threshold": 0.5, "final_encoded": {}, "threshold_encoded": 0.5}


def _no_weights(classes: Sequence[str]) -> dict[str, object]:
    return {"classes": classes, "weights": {}}


def _fit_manner(articles: Iterable[Article], models: Models) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Return the models of condition and attribution."""
    features: list[tuple[dict[str, float], Mapping[str, object]]] = []
    for article in articles:
        for index, statements in article.labels.items():
            row = _features(article, index, _chosen(article, index, models))
            features += [(row, s) for s in statements]
    condition = fit_binary(
        [condition_features(f, str(s["act"])) for f, s in features],
        [int(bool(s["conditional"])) for _, s in features],
        STRENGTH["manner"],
    )
    manner = fit_softmax(
        [attribution_features(f, str(s["act"])) for f, s in features],
        [str(s["attribution"]) for _, s in features],
        [1.0] * len(features),
        STRENGTH["manner"],
        classes=ATTRIBUTIONS,
    )
    return condition, manner


def _holder_rows(articles: Iterable[Article]) -> tuple[Rows, list[int]]:
    pairs = [
        (holder.features, int(holder.party in {s["party"] for s in statements}))
        for article in articles
        for index, statements in article.labels.items()
        for holder in _holders(article, index)
    ]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def _issue_rows(articles: Iterable[Article]) -> tuple[Rows, list[int]]:
    rows: Rows = []
    labels: list[int] = []
    for article in articles:
        of = article.analysis
        for index, statements in article.labels.items():
            gold = {s["issue"] for s in statements}
            for issue, features in issue_features(
                of.reading, of.by_sentence[index[0]][index[1]], of.issues, of.topic
            ).items():
                rows.append(features)
                labels.append(int(issue in gold))
    return rows, labels


def _target_rows(articles: Iterable[Article]) -> tuple[Rows, list[int]]:
    rows: Rows = []
    labels: list[int] = []
    for article in articles:
        of = article.analysis
        for index, statements in article.labels.items():
            for s in statements:
                options = target_features(
                    of.reading, of.by_sentence[index[0]][index[1]], s["party"], s["act"], of.topic
                )
                for name, features in options.items():
                    rows.append(features)
                    labels.append(int(name == (s["target"] or NOBODY)))
    return rows, labels


def _act_rows(articles: Iterable[Article], models: Models) -> tuple[Rows, list[str], list[float]]:
    rows: Rows = []
    labels: list[str] = []
    weights: list[float] = []
    for article in articles:
        for index, segment in article.segments():
            if index in article.ignored or is_bare(article.analysis.reading, segment, article.analysis.issues):
                continue
            chosen = _chosen(article, index, models)
            if chosen is None or _holders(article, index)[chosen].party is None:
                continue  # never becomes a candidate: what outsiders reject must not make "reject" look weak
            features = _features(article, index, chosen)
            acts = sorted({s["act"] for s in article.labels.get(index, ())}) or [NONE]
            for act in acts:
                rows.append(features)
                labels.append(act)
                weights.append((SENTENCE_WEIGHT if article.topic == "examples" else 1.0) / len(acts))
    return rows, labels, weights


Encodings = Mapping[str, Mapping[Index, Encoded]]
"""Article id → what an encoder that has not seen it says of its segments; empty for the rules alone."""


def out_of_fold(
    articles: Sequence[Article], bases: Mapping[object, Models], group: Callable[[Article], object], encoded: Encodings
) -> dict[str, list[Candidate]]:
    """Return article id → its candidates by models that have not seen its group."""
    found: dict[str, list[Candidate]] = {}
    for a in articles:
        models = bases[group(a)]
        found[a.id] = candidates_of(a.analysis, models, drafts_of(a.analysis, models), encoded.get(a.id, {}))
    return found


def bases_of(articles: Sequence[Article], own: Own, group: Callable[[Article], object]) -> dict[object, Models]:
    """Return group → models fitted on all articles but its own."""
    groups = sorted({group(a) for a in articles}, key=str)
    return {key: fit_base([a for a in articles if group(a) != key], own) for key in groups}


def fit_final(articles: Sequence[Article], found: Mapping[str, list[Candidate]]) -> tuple[dict[str, float], float]:
    """Return the final model and the highest threshold whose F1 on these articles is within a point of the best."""
    rows = [c.features for a in articles for c in found[a.id]]
    labels = [
        int(any((party, c.act, c.issue) in a.triples for party, _ in parties_of(c, a.analysis.topic)))
        for a in articles
        for c in found[a.id]
    ]
    final = fit_binary(rows, labels, STRENGTH["final"])
    scored = []
    for threshold in np.arange(0.2, 0.66, 0.02):
        models = _final_models(final, float(threshold))
        scored.append(
            (
                f1(total(counts(published(a, found[a.id], models), a.triples) for a in articles)),
                round(float(threshold), 2),
            )
        )
    best = max(scored)[0]
    return final, max(threshold for value, threshold in scored if value >= best - TOLERANCE)


def _final_models(final: dict[str, float], threshold: float) -> Models:
    nothing = {**_NO_FINAL, "holder": {}, "issue": {}, "target": {}, "condition": {}, "act": _no_weights(CLASSES)}
    return models_of(
        {
            **nothing,
            "attribution": _no_weights(ATTRIBUTIONS),
            "final": final,
            "final_encoded": final,
            "threshold": threshold,
        }
    )


def published(article: Article, candidates: Sequence[Candidate], models: Models) -> set[Triple]:
    """Return the (party, act, issue) that would be published."""
    if not concerns(article.analysis):
        return set()
    judged = judge_all(candidates, models, article.analysis.topic)
    return {(j.party, j.candidate.act, j.candidate.issue) for j in merge(judged, models.threshold)}


def counts(found: set[Triple], gold: Counter[Triple]) -> tuple[int, int, int]:
    """Return hits, published, gold."""
    return len(found & set(gold)), len(found), len(gold)


def total(parts: Iterable[tuple[int, int, int]]) -> tuple[int, int, int]:
    """Return the sums."""
    columns = list(zip(*parts, strict=True)) or [(0,), (0,), (0,)]
    return sum(columns[0]), sum(columns[1]), sum(columns[2])


def f1(parts: tuple[int, int, int]) -> float:
    """Return the F1 of hits, published, gold."""
    return 2 * parts[0] / max(parts[1] + parts[2], 1)


def cross_validate(
    articles: Sequence[Article], found: Mapping[str, list[Candidate]], group: Callable[[Article], object], name: str
) -> None:
    """Print the figures over all, per topic and per act; no model has seen the group of the article it judges."""
    parts: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    empty: list[bool] = []
    bins: dict[int, list[int]] = defaultdict(list)
    for key in sorted({group(a) for a in articles}, key=str):
        final, threshold = fit_final([a for a in articles if group(a) != key], found)
        models = _final_models(final, threshold)
        for article in (a for a in articles if group(a) == key):
            triples = published(article, found[article.id], models)
            parts["all"].append(counts(triples, article.triples))
            empty += [] if article.triples else [not triples]
            parts[article.topic].append(counts(triples, article.triples))
            for act in ACTS:
                gold = Counter({t: n for t, n in article.triples.items() if t[1] == act})
                parts[act].append(counts({t for t in triples if t[1] == act}, gold))
            for j in merge(judge_all(found[article.id], models, article.analysis.topic), 0.05):
                bins[min(int(j.confidence * 10), 9)].append(
                    int((j.party, j.candidate.act, j.candidate.issue) in article.triples)
                )
    print(f"cross-validated {name}")
    for label, rows in parts.items():
        hits, shown, gold = total(rows)
        print(
            f"  {label:20s} P {hits / max(shown, 1):.3f}  R {hits / max(gold, 1):.3f}"
            f"  F1 {f1((hits, shown, gold)):.3f}  ({gold} gold)"
        )
    print(f"  articles without statements left empty: {sum(empty)} of {len(empty)}")
    print("  confidence  records  right")
    for at in sorted(bins):
        print(f"  .{at}–.{at + 1 if at < 9 else '99'}      {len(bins[at]):6d}   {sum(bins[at]) / len(bins[at]):.2f}")  # noqa: PLR2004


def dump(models: Models) -> str:
    """Return the weights as JSON, one feature a line, sorted."""
    data = {
        "act": {"classes": list(models.act.classes), "weights": dict(models.act.weights)},
        "attribution": {"classes": list(models.attribution.classes), "weights": dict(models.attribution.weights)},
        "condition": dict(models.condition.weights),
        "final": dict(models.final.weights),
        "holder": dict(models.holder.weights),
        "issue": dict(models.issue.weights),
        "target": dict(models.target.weights),
        "threshold": models.threshold,
        "final_encoded": dict(models.final_encoded.weights),
        "threshold_encoded": models.threshold_encoded,
    }
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False)
    return text.replace("\n    ", " ").replace("\n   ]", " ]") + "\n"


def main() -> None:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--output", type=Path, default=ROOT / "worker" / "tag" / "weights.json")
    arguments = parser.parse_args()
    articles = load_articles(arguments.gold, FOLDS)
    own = Own(articles=load_written(), sentences=load_examples())
    encoded = load_encoded()
    by_fold = bases_of(articles, own, lambda a: a.fold)
    if arguments.cross_validate:
        by_topic = bases_of(articles, own, lambda a: a.topic)
        _validate(articles, by_fold, lambda a: a.fold, "over folds of articles, with the encoder", encoded)
        _validate(articles, by_fold, lambda a: a.fold, "over folds of articles, by the rules alone", {})
        _validate(articles, by_topic, lambda a: a.topic, "leaving one topic out, by the rules alone", {})
        return
    final, threshold = fit_final(articles, out_of_fold(articles, by_fold, lambda a: a.fold, {}))
    with_encoder, threshold_encoded = fit_final(articles, out_of_fold(articles, by_fold, lambda a: a.fold, encoded))
    models = replace(
        fit_base(articles, own),
        final=Logistic(final),
        threshold=threshold,
        final_encoded=Logistic(with_encoder),
        threshold_encoded=threshold_encoded,
    )
    arguments.output.write_text(dump(models), encoding="utf-8")
    print(f"wrote {arguments.output} from {len(articles)} articles")


def _validate(
    articles: Sequence[Article],
    bases: Mapping[object, Models],
    group: Callable[[Article], object],
    name: str,
    encoded: Encodings,
) -> None:
    cross_validate(articles, out_of_fold(articles, bases, group, encoded), group, name)


if __name__ == "__main__":
    main()
