"""An older article came late: what was told as first is not. One correction to whoever was told, never a new alarm."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from worker.alert.outbox import RowState
from worker.alert.render import Earlier, earlier_from
from worker.alert.rows import RowKind, change_row, create_rows, following_row, row_id
from worker.alert.rules import Rule, RuleBook
from worker.identity import alert_id, digest
from worker.model import Level
from worker.ports import Document, Kind, ResultStore


class Regraded(Protocol):
    """A statement that has another level than the one people were told."""

    @property
    def statement_id(self) -> str:
        """Return the statement."""
        ...

    @property
    def claim_key(self) -> str:
        """Return its claim."""
        ...

    @property
    def old(self) -> Level:
        """Return the level that was told."""
        ...

    @property
    def new(self) -> Level:
        """Return the level in force."""
        ...

    @property
    def reason(self) -> str:
        """Return why, as a sentence."""
        ...

    @property
    def previous(self) -> str | None:
        """Return the earlier statement that the new level speaks of."""
        ...


def correct(store: ResultStore, regraded: Sequence[Regraded], book: RuleBook, *, now: datetime) -> None:
    """Write a correction for each alert that was told of such a statement; one in a digest only gets a note."""
    for each in regraded:
        told = {row_id(_alert(rule, each), channel): rule for rule in book.rules for channel in rule.channels}
        rows = store.get(Kind.ALERTS, sorted(told))
        earlier = _earlier(store, each.previous) if rows else None
        for row in rows.values():
            _correct_row(store, row.document, each, earlier, now)


def _alert(rule: Rule, each: Regraded) -> str:
    return alert_id(rule.id, rule.version, each.claim_key, each.old, each.statement_id)


def _earlier(store: ResultStore, statement_id: str | None) -> Earlier | None:
    stored = store.get(Kind.STATEMENTS, [statement_id]).get(statement_id) if statement_id else None
    return earlier_from(stored.document if stored else None)


def _correct_row(store: ResultStore, row: Document, each: Regraded, earlier: Earlier | None, now: datetime) -> None:
    if row["state"] == RowState.DIGEST:
        change_row(store, row["id"], lambda current: _noted(current, each))
    elif row["state"] != RowState.SUPPRESSED:
        create_rows(store, [_correction(row, each, earlier, now)])


def _noted(row: Document, each: Regraded) -> Document | None:
    note = f"{row['message']['data']['reason']} (an older report came in since: {each.new})"
    return None if row["reason"] == note else {**row, "reason": note}


def _correction(row: Document, each: Regraded, earlier: Earlier | None, now: datetime) -> dict[str, Any]:
    alert = digest("correction", row["alert_id"], each.new)
    title = f"Correction: {row['message']['title']}"
    lines = [f"An older report came in late; this was told as {each.old} and is {each.new}.", f"{each.reason}."]
    if earlier is not None:
        lines += ["", f"Earlier, {earlier.when:%Y-%m-%d}, {earlier.publisher}:", f"“{earlier.evidence}”", earlier.url]
    lines += ["", f"It corrects alert {row['alert_id']}."]
    text = "\n".join(lines)
    data = {"corrects": row["alert_id"], "level": str(each.new)}
    return following_row(
        row, RowKind.CORRECTION, alert=alert, reason=each.reason, title=title, text=text, data=data, now=now
    )
