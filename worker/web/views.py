"""From documents to what a template shows. Pure: labels come from the topics, text stays text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.ports import Hit
from worker.topic import Topic
from worker.web.questions import quoted


def at(document: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - documents hold any JSON
    """Return the value at a dotted name, or None."""
    value: Any = document
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


@dataclass(frozen=True, slots=True)
class Labels:
    """Names that people read, for the ids that records hold."""

    topics: Mapping[str, Topic]

    def party(self, topic: str, party: str | None) -> str:
        """Return the party's label; an id that the topic lacks is shown as it is."""
        found = self.topics.get(topic)
        names = {one.id: one.label for one in found.parties} if found else {}
        return names.get(party or "", party or "")

    def issue(self, topic: str, issue: str | None) -> str:
        """Return the issue's label."""
        found = self.topics.get(topic)
        names = {one.id: one.label for one in found.issues} if found else {}
        return names.get(issue or "", issue or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """One statement as a card shows it."""

    id: str
    article_id: str
    level: str
    reason: str
    act: str
    party_label: str
    issue_label: str
    target_label: str
    conditional: bool
    speaker: str
    attribution: str
    evidence: str
    start: int
    end: int
    publisher: str
    time: str
    url: str
    families: int
    confidence: float
    rule: str
    claim_key: str


def statement_view(hit: Hit, labels: Labels) -> StatementView:
    """Return the view of a statement document."""
    document = hit.document
    topic = str(at(document, "topic") or "")
    return StatementView(
        id=hit.id,
        article_id=_text(document, "article.id"),
        level=_text(document, "claim.level") or "candidate",
        reason=_text(document, "claim.reason"),
        act=_text(document, "stance.act"),
        party_label=labels.party(topic, at(document, "stance.party")),
        issue_label=labels.issue(topic, at(document, "stance.issue")),
        target_label=labels.party(topic, at(document, "stance.target")),
        conditional=bool(at(document, "stance.conditional")),
        speaker=_text(document, "stance.speaker"),
        attribution=_text(document, "stance.attribution"),
        evidence=_text(document, "stance.evidence"),
        start=int(at(document, "stance.start") or 0),
        end=int(at(document, "stance.end") or 0),
        publisher=_text(document, "publisher.name"),
        time=_text(document, "@timestamp"),
        url=safe_link(_text(document, "url.full")),
        families=int(at(document, "claim.families") or 1),
        confidence=float(at(document, "stance.confidence") or 0.0),
        rule=_text(document, "stance.rule"),
        claim_key=_text(document, "claim.key"),
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = at(document, name)
    return "" if value is None else str(value)


def safe_link(url: str) -> str:
    """Return the URL if a reader may click it, else nothing: no ``javascript:`` and the like."""
    return url if url.startswith(("https://", "http://")) else ""


def moment(value: str) -> str:
    """Return an ISO time as people read it, in UTC."""
    try:
        return datetime.fromisoformat(value).strftime("%-d %b %Y, %H:%M")
    except ValueError:
        return value


def marked(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Return what is before, in and after the evidence; all before if the offsets do not fit the text."""
    if not 0 <= start < end <= len(text):
        return text, "", ""
    return text[:start], text[start:end], text[end:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """Values of one field with their counts and the query that narrows to each."""

    name: str
    values: Sequence[tuple[str, int, str]]


def facets(counted: Mapping[str, Sequence[tuple[str, int]]], kql: str, names: Mapping[str, str]) -> list[Facet]:
    """Return the facets of a page; each value carries the KQL that adds it to the present query."""
    return [
        Facet(
            name=names.get(field, field),
            values=[(value, count, narrowed(kql, field, value)) for value, count in values],
        )
        for field, values in counted.items()
        if values
    ]


def narrowed(kql: str, field: str, value: str) -> str:
    """Return the query with one more condition; the value is quoted as KQL wants it."""
    condition = f'{field}: "{quoted(value)}"'
    return f"({kql}) and {condition}" if kql.strip() else condition
