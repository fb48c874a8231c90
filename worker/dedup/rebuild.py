"""Enters stored articles in the near-duplicate buckets again, after their cache was lost."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from worker.dedup.sketch import sketch
from worker.ports import FingerprintStore, Stored


def reenter(articles: Iterable[Stored], fingerprints: FingerprintStore, *, now: datetime) -> int:
    """Enter article documents with the story they are in, in the order given; return how many were entered.

    Entering twice changes nothing. Documents without text or story are passed over.
    """
    entered = 0
    for stored in articles:
        text, story = _of(stored.document, "article").get("text"), _of(stored.document, "story").get("id")
        if isinstance(text, str) and text and isinstance(story, str):
            found = sketch(text)
            fingerprints.claim(stored.id, story, found.signature, found.shingles, now=now)
            entered += 1
    return entered


def _of(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}
