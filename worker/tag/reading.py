"""An article as the tagger reads it: sentences with their words, quotations, and mentions with their routes."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from worker.tag.gazetteer import Gazetteer, Kind
from worker.tag.mentions import Mention, find_mentions
from worker.tag.quotes import Quote, find_quotes
from worker.tag.reference import Memory
from worker.tag.routes import route_of
from worker.tag.sentences import split_sentences
from worker.tag.words import Words, fold, split_words
from worker.tag.zones import Paragraph, split_paragraphs

_SPEAKING = frozenset({"label", "subject-says", "inverted", "according", "by", "noun"})
_LONGEST_JOINT = 3
"""Words that may stand between two joint subjects: ", and the"."""
_LEAST_QUOTE = 4
"""A quotation of fewer words is a part of the reporter's sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A resolved mention with its route: how its place in the sentence ties it to what is said."""

    mention: Mention
    route: str
    group: int
    """Mentions joined by "and" share a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Words ``first`` to ``last`` (exclusive) of the article; ``speaker`` is the best guess of who is speaking."""

    start: int
    end: int
    first: int
    last: int
    paragraph: int
    kind: str
    placed: tuple[Placed, ...]
    speaker: Placed | None
    previous_speaker: Placed | None
    starts_paragraph: bool
    is_question: bool
    quoted: float
    """Share of the words inside quotations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The whole article."""

    text: str
    words: Words
    quotes: tuple[Quote, ...]
    in_quote: tuple[int, ...]
    """For each word the index of its quotation, -1 outside."""
    sentences: tuple[Sentence, ...]
    title: Words
    acting: tuple[tuple[int, Placed], ...]
    """Whoever with a party speaks or acts, with the number of the sentence, in order."""
    leading: Placed | None
    """The first mention of the party that speaks or acts most often."""


def read(text: str, title: str, gazetteer: Gazetteer, on: date | None) -> Reading:
    """Return the reading of a text (at most what the caller cut it to)."""
    folded = fold(text)
    paragraphs = split_paragraphs(folded)
    quotes = find_quotes(folded, paragraphs)
    words = split_words(folded)
    in_quote = _quote_of_words(words, quotes)
    mentions = find_mentions(words, gazetteer, on)
    title_words = split_words(fold(title))
    titles = {e.name: e.held(on) for e in gazetteer.offices if e.name}
    memory = Memory(find_mentions(title_words, gazetteer, on), titles)
    sentences = _sentences(folded, words, paragraphs, mentions, in_quote, memory)
    acting = tuple(_acting(sentences))
    return Reading(
        text=text, words=words, quotes=tuple(quotes), in_quote=in_quote, sentences=tuple(sentences),
        title=title_words, acting=acting, leading=_leading(acting),
    )  # fmt: skip


def _leading(acting: Sequence[tuple[int, Placed]]) -> Placed | None:
    often = Counter(placed.mention.party for _, placed in acting)
    most = often.most_common(1)
    return next((placed for _, placed in acting if placed.mention.party == most[0][0]), None) if most else None


def _acting(sentences: Sequence[Sentence]) -> Iterator[tuple[int, Placed]]:
    for number, sentence in enumerate(sentences):
        for placed in sentence.placed:
            mention = placed.mention
            acts = placed.route in _SPEAKING or placed.route == "subject"
            if acts and mention.party is not None and mention.kind is not Kind.DEMONYM:
                yield number, placed


def _quote_of_words(words: Words, quotes: Sequence[Quote]) -> tuple[int, ...]:
    inside = [-1] * len(words)
    for index, quote in enumerate(quotes):
        first, last = bisect_left(words.start, quote.start), bisect_left(words.start, quote.end)
        if last - first >= _LEAST_QUOTE or quote.is_open:
            inside[first:last] = [index] * (last - first)
    return tuple(inside)


def _sentences(
    text: str,
    words: Words,
    paragraphs: Sequence[Paragraph],
    mentions: Sequence[Mention],
    in_quote: Sequence[int],
    memory: Memory,
) -> list[Sentence]:
    found: list[Sentence] = []
    starts = [m.start for m in mentions]
    transcript = sum(p.label is not None or p.kind in {"question", "answer"} for p in paragraphs) > 2  # noqa: PLR2004
    for number, paragraph in enumerate(paragraphs):
        if paragraph.kind == "skip":
            continue
        memory.open_paragraph(is_turn=paragraph.kind != "body" or paragraph.label is not None, is_transcript=transcript)
        for order, (start, end) in enumerate(split_sentences(text, paragraph.start, paragraph.end)):
            first, last = bisect_left(words.start, start), bisect_left(words.start, end)
            if first == last:
                continue
            here = mentions[bisect_left(starts, first) : bisect_left(starts, last)]
            label_end = bisect_left(words.start, paragraph.label[1]) if paragraph.label and not order else -1
            placed = _place(words, here, in_quote, (first, last), memory, label_end)
            found.append(
                _sentence(text, (start, end, first, last), (number, paragraph, order), placed, in_quote, memory)
            )
    return found


