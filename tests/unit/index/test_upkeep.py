from datetime import UTC, datetime
from pathlib import Path

import pytest
import results_corpus

from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.errors import StoreRejected
from worker.index.deletion import buried, bury, delete_article, redacted
from worker.index.upkeep import checksum, delete_older, move
from worker.ports import Kind, Query, Write

TEMPLATES = read_templates(Path(__file__).parents[3] / "config" / "elasticsearch")


@pytest.fixture
def stores(tmp_path):
    found = [SqliteStore(tmp_path / f"{name}.db", TEMPLATES) for name in ("one", "two")]
    for store in found:
        store.setup()
    found[0].write(results_corpus.writes())
    found[0].write(
        [Write(kind=Kind.CLAIMS, id="valley/a/b/c", document={"key": "valley/a/b/c", "last_seen": "2020-01-01"})]
    )
    alias = {"article": {"id": "a1"}, "entry_hash": "h", "event": {"ingested": "2026-03-01T00:00:00+00:00"}}
    found[0].write([Write(kind=Kind.ALIASES, id="i1", document=alias)])
    found[0].write([Write(kind=Kind.ARTICLES, id="a1", document={"article": {"id": "a1", "text": "Osk valley"}})])
    yield found
    for store in found:
        store.close()


def total(store, kind: Kind) -> int:
    return store.search(Query(kind=kind, sort=(), size=0)).total


def test_retention_removes_what_came_in_earlier_oldest_first_and_so_much_at_a_time(stores):
    store, before = stores[0], datetime(2026, 3, 4, tzinfo=UTC)
    for day in range(1, 6):  # what they report is ten years old: that is not their age here
        times = {"@timestamp": "2016-01-01T00:00:00+00:00", "event": {"ingested": f"2026-03-0{day}T00:00:00+00:00"}}
        store.write([Write(kind=Kind.STATEMENTS, id=f"old{day}", document=results_corpus.STATEMENTS["s1"] | times)])
    assert delete_older(store, Kind.STATEMENTS, before=before, limit=2) == 2
    assert sorted(store.get(Kind.STATEMENTS, [f"old{day}" for day in range(1, 6)])) == ["old3", "old4", "old5"]
    assert delete_older(store, Kind.STATEMENTS, before=before, limit=1000) == 1
    assert delete_older(store, Kind.ALIASES, before=before, limit=1000) == 1
    assert delete_older(store, Kind.ALIASES, before=before, limit=1000) == 0


def test_claims_alerts_and_stories_have_no_age(stores):
    for kind in (Kind.CLAIMS, Kind.ALERTS, Kind.STORIES, Kind.STATE):
        with pytest.raises(ValueError, match="do not age"):
            delete_older(stores[0], kind, before=datetime(2026, 3, 10, 18, tzinfo=UTC), limit=10)


def test_deleting_an_article_takes_its_statements_and_aliases_and_nothing_else(stores):
    store = stores[0]
    deleted = {kind: count for kind, count in delete_article(store, "a1").items() if count}
    assert deleted == {Kind.STATEMENTS: 1, Kind.ALIASES: 1, Kind.ARTICLES: 1}
    assert store.search(Query(kind=Kind.ARTICLES, kql="osk", sort=())).total == 0
    assert total(store, Kind.STATEMENTS) == 8
    assert sum(delete_article(store, "a1").values()) == 0


def test_a_tombstone_keeps_its_time_and_tells_no_address(stores):
    store = stores[0]
    bury(store, ["a1", "a2"], now=datetime(2026, 3, 1, tzinfo=UTC))
    bury(store, ["a2", "a3"], now=datetime(2026, 3, 2, tzinfo=UTC))
    assert buried(store, ["a1", "a2", "a3", "a4"]) == {"a1", "a2", "a3"}
    (two,) = store.get(Kind.STATE, ["deleted/a2"]).values()
    assert two.document == {"@timestamp": "2026-03-01T00:00:00+00:00"}


def test_a_quote_is_blanked_wherever_it_stands():
    message = {"text": "He said: “we ask for grain”.", "data": {"earlier": ["we ask for grain", 3, None]}}
    blanked = {"text": "He said: “[deleted on request]”.", "data": {"earlier": ["[deleted on request]", 3, None]}}
    assert redacted(message, ["we ask for grain"]) == blanked


def test_a_move_brings_everything_and_proves_it(stores):
    source, target = stores
    counts = {moved.kind: moved.count for moved in move(source, target)}
    assert counts == dict.fromkeys(Kind, 0) | {Kind.STATEMENTS: 9, Kind.CLAIMS: 1, Kind.ALIASES: 1, Kind.ARTICLES: 1}
    assert [checksum(target, kind) for kind in Kind] == [checksum(source, kind) for kind in Kind]
    assert sum(moved.count for moved in move(source, target)) == 12


def test_a_move_into_a_store_that_has_more_is_refused(stores):
    source, target = stores
    target.write([Write(kind=Kind.STATEMENTS, id="other", document=results_corpus.STATEMENTS["s1"])])
    with pytest.raises(StoreRejected, match="statements differ"):
        list(move(source, target))
