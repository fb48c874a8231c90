"""A claim's history: what was said before, as values and as the one document that the result store keeps.

The document is bounded by a rule that does not depend on the order of arrival: the earliest and the latest entries,
and the first with each speaker, target, term, family and sign. Bounding twice, or the union of two bounded
histories, gives what bounding everything at once gives, so two workers that merge by compare-and-set agree.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from worker.identity import claim_key
from worker.model import Act, Article, Level, Placement, TaggedStatement
from worker.ports import Document

EARLIEST_KEPT = 24
LATEST_KEPT = 72
FACET_VALUES_KEPT = 64
"""Of each kind of facet. With these numbers the document of a busy claim stays under 200 kB."""

EVIDENCE_CHARS = 600
Order = tuple[datetime, str, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One statement as the ledger remembers it.

    ``sequence`` counts the entries of a claim in the order in which they came; only paging looks at it and at
    ``arrived``, never the level. ``level`` is the last one that was worked out, for whoever reads the document.
    """

    statement_id: str
    topic: str
    party: str
    act: Act
    issue: str
    target: str | None = None
    speaker: str | None = None
    conditional: bool = False
    condition_issue: str | None = None
    withdrawn: bool = False
    attribution: str = ""
    terms: tuple[str, ...] = ()
    deadline: datetime | None = None
    evidence: str
    start: int = 0
    confidence: float = 1.0
    effective: datetime
    article_id: str
    story_id: str
    url: str = ""
    publisher: str = ""
    family: str = ""
    tagger: str = ""
    origin: str = "feed"
    arrived: datetime
    sequence: int = 0
    level: Level | None = None
    succeeds: bool = False
    """An earlier version of the same article made this claim already."""

    @property
    def order(self) -> Order:
        """Return what entries are compared by: effective time, then ids, so that ties have one order for all."""
        return (self.effective, self.article_id, self.start, self.statement_id)

    @property
    def claim_key(self) -> str:
        """Return the key of the claim that the entry belongs to."""
        return claim_key(self.topic, self.party, self.act, self.issue)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is kept of one claim; ``entries`` are in order. ``sequence`` is the highest ever given out."""

    key: str
    entries: tuple[Entry, ...] = ()
    sequence: int = 0

    def has(self, statement_id: str) -> bool:
        """Return True if the statement is among the entries that are kept."""
        return any(entry.statement_id == statement_id for entry in self.entries)


def entry_of(tagged: TaggedStatement, article: Article, placement: Placement, *, arrived: datetime) -> Entry:
    """Return the entry that a tagged statement makes."""
    said = tagged.statement
    _, party, _, issue = tagged.claim_key.split("/", 3)
    return Entry(
        statement_id=tagged.statement_id,
        topic=tagged.topic,
        party=party,
        act=said.act,
        issue=issue,
        target=said.target,
        speaker=said.speaker,
        conditional=said.conditional,
        condition_issue=said.condition_issue,
        withdrawn=said.withdrawn,
        attribution=said.attribution,
        terms=said.terms,
        deadline=said.deadline,
        evidence=said.evidence[:EVIDENCE_CHARS],
        start=said.start,
        confidence=said.confidence,
        effective=article.effective,
        article_id=article.article_id,
        story_id=placement.story_id,
        url=article.url,
        publisher=article.publisher,
        family=article.family,
        tagger=f"{tagged.tagger}/{tagged.tagger_version}",
        origin=article.origin,
        arrived=arrived,
    )


def added(history: History, entries: Iterable[Entry]) -> History:
    """Return the history with the entries in it. One that is there already keeps its arrival and its place."""
    known = {entry.statement_id: entry for entry in history.entries}
    sequence = history.sequence
    for entry in entries:
        before = known.get(entry.statement_id)
        if before is None:
            sequence += 1
            succeeds = any(e.article_id == entry.article_id and e.arrived < entry.arrived for e in known.values())
            known[entry.statement_id] = replace(entry, sequence=sequence, succeeds=succeeds)
        else:
            known[entry.statement_id] = _reentered(entry, before)
    return replace(history, entries=bounded(known.values()), sequence=sequence)


def _reentered(entry: Entry, before: Entry) -> Entry:
    """Return the entry as it is told now, with what only its first arrival decides."""
    return replace(
        entry, arrived=before.arrived, sequence=before.sequence, level=before.level, succeeds=before.succeeds
    )


def without(history: History, statement_ids: Iterable[str]) -> History:
    """Return the history without the statements."""
    gone = frozenset(statement_ids)
    return replace(history, entries=tuple(e for e in history.entries if e.statement_id not in gone))


def marked(history: History, levels: Mapping[str, Level]) -> History:
    """Return the history with these levels at its entries; others keep theirs."""
    return replace(history, entries=tuple(_at_level(e, levels.get(e.statement_id)) for e in history.entries))


def _at_level(entry: Entry, level: Level | None) -> Entry:
    return entry if level is None or level is entry.level else replace(entry, level=level)


def bounded(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries that are kept, in order; see the module for the rule.

    For any a and b, ``bounded([*bounded(a), *b]) == bounded([*a, *b])``.
    """
    ordered = sorted(entries, key=lambda entry: entry.order)
    if len(ordered) <= EARLIEST_KEPT + LATEST_KEPT:
        return tuple(ordered)
    kept = {e.statement_id for e in (*ordered[:EARLIEST_KEPT], *ordered[-LATEST_KEPT:])}
    kept.update(_first_of_each_facet(ordered))
    return tuple(entry for entry in ordered if entry.statement_id in kept)


