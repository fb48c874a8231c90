"""Writes the outbox: which rules fire for an article's statements, and one row for each alert and channel.

A row's id says rule, rule version, claim, level and statement, so writing twice writes once. What holds a match back
(cooldown, cap, quiet hours, mute) is decided before the row is written and stands in it: every match stays listed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from worker.alert.corrections import Regraded, correct
from worker.alert.limits import Budget, cooling_until, muted
from worker.alert.outbox import RowState
from worker.alert.render import Earlier, Occasion, earlier_from, render_data, render_text, render_title
from worker.alert.rows import RowKind, create_rows, row_id, unwritten
from worker.alert.rules import CONFIRMED, Fired, RuleBook, fires
from worker.alert.suppress import Circumstances, Decision, decide
from worker.identity import alert_id
from worker.model import Article, GradedStatement
from worker.ports import Kind, ResultStore, Stored

__all__ = ["Grading", "RuleBook", "enqueue"]


class Grading(Protocol):
    """What novelty says of an article: its statements' levels, and whose levels they changed."""

    @property
    def graded(self) -> Sequence[GradedStatement]:
        """Return the statements with the level that they had on arrival."""
        ...

    @property
    def regraded(self) -> Sequence[Regraded]:
        """Return the statements whose level is another than the one people were told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """A statement for which a rule fired."""

    fired: Fired
    graded: GradedStatement
    alert_id: str


def enqueue(
    store: ResultStore,
    grading: Grading,
    article: Article,
    book: RuleBook,
    *,
    now: datetime,
    public_url: str | None = None,
) -> tuple[str, ...]:
    """Write a row for each rule that fires and channel; return the ids of the rows that are due now.

    May run twice. Raises StoreUnavailable; then nothing is lost, as the item comes again.
    """
    paging = [each for each in grading.graded if each.pages]
    matches = matches_of(store, paging, article, book)
    earlier = _earlier(store, [match.graded.previous_statement_id for match in matches])
    due: list[str] = []
    for match in matches:
        before = earlier.get(match.graded.previous_statement_id or "")
        link = f"{public_url}/alerts/{match.alert_id}" if public_url else None
        about = Occasion(
            fired=match.fired,
            graded=match.graded,
            article=article,
            earlier=before,
            alert_id=match.alert_id,
            labels=book.labels,
            link=link,
        )
        due += _write_rows(store, about, book, now)
    correct(store, grading.regraded, book, now=now)
    return tuple(due)


def matches_of(store: ResultStore, graded: Sequence[GradedStatement], article: Article, book: RuleBook) -> list[_Match]:
    """Return what would fire, writing nothing; ``alerts test`` shows it."""
    documents: dict[str, Stored] = {}
    if book.reads_documents:
        documents = store.get(Kind.STATEMENTS, [each.tagged.statement_id for each in graded])
    found = []
    for each in graded:
        stored = documents.get(each.tagged.statement_id)
        for rule in book.rules:
            fired = fires(rule, each, article, stored.document if stored else {})
            if fired is not None:
                found.append(_Match(fired=fired, graded=each, alert_id=_alert_id(fired, each)))
    return found


def _alert_id(fired: Fired, graded: GradedStatement) -> str:
    """Return the alert's id; a confirmation is one of the claim, whichever statement completes the number."""
    statement = "" if fired.level == CONFIRMED else graded.tagged.statement_id
    return alert_id(fired.rule.id, fired.rule.version, graded.tagged.claim_key, fired.level, statement)


def _earlier(store: ResultStore, statement_ids: Iterable[str | None]) -> Mapping[str, Earlier]:
    wanted = sorted({each for each in statement_ids if each})
    stored = store.get(Kind.STATEMENTS, wanted) if wanted else {}
    found = {each: earlier_from(stored[each].document) for each in stored}
    return {each: earlier for each, earlier in found.items() if earlier is not None}


def _write_rows(store: ResultStore, about: Occasion, book: RuleBook, now: datetime) -> list[str]:
    rule = about.fired.rule
    missing = unwritten(store, about.alert_id, rule.channels)
    if not missing:
        return []
    quiet = Circumstances(
        muted=muted(store, about.graded.tagged, rule, now),
        cooling_until=cooling_until(store, about, now=now),
    )
    rows = [_row(store, about, channel, quiet, now, book) for channel in missing]
    create_rows(store, rows)
    return [row["id"] for row in rows if row["state"] == RowState.PENDING and row["due_at"] == now.isoformat()]


def _row(
    store: ResultStore, about: Occasion, channel: str, quiet: Circumstances, now: datetime, book: RuleBook
) -> dict[str, Any]:
    rule = about.fired.rule
    decision = decide(rule, quiet, now=now)
    if decision.state is RowState.PENDING:
        budget = Budget(channel=channel, per_hour=book.channels[channel].per_hour)
        left = budget.take(store, now=now)
        decision = decide(rule, Circumstances(left_this_hour=left), now=now)
    return row_document(about, channel, decision, now)


def row_document(about: Occasion, channel: str, decision: Decision, now: datetime) -> dict[str, Any]:
    """Return the row of an alert for one channel, message and all: what is sent never depends on when."""
    tagged = about.graded.tagged
    said = tagged.statement
    message = {"title": render_title(about), "text": render_text(about), "data": render_data(about)}
    return {
        "@timestamp": now.isoformat(),
        "id": row_id(about.alert_id, channel),
        "alert_id": about.alert_id,
        "kind": str(RowKind.ALERT),
        "channel": channel,
        "rule": about.fired.rule.id,
        "rule_version": about.fired.rule.version,
        "level": about.fired.level,
        "reason": about.fired.reason,
        "topic": tagged.topic,
        "claim": {"key": tagged.claim_key},
        "statement_id": tagged.statement_id,
        "stance": {
            "party": said.party,
            "act": str(said.act),
            "issue": said.issue,
            "target": said.target,
            "speaker": said.speaker,
            "evidence": said.evidence,
        },
        "article": {"id": about.article.article_id, "title": about.article.title},
        "url": {"full": about.article.url},
        "publisher": {"name": about.article.publisher},
        "state": str(decision.state),
        "state_reason": decision.reason,
        "attempts": 0,
        "due_at": decision.due_at.isoformat(),
        "message": message,
    }
