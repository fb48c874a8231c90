"""Every (segment, holder, act, issue) that may be a statement, wide, with the features on which it will be judged."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from worker.tag.acts import CueMap, add_holder_features, map_cues, shared_features
from worker.tag.clauses import Segment, is_bare, segments_of
from worker.tag.compiled import CompiledTopic
from worker.tag.conditions import condition_for, opener_of
from worker.tag.holders import Holder, holders_of
from worker.tag.issuefeatures import issue_features
from worker.tag.issues import IssueMap, map_issues
from worker.tag.judge import ACTS, ENCODER_ACT, NONE, Encoded, Index, Models, logit, sigmoid
from worker.tag.polarity import is_cancelled
from worker.tag.reading import Reading

LEAST_ACT = 0.15
LEAST_ISSUE = 0.08
LEAST_HOLDER = 0.15
_MOST_HOLDERS = 2
_MOST_ISSUES = 3
_MOST_ACTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """An article cut into segments, with the maps that every feature is read from."""

    reading: Reading
    topic: CompiledTopic
    issues: IssueMap
    cues: CueMap
    by_sentence: tuple[tuple[Segment, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A possible statement. ``features`` are the final judge's."""

    segment: Segment
    holder: Holder
    act: str
    issue: str
    features: dict[str, float]
    words: Mapping[str, float]
    """The act's features, from which its manner is read too."""
    rule: str = ""
    """The strongest evidence for the act, by name."""


