"""The way of one article, as data: the first file for whoever wants to know what happens in which order.

``feeds`` and ``fetch`` only move bytes (queue ``fetch``, threads). From ``extract`` on, one task per article does all
(queue ``process``, a child process that can be killed): ``worker/work/process_item.py`` calls the stages in this order.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: ``folder`` under ``worker/``, the queue that runs it, what goes in and what comes out."""

    folder: str
    queue: str
    takes: str
    gives: str


STEPS: tuple[Step, ...] = (
    Step("feeds", "fetch", "a due feed", "its body, then new items in the ledger"),
    Step("fetch", "fetch", "an item", "a capture: body, headers, URL chain"),
    Step("extract", "process", "RawPage", "Article"),
    Step("dedup", "process", "Article", "Placement: new, revision, or copy of a story"),
    Step("tag", "process", "Article and Topic", "Statements"),
    Step("index", "process", "Article, Placement, Statements", "documents, confirmed one by one"),
    Step("novelty", "process", "TaggedStatements and their claims' history", "GradedStatements"),
    Step("alert", "process", "GradedStatements and rules", "rows in the outbox; delivery on queue fetch"),
)
