# ruff: noqa: E501 - tables and patterns stand in rows that belong together
"""Which act a segment is: named features out of the lexicon, modality with its subject, negation, and the words around."""

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from worker.tag.clauses import Segment
from worker.tag.compiled import cues
from worker.tag.gazetteer import Kind
from worker.tag.holders import Holder
from worker.tag.issues import IssueMap
from worker.tag.lexicon.verbs import REPORTING, SAYING
from worker.tag.phrases import Hit
from worker.tag.reading import Placed, Reading
from worker.tag.routes import act_verbs
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
_WORD, _PAIR, _TRIPLE, _CLASS, _CROSS, _AROUND = 0.5, 0.4, 0.3, 2.0, 0.5, 0.25
"""Values below 1 make the fit trust single words less, values above 1 trust the verbs of the lexicon more."""
_OPENING_WORDS = frozenset(
    {
        "and",
        "but",
        "or",
        ",",
        "to",
        "that",
        "also",
        "then",
        "in",
        "turn",
        "by",
        "which",
        "who",
        "has",
        "had",
        "have",
        "not",
        "while",
    }
)
_VERBAL = frozenset(
    {"demand_ask", "demand_ask_to", "reject_say", "offer_say", "accept_say", "threaten_say", "accuse_say", "pledge_say"}
)
_NOMINAL = (
    frozenset(
        {
            "demand_noun",
            "offer_noun",
            "reject_adj",
            "accuse_adj",
            "threaten_deed",
            "demand_let",
            "accept_adj",
            "pledge_will",
        }
    )
    | _VERBAL
)
"""Words after the verb that carries the act say what it is about: "accepted the proposal" offers nothing."""
_NEAR = 60
"""Words left and right that are looked at: no sentence that a person wrote is longer, and noise must not cost its square."""
_GOVERNORS = REPORTING | act_verbs()
_SKIPPED = frozenset({",", "“", "”", '"', "‘", "’", "(", ")"})


@dataclass(frozen=True, slots=True)
class CueMap:
    """Act phrases of an article by their first word."""

    hits: tuple[Hit[tuple[str, str]], ...]
    starts: tuple[int, ...]

    def within(self, first: int, last: int) -> tuple[Hit[tuple[str, str]], ...]:
        """Return the phrases that begin in the words ``first`` to ``last`` (exclusive)."""
        return self.hits[bisect_left(self.starts, first) : bisect_left(self.starts, last)]


def map_cues(reading: Reading) -> CueMap:
    """Return the act phrases of an article; a phrase inside a longer one of the same class is dropped."""
    hits = sorted(cues().hits(reading.words.lower), key=lambda h: (h.start, -h.end))
    kept: list[Hit[tuple[str, str]]] = []
    ends: dict[str, int] = {}
    for hit in hits:
        name = hit.value[0].split(".")[0]
        if ends.get(name, -1) < hit.end:
            kept.append(hit)
            ends[name] = hit.end
    return CueMap(tuple(kept), tuple(h.start for h in kept))


def shared_features(reading: Reading, segment: Segment, cue_map: CueMap, issues: IssueMap) -> dict[str, float]:
    """Return the features of a segment that hold whoever speaks, name → value."""
    features: dict[str, float] = {"bias": 1.0}
    _cue_features(features, reading, segment, cue_map)
    _issue_setting(features, segment, issues)
    _around(features, reading, segment)
    return features


def add_holder_features(
    features: dict[str, float],
    reading: Reading,
    segment: Segment,
    holder: Holder | None,
    *,
    cue_map: CueMap,
    issues: IssueMap,
) -> None:
    """Add what depends on who speaks: the words with mentions as SELF and OTH, the governing verb, modals, the place."""
    shown = _placeholders(reading, segment, holder, issues)
    _lexical(features, shown)
    _governing(features, reading, segment, holder, cue_map)
    _modality(features, shown)
    _setting(features, reading, segment, holder)
    _crossed(features, in_quote=segment.in_quote)


def _around(features: dict[str, float], reading: Reading, segment: Segment) -> None:
    """Add the words of the sentence left and right of the segment, and the segment's own runs of three."""
    sentence, lower = reading.sentences[segment.sentence], reading.words.lower
    left, right = max(sentence.first, segment.first - _NEAR), min(sentence.last, segment.last + _NEAR)
    for side, first, last in (("sl", left, segment.first), ("sr", segment.last, right)):
        for word in lower[first:last]:
            if word[0].isalpha():
                features[f"{side}:{stem(word)}"] = _AROUND
    plain = [stem(w) for w in lower[segment.first : segment.last] if w[0].isalnum()]
    for one, two, three in zip(plain, plain[1:], plain[2:], strict=False):
        features[f"t:{one}_{two}_{three}"] = _TRIPLE


def _crossed(features: dict[str, float], *, in_quote: bool) -> None:
    """Add what the lexicon's classes mean together: two of them, one with a modal, one inside a quotation."""
    classes = [n for n in features if n[:2] in {"c:", "n:"} and "." not in n]
    modals = [n for n in features if n.startswith("m:")]
    where = "q" if in_quote else "p"
    for at, one in enumerate(classes):
        features[f"xq:{one}|{where}"] = _CROSS
        for other in (*classes[at + 1 :], *modals):
            features[f"x:{one}|{other}"] = _CROSS


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
        features[f"w:{word}"] = _WORD
    for left, right in itertools.pairwise(plain):
        features[f"b:{left}_{right}"] = _PAIR
    if plain:
        features[f"f:{plain[0]}"] = _PAIR


