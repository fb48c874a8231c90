"""Every identity of the program, in one place. All are lower-case hex of sha256, cut where said.

An id never depends on the clock or on the order of arrival, so that a retry, a replay or a lost ledger leads to the
same documents.
"""

import re
import unicodedata
from hashlib import sha256

from worker.model import Act, Statement

ID_CHARS = 32
"""128 bits: at 10^9 documents a collision has a chance of 10^-21."""

_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})


def digest(*parts: str) -> str:
    """Return the id of the parts; they are parted by a character that cannot occur in clean text."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:ID_CHARS]


def normalised(text: str) -> str:
    """Return text as it is compared: NFKC, one kind of quotes and dashes, single spaces, case folded."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).translate(_QUOTES)).strip().casefold()


def text_hash(text: str) -> str:
    """Return the sha256 (64 hex) by which a revision is recognised."""
    return sha256(normalised(text).encode("utf-8", "surrogatepass")).hexdigest()


def item_id(feed_scope: str, identity: str) -> str:
    """Return the id of a feed entry. ``feed_scope`` is the feed's id for opaque guids and empty for URLs."""
    return digest("item", feed_scope, identity)


def article_id(canonical_url: str) -> str:
    """Return the id of the article at a canonical URL (``worker.canonical_url``)."""
    return digest(canonical_url)


def claim_key(topic: str, party: str, act: Act, issue: str) -> str:
    """Return the readable key of a claim."""
    return f"{topic}/{party}/{act}/{issue}"


def position_key(topic: str, party: str, issue: str) -> str:
    """Return the readable key of a party's position on an issue."""
    return f"{topic}/{party}/{issue}"


def statement_id(topic: str, article: str, statement: Statement) -> str:
    """Return the id of a statement in an article; offsets and tagger are not part of it."""
    return digest(
        topic,
        article,
        statement.party,
        statement.act,
        statement.issue,
        statement.target or "",
        statement.speaker or "",
        normalised(statement.evidence),
    )


def alert_id(rule: str, rule_version: str, claim: str, level: str, statement: str) -> str:
    """Return the id of an alert, the same on every retry."""
    return digest("alert", rule, rule_version, claim, level, statement)
