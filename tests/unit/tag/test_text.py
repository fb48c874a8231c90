"""Words, patterns, zones, sentences and quotations."""

import pytest

from worker.tag.phrases import PhraseSet
from worker.tag.quotes import find_quotes
from worker.tag.sentences import split_sentences
from worker.tag.words import fold, is_negative, name_key, split_words, stem
from worker.tag.zones import split_paragraphs


@pytest.mark.parametrize(
    "text", ["plain", "Péter Szabó", "„Nein“", "l’été", "a\u00a0b", "Łódź – Øst", "«да»", "…", "\u202eabc", "😀 é"]
)
def test_folding_never_changes_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Veldoria's army won't leave.", ("veldoria", "'s", "army", "won't", "leave", ".")),
        ("a 28-point plan", ("a", "28", "point", "plan")),
        ("U.S. officials", ("u.s.", "officials")),
        ("cease-fire", ("cease", "fire")),
        ("1,000 men", ("1,000", "men")),
        ("We’ll see", ("we'll", "see")),
    ],
)
def test_words_are_split_as_patterns_expect(text: str, words: tuple[str, ...]) -> None:
    assert split_words(fold(text)).lower == words


@pytest.mark.parametrize(
    ("word", "expected"), [("never", True), ("won't", True), ("cannot", True), ("note", False), ("knot", False)]
)
def test_negation_is_known_by_its_word(word: str, expected: bool) -> None:
    assert is_negative(word) is expected


@pytest.mark.parametrize("other", ["Zorenskyy", "Zorenskiy", "Zorenskij", "Zorenskii"])
def test_transliterations_of_a_name_share_a_key(other: str) -> None:
    assert name_key(other) == name_key("Zorensky")


@pytest.mark.parametrize("form", ["demand", "demands", "demanded", "demanding"])
def test_forms_of_a_verb_share_a_stem(form: str) -> None:
    assert stem(form) == "demand"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("ceasefire", "the ceasefire holds", True),
        ("withdraw* .. troops", "withdraws all of its troops", True),
        ("withdraw* .. troops", "withdraws one two three four five troops", False),
        ("withdraw* .. troops", "withdraws. The troops", False),
        ("28-point plan", "a 28 point plan", True),
        ("peace|truce talks", "truce talks", True),
        ("negotiat*", "negotiators", True),
        ("arms", "armsman", False),
    ],
)
def test_patterns_match_what_their_language_says(pattern: str, text: str, found: bool) -> None:
    hits = list(PhraseSet([(pattern, 1)]).hits(split_words(text).lower))
    assert bool(hits) is found


@pytest.mark.parametrize(
    "line",
    [
        "Read more on the war",
        "Photo: someone",
        "Reporting by two people",
        "Subscribe to our letter",
        "(Reporting by staff)",
    ],
)
def test_service_lines_are_skipped(line: str) -> None:
    kinds = [p.kind for p in split_paragraphs(f"Ostania asked for talks.\n\nVeldoria refused.\n\n{line}")]
    assert kinds == ["body", "body", "skip"]


@pytest.mark.parametrize(
    "dateline",
    [
        "VELDOR, May 3 - ",
        "OSTAGRAD (Agency) – ",
        "VELDOR — ",
        "VELDOR, May 18. /Newsline/. ",
        "OSTAGRAD/VELDOR, 4 June – ",
    ],
)
def test_a_dateline_is_not_part_of_the_story(dateline: str) -> None:
    text = fold(f"{dateline}Ostania asked for talks.")
    assert text[split_paragraphs(text)[0].start :].strip() == "Ostania asked for talks."


def test_a_transcript_shows_who_has_the_floor() -> None:
    text = "MODERATOR: Welcome.\n\nIVO KARELIY: We want talks.\n\nQUESTION: When?\n\nA: Soon."
    kinds = [(p.kind, text[slice(*p.label)] if p.label else None) for p in split_paragraphs(text)]
    assert kinds == [("question", None), ("body", "IVO KARELIY"), ("question", None), ("answer", None)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two. Three.", 3),
        ("Gen. Orlo spoke. He left.", 2),
        ("“We stay,” he said. They left.", 2),
        ("“Will you stay?” he asked.", 1),
        ("Mr. Brandt met Dr. Vell at 5 p.m. on Monday.", 1),
        ("It cost 3.5 million.", 1),
        ("He refused... and left.", 1),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, count: int) -> None:
    folded = fold(text)
    assert len(split_sentences(folded, 0, len(folded))) == count


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("He said “we stay” and left.", ["we stay"]),
        ('He said "we stay" and left.', ["we stay"]),
        ("He said 'we stay' and left.", ["we stay"]),
        ("„Wir bleiben“, he said.", ["Wir bleiben"]),
        ("«We stay», he said.", ["We stay"]),
        ("The ministers' plan wasn't Brandt's.", []),
        ('"One" and "two"', ["One", "two"]),
        ("“An open one", ["An open one"]),
        ("He's 'don't know' to blame.", ["don't know"]),
    ],
)
def test_quotations_are_found_whatever_their_marks(text: str, quoted: list[str]) -> None:
    folded = fold(text)
    assert [folded[q.start : q.end] for q in find_quotes(folded, split_paragraphs(folded))] == quoted


def test_a_quotation_left_open_goes_on_in_the_next_paragraph() -> None:
    text = fold("“We stay here.\n\n“We fight on,” he said.")
    first, second = find_quotes(text, split_paragraphs(text))
    assert (first.is_open, second.continues) == (True, True)


def test_a_stray_mark_spoils_one_paragraph_only() -> None:
    text = 'A stray " mark.\n\nHe said "we stay" then.'
    assert [text[q.start : q.end] for q in find_quotes(text, split_paragraphs(text))][-1] == "we stay"
