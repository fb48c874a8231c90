"""Replaying everything in any order gives the same again, and tells nobody."""

from random import Random

import pytest
from newsroom import BOTH_STORES, open_newsroom, store_environment

from worker.demo.press import LAST_WAVE
from worker.index.upkeep import checksum
from worker.ledger import Stage
from worker.ports import Kind, Query, Write
from worker.work.ingest import Ingestor, take_captures

KEPT = (Kind.ARTICLES, Kind.STATEMENTS, Kind.CLAIMS, Kind.STORIES, Kind.ALERTS, Kind.ALIASES)


@pytest.fixture(params=BOTH_STORES)
def newsroom(request, tmp_path, redis_prefix):
    with open_newsroom(tmp_path, store_environment(request, redis_prefix)) as opened:
        for wave in range(1, LAST_WAVE + 1):
            opened.visit(wave)
        yield opened


def replay(newsroom, run: str, order: Random) -> None:
    services = newsroom.services
    ports = Ingestor(ledger=services.ledger, blobs=services.blobs, bell=services.bell, clock=services.clock, topics=())
    captures = sorted(services.blobs.captures(), key=lambda one: (one.item_id, one.body_hash))
    order.shuffle(captures)
    taken = take_captures(captures, ports, run=run)
    for item in taken:
        newsroom._process(item)
    assert {services.ledger.get(one).stage for one in taken} == {Stage.SETTLED}
    services.results.refresh()


def sums(newsroom) -> dict[Kind, tuple[int, str]]:
    found = [checksum(newsroom.services.results, kind) for kind in KEPT]
    return {one.kind: (one.count, one.checksum) for one in found}


def test_everything_replayed_twice_and_shuffled_has_the_same_checksums_and_alerts_nobody(newsroom, tmp_path):
    before, sent = sums(newsroom), (tmp_path / "data" / "alerts.jsonl").read_text("utf-8")
    assert newsroom.services.ledger.counts()["outcome:revised"] == 1
    for run in range(2):
        replay(newsroom, f"run {run}", Random(run))
        assert sums(newsroom) == before
    newsroom.work()
    assert (tmp_path / "data" / "alerts.jsonl").read_text("utf-8") == sent


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_lost_result_store_is_made_again_from_the_pages_in_any_order(newsroom, tmp_path, seed):
    before, sent = in_force(newsroom), (tmp_path / "data" / "alerts.jsonl").read_text("utf-8")
    results = newsroom.services.results
    for kind in KEPT:
        ids = [hit.id for hit in results.search(Query(kind=kind, sort=(), size=1000)).hits]
        results.write([Write(kind=kind, id=one, document=None) for one in ids])
    client, prefix = newsroom.services.link.client, newsroom.services.link.prefix
    buckets = list(client.scan_iter(f"{prefix}*f[bd]:*"))
    client.delete(*buckets)
    results.refresh()
    assert in_force(newsroom) == {}

    replay(newsroom, "rebuild", Random(seed))

    assert in_force(newsroom) == before
    client.delete(*client.keys(f"{prefix}*"))
    services = newsroom.services
    services.states.sync([feed.id for feed in services.catalogue.feeds], now=services.clock.now())
    newsroom.visit(LAST_WAVE)
    assert services.ledger.counts()["outcome:known"] == 13
    assert (tmp_path / "data" / "alerts.jsonl").read_text("utf-8") == sent


def in_force(newsroom) -> dict[str, tuple[str, str, str]]:
    """Return every statement that its article still holds: claim, level, sentence."""
    documents = {hit.id: hit.document for hit in newsroom.all(Kind.STATEMENTS)}
    return {
        key: (one["claim"]["key"], one["claim"].get("level", ""), one["stance"]["evidence"])
        for key, one in documents.items()
        if "retracted_at" not in one["stance"]
    }
