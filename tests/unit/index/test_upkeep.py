from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import results_corpus

from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.errors import StoreRejected
from worker.index.upkeep import checksum, delete_article, delete_older, move
from worker.ports import Kind, Query, Write

NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)
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


def test_retention_removes_what_is_older_and_never_a_claim(stores):
    store = stores[0]
    assert delete_older(store, keep=timedelta(days=5), now=NOW) == {
        Kind.ARTICLES: 0,
        Kind.STATEMENTS: 5,
        Kind.ALIASES: 1,
    }
    assert sorted(store.get(Kind.STATEMENTS, list(results_corpus.STATEMENTS))) == ["s6", "s7", "s8", "s9"]
    assert total(store, Kind.CLAIMS) == 1
    assert sum(delete_older(store, keep=timedelta(days=5), now=NOW).values()) == 0


def test_deleting_an_article_takes_its_statements_and_aliases_and_nothing_else(stores):
    store = stores[0]
    assert delete_article(store, "a1") == {Kind.STATEMENTS: 1, Kind.ALIASES: 1, Kind.ARTICLES: 1}
    assert store.search(Query(kind=Kind.ARTICLES, kql="osk", sort=())).total == 0
    assert total(store, Kind.STATEMENTS) == 8
    assert sum(delete_article(store, "a1").values()) == 0


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
