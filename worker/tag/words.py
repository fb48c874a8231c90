# ruff: noqa: E501 - tables and patterns stand in rows that belong together
"""Words with their offsets: the one tokenisation that patterns, names and features share.

The text is first mapped character by character (typographic quotes, dashes, no-break spaces, accents), never changing
its length, so that every offset is an offset of the untouched text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_SINGLE = {
    "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ə": "e", "Ə": "E", "ß": "s", "æ": "a", "œ": "o",
    "‘": "‘", "’": "’", "‚": "‘", "‛": "‘", "“": "“", "”": "”", "„": "“", "‟": "“", "«": "“", "»": "”", "‹": "‘", "›": "’",
    "‐": "-", "‑": "-", "‒": "-", "–": "–", "—": "–", "―": "–", "−": "-", "\u00ad": "-", "…": "…", "`": "'", "´": "’",
    "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u2009": " ", "\u200a": " ", "\u2002": " ", "\u2003": " ", "\t": " ",
}  # fmt: skip
"""German „…“ is left to the quote scanner, which takes any mark as closing when one is open."""

_WORD = re.compile(
    r"(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['’](?:t|re|ve|ll|d|m|T|RE|VE|LL|D|M)(?!\w))?|['’][sS](?!\w)|\d+(?:[.,:]\d+)*|…|[^\w\s]|_"
)
_NOT = frozenset({"no", "not", "never", "none", "nobody", "nothing", "neither", "nor", "cannot", "without", "hardly"})


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in _SINGLE:
        return _SINGLE[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


def fold(text: str) -> str:
    """Return the text with accents, dashes and spaces made plain, character for character."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else _fold_character(c) for c in text)


def is_negative(word: str) -> bool:
    """Say whether a lower-case word negates: ``not``, ``won't``, ``never``."""
    return word in _NOT or word.endswith(("n't", "n’t"))


@lru_cache(maxsize=16384)
def name_key(word: str) -> str:
    """Return the spelling under which transliterations meet: Zelenskyy, Zelenskiy and Zelensky are one."""
    low = word.lower().replace("’", "'")
    for ending in ("yy", "iy", "ij", "ii", "yj", "yi"):
        if len(low) > 4 and low.endswith(ending):  # noqa: PLR2004 - shorter words are not surnames
            low = low[:-2] + "y"
            break
    return low.replace("ay", "ai").replace("ey", "ei") if len(low) > 5 else low  # noqa: PLR2004


_ENDINGS = ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "ly")


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return a crude stem: enough for ``demands``, ``demanded``, ``demanding`` to be one feature."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - a shorter rest says nothing
            root = word[: -len(ending)]
            if ending in {"ied", "ies"}:
                return root + "y"
            if len(root) > 3 and root[-1] == root[-2] and root[-1] in "bdgmnprt":  # noqa: PLR2004
                root = root[:-1]
            return root.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Words:
    """A text as words and marks: ``lower[i]`` stands at ``text[start[i]:end[i]]``. Hyphens inside words are dropped."""

    text: str
    lower: tuple[str, ...]
    raw: tuple[str, ...]
    start: tuple[int, ...]
    end: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.lower)


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    for match in _WORD.finditer(text):
        piece, at = match.group(), match.start()
        if piece == "-" and 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum():
            continue
        yield piece, at


def split_words(text: str) -> Words:
    """Return the words of a folded text."""
    pieces = list(_pieces(text))
    raw = tuple(piece.replace("’", "'") for piece, _ in pieces)
    return Words(
        text=text,
        lower=tuple(piece.lower() for piece in raw),
        raw=raw,
        start=tuple(at for _, at in pieces),
        end=tuple(at + len(piece) for piece, at in pieces),
    )