def _first_of_each_facet(ordered: list[Entry]) -> Iterator[str]:
    seen: dict[str, set[str]] = {}
    for entry in ordered:
        for kind, value in _facets(entry):
            values = seen.setdefault(kind, set())
            if value not in values and len(values) < FACET_VALUES_KEPT:
                values.add(value)
                yield entry.statement_id


def _facets(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "sign", f"{entry.conditional} {entry.withdrawn}"
    yield "family", entry.family
    if entry.speaker:
        yield "speaker", entry.speaker
    if entry.target:
        yield "target", entry.target
    for term in entry.terms:
        yield "term", term


_TIMES = ("deadline", "effective", "arrived")
_NAMES = tuple(field.name for field in fields(Entry))
_DEFAULTS = {field.name: field.default for field in fields(Entry)}


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return the entry as JSON; what has its default is left out."""
    document: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(entry, name)
        if value != default:
            document[name] = value
    for name in _TIMES:
        if name in document:
            document[name] = document[name].isoformat()
    return document


def entry_from(document: Mapping[str, Any]) -> Entry:
    """Return the entry that ``entry_document`` wrote; keys of a later version are passed over."""
    values = {name: document[name] for name in _NAMES if name in document}
    for name in _TIMES:
        if values.get(name) is not None:
            values[name] = datetime.fromisoformat(values[name])
    values["act"] = Act(values["act"])
    values["terms"] = tuple(values.get("terms", ()))
    values["level"] = Level(values["level"]) if values.get("level") else None
    return Entry(**values)


def history_from(key: str, document: Document | None) -> History:
    """Return the history in a claim document, or an empty one."""
    if document is None:
        return History(key=key)
    entries = tuple(entry_from(each) for each in document.get("entries", ()))
    return History(key=key, entries=entries, sequence=int(document.get("sequence", len(entries))))


def claim_document(history: History) -> dict[str, Any]:
    """Return the document of a history: the entries, and beside them what people search and sort claims by."""
    topic, party, act, issue = history.key.split("/", 3)
    head = {"key": history.key, "topic": topic, "party": party, "act": act, "issue": issue}
    body = {"sequence": history.sequence, "entries": [entry_document(entry) for entry in history.entries]}
    if not history.entries:
        return head | body
    first, last = history.entries[0], history.entries[-1]
    return (
        head
        | body
        | {
            "@timestamp": last.effective.isoformat(),
            "first_seen": first.effective.isoformat(),
            "last_seen": last.effective.isoformat(),
            "first_arrived": min(e.arrived for e in history.entries).isoformat(),
            "last_arrived": max(e.arrived for e in history.entries).isoformat(),
            "first": {
                "article_id": first.article_id,
                "publisher": first.publisher,
                "sentence": first.evidence,
                "url": first.url,
            },
            "publishers": sorted({e.publisher for e in history.entries}),
            "families": sorted({e.family for e in history.entries}),
            "speakers": sorted({e.speaker for e in history.entries if e.speaker}),
            "targets": sorted({e.target for e in history.entries if e.target}),
            "sightings": len(history.entries),
            "position": "withdrawn" if last.withdrawn else "conditional" if last.conditional else str(last.act),
        }
    )