def _cue_features(features: dict[str, float], reading: Reading, segment: Segment, cue_map: CueMap) -> None:
    lower = reading.words.lower
    sentence = reading.sentences[segment.sentence]
    first_seen = False
    here = cue_map.within(segment.first, segment.last)
    verb = next((h for h in here if h.value[0].split(".")[0] in _VERBAL), None)
    for hit in here:
        fine, phrase = hit.value
        coarse = fine.split(".")[0]
        if verb is not None and hit is not verb and hit.start >= verb.end and coarse in _NOMINAL:
            features[f"d:{coarse}"] = 1.0
        negated = any(is_negative(w) for w in lower[max(segment.first, hit.start - 3) : hit.start])
        sign = "n" if negated else "c"
        features[f"{sign}:{coarse}"] = _CLASS if coarse in _VERBAL else 1.0
        features[f"{sign}:{fine}"] = 1.0
        features[f"p:{phrase}"] = 1.0
        if not first_seen and not coarse.startswith(("think", "deed", "past", "hypo", "cond")):
            features[f"c1:{fine}"] = 1.0
            first_seen = True
        if hit.start <= segment.first + 1:
            features[f"cs:{fine}"] = 1.0
    for hit in cue_map.within(sentence.first, segment.first):
        features[f"l:{hit.value[0].split('.')[0]}"] = 1.0
    for hit in cue_map.within(segment.last, sentence.last):
        features[f"r:{hit.value[0].split('.')[0]}"] = 1.0
    if segment.sentence and not sentence.starts_paragraph:
        before = reading.sentences[segment.sentence - 1]
        for hit in cue_map.within(before.first, before.last):
            features[f"ps:{hit.value[0].split('_')[0]}"] = 1.0


def _governor(reading: Reading, segment: Segment, holder: Holder | None) -> tuple[int, str] | None:
    """Return the verb that governs a segment and how: its own, its holder's, the last one before it, one after it."""
    lower, inside = reading.words.lower, reading.in_quote
    sentence = reading.sentences[segment.sentence]
    for at in range(segment.first, min(segment.first + 4, segment.last)):
        if lower[at] in _GOVERNORS and inside[at] < 0:
            return at, "own"
        if lower[at] not in _OPENING_WORDS and not lower[at].endswith("ly"):
            break
    if holder and holder.placed in sentence.placed:
        found = _verb_of(lower, inside, holder.placed, sentence.last)
        mention = holder.placed.mention
        if found is not None and mention.start < segment.last:
            return found, "holder" if mention.start >= segment.first else "left"
        if found is not None:
            return found, "right"
    for at in range(segment.first - 1, sentence.first, -1):
        if lower[at] in _GOVERNORS and inside[at] < 0:
            return at, "before"
    return None


def _verb_of(lower: Sequence[str], inside: Sequence[int], placed: Placed, limit: int) -> int | None:
    mention = placed.mention
    if placed.route in {"inverted", "by"}:
        return max(mention.start - 1, 0) if lower[mention.start - 1] in REPORTING else max(mention.start - 2, 0)
    for at in range(mention.np_end, min(mention.np_end + 7, limit)):
        if lower[at] in _GOVERNORS and inside[at] < 0:
            return at
    return None


def _governing(
    features: dict[str, float], reading: Reading, segment: Segment, holder: Holder | None, cue_map: CueMap
) -> None:
    governor = _governor(reading, segment, holder)
    if governor is None:
        features["gv:none"] = 1.0
        return
    at, how = governor
    lower = reading.words.lower
    negated = any(is_negative(w) for w in lower[max(0, at - 3) : at])
    kind = "say" if lower[at] in SAYING else "act"
    features[f"gv:{stem(lower[at])}"] = 1.0
    features[f"gk:{kind}|{how}|{'q' if segment.in_quote else 'p'}"] = 1.0
    for hit in cue_map.within(at, at + 1):
        fine = hit.value[0]
        coarse = fine.split(".")[0]
        features[f"{'ng' if negated else 'g'}:{coarse}"] = _CLASS
        features[f"{'ng' if negated else 'g'}:{fine}"] = 1.0
        features[f"g:{coarse}|{how}|{'q' if segment.in_quote else 'p'}"] = 1.0


def _modality(features: dict[str, float], shown: Sequence[str]) -> None:
    for at, word in enumerate(shown):
        modal = _MODALS.get(word)
        if modal is None:
            continue
        subject = next(
            (
                w
                for w in reversed(shown[max(0, at - _REACH) : at])
                if w in {"SELF", "OTH", "I", "YOU", "THEY", "OUT", "ISS"}
            ),
            "none",
        )
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
        where = (
            "before"
            if holder.placed.mention.end <= segment.first
            else "after"
            if holder.placed.mention.start >= segment.last
            else "inside"
        )
        features[
            f"hw:{where if holder.placed in sentence.placed else 'context'}|{'q' if segment.in_quote else 'p'}"
        ] = 1.0
    size = segment.last - segment.first
    features["short" if size < 6 else "long" if size > 24 else "middle"] = 1.0  # noqa: PLR2004 - thirds of the training segments


def _issue_setting(features: dict[str, float], segment: Segment, issues: IssueMap) -> None:
    scores = issues.scores(segment.first, segment.last)
    features["issues:" + str(min(len(scores), 3))] = 1.0
    if scores:
        features["issue_top"] = max(scores.values()) / 3
