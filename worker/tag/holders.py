"""Who may be the one whose act a segment is: candidates with features, for ``judge`` to weigh."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace

from worker.tag.clauses import Segment
from worker.tag.gazetteer import Kind
from worker.tag.reading import Placed, Reading, Sentence

_MANY, _WINDOW = 40, 80
"""Mentions of a sentence beyond which only those within so many words of a segment are looked at."""
_LOOK_BACK = 40
_FURTHEST = 5
_MOST_RECENT = 3
"""How many mentions, sentences and parties back a holder is looked for."""
_SPEAKS = frozenset({"label", "subject-says", "inverted", "according", "by", "noun"})


@dataclass(frozen=True, slots=True)
class Holder:
    """A candidate. ``placed`` is its best mention; ``others`` are joint holders with their mentions."""

    placed: Placed
    features: Mapping[str, float]
    group: tuple[Placed, ...]

    @property
    def party(self) -> str | None:
        """Return the party, None for an outsider."""
        return self.placed.mention.party


def holders_of(reading: Reading, segment: Segment) -> list[Holder]:
    """Return the candidates for the holder of a segment, speakers of earlier sentences included."""
    sentence = _near(reading.sentences[segment.sentence], segment)
    found: dict[tuple[str | None, str | None], list[tuple[Placed, dict[str, float]]]] = {}
    subjects = [p for p in sentence.placed if p.route in _SPEAKS or p.route == "subject"]
    left = next((p for p in reversed(subjects) if p.mention.start < segment.last), None)
    usable = [p for p in sentence.placed if _usable(p, reading)]
    for order, placed in enumerate(usable):
        features = _of_mention(placed, segment, sentence, order, is_left=placed is left)
        found.setdefault(_key(placed), []).append((placed, features))
    for name, context in (("speaker", sentence.speaker), ("previous", sentence.previous_speaker)):
        if context is not None:
            _add_context(found, name, context, segment, sentence, bool(usable))
    for rank, (distance, placed) in enumerate(_recent(reading, segment.sentence)):
        _add_recent(found, (rank, distance), placed, segment, sentence)
    if reading.leading is not None:
        found.setdefault(_key(reading.leading), []).append((reading.leading, {"leads the article": 1.0}))
    _mark_rivals(found)
    return [_joined(options, sentence) for options in found.values()]


def _near(sentence: Sentence, segment: Segment) -> Sentence:
    """Return the sentence with its mentions near the segment: noise without full stops must not cost its square."""
    if len(sentence.placed) <= _MANY:
        return sentence
    first = bisect_left(sentence.placed, segment.first - _WINDOW, key=lambda p: p.mention.start)
    last = bisect_left(sentence.placed, segment.last + _WINDOW, key=lambda p: p.mention.start)
    return replace(sentence, placed=sentence.placed[first:last])


def _usable(placed: Placed, reading: Reading) -> bool:
    mention = placed.mention
    if placed.route in {"first-person", "second-person"} or (
        mention.party is None and mention.kind is not Kind.OUTSIDER
    ):
        return False
    if mention.kind is Kind.DEMONYM and not placed.route.startswith("subject") and placed.route != "by":
        return False
    return reading.in_quote[mention.start] < 0


def _key(placed: Placed) -> tuple[str | None, str | None]:
    mention = placed.mention
    return (mention.party, mention.name if mention.party is None else None)


def _of_mention(placed: Placed, segment: Segment, sentence: Sentence, order: int, *, is_left: bool) -> dict[str, float]:
    mention = placed.mention
    where = "before" if mention.end <= segment.first else ("after" if mention.start >= segment.last else "inside")
    quoted = "q" if segment.in_quote else "p"
    features = {
        f"route:{placed.route}": 1.0,
        f"route:{placed.route}|{where}": 1.0,
        f"route:{placed.route}|{where}|{quoted}": 1.0,
        f"kind:{mention.kind if mention.kind is not Kind.OUTSIDER else 'person'}": 1.0,
        f"route:{placed.route}|{sentence.kind}": 1.0,
    }
    if order == 0:
        features[f"first|{quoted}"] = 1.0
        features[f"first:{placed.route}"] = 1.0
    if is_left:
        features[f"left|{quoted}|{placed.route}"] = 1.0
    embedded = any(p.route in _SPEAKS and p.mention.start < mention.start for p in sentence.placed)
    if embedded and placed.route == "subject":
        features[f"embedded|{where}"] = 1.0
    if mention.word:
        features[f"pronoun:{mention.gender}"] = 1.0
    if mention.is_guess:
        features["guess"] = 1.0
    return features


def _add_context(
    found: dict[tuple[str | None, str | None], list[tuple[Placed, dict[str, float]]]],
    name: str,
    placed: Placed,
    segment: Segment,
    sentence: Sentence,
    has_usable: bool,
) -> None:
    mention = placed.mention
    if mention.party is None and mention.kind is not Kind.OUTSIDER:
        return
    quoted, person, edge = _manner(segment, sentence)
    own = any(p.route in _SPEAKS for p in sentence.placed)
    features = {
        f"{name}|{quoted}": 1.0,
        f"{name}|{quoted}|{'own' if own else ('some' if has_usable else 'none')}": 1.0,
        f"{name}|{sentence.kind}": 1.0,
        f"{name}|{sentence.kind}|{person}": 1.0,
        f"{name}|{edge}|{quoted}": 1.0,
    }
    found.setdefault(_key(placed), []).append((placed, features))


def _manner(segment: Segment, sentence: Sentence) -> tuple[str, str, str]:
    """Return whether the words are quoted or plain, of a first or third person, and open a paragraph or not."""
    person = "first" if any(p.route == "first-person" for p in sentence.placed) else "third"
    return "q" if segment.in_quote else "p", person, "open" if sentence.starts_paragraph else "inner"


def _recent(reading: Reading, number: int) -> list[tuple[int, Placed]]:
    """Return the last few parties that acted before a sentence, nearest first, with their distance in sentences."""
    at = bisect_left(reading.acting, number, key=lambda pair: pair[0])
    found: list[tuple[int, Placed]] = []
    for where, placed in reversed(reading.acting[max(0, at - _LOOK_BACK) : at]):
        if number - where > _FURTHEST or len(found) == _MOST_RECENT:
            break
        if all(placed.mention.party != known.mention.party for _, known in found):
            found.append((number - where, placed))
    return found


def _add_recent(
    found: dict[tuple[str | None, str | None], list[tuple[Placed, dict[str, float]]]],
    place: tuple[int, int],
    placed: Placed,
    segment: Segment,
    sentence: Sentence,
) -> None:
    rank, distance = place
    quoted, person, edge = _manner(segment, sentence)
    own = "own" if any(p.route in _SPEAKS or p.route == "subject" for p in sentence.placed) else "none"
    features = {
        f"recent:{rank}|{own}": 1.0,
        f"recent:{rank}|{own}|{min(distance, 3)}": 1.0,
        f"recent:{rank}|{own}|{edge}|{quoted}": 1.0,
        f"recent:{rank}|{own}|{person}": 1.0,
        f"recent:{rank}|{placed.route}": 1.0,
    }
    found.setdefault(_key(placed), []).append((placed, features))


def _mark_rivals(found: dict[tuple[str | None, str | None], list[tuple[Placed, dict[str, float]]]]) -> None:
    for options in found.values():
        options[0][1]["alone" if len(found) == 1 else f"rivals:{min(len(found), 4)}"] = 1.0


def _joined(options: list[tuple[Placed, dict[str, float]]], sentence: Sentence) -> Holder:
    features: dict[str, float] = {}
    for _, each in options:
        for name, value in each.items():
            features[name] = max(features.get(name, 0.0), value)
    best = _best_placed([p for p, _ in options], sentence)
    group = (
        tuple(
            p
            for p in sentence.placed
            if p.group == best.group and p.route == best.route and p.mention.party and p in sentence.placed
        )
        if best in sentence.placed
        else ()
    )
    return Holder(best, features, group)


def _best_placed(options: list[Placed], sentence: Sentence) -> Placed:
    """Prefer a subject of this sentence to whoever spoke before, then the mention that speaks and has a name."""

    def rank(p: Placed) -> tuple[bool, bool, bool, bool]:
        acts = p.route in _SPEAKS or p.route == "subject"
        return (p in sentence.placed and acts, p.route in _SPEAKS, p.mention.name is not None, p.route == "subject")

    return max(options, key=rank)
