"""Labelled articles: one JSON object a line with ``id, topic, style, published, title, text, statements``.

The statements' fields are those that ``stancewatch tag`` prints, so that a prediction can be scored, corrected by hand
and scored against again.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from worker.errors import ConfigurationError
from worker.model import Act, Attribution, Statement

Triple = tuple[str, str, str]
"""(party, act, issue): what a record is first of all judged by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A statement as an annotator writes it down: no offsets, no confidence."""

    party: str
    speaker: str | None
    act: str
    issue: str
    target: str | None
    conditional: bool
    condition_issue: str | None
    attribution: str
    evidence: str

    @property
    def triple(self) -> Triple:
        """Return (party, act, issue)."""
        return self.party, self.act, self.issue


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldArticle:
    """An article with its statements. ``text`` may be empty in a file of predictions."""

    id: str
    topic: str
    statements: tuple[Labelled, ...]
    text: str = ""
    title: str = ""
    style: str = ""
    published: str = ""
    """ISO date or moment, empty where unknown."""


def statement_as_gold(statement: Statement) -> dict[str, Any]:
    """Return the statement under the field names of a gold file, ready for JSON."""
    return asdict(labelled(statement))


def labelled(statement: Statement) -> Labelled:
    """Return the statement without what an annotator does not write down."""
    return Labelled(
        party=statement.party,
        speaker=statement.speaker,
        act=str(statement.act),
        issue=statement.issue,
        target=statement.target,
        conditional=statement.conditional,
        condition_issue=statement.condition_issue,
        attribution=str(statement.attribution),
        evidence=statement.evidence,
    )


def load_gold(lines: Iterable[str]) -> list[GoldArticle]:
    """Return the articles of JSON lines; blank lines are skipped.

    Raises ConfigurationError that names every line which is no article, with the reason.
    """
    faults: list[str] = []
    articles: list[GoldArticle] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            _collect(line, number, articles, faults)
    if faults:
        raise ConfigurationError(faults)
    return articles


def _collect(line: str, number: int, articles: list[GoldArticle], faults: list[str]) -> None:
    try:
        data = json.loads(line)
    except ValueError as error:
        faults.append(f"line {number}: not JSON: {error}")
        return
    found = list(_faults(data))
    faults.extend(f"line {number}: {fault}" for fault in found)
    if not found:
        articles.append(_article(data))


def _faults(data: object) -> Iterator[str]:
    if not isinstance(data, Mapping):
        yield "not an object"
        return
    for key in ("id", "topic"):
        if not isinstance(data.get(key), str):
            yield f"{key} is missing or not a text"
    statements = data.get("statements", [])
    if not isinstance(statements, list):
        yield "statements is not a list"
        return
    for index, statement in enumerate(statements):
        yield from (f"statements[{index}]: {fault}" for fault in _statement_faults(statement))


_ACTS = frozenset(Act)
_ATTRIBUTIONS = frozenset(Attribution)


def _statement_faults(statement: object) -> Iterator[str]:
    if not isinstance(statement, Mapping):
        yield "not an object"
        return
    for key in ("party", "issue"):
        if not isinstance(statement.get(key), str):
            yield f"{key} is missing or not a text"
    if statement.get("act") not in _ACTS:
        yield f"act must be one of {', '.join(Act)}, not {statement.get('act')!r}"
    if statement.get("attribution", Attribution.REPORTED) not in _ATTRIBUTIONS:
        yield f"attribution must be one of {', '.join(Attribution)}"


def _article(data: Mapping[str, Any]) -> GoldArticle:
    return GoldArticle(
        id=data["id"],
        topic=data["topic"],
        statements=tuple(_labelled(s) for s in data.get("statements", ())),
        **{key: str(data.get(key) or "") for key in ("text", "title", "style", "published")},
    )


_DEFAULTS: Mapping[str, Any] = {"conditional": False, "attribution": str(Attribution.REPORTED), "evidence": ""}


def _labelled(data: Mapping[str, Any]) -> Labelled:
    return Labelled(**{f.name: data.get(f.name, _DEFAULTS.get(f.name)) for f in fields(Labelled)})


def same_name(left: str | None, right: str | None) -> bool:
    """Say whether two speakers are the same name, accents and capitals aside."""
    return _ascii(left) == _ascii(right)


def _ascii(name: str | None) -> str | None:
    if name is None:
        return None
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold().strip()
