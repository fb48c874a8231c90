import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.text import clean, clean_line


@pytest.mark.parametrize(
    ("dirty", "safe"),
    [
        ("plain", "plain"),
        ("a\x00b\x01c\x7fd", "abcd"),
        ("tab\tstays", "tab\tstays"),
        ("one\r\ntwo\rthree\u2028four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("abc\u202edcba\u202c", "abcdcba"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("e\u0301", "é"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("persian\u200cjoiner", "persian\u200cjoiner"),
    ],
)
def test_what_could_forge_a_display_is_taken_out(dirty, safe):
    assert clean(dirty) == safe


@given(st.text())
def test_clean_text_is_valid_utf8_and_stays_the_same_when_cleaned_again(text):
    once = clean(text)
    assert once.encode("utf-8").decode("utf-8") == once
    assert clean(once) == once


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_a_cap_holds(text, limit):
    assert len(clean(text, limit=limit)) <= limit
    assert len(clean_line(text, limit=limit)) <= limit


def test_a_line_has_no_breaks_and_single_spaces():
    assert clean_line("  two\n\n lines\tand  gaps ") == "two lines and gaps"


def test_naughty_strings_become_harmless(shared):
    strings = json.loads(Path(shared / "data/strings/blns.json").read_text("utf-8"))
    assert len(strings) > 400
    for text in strings:
        line = clean_line(text)
        assert "\n" not in line
        assert not any(ord(char) < 32 for char in line)
        json.loads(json.dumps(line))
