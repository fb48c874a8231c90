"""What an edit changed, sentence by sentence. Pure.

An edit of one word shows as one sentence out and one in.
"""

import re
from dataclasses import dataclass

from worker.identity import normalised

_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(]*[^\W\d_a-z])|\n+")


@dataclass(frozen=True, slots=True)
class Edit:
    """Sentences of the old text that are gone and of the new one that were not there, in text order."""

    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def edit_between(old: str, new: str) -> Edit:
    """Return the edit; typography and case alone change nothing."""
    before, after = _sentences(old), _sentences(new)
    return Edit(
        removed=tuple(text for key, text in before.items() if key not in after),
        added=tuple(text for key, text in after.items() if key not in before),
    )


def _sentences(text: str) -> dict[str, str]:
    return {normalised(part): part.strip() for part in _END.split(text) if part and part.strip()}
