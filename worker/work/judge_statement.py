"""An editor's verdict on a statement: kept for ever, and "wrong" takes the statement out of its claim's history."""

from datetime import datetime
from enum import StrEnum

from worker.errors import StoreRejected, StoreUnavailable
from worker.novelty import service as novelty
from worker.ports import Document, Kind, ResultStore, Write, WriteStatus


class Word(StrEnum):
    """What an editor can say of a statement."""

    RIGHT = "right"
    WRONG = "wrong"
    DUPLICATE = "duplicate"
    IMPORTANT = "important"


OUT_OF_HISTORY = frozenset({Word.WRONG})


def judge_statement(
    store: ResultStore, statement_id: str, word: Word, *, policy: novelty.Policy, now: datetime
) -> bool:
    """Keep the verdict and put the levels right; False if there is no such statement. Nothing of it pages."""
    stored = store.get(Kind.STATEMENTS, [statement_id]).get(statement_id)
    if stored is None:
        return False
    document = {
        "@timestamp": now.isoformat(),
        "statement": {"id": statement_id},
        "verdict": str(word),
        "payload": _about(stored.document),
    }
    (result,) = store.write([Write(kind=Kind.VERDICTS, id=statement_id, document=document)])
    if result.status is WriteStatus.LATER:
        raise StoreUnavailable(f"the verdict could not be kept: {result.reason}")
    if result.status is not WriteStatus.OK:
        raise StoreRejected(f"the verdict was refused: {result.reason}", reason="store_rejected")
    if word in OUT_OF_HISTORY:
        novelty.withdraw_entries(store, [statement_id], policy=policy)
    return True


def _about(statement: Document) -> dict[str, str]:
    """Return what precision is counted by, as it was when the editor looked: a re-tag may change it later."""
    stance = statement.get("stance", {})
    return {
        "rule": stance.get("rule", ""),
        "act": stance.get("act", ""),
        "publisher": statement.get("publisher", {}).get("name", ""),
        "language": statement.get("article", {}).get("language", ""),
    }
