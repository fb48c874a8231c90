"""Which act a segment is: named features out of the lexicon, modality with its subject, negation, and the words around."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from worker.tag.clauses import Segment
from worker.tag.compiled import cues
from worker.tag.gazetteer import Kind
from worker.tag.holders import Holder
from worker.tag.issues import IssueMap
from worker.tag.phrases import Hit
from worker.tag.reading import Reading
from worker.tag.words import is_negative, stem

_MODALS = {
    "must": "must", "should": "must", "shall": "must", "ought": "must", "needs": "must", "need": "must", "has": "has", "have": "has",
    "will": "will", "'ll": "will", "we'll": "will", "i'll": "will", "they'll": "will", "would": "would", "can": "can", "could": "can",
    "may": "may", "might": "may", "won't": "willnot", "wouldn't": "willnot", "cannot": "cannot", "can't": "cannot", "never": "never",
    "want": "want", "wants": "want", "wanted": "want", "ready": "ready", "willing": "ready", "open": "ready", "prepared": "ready",
    "is": "be", "are": "be", "was": "be", "were": "be", "isn't": "benot", "aren't": "benot", "don't": "donot", "doesn't": "donot",
    "didn't": "donot", "if": "if", "unless": "if", "until": "until",
}  # fmt: skip
_REACH = 4
_SKIPPED = frozenset({",", "“", "”", '"', "‘", "’", "(", ")"})


@dataclass(frozen=True, slots=True)
class CueMap:
    """Act phrases of an article by their first word."""

    hits: tuple[Hit[str], ...]
    starts: tuple[int, ...]

    def within(self, first: int, last: int) -> tuple[Hit[str], ...]:
        """Return the phrases that begin in the words ``first`` to ``last`` (exclusive)."""
        return self.hits[bisect_left(self.starts, first) : bisect_left(self.starts, last)]


def map_cues(reading: Reading) -> CueMap:
    """Return the act phrases of an article; a phrase inside a longer one of the same class is dropped."""
    hits = sorted(cues().hits(reading.words.lower), key=lambda h: (h.start, -h.end))
    kept: list[Hit[str]] = []
    ends: dict[str, int] = {}
    for hit in hits:
        if ends.get(hit.value, -1) < hit.end:
            kept.append(hit)
            ends[hit.value] = hit.end
    return CueMap(tuple(kept), tuple(h.start for h in kept))


def act_features(reading: Reading, segment: Segment, holder: Holder | None, cue_map: CueMap, issues: IssueMap) -> dict[str, float]:
    """Return the features of a segment, name → value."""
    features: dict[str, float] = {"bias": 1.0}
    shown = _placeholders(reading, segment, holder, issues)
    _lexical(features, shown)
    _cue_features(features, reading, segment, cue_map)
    _modality(features, shown)
    _setting(features, reading, segment, holder)
    _issue_setting(features, segment, issues)
    return features


def _placeholders(reading: Reading, segment: Segment, holder: Holder | None, issues: IssueMap) -> list[str]:
    """Return the words with mentions as SELF, OTH, OUT, I, YOU and issue phrases as ISS: what carries over to other topics."""
    sentence = reading.sentences[segment.sentence]
    shown = list(reading.words.lower[segment.first : segment.last])
    party = holder.party if holder else None
    for hit in issues.within(segment.first, segment.last):
        if hit.end <= segment.last and hit.value[1] >= 2:  # noqa: PLR2004 - weak words stay visible
            for at in range(hit.start, hit.end):
                if shown[at - segment.first] not in _MODALS and at == hit.end - 1:
                    shown[at - segment.first] = "ISS"
    for placed in sentence.placed:
        mention = placed.mention
        if segment.first <= mention.start and mention.end <= segment.last:
            mark = _mark(placed.route, mention.kind, mention.party, party)
            for at in range(mention.start, mention.end):
                shown[at - segment.first] = mark if at == mention.start else ""
    return [w for w in shown if w]


def _mark(route: str, kind: Kind, mentioned: str | None, party: str | None) -> str:
    if route == "first-person":
        return "I"
    if route == "second-person":
        return "YOU"
    if kind is Kind.OUTSIDER:
        return "OUT"
    if mentioned is None:
        return "THEY"
    return "SELF" if mentioned == party else "OTH"


def _lexical(features: dict[str, float], shown: Sequence[str]) -> None:
    stems = [w if w.isupper() else stem(w) for w in shown]
    plain = [s for s in stems if s not in _SKIPPED]
    for word in plain:
        features[f"w:{word}"] = 1.0
    for left, right in zip(plain, plain[1:], strict=False):
        features[f"b:{left}_{right}"] = 1.0
    if plain:
        features[f"f:{plain[0]}"] = 1.0


def _cue_features(features: dict[str, float], reading: Reading, segment: Segment, cue_map: CueMap) -> None:
    lower = reading.words.lower
    sentence = reading.sentences[segment.sentence]
    first_seen = False
    for hit in cue_map.within(segment.first, segment.last):
        negated = any(is_negative(w) for w in lower[max(segment.first, hit.start - 3) : hit.start])
        features[f"{'n' if negated else 'c'}:{hit.value}"] = features.get(f"c:{hit.value}", 0.0) * 0.5 + 1.0
        if not first_seen and not hit.value.startswith(("think", "deed", "past", "hypo")):
            features[f"c1:{hit.value}"] = 1.0
            first_seen = True
        if hit.start <= segment.first + 1:
            features[f"cs:{hit.value}"] = 1.0
    for hit in cue_map.within(sentence.first, segment.first):
        features[f"l:{hit.value}"] = 1.0
        if reading.in_quote[hit.start] < 0 and hit.start > segment.first - 12:  # noqa: PLR2004 - the governing verb is near
            features[f"g:{hit.value}"] = 1.0
    for hit in cue_map.within(segment.last, sentence.last):
        features[f"r:{hit.value}"] = 1.0
        if hit.start <= segment.last + 2:
            features[f"x:{hit.value}"] = 1.0
    if segment.sentence and not sentence.starts_paragraph:
        before = reading.sentences[segment.sentence - 1]
        for hit in cue_map.within(before.first, before.last):
            features[f"ps:{hit.value.split('_')[0]}"] = 1.0


def _modality(features: dict[str, float], shown: Sequence[str]) -> None:
    for at, word in enumerate(shown):
        modal = _MODALS.get(word)
        if modal is None:
            continue
        subject = next((w for w in reversed(shown[max(0, at - _REACH) : at]) if w in {"SELF", "OTH", "I", "YOU", "THEY", "OUT", "ISS"}), "none")
        negated = any(is_negative(w) for w in shown[at + 1 : at + 3])
        features[f"m:{modal}{'not' if negated else ''}|{subject}"] = 1.0


def _setting(features: dict[str, float], reading: Reading, segment: Segment, holder: Holder | None) -> None:
    sentence = reading.sentences[segment.sentence]
    features["in_quote" if segment.in_quote else "in_prose"] = 1.0
    if segment.has_quote and not segment.in_quote:
        features["partial_quote"] = 1.0
    if sentence.is_question:
        features["question"] = 1.0
    features[f"zone:{sentence.kind}"] = 1.0
    if holder is None or holder.party is None:
        features["outsider"] = 1.0
    else:
        features[f"hr:{holder.placed.route}"] = 1.0
        features[f"hk:{holder.placed.mention.kind}"] = 1.0
        where = "before" if holder.placed.mention.end <= segment.first else "after" if holder.placed.mention.start >= segment.last else "inside"
        features[f"hw:{where if holder.placed in sentence.placed else 'context'}|{'q' if segment.in_quote else 'p'}"] = 1.0
    size = segment.last - segment.first
    features["short" if size < 6 else "long" if size > 24 else "middle"] = 1.0  # noqa: PLR2004 - thirds of the training segments


def _issue_setting(features: dict[str, float], segment: Segment, issues: IssueMap) -> None:
    scores = issues.scores(segment.first, segment.last)
    features["issues:" + str(min(len(scores), 3))] = 1.0
    if scores:
        features["issue_top"] = max(scores.values()) / 3