def _place(
    words: Words,
    here: Sequence[Mention],
    in_quote: Sequence[int],
    span: tuple[int, int],
    memory: Memory,
    label_end: int,
) -> list[Placed]:
    placed: list[Placed] = []
    group = 0
    for index, mention in enumerate(here):
        if index and not _joined(words.lower, here[index - 1], mention):
            group += 1
        route = "label" if mention.end <= label_end else route_of(words.lower, mention, in_quote, span)
        resolved = memory.resolve(mention)
        placed.append(Placed(mention=resolved, route=route, group=group))
        memory.note(resolved, route)
    return _share_routes(placed)


def _joined(lower: Sequence[str], left: Mention, right: Mention) -> bool:
    between = lower[left.end : right.start]
    return (
        0 < len(between) <= _LONGEST_JOINT
        and all(w in {",", "and", "the", "both", "as", "well"} for w in between)
        and "and" in (*between, *lower[right.end : right.end + 4])
    )


def _share_routes(placed: list[Placed]) -> list[Placed]:
    """Give the members of a joint subject the best route that one of them has."""
    best: dict[int, str] = {}
    for p in placed:
        if p.route in _SPEAKING or p.route == "subject":
            best[p.group] = p.route
    return [replace(p, route=best.get(p.group, p.route)) if p.route != "quoted" else p for p in placed]


def _sentence(
    text: str,
    span: tuple[int, int, int, int],
    place: tuple[int, Paragraph, int],
    placed: list[Placed],
    in_quote: Sequence[int],
    memory: Memory,
) -> Sentence:
    start, end, first, last = span
    number, paragraph, order = place
    quoted = sum(q >= 0 for q in in_quote[first:last]) / (last - first)
    previous = memory.speaker
    in_turn = paragraph.kind == "answer" or _is_turn(paragraph, placed, memory)
    speaker = _turn(placed, memory) if in_turn else _speaker(placed, quoted, paragraph, memory)
    if (
        not in_turn
        and quoted == 0
        and any(p.route == "first-person" for p in placed)
        and (speaker is None or speaker.route == "subject")
    ):
        speaker = memory.interviewee() or speaker
    memory.spoke(speaker, is_turn=paragraph.kind == "answer" or paragraph.label is not None)
    return Sentence(
        start=start, end=end, first=first, last=last, paragraph=number, kind="turn" if in_turn else paragraph.kind,
        placed=tuple(placed),
        speaker=speaker, previous_speaker=previous, starts_paragraph=order == 0,
        is_question=text[start:end].rstrip("”’\"') ").endswith("?"), quoted=quoted,
    )  # fmt: skip


def _is_turn(paragraph: Paragraph, placed: list[Placed], memory: Memory) -> bool:
    """Say whether a transcript gives somebody the floor here: a label that names a person, or the turn goes on."""
    label = next((p for p in placed if p.route == "label"), None)
    if label:
        return True
    return memory.turn is not None and paragraph.kind == "body"


def _turn(placed: list[Placed], memory: Memory) -> Placed | None:
    label = next((p for p in placed if p.route == "label"), None)
    if label:
        memory.turn = label
    elif memory.turn is None:
        memory.turn = memory.interviewee()
    return memory.turn


def _speaker(placed: list[Placed], quoted: float, paragraph: Paragraph, memory: Memory) -> Placed | None:
    for route in ("label", "inverted", "subject-says", "according", "by", "noun"):
        for p in placed:
            if p.route == route and p.mention.kind is not Kind.DEMONYM:
                return p
    if paragraph.kind == "question":
        return None
    if paragraph.label or quoted > 0.6:  # noqa: PLR2004 - mostly quotation: whoever spoke last goes on
        return memory.speaker
    subject = next((p for p in placed if p.route == "subject"), None)
    if subject is None and not placed:
        return memory.speaker
    return subject
