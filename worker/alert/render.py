"""What a message says. Plain text; whoever sends it escapes it for where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.alert.rules import Fired
from worker.model import Article, Attribution, GradedStatement
from worker.ports import Document

UNREVIEWED = "unreviewed machine reading; check the source"
EVIDENCE_CHARS = 1_000

_HEADLINES = {
    "first": "New",
    "changed": "Changed position",
    "new_terms": "New terms",
    "new_target": "New addressee",
    "new_voice": "New voice",
    "revived": "Again",
    "repeat": "Repeated",
    "confirmed": "Confirmed",
    "correction": "Correction",
}
_HOW = {
    Attribution.DIRECT: "quoted",
    Attribution.REPORTED: "reported speech",
    Attribution.NARRATED: "as the article tells it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The sentence that a statement changes, adds to or repeats."""

    evidence: str
    when: datetime
    publisher: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """All that one message is made from."""

    fired: Fired
    graded: GradedStatement
    article: Article
    earlier: Earlier | None
    alert_id: str
    labels: Mapping[str, str]
    link: str | None = None
    """Address of the alert in the reading room."""

    def name(self, party_or_issue: str | None) -> str:
        """Return how people call a party or issue."""
        return self.labels.get(party_or_issue or "", (party_or_issue or "").replace("-", " "))


def earlier_from(document: Document | None) -> Earlier | None:
    """Return the sentence in a statement's document; None if there is none to show."""
    evidence = (document or {}).get("stance", {}).get("evidence")
    if document is None or not evidence or "@timestamp" not in document:
        return None
    return Earlier(
        evidence=evidence,
        when=datetime.fromisoformat(document["@timestamp"]),
        publisher=document.get("publisher", {}).get("name", ""),
        url=document.get("url", {}).get("full", ""),
    )


def render_title(about: Occasion) -> str:
    """Return one line: level, party, target, act, issue."""
    said = about.graded.tagged.statement
    target = f" → {about.name(said.target)}" if said.target else ""
    act = "withdrawn demand" if said.withdrawn else str(said.act)
    return f"{_HEADLINES[about.fired.level]}: {about.name(said.party)}{target}: {act}, {about.name(said.issue)}"


def render_text(about: Occasion) -> str:
    """Return the whole message: why, who, the exact sentence, where from, what stood before, how sure."""
    lines = [_why(about), "", *_stance(about), "", *_evidence(about), *_earlier(about), "", *_footing(about)]
    return "\n".join(lines)


def _why(about: Occasion) -> str:
    reason = about.fired.reason
    return f"{_HEADLINES[about.fired.level]}: {reason[:1].upper()}{reason[1:]}."


def _stance(about: Occasion) -> list[str]:
    said = about.graded.tagged.statement
    target = f" → {about.name(said.target)}" if said.target else ""
    lines = [f"{about.name(said.party)}{target}", f"Act: {said.act}{', withdrawn' if said.withdrawn else ''}"]
    lines.append(f"Issue: {about.name(said.issue)}")
    if said.conditional:
        lines.append(f"Condition: {about.name(said.condition_issue) or 'stated in the sentence'}")
    if said.deadline:
        lines.append(f"Deadline: {said.deadline:%Y-%m-%d %H:%M} UTC")
    return lines


def _evidence(about: Occasion) -> list[str]:
    said, article = about.graded.tagged.statement, about.article
    speaker = said.speaker or f"{about.name(said.party)}, no speaker named"
    return [
        f"“{said.evidence[:EVIDENCE_CHARS]}”",
        f"{speaker} ({_HOW[said.attribution]})",
        f"{article.publisher}, {article.effective:%Y-%m-%d %H:%M} UTC: {article.title}",
        article.url,
    ]


def _earlier(about: Occasion) -> list[str]:
    before = about.earlier
    if before is None:
        return []
    return ["", f"Before, {before.when:%Y-%m-%d}, {before.publisher}:", f"“{before.evidence[:EVIDENCE_CHARS]}”"]


def _footing(about: Occasion) -> list[str]:
    families = len(about.graded.families)
    outlets = "1 independent outlet" if families == 1 else f"{families} independent outlets"
    confidence = round(100 * about.graded.tagged.statement.confidence)
    lines = [f"Reported by {outlets}. Confidence {confidence} %: {UNREVIEWED}."]
    if about.link:
        lines.append(about.link)
    return [*lines, f"Rule {about.fired.rule.id}, alert {about.alert_id}"]


def render_data(about: Occasion) -> dict[str, Any]:
    """Return the message for machines: what webhooks and files carry."""
    tagged, article = about.graded.tagged, about.article
    said = tagged.statement
    return {
        "type": "stancewatch.alert",
        "id": about.alert_id,
        "rule": about.fired.rule.id,
        "level": about.fired.level,
        "reason": about.fired.reason,
        "topic": tagged.topic,
        "claim": tagged.claim_key,
        "statement": {
            "id": tagged.statement_id,
            "party": said.party,
            "speaker": said.speaker,
            "act": str(said.act),
            "issue": said.issue,
            "target": said.target,
            "conditional": said.conditional,
            "condition_issue": said.condition_issue,
            "attribution": str(said.attribution),
            "evidence": said.evidence,
            "confidence": round(said.confidence, 3),
            "withdrawn": said.withdrawn,
            "deadline": said.deadline.isoformat() if said.deadline else None,
            "reviewed": False,
        },
        "article": {
            "id": article.article_id,
            "title": article.title,
            "url": article.url,
            "publisher": article.publisher,
            "published": article.effective.isoformat(),
        },
        "earlier": _earlier_data(about.earlier),
        "families": list(about.graded.families),
    }


def _earlier_data(before: Earlier | None) -> dict[str, str] | None:
    if before is None:
        return None
    return {
        "evidence": before.evidence,
        "published": before.when.isoformat(),
        "publisher": before.publisher,
        "url": before.url,
    }
