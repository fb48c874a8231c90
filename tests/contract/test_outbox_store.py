"""The outbox's own searches, over both stores: what is due, and what waits for a digest."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import servers_elastic
from alert_samples import CountingChannel, book, graded
from stories import article, moment, placement, statement, tagged

from worker.adapters.elastic_store import ElasticStore
from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.alert.periodic import DigestNews, enqueue_digests
from worker.alert.rows import due_rows
from worker.alert.service import enqueue
from worker.model import Level
from worker.novelty.service import Policy, grade_article
from worker.novelty.warm_up import begin_warm_up
from worker.ports import Kind, Query, ResultStore
from worker.work.deliver_alert import deliver

TEMPLATES = read_templates(Path(__file__).parents[2] / "config" / "elasticsearch")


class Grading:
    regraded = ()

    def __init__(self, *statements: object) -> None:
        self.graded = statements


@pytest.fixture(params=["sqlite", pytest.param("8.19.21", marks=pytest.mark.elasticsearch)])
def store(request, tmp_path: Path, elasticsearch_url) -> Iterator[ResultStore]:
    if request.param == "sqlite":
        made: ResultStore = SqliteStore(tmp_path / "results.sqlite", TEMPLATES)
        made.setup()
        yield made
        made.close()
        return
    url, prefix = elasticsearch_url(request.param), f"test-{uuid4().hex[:12]}"
    made = ElasticStore(url, TEMPLATES, prefix=prefix)
    made.setup()
    yield made
    made.close()
    servers_elastic.remove_indices(url, prefix)


def graded_in(store: ResultStore, name: str, day: int) -> list[tuple[Level, bool]]:
    said = tagged(statement("demand", "troop-withdrawal", f"Vesmar wants them out, {name} heard.", start=day), name)
    text = article(name, days=day, arrives=30, family=name, publisher=name)
    grading = grade_article(store, [said], text, placement(name), now=text.fetched, policy=Policy())
    return [(each.level, each.pages) for each in grading.graded]


def test_of_threads_that_race_for_a_claim_one_is_first(store: ResultStore) -> None:
    names = [f"outlet-{number}" for number in range(6)]
    with ThreadPoolExecutor(len(names)) as pool:
        outcomes = [
            each for found in pool.map(lambda name: graded_in(store, name, int(name[-1])), names) for each in found
        ]
    assert outcomes.count((Level.FIRST, True)) == 1
    history = next(iter(store.get(Kind.CLAIMS, ["vesmar-ostrania/vesmar/demand/troop-withdrawal"]).values())).document
    assert [(entry["article_id"], entry["level"]) for entry in history["entries"]] == [
        ("outlet-0", "first"),
        *((name, "repeat") for name in names[1:]),
    ]


def test_what_is_due_comes_first_and_what_was_sent_no_more(store: ResultStore) -> None:
    rules, channel = book({"quiet": {"from": "07:00", "to": "09:30"}}, {"id": "now"}), CountingChannel()
    at_once = enqueue(store, Grading(graded("a")), article("a"), rules, now=moment(0))
    store.refresh()
    assert due_rows(store, now=moment(0)) == list(at_once)
    deliver(store, {"desk": channel}, at_once[0], now=moment(0), jitter=0)
    store.refresh()
    assert due_rows(store, now=moment(0)) == []
    assert len(due_rows(store, now=moment(0.1))) == 1


def test_a_digest_finds_its_rows_and_alerts_can_be_searched(store: ResultStore) -> None:
    rules = book({"id": "daily-news", "digest": "0 7 * * *"}, {"id": "news-2", "digest": "0 7 * * *"})
    enqueue(store, Grading(graded("a"), graded("b", level=Level.CHANGED)), article("a"), rules, now=moment(0))
    store.refresh()
    assert len(enqueue_digests(store, rules, DigestNews(), now=moment(1))) == 2
    store.refresh()
    found = store.search(Query(kind=Kind.ALERTS, kql='rule: "daily-news" and level: digest')).hits
    assert [hit.document["message"]["title"] for hit in found] == [
        "Digest: 2 statements, 2031-03-01 07:00 to 2031-03-02 07:00 UTC"
    ]
    assert store.search(Query(kind=Kind.ALERTS, kql="claim.key: *troop-withdrawal and stance.party: vesmar")).total == 4


def test_an_empty_store_warms_up(store: ResultStore) -> None:
    assert begin_warm_up(store, now=moment(0), length=timedelta(days=1)) == moment(1)
