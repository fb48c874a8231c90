"""Makes foreign text safe to store, log, send and show. Everything from outside passes through here once."""

import re
import unicodedata

TITLE_CHARS = 500
AUTHOR_CHARS = 200
TEXT_CHARS = 200_000

# C0 and C1 controls without tab and newline, zero-width and bidirectional controls, interlinear annotation,
# object replacement, non-characters and lone surrogates: invisible, and all of them can forge what a reader sees.
# ZWNJ and ZWJ (200c, 200d) stay: Persian and emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffc\ufffe\uffff\ud800-\udfff]"
)
_LINE_BREAKS = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_SPACES = re.compile(r"\s+")


def clean(text: str, *, limit: int = TEXT_CHARS) -> str:
    r"""Return text in NFC without control, bidirectional and surrogate characters, cut to ``limit`` characters.

    Line breaks of every kind become ``\n``; tabs stay.
    """
    bounded = text[: limit * 2]  # NFC can shrink a text, hardly ever by more than half
    unbroken = _LINE_BREAKS.sub("\n", bounded)
    return unicodedata.normalize("NFC", _UNSAFE.sub("", unbroken))[:limit]


def clean_line(text: str, *, limit: int = TITLE_CHARS) -> str:
    """Return clean text on one line with single spaces."""
    return _SPACES.sub(" ", clean(text, limit=limit)).strip()