def analyse(reading: Reading, topic: CompiledTopic) -> Analysis:
    """Return the segments and maps of an article."""
    issues = map_issues(reading, topic)
    return Analysis(
        reading=reading,
        topic=topic,
        issues=issues,
        cues=map_cues(reading),
        by_sentence=tuple(tuple(segments_of(reading, n, issues)) for n in range(len(reading.sentences))),
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """A likely holder: its place among the candidates, its probability and its lead over the best of the others."""

    holder: Holder
    index: int
    probability: float
    lead: float
    rank: int


def choose_holder(holders: Sequence[Holder], models: Models) -> Chosen | None:
    """Return the likeliest holder by the rules alone, None where nobody can be it."""
    return next(iter(likely_holders(holders, [models.holder.probability(h.features) for h in holders])), None)


def likely_holders(holders: Sequence[Holder], probabilities: Sequence[float]) -> list[Chosen]:
    """Return the likeliest holder and any runner-up worth a look, the best first."""
    scored = sorted(((p, -n) for n, p in enumerate(probabilities)), reverse=True)
    found: list[Chosen] = []
    for rank, (probability, index) in enumerate(scored[:_MOST_HOLDERS]):
        if rank and probability < LEAST_HOLDER:
            break
        rival = max((p for n, (p, _) in enumerate(scored[: rank + 2]) if n != rank), default=0.0)
        found.append(Chosen(holders[-index], -index, probability, probability - rival, rank))
    return found


def segment_features(analysis: Analysis, index: Index, holder: Holder | None) -> dict[str, float]:
    """Return the act features of segment ``index`` (sentence, place in it), conditions around it included."""
    return _with_holder(analysis, index, holder, _without_holder(analysis, index))


def _without_holder(analysis: Analysis, index: Index) -> dict[str, float]:
    sentence, place = index
    segments = analysis.by_sentence[sentence]
    lower = analysis.reading.words.lower
    features = shared_features(analysis.reading, segments[place], analysis.cues, analysis.issues)
    opened = opener_of(lower, segments[place])
    if opened:
        features[f"condition:{opened[0]}"] = 1.0
        features["condition"] = 1.0
    depends = condition_for(lower, segments, place)
    if depends:
        features[f"depends:{depends.opener}"] = 1.0
        features["depends"] = 1.0
    return features


def _with_holder(
    analysis: Analysis, index: Index, holder: Holder | None, shared: Mapping[str, float]
) -> dict[str, float]:
    features = dict(shared)
    segment = analysis.by_sentence[index[0]][index[1]]
    add_holder_features(features, analysis.reading, segment, holder, cue_map=analysis.cues, issues=analysis.issues)
    return features


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the rules say of a segment before its act is looked at."""

    holders: Sequence[Holder]
    holder_scores: Sequence[float]
    """Log-odds of each to be the holder."""
    issue_scores: Mapping[str, float]
    """Issue → log-odds, for those that the words around touch, and for ``other``."""


def drafts_of(analysis: Analysis, models: Models) -> dict[Index, Draft]:
    """Return a draft of every segment that may be a statement of somebody, in text order."""
    return {
        (number, place): _draft(analysis, segment, holders, models)
        for number, segments in enumerate(analysis.by_sentence)
        for place, segment in enumerate(segments)
        if not is_bare(analysis.reading, segment, analysis.issues)
        and (holders := holders_of(analysis.reading, segment))
    }


def _draft(analysis: Analysis, segment: Segment, holders: Sequence[Holder], models: Models) -> Draft:
    features = issue_features(analysis.reading, segment, analysis.issues, analysis.topic)
    return Draft(
        holders=holders,
        holder_scores=[models.holder.score(holder.features) for holder in holders],
        issue_scores={issue: models.issue.score(each) for issue, each in features.items()},
    )


def candidates_of(
    analysis: Analysis, models: Models, drafts: Mapping[Index, Draft], encoded: Mapping[Index, Encoded]
) -> list[Candidate]:
    """Return the candidates of an article in text order; what the encoder says of a segment counts too."""
    found: list[Candidate] = []
    for index, draft in drafts.items():
        said = encoded.get(index)
        probabilities = said.holders if said else [sigmoid(score) for score in draft.holder_scores]
        speaking = [each for each in likely_holders(draft.holders, probabilities) if each.holder.party is not None]
        if speaking:
            by_rules = {issue: sigmoid(score) for issue, score in draft.issue_scores.items()}
            found += _of_segment(analysis, index, speaking, models, (by_rules, said))
    _compare(found, sum(map(len, analysis.by_sentence)))
    return found


def _compare(found: Sequence[Candidate], segments: int) -> None:
    """Add what only the whole article shows: how much is said in it, who else competes, how often the same is said."""
    likely = sum(sigmoid(-c.features["none"]) for c in found if "first" in c.features)
    density = likely / max(segments, 1)
    plain = {id(c): sigmoid(c.features["act"]) * sigmoid(c.features["issue"]) for c in found}
    same: dict[tuple[str | None, str, str], float] = defaultdict(float)
    rivals: dict[tuple[str | None, str], dict[str, float]] = defaultdict(dict)
    for c in found:
        key = (c.holder.party, c.act, c.issue)
        same[key] += plain[id(c)]
        best = rivals[c.holder.party, c.issue]
        best[c.act] = max(best.get(c.act, 0.0), plain[id(c)])
    for c in found:
        others = [p for act, p in rivals[c.holder.party, c.issue].items() if act != c.act]
        c.features["density"] = density * 4
        c.features["again"] = min(same[c.holder.party, c.act, c.issue] - plain[id(c)], 1.5)
        c.features["rival_act"] = max(others, default=0.0)


def _of_segment(
    analysis: Analysis,
    index: Index,
    speaking: Sequence[Chosen],
    models: Models,
    about: tuple[Mapping[str, float], Encoded | None],
) -> list[Candidate]:
    segment = analysis.by_sentence[index[0]][index[1]]
    by_rules, said = about
    scores = said.issues if said else by_rules
    issues = sorted((i for i in scores if scores[i] >= LEAST_ISSUE), key=lambda i: -scores[i])[:_MOST_ISSUES]
    shared = _without_holder(analysis, index) if issues else {}
    likely = {issue: scores[issue] for issue in issues}
    found: list[Candidate] = []
    for chosen in speaking if issues else ():
        words = _with_holder(analysis, index, chosen.holder, shared)
        acts = _acts_of(models.act.probabilities(words), said.acts[chosen.index] if said else None)
        possible = (a for a in ACTS if acts.joint[a] >= LEAST_ACT and not is_cancelled(words, a))
        ranked = sorted(possible, key=lambda a: -acts.joint[a])[:_MOST_ACTS]
        rules = {act: _strongest(models, words, act) for act in ranked}
        for (act_rank, act), (rank, issue) in product(enumerate(ranked), enumerate(likely)):
            features = {
                **_of_holder(segment, chosen, acts.joint[NONE]),
                **_of_act(act, act_rank, acts),
                **_of_issue(issue, rank, likely),
                **({"first": 1.0} if act_rank == rank == chosen.rank == 0 else {}),
                **_fit(analysis.topic, act, issue),
            }
            if said:
                features["rules_issue"] = logit(by_rules.get(issue, 0.0))
            found.append(
                Candidate(
                    segment=segment,
                    holder=chosen.holder,
                    act=act,
                    issue=issue,
                    features=features,
                    words=words,
                    rule=rules[act],
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class _Acts:
    """How likely each act is by the rules' words, by the encoder if it read the segment, and by both."""

    rules: Mapping[str, float]
    encoder: Mapping[str, float] | None
    joint: Mapping[str, float]


def _acts_of(rules: Mapping[str, float], encoder: Mapping[str, float] | None) -> _Acts:
    """Return the distributions; the joint one is their geometric mean, normalised (a logarithmic opinion pool)."""
    if encoder is None:
        return _Acts(rules, None, rules)
    raw = {act: math.sqrt(rules[act] * encoder[act]) for act in rules}
    whole = sum(raw.values())
    return _Acts(rules, encoder, {act: value / whole for act, value in raw.items()})


def _of_holder(segment: Segment, chosen: Chosen, none: float) -> dict[str, float]:
    holder = chosen.holder
    return {
        "bias": 1.0, "holder": logit(chosen.probability), "lead": chosen.lead, "none": logit(none),
        f"holder_rank:{chosen.rank}": 1.0,
        f"route:{holder.placed.route}": 1.0,
        f"kind:{holder.placed.mention.kind}": 1.0, "quoted": float(segment.in_quote),
        "joint": float(len(holder.group) > 1),
    }  # fmt: skip


def _of_act(act: str, rank: int, acts: _Acts) -> dict[str, float]:
    features = {"act": logit(acts.joint[act]), f"act_rank:{rank}": 1.0, f"is:{act}": 1.0}
    if acts.encoder is None:
        return features
    rival = max(p for other, p in acts.encoder.items() if other not in {act, NONE})
    return features | {
        ENCODER_ACT: logit(acts.encoder[act]), "encoder_none": logit(acts.encoder[NONE]),
        "encoder_lead": acts.encoder[act] - rival,
        "rules_act": logit(acts.rules[act]), "rules_none": logit(acts.rules[NONE]),
    }  # fmt: skip


def _of_issue(issue: str, rank: int, scores: Mapping[str, float]) -> dict[str, float]:
    rival = max((s for i, s in scores.items() if i != issue), default=0.0)
    return {"issue": logit(scores[issue]), "issue_lead": scores[issue] - rival, f"issue_rank:{rank}": 1.0}


def _strongest(models: Models, features: dict[str, float], act: str) -> str:
    """Return the name of the lexicon feature that speaks most for the act."""
    column = list(models.act.classes).index(act)
    named = [n for n in features if n[:2] in {"c:", "n:", "g:", "m:"} or n.startswith("ng:")]
    scored = [(models.act.weights[n][column] * features[n], n) for n in named if n in models.act.weights]
    return max(scored)[1] if scored and max(scored)[0] > 0 else "words"


def _fit(topic: CompiledTopic, act: str, issue: str) -> dict[str, float]:
    of = topic.by_id[issue]
    if issue == "other":
        return {f"other|{act}": 1.0}
    return {f"mode:{of.mode}|{act}": 1.0} if of.cooperative else {f"harm|{act}": 1.0}
