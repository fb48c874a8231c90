"""The outbox's own searches, over a real store: what is due, and what waits for a digest."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alert_samples import CountingChannel, book, graded
from stories import article, moment

from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.alert.periodic import DigestNews, enqueue_digests
from worker.alert.rows import due_rows
from worker.alert.service import enqueue
from worker.model import Level
from worker.novelty.warm_up import begin_warm_up
from worker.ports import Kind, Query
from worker.work.deliver_alert import deliver

TEMPLATES = Path(__file__).parents[2] / "config" / "elasticsearch"


class Grading:
    regraded = ()

    def __init__(self, *statements: object) -> None:
        self.graded = statements


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "results.sqlite", read_templates(TEMPLATES))
    made.setup()
    yield made
    made.close()


def test_what_is_due_comes_first_and_what_was_sent_no_more(store: SqliteStore) -> None:
    rules, channel = book({"quiet": {"from": "07:00", "to": "09:30"}}, {"id": "now"}), CountingChannel()
    at_once = enqueue(store, Grading(graded("a")), article("a"), rules, now=moment(0))
    assert due_rows(store, now=moment(0)) == list(at_once)
    deliver(store, {"desk": channel}, at_once[0], now=moment(0), jitter=0)
    assert due_rows(store, now=moment(0)) == []
    assert len(due_rows(store, now=moment(0.1))) == 1


def test_a_digest_finds_its_rows_and_alerts_can_be_searched(store: SqliteStore) -> None:
    rules = book({"id": "daily-news", "digest": "0 7 * * *"}, {"id": "news-2", "digest": "0 7 * * *"})
    enqueue(store, Grading(graded("a"), graded("b", level=Level.CHANGED)), article("a"), rules, now=moment(0))
    assert len(enqueue_digests(store, rules, DigestNews(), now=moment(1))) == 2
    found = store.search(Query(kind=Kind.ALERTS, kql='rule: "daily-news" and level: digest')).hits
    assert [hit.document["message"]["title"] for hit in found] == [
        "Digest: 2 statements, 2031-03-01 07:00 to 2031-03-02 07:00 UTC"
    ]
    assert store.search(Query(kind=Kind.ALERTS, kql="claim.key: *troop-withdrawal and stance.party: vesmar")).total == 4


def test_an_empty_store_warms_up(store: SqliteStore) -> None:
    assert begin_warm_up(store, now=moment(0), length=timedelta(days=1)) == moment(1)
