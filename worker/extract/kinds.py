"""Names what a page is, if it is no article: paywalled, consent wall, no text, too short."""

import re

from worker.extract.metadata import PageFacts
from worker.outcomes import Outcome

MIN_CHARS = 200
"""Shorter texts are teasers, captions and error pages; the shortest news brief of the labelled sets has 480."""
PAYWALL_CHARS = 1_200
_HEAD_CHARS = 1_500
MIN_KINDS_OF_CHARS = 12
"""A text has more different characters; a run of one or two is padding or decoded rubbish."""
_PAYWALL = re.compile(
    r"(?:subscribe to (?:read|continue|unlock)|to (?:read|continue reading) (?:this|the full) (?:article|story)"
    r"|already a subscriber|subscribers? only|this (?:article|content) is (?:for|reserved for|available to) subscribers"
    r"|unlock this article|become a (?:member|subscriber) to)",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"(?:before you continue|we (?:and our (?:\d+ )?partners|value your privacy)|accept (?:all )?cookies"
    r"|cookie (?:policy|settings)|consent to|enable javascript|checking your browser|verify you are (?:a )?human)",
    re.IGNORECASE,
)


def kind_of(text: str, facts: PageFacts, notices: str = "", *, least: int = MIN_CHARS) -> Outcome | None:
    """Return the outcome that the page ends in, or None for an article. ``notices`` as in ``Body``."""
    if not text or len(set(text[:_HEAD_CHARS])) < MIN_KINDS_OF_CHARS:
        return Outcome.NO_TEXT
    head = text[:_HEAD_CHARS]
    is_short = len(text) < PAYWALL_CHARS
    if is_short and (facts.is_free is False or _PAYWALL.search(head) or _PAYWALL.search(notices[:_HEAD_CHARS])):
        return Outcome.PAYWALLED
    if is_short and len(_CONSENT.findall(head)) > 1 and not facts.is_article:
        return Outcome.CONSENT_PAGE
    return Outcome.TOO_SHORT if len(text) < least else None
