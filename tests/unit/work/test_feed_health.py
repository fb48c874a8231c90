"""What came of each feed: readable pages and first reports."""

from pathlib import Path

import pytest
from fake_results import FakeResultStore
from fakes_work import FakeCounters

from worker.adapters.clock import SystemClock
from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.errors import StoreUnavailable
from worker.model import Feed
from worker.outcomes import Outcome
from worker.ports import Kind, Write
from worker.work.feed_health import Yield, count_end, yields

TEMPLATES = Path(__file__).parents[3] / "config" / "elasticsearch"
FEEDS = [Feed(id=name, url=f"https://{name}.example/rss", publisher=name, family=name) for name in ("post", "wire")]


class Away(FakeResultStore):
    def search(self, query):
        raise StoreUnavailable("away")


def statement(name, feed, level):
    now = "2031-05-04T12:00:00+00:00"
    document = {"@timestamp": now, "claim": {"level": level}, "feed": {"id": feed}, "event": {"ingested": now}}
    return Write(kind=Kind.STATEMENTS, id=name, document=document)


@pytest.fixture
def store(tmp_path):
    opened = SqliteStore(tmp_path / "results.sqlite", read_templates(TEMPLATES), clock=SystemClock())
    opened.setup()
    yield opened
    opened.close()


def test_a_feed_is_told_by_its_readable_pages_and_by_what_it_had_first(store):
    counters = FakeCounters()
    store.write([statement("a", "wire", "first"), statement("b", "wire", "repeat"), statement("c", "post", "repeat")])
    for outcome in (Outcome.INDEXED, Outcome.COPY, Outcome.UNCHANGED, Outcome.PAYWALLED):
        count_end(counters, "wire", outcome)
    assert yields(FEEDS, store, counters) == {
        "post": Yield(readable=None, first_reports=0),
        "wire": Yield(readable=0.75, first_reports=1),
    }


def test_what_is_no_fault_of_a_page_does_not_count():
    counters = FakeCounters()
    for outcome in (Outcome.KNOWN, Outcome.DELETED, Outcome.DROPPED):
        count_end(counters, "wire", outcome)
    assert counters.read() == {}


def test_a_store_that_is_away_leaves_only_first_reports_open():
    counters = FakeCounters()
    count_end(counters, "wire", Outcome.NO_TEXT)
    assert yields(FEEDS, Away(), counters)["wire"] == Yield(readable=0.0, first_reports=None)
