"""Any text gives records or none, never an error; evidence is the text's own; time grows with the text and not faster."""

import gc
import time
from pathlib import Path

import pytest
from conflict import CONFLICT, PUBLISHED, TAGGER, statements
from hypothesis import given
from hypothesis import strategies as st

from worker.ports import TaggerInput

PIECES = st.sampled_from(
    ["Ostania", "Veldoria's", "Brandt", "said", "demanded", "must", "never", "not", "a ceasefire", "talks", "“", "”", '"', "'", "‘", "’",
     ".", ",", "\n\n", "if", "unless", "Q: ", "?", ":", "–", "the", "minister", "he", "we", "\u0000", "\u202e", "ﷺ", "Ω", "1,000"]
)  # fmt: skip


@given(st.text(max_size=400))
def test_any_text_gives_records_or_none(text: str) -> None:
    for statement in statements(text):
        assert text[statement.start : statement.end] == statement.evidence


@given(st.lists(PIECES, max_size=60))
def test_any_salad_of_news_words_keeps_the_evidence_exact(pieces: list[str]) -> None:
    text = " ".join(pieces)
    for statement in statements(text):
        assert text[statement.start : statement.end] == statement.evidence
        assert statement.evidence
        assert 0 < statement.confidence <= 1


@given(st.lists(PIECES, max_size=40))
def test_the_same_text_gives_the_same_records(pieces: list[str]) -> None:
    assert statements(" ".join(pieces)) == statements(" ".join(pieces))


def test_only_the_first_200_kb_are_read_and_it_says_so() -> None:
    text = "Ostania demanded a ceasefire. " * 8_000
    out = TAGGER.tag(TaggerInput(text=text, published=PUBLISHED), CONFLICT)
    assert (len(text), out.read_chars) == (240_000, 200_000)


ADVERSARIAL = {
    "letters": "a",
    "capitals": "A ",
    "names": "Ostania Veldoria ",
    "claims": "Brandt said Dorsh and Karel refused a ceasefire, ",
    "quotes": '"',
    "curly quotes": "“",
    "apostrophes": "' ",
    "commas": ", ",
    "dots": ". ",
    "initials": "A.",
    "digits": "1,",
    "line ends": "\n",
    "titles": "Prime Foreign Deputy Chief ",
    "conditions": "if unless until only if ",
    "negations": "not never no ",
    "cues": "demand reject refuse offer threaten ",
    "issues": "withdraw troops ceasefire talks ",
    "open gap": "withdraw withdraw ",
    "labels": "A B C: ",
    "questions": "why?\n",
    "sentence": "Brandt said that Ostania, the neighbour, must withdraw its troops, stop the shelling and release all captives. ",
}


@pytest.mark.parametrize("name", list(ADVERSARIAL))
def test_time_is_linear_in_the_text(name: str) -> None:
    unit = ADVERSARIAL[name]
    small, large = unit * (5_000 // len(unit)), unit * (40_000 // len(unit))
    # A neighbour on the machine slows one measurement; a square of the length would show in every one: 64 times the time.
    assert any(_seconds(large) <= 12 * max(_mean(small), 0.02) for _ in range(4))


def _mean(text: str) -> float:
    seconds = [_seconds(text) for _ in range(3)]
    return sum(seconds) / len(seconds)


def _seconds(text: str) -> float:
    """Return the processor time; the garbage collector's own cost depends on what ran before."""
    gc.disable()
    began = time.process_time()
    statements(text)
    spent = time.process_time() - began
    gc.enable()
    return spent


NAUGHTY = sorted((Path(__file__).parents[4] / "shared" / "data" / "strings").glob("*"))


@pytest.mark.skipif(not NAUGHTY, reason="../shared/data/strings is not here")
@pytest.mark.parametrize("path", NAUGHTY, ids=lambda p: p.name)
def test_naughty_strings_do_not_upset_it(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")[:20_000]
    for statement in statements(text):
        assert text[statement.start : statement.end] == statement.evidence
