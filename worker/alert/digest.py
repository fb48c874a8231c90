"""One message for many matches: what is new, changed, withdrawn and still open, by party, and how well we looked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from worker.ports import Document

LISTED = 200
"""Most lines of a digest; the rest are counted and stay in ``alerts list``."""
SENTENCE_CHARS = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of what should be read was read: silence is only calm if the feeds were well."""

    feeds_healthy: int
    feeds_expected: int
    articles: int = 0
    not_readable: int = 0
    """Articles that no tagger reads, or that could not be fetched or extracted."""

    def __str__(self) -> str:
        return (
            f"Coverage: {self.feeds_healthy} of {self.feeds_expected} feeds healthy, {self.articles} articles read, "
            f"{self.not_readable} not readable."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDemand:
    """A demand that is still open. ``answers``: what the other side did about it, as words."""

    party: str
    target: str | None
    issue: str
    age_days: int
    sentence: str
    answers: tuple[str, ...] = ()


def digest_title(rows: Sequence[Document], since: datetime, until: datetime) -> str:
    """Return one line: how many, from when until when."""
    count = "nothing new" if not rows else "1 statement" if len(rows) == 1 else f"{len(rows)} statements"
    return f"Digest: {count}, {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"


def digest_text(
    rows: Sequence[Document],
    *,
    demands: Sequence[StandingDemand],
    coverage: Coverage | None,
    labels: Mapping[str, str],
) -> str:
    """Return the digest; ``rows`` are the outbox rows that wait in it."""
    parts: list[str] = []
    shown = rows[:LISTED]
    for title, levels in _SECTIONS:
        chosen = [row for row in shown if _section(row) in levels]
        if chosen:
            parts += [title, *_by_party(chosen, labels), ""]
    if len(rows) > LISTED:
        parts += [f"… and {len(rows) - LISTED} more: stancewatch alerts list --state digest", ""]
    if demands:
        parts += ["STILL OPEN", *_open(demands, labels), ""]
    if not parts:
        parts += ["Nothing new.", ""]
    return "\n".join([*parts, str(coverage) if coverage else "Coverage: not known.", "Unreviewed machine reading."])


_SECTIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("NEW", frozenset({"first", "revived", "confirmed"})),
    ("CHANGED", frozenset({"changed"})),
    ("WITHDRAWN", frozenset({"withdrawn"})),
    ("NEW IN DETAIL", frozenset({"new_terms", "new_target", "new_voice"})),
    ("REPEATED", frozenset({"repeat"})),
    ("CORRECTIONS", frozenset({"correction"})),
)


def _section(row: Document) -> str:
    is_withdrawn = row["message"]["data"].get("statement", {}).get("withdrawn", False)
    return "withdrawn" if is_withdrawn else str(row["level"])


def _by_party(rows: Iterable[Document], labels: Mapping[str, str]) -> Iterator[str]:
    ordered = sorted(rows, key=lambda row: (row["stance"]["party"], row["@timestamp"]))
    for party, group in groupby(ordered, key=lambda row: str(row["stance"]["party"])):
        yield f"{_name(party, labels)}:"
        for row in group:
            yield from _lines(row, labels)


def _lines(row: Document, labels: Mapping[str, str]) -> Iterator[str]:
    data, stance = row["message"]["data"], row["stance"]
    target = f" → {_name(stance['target'], labels)}" if stance.get("target") else ""
    yield f"  {stance['act']}{target}, {_name(stance['issue'], labels)}: {row['reason']}"
    yield f"    “{data['statement']['evidence'][:SENTENCE_CHARS]}” {data['article']['publisher']}"
    yield f"    {data['article']['url']}"


def _open(demands: Sequence[StandingDemand], labels: Mapping[str, str]) -> Iterator[str]:
    ordered = sorted(demands, key=lambda each: (each.party, -each.age_days))
    for party, group in groupby(ordered, key=lambda each: each.party):
        yield f"{_name(party, labels)}:"
        for each in group:
            target = f" → {_name(each.target, labels)}" if each.target else ""
            answer = ", ".join(each.answers) or "no answer"
            yield f"  {_name(each.issue, labels)}{target}, open for {each.age_days} days, {answer}:"
            yield f"    “{each.sentence[:SENTENCE_CHARS]}”"


def _name(key: str, labels: Mapping[str, str]) -> str:
    return labels.get(key, key.replace("-", " "))
