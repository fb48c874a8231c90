"""``alerts test``: what a rule would have sent, read back from what the index and novelty stages wrote."""

from pathlib import Path

from alert_samples import book
from novelty_stream import arrived_in_order, read_stream

from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.alert.rehearse import rehearse
from worker.alert.service import enqueue
from worker.index.service import write_article
from worker.novelty.service import Policy, grade_article
from worker.ports import Kind, Query

TEMPLATES = Path(__file__).parents[2] / "config" / "elasticsearch"


def test_a_rehearsal_lists_what_the_rule_sent_and_writes_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "results.sqlite", read_templates(TEMPLATES))
    store.setup()
    rules = book({"match": {"acts": ["demand"], "levels": ["first", "changed"]}}, per_hour=1000)
    pieces = [
        piece for piece in arrived_in_order(read_stream()) if piece.article.article_id not in {"a24", "a25", "a26"}
    ]
    sent = 0
    for piece in pieces:
        text, placement, now = piece.article, piece.placement, piece.arrives
        write_article(store, text, placement, piece.statements, entry_hash="e", now=now)
        grading = grade_article(store, piece.statements, text, placement, now=now, policy=Policy())
        sent += len(enqueue(store, grading, text, rules, now=now))
    times = [piece.article.effective for piece in pieces]
    found = list(rehearse(store, rules.rules[0], since=min(times), until=max(times)))
    told = store.get(Kind.ALERTS, _ids(store))
    assert found[0].document["stance"]["evidence"].startswith("Vesmar demanded on Saturday")
    assert {each.document["article"]["id"] for each in found} == {
        row.document["article"]["id"] for row in told.values()
    }
    assert len(told) == sent
    store.close()


def _ids(store: SqliteStore) -> list[str]:
    return [hit.id for hit in store.search(Query(kind=Kind.ALERTS, size=1000)).hits]
