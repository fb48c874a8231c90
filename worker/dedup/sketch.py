"""A text's sketch: 64 MinHash values over its word pairs, and the buckets that near texts share.

MinHash: A. Broder, "On the resemblance and containment of documents", 1997. The share of equal values estimates the
Jaccard similarity of the two sets of pairs. 16 buckets of 4 values each: two texts of similarity s share a bucket
with probability 1 - (1 - s^4)^16, which is .30 at .4, .64 at .5, .89 at .6 and .99 at .7.
"""

import re
import struct
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from rensa import RMinHash

VERSION = "w2-64-16x4-1"
"""Part of every key: sketches of another make are not compared."""
PERMUTATIONS = 64
BANDS = 16
SEED = 20_260_101
MAX_SHINGLES = 65_535
_WORD = re.compile(r"\w+")
_PACK = struct.Struct(f">{PERMUTATIONS}H")


@dataclass(frozen=True, slots=True)
class Sketch:
    """``signature``: 64 unsigned 16-bit numbers, big-endian, 128 bytes. ``shingles``: size of the set of word pairs."""

    signature: bytes
    shingles: int


def sketch(text: str) -> Sketch:
    """Return the sketch of a text; a text of one word counts as one pair."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    pairs = {f"{one} {other}" for one, other in pairwise(words)} or set(words[:1])
    minhash = RMinHash(PERMUTATIONS, SEED)
    minhash.update(list(pairs))
    values = [value & 0xFFFF for value in minhash.digest()]
    return Sketch(signature=_PACK.pack(*values), shingles=min(len(pairs), MAX_SHINGLES))


def similarity(one: bytes, other: bytes) -> float:
    """Return the estimated Jaccard similarity of two signatures."""
    pairs = zip(_PACK.unpack(one), _PACK.unpack(other), strict=True)
    equal: int = sum(a == b for a, b in pairs)
    return equal / PERMUTATIONS


def containment(jaccard: float, one_size: int, other_size: int) -> float:
    """Return how much of the smaller set lies in the larger one: |A∩B| / min, with |A∩B| = J (|A|+|B|) / (1+J)."""
    smaller = min(one_size, other_size)
    shared = jaccard * (one_size + other_size) / (1 + jaccard)
    return min(1.0, shared / smaller) if smaller else 0.0
