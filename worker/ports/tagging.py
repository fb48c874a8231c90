"""What a stance tagger promises."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from worker.model import Statement
from worker.topic import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggerInput:
    """What a tagger may look at. ``published`` lets it tell this year's demands from history."""

    text: str
    title: str = ""
    published: datetime | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggerOutput:
    """Statements in text order. ``read_chars`` < len(text) where the tagger cut a huge text.

    ``fell_back`` names why a back-end did not answer and the rules did instead, else None.
    """

    statements: tuple[Statement, ...]
    read_chars: int
    tagger: str
    version: str
    fell_back: str | None = None


class Tagger(Protocol):
    """Finds statements. Never raises for any text; the same text gives the same records."""

    @property
    def name(self) -> str:
        """Return the back-end's name."""
        ...

    @property
    def version(self) -> str:
        """Return what changes whenever the same text may give other records."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """Return the languages (ISO 639-1) that it reads."""
        ...

    def tag(self, document: TaggerInput, topic: Topic) -> TaggerOutput:
        """Return the statements of the document that belong to the topic."""
        ...
