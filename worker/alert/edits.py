"""An outlet took a told statement out of its article, or changed it: whoever was told hears of that, once.

Only what the outlet did is told. A statement that a better tagger or extractor no longer finds is not: its sentence is
not among those that a revision removed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.alert.outbox import RowState
from worker.alert.rows import RowKind, change_row, create_rows, following_row, row_id
from worker.alert.rules import RuleBook
from worker.identity import alert_id, digest, normalised
from worker.model import Level, TaggedStatement
from worker.ports import Document, Kind, ResultStore, Stored

MIN_PIECE_CHARS = 20
"""A shorter removed piece is in many a sentence."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A statement that stands no more; ``now`` is what the article says in its place, None if nothing.

    ``taken_down``: its whole page is gone.
    """

    statement: Stored
    now: TaggedStatement | None = None
    taken_down: bool = False


def tell_edits(
    store: ResultStore,
    article_id: str,
    gone: Sequence[str],
    present: Sequence[TaggedStatement],
    book: RuleBook,
    *,
    now: datetime,
) -> list[str]:
    """Write a row for each alert that told of a statement which the outlet has since edited away; return their ids.

    ``gone`` are the statements that the article once had, ``present`` those it has. May run twice.
    """
    if not gone:
        return []
    stored = store.get(Kind.ARTICLES, [article_id]).get(article_id)
    revisions = stored.document["article"].get("revisions", ()) if stored else ()
    if not revisions:
        return []
    statements = [one for _, one in sorted(store.get(Kind.STATEMENTS, list(gone)).items())]
    found = (edit_of(one, revisions, present) for one in statements)
    return [row for each in found if each for row in _tell(store, each, book, now)]


def tell_taken_down(store: ResultStore, statement_ids: Sequence[str], book: RuleBook, *, now: datetime) -> list[str]:
    """Write a row for each alert that told of one of these statements, whose page is gone; return their ids."""
    stored = store.get(Kind.STATEMENTS, list(statement_ids)) if statement_ids else {}
    return [row for _, one in sorted(stored.items()) for row in _tell(store, Edited(one, taken_down=True), book, now)]


def edit_of(statement: Stored, revisions: Iterable[Document], present: Sequence[TaggedStatement]) -> Edited | None:
    """Return what became of a statement; None if the outlet left its sentence alone or only reworded it."""
    document = statement.document
    if not _is_cut(document, revisions):
        return None
    same = [each for each in present if each.claim_key == document["claim"]["key"]]
    if any(_says_the_same(document["stance"], each) for each in same):
        return None
    position = document.get("position", {}).get("key")
    other = [each for each in present if each.position_key == position]
    return Edited(statement, next(iter([*same, *other]), None))


def _is_cut(statement: Document, revisions: Iterable[Document]) -> bool:
    """Return whether a later revision removed the sentence, or a piece of it that tells it from others."""
    evidence = normalised(statement["stance"]["evidence"])
    last_seen = statement["article"].get("revision", 1)
    later = (each for each in revisions if each["revision"] > last_seen)
    pieces = (normalised(piece) for each in later for piece in each["removed"])
    return any(evidence in piece or (len(piece) >= MIN_PIECE_CHARS and piece in evidence) for piece in pieces)


def _says_the_same(before: Document, after: TaggedStatement) -> bool:
    said = after.statement
    return (
        before.get("target") == said.target
        and bool(before.get("conditional")) == said.conditional
        and bool(before.get("withdrawn")) == said.withdrawn
        and set(before.get("terms", ())) == set(said.terms)
        and before.get("deadline") == (said.deadline.isoformat() if said.deadline else None)
    )


def _tell(store: ResultStore, each: Edited, book: RuleBook, now: datetime) -> list[str]:
    claim = each.statement.document["claim"]["key"]
    told = {
        row_id(alert_id(rule.id, rule.version, claim, level, each.statement.id), channel)
        for rule in book.rules
        for level in Level
        for channel in rule.channels
    }
    rows = [row.document for row in store.get(Kind.ALERTS, sorted(told)).values()]
    for row in rows:
        if row["state"] == RowState.DIGEST:
            change_row(store, row["id"], lambda current: _noted(current, each))
    loud = [row for row in rows if row["state"] not in {RowState.DIGEST, RowState.SUPPRESSED}]
    return create_rows(store, [_row(row, each, now) for row in loud])


def _noted(row: Document, each: Edited) -> Document | None:
    note = f"{row['message']['data']['reason']} (the outlet {_what_it_did(each)} since)"
    return None if row["reason"] == note else {**row, "reason": note}


def _row(row: Document, each: Edited, now: datetime) -> dict[str, Any]:
    before, after = each.statement.document, each.now.statement.evidence if each.now else None
    reason = f"{before['publisher']['name']} {_what_it_did(each)}"
    lines = [f"{reason} after it was told.", "", "It said:", f"“{before['stance']['evidence']}”"]
    if after is not None:
        lines += ["", "It says now:", f"“{after}”"]
    lines += [before["url"]["full"], "", f"It follows alert {row['alert_id']}."]
    return following_row(
        row,
        RowKind.EDIT,
        alert=digest("edit", row["alert_id"]),
        reason=reason,
        title=f"{'Changed' if after else 'Taken out'}: {row['message']['title']}",
        text="\n".join(lines),
        data={"follows": row["alert_id"], "now": after},
        now=now,
    )


def _what_it_did(each: Edited) -> str:
    if each.taken_down:
        return "took the article down"
    return "changed this in its article" if each.now else "took this out of its article"
