"""How an article is cut into windows of word pieces: nothing twice, nothing too long, every piece at its place."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conflict import CONFLICT, TAGGER
from hypothesis import given
from hypothesis import strategies as st

from worker.ports import TaggerInput
from worker.tag.candidates import Analysis
from worker.tag.windows import LONGEST, Window, pieces_of, plain_window, vocabulary, windows_of
from worker.topic import Issue

DEMAND = "Ostania demanded that Veldoria withdraw its troops from Karst Valley."
CLS, SEP, UNKNOWN = 101, 102, 100


def _analysis(text: str) -> Analysis:
    return TAGGER.analysis(TaggerInput(text=text), CONFLICT)


def _windows(text: str) -> list[Window]:
    return list(windows_of(_analysis(text)))


def _sentence(number: int, words: int) -> str:
    """Return a sentence of so many pieces, full stop included."""
    return " ".join(["Ostania", "on", "day", str(number), *["talks"] * (words - 5)]) + "."


def _ids(text: str) -> list[int]:
    return [piece for piece, _, _ in pieces_of(text)]


def _kind_at(text: str, word: str) -> int:
    """Return the kind of the piece at the first place of ``word``."""
    (window,) = _windows(text)
    first, _ = window.span(text.index(word), text.index(word) + len(word))
    return window.kinds[first]


# Windows


@pytest.mark.parametrize("words", [8, 40, 79, 80, 100, 200])
def test_every_sentence_is_judged_in_exactly_one_window_and_in_order(words: int) -> None:
    text = " ".join(_sentence(n, words) for n in range(23))
    judged = [number for window in _windows(text) for number in window.sentences]
    assert judged == list(range(len(_analysis(text).reading.sentences)))


@pytest.mark.parametrize("words", [8, *range(45, 56), 79, 80, 100, 158, 159, 200, 400])
def test_no_window_is_longer_than_the_longest(words: int) -> None:
    sizes = [len(w.ids) for w in _windows(" ".join(_sentence(n, words) for n in range(23)))]
    assert max(sizes) <= LONGEST == 160


def test_a_window_is_filled_before_the_next_one_begins() -> None:
    text = " ".join(_sentence(n, 30) for n in range(12))
    assert _analysis(text).reading.sentences[-1].end == len(text)
    sizes = [len(_ids(_sentence(n, 30))) for n in range(12)]
    for window, following in pairwise(_windows(text)):
        assert len(window.ids) + sizes[following.sentences[0]] > LONGEST


def test_a_sentence_longer_than_a_window_is_cut_and_its_neighbours_are_whole() -> None:
    long = f"Ostania {'talks , ' * 100}end."
    text = f"{DEMAND} {long} {DEMAND}"
    assert len(_analysis(text).reading.sentences) == 3
    first, second, third = _windows(text)
    assert [list(w.sentences) for w in (first, second, third)] == [[0], [1], [2]]
    assert (first.ids[1:-1], third.ids[1:-1]) == (tuple(_ids(DEMAND)), tuple(_ids(DEMAND)))
    assert second.ids[1:-1] == tuple(_ids(long))[: LONGEST - 2]


def test_the_sentence_before_is_there_to_be_understood_and_not_judged_again() -> None:
    text = " ".join(_sentence(n, 70) for n in range(3))
    first, second = _windows(text)
    assert (list(first.sentences), list(second.sentences)) == ([0, 1], [2])
    assert second.ids[1:-1] == (*_ids(_sentence(1, 70)), *_ids(_sentence(2, 70)))
    assert second.starts[1] == len(_sentence(0, 70)) + 1


def test_the_sentence_before_is_left_out_where_both_do_not_fit() -> None:
    text = f"{_sentence(1, 100)} {_sentence(2, 100)}"
    _, second = _windows(text)
    assert second.ids[1:-1] == tuple(_ids(_sentence(2, 100)))


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\r\n"])
def test_a_text_without_sentences_has_no_window(text: str) -> None:
    assert _windows(text) == []


@pytest.mark.parametrize("text", ["\u200b", "\x00", "ﷺ", "\ufffd"])
def test_a_text_of_one_strange_character_is_one_unknown_piece(text: str) -> None:
    (window,) = _windows(text)
    assert (window.ids, window.span(0, 1)) == ((CLS, UNKNOWN, SEP), (1, 2))


def test_the_marks_at_the_ends_stand_nowhere_and_have_no_kind() -> None:
    (window,) = _windows(DEMAND)
    assert (window.ids[0], window.ids[-1]) == (CLS, SEP)
    assert {(w[0], w[-1]) for w in (window.starts, window.ends)} == {(-1, -1)}
    assert (window.kinds[0], window.kinds[-1]) == (0, 0)


@given(
    st.lists(
        st.sampled_from(
            ["Ostania", "talks", "not", "“", "”", ".", "?", "\n\n", ",", "İstanbul", "x" * 120, "Brandt said", "– "]
        ),
        max_size=400,
    )
)
def test_pieces_of_any_news_salad_stand_where_they_say_and_in_order(parts: list[str]) -> None:
    text = " ".join(parts)
    for window in _windows(text):
        assert len(window.ids) == len(window.kinds) == len(window.starts) == len(window.ends) <= LONGEST
        places = list(zip(window.starts[1:-1], window.ends[1:-1], strict=True))
        assert places == sorted(places)
        assert all(text[start:end].strip() == text[start:end] != "" for start, end in places)


# Spans


def _naive(window: Window, start: int, end: int) -> tuple[int, int]:
    """Return the same as ``Window.span`` by looking at every piece."""
    inside = [n for n in range(1, len(window.ids) - 1) if window.starts[n] < end and window.ends[n] > start]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        (0, 7, (1, 3)),  # the first word, which has two pieces
        (28, 29, (7, 8)),  # the full stop, the last piece
        (0, 29, (1, 8)),
        (5, 12, (1, 4)),  # from inside of one word to inside of the next
        (7, 8, (0, 0)),  # the space between
        (29, 40, (0, 0)),  # behind the text
        (0, 0, (0, 0)),
        (8, 8, (0, 0)),
    ],
)
def test_a_span_of_characters_is_the_pieces_that_it_touches(start: int, end: int, span: tuple[int, int]) -> None:
    (window,) = _windows("Norland demands talks at six.")
    assert window.span(start, end) == span


def test_all_pieces_of_a_word_belong_to_its_span() -> None:
    (window,) = _windows("Veldoria waits.")
    first, last = window.span(0, 8)
    assert window.ids[first:last] == tuple(_ids("Veldoria"))
    assert last - first > 1


def test_a_span_outside_of_a_window_is_empty_on_either_side() -> None:
    text = f"{_sentence(1, 100)} {_sentence(2, 100)}"
    first, second = _windows(text)
    assert first.span(second.starts[1], second.ends[-2]) == (0, 0)
    assert second.span(first.starts[1], first.ends[-2]) == (0, 0)


@st.composite
def _laid_out(draw: st.DrawFn) -> Window:
    """Return a window of words with gaps, each of one or several pieces."""
    starts, ends, at = [-1], [-1], 0
    for gap, length, pieces in draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6), st.integers(1, 3)), max_size=20)
    ):
        at += gap
        starts += [at] * pieces
        ends += [at + length] * pieces
        at += length
    size = len(starts) + 1
    return Window((0,) * size, (0,) * size, (*starts, -1), (*ends, -1), range(1))


@given(_laid_out(), st.integers(0, 120), st.integers(1, 60))
def test_a_span_is_what_looking_at_every_piece_finds(window: Window, start: int, length: int) -> None:
    assert window.span(start, start + length) == _naive(window, start, start + length)


# Kinds


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [
        ("Ostania was there.", "Ostania", 3),
        ("Brandt was there.", "Brandt", 3),
        ("An analyst was there.", "analyst", 6),
        ("Orla Finn was there.", "Finn", 6),
        ("Brandt came. He left.", "He", 9),
        ("Brandt said: “We will stay in the old town.”", "We", 12),
        ("Brandt said: “You will stay in the old town.”", "You", 12),
        ("The minister was there.", "minister", 15),
        ("The river was there.", "river", 0),
        ("The river was there.", ".", 0),
        ("The truce was there.", "truce", 2),
        ("The meeting was there.", "meeting", 2),
    ],
)
def test_a_piece_has_three_times_the_kind_of_its_mention_and_that_of_its_issue(text: str, word: str, kind: int) -> None:
    assert _kind_at(text, word) == kind


def test_a_weak_issue_phrase_has_a_kind_of_its_own() -> None:
    river = Issue(id="river", label="river", patterns={"river": 1, "river crossing": 3})
    topic = replace(CONFLICT, issues=(river, *CONFLICT.issues))
    (window,) = windows_of(TAGGER.analysis(TaggerInput(text="A river, a river crossing."), topic))
    assert window.kinds == (0, 0, 1, 0, 0, 2, 2, 0, 0)


def test_a_phrase_with_a_gap_marks_the_words_between_too() -> None:
    text = "They halt all the fighting."
    assert [_kind_at(text, word) for word in ("halt", "all", "the", "fighting", ".")] == [2, 2, 2, 2, 0]


# Pieces


@pytest.mark.parametrize(
    ("curly", "straight"),
    [
        ("“We want talks,” he said.", '"We want talks," he said.'),
        ("the neighbour’s ‘red line’", "the neighbour's 'red line'"),
        ("2028–2030", "2028-2030"),
    ],
)
def test_typographic_marks_are_read_as_plain_ones(curly: str, straight: str) -> None:
    assert list(pieces_of(curly)) == list(pieces_of(straight))


def test_capitals_are_read_as_small_letters() -> None:
    assert _ids("OSTANIA Demands") == _ids("ostania demands")


@pytest.mark.parametrize("text", ["İİİ Ostania", "ẞẞ Ostania", "İ" * 60 + " Ostania", "ﬁﬁ Ostania"])
def test_letters_that_grow_when_lowered_move_no_other_word(text: str) -> None:
    pieces = list(pieces_of(text))
    assert {text[start:end] for _, start, end in pieces} == set(text.split())


def test_a_word_in_no_vocabulary_is_one_unknown_piece_at_its_place() -> None:
    assert list(pieces_of("talks ༀ༁ talks")) == [(7566, 0, 5), (UNKNOWN, 6, 7), (UNKNOWN, 7, 8), (7566, 9, 14)]


@pytest.mark.parametrize(("letters", "known"), [(100, True), (101, False), (5_000, False)])
def test_a_word_of_more_than_a_hundred_letters_is_unknown(letters: int, known: bool) -> None:
    assert (_ids("a" * letters) != [UNKNOWN]) is known


def test_a_text_cannot_write_the_marks_of_the_network() -> None:
    assert {CLS, SEP, UNKNOWN, 0, 103}.isdisjoint(_ids("[CLS] [SEP] [UNK] [PAD] [MASK] ##s"))


def test_a_word_is_cut_into_the_longest_pieces_that_are_known() -> None:
    names = {number: piece for piece, number in vocabulary().items()}
    assert [names[number] for number in _ids("unaffable")] == ["una", "##ffa", "##ble"]


def test_the_vocabulary_is_the_one_that_the_network_was_trained_with() -> None:
    known = vocabulary()
    assert len(known) == 30522
    assert (known["[PAD]"], known["[UNK]"], known["[CLS]"], known["[SEP]"], known["[MASK]"]) == (0, 100, 101, 102, 103)
    assert (known["the"], known["##s"]) == (1996, 2015)


def test_a_plain_text_stands_between_the_marks_and_is_cut_with_them() -> None:
    whole, cut = plain_window(["talks", "talks " * 50], 10)
    assert whole == (CLS, 7566, SEP)
    assert cut == (CLS, *[7566] * 9)


@given(st.text(max_size=300))
def test_any_text_has_pieces_of_the_vocabulary_at_places_of_the_text(text: str) -> None:
    size = len(vocabulary())
    for piece, start, end in pieces_of(text):
        assert 0 <= piece < size
        assert 0 <= start < end <= len(text)


NAUGHTY = sorted((Path(__file__).parents[4] / "shared" / "data" / "strings").glob("*"))


@pytest.mark.skipif(not NAUGHTY, reason="../shared/data/strings is not here")
@pytest.mark.parametrize("path", NAUGHTY, ids=lambda p: p.name)
def test_naughty_strings_are_cut_like_any_text(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")[:20_000]
    windows = _windows(text)
    judged = [number for window in windows for number in window.sentences]
    assert judged == list(range(len(_analysis(text).reading.sentences)))
    assert all(len(window.ids) <= LONGEST for window in windows)
