"""From a polled feed to a delivered alert: real HTTP, real Redis, a real result store; only Celery is left out.

The same tests run over SQLite and over Elasticsearch.
"""

import json

import pytest
from newsroom import BOTH_STORES, open_newsroom, store_environment

from worker.demo.press import LAST_WAVE
from worker.ports import Kind, Query


@pytest.fixture(params=BOTH_STORES)
def newsroom(request, tmp_path, redis_prefix):
    with open_newsroom(tmp_path, store_environment(request, redis_prefix)) as opened:
        yield opened


def test_articles_travel_from_feed_to_alert_and_a_second_visit_doubles_nothing(newsroom, tmp_path):
    for wave in range(1, LAST_WAVE + 1):
        newsroom.visit(wave)
    counts = newsroom.services.ledger.counts()
    assert counts["queued"] == counts["fetched"] == counts["parked"] == 0
    assert counts["outcome:revised"] == 1
    assert counts["outcome:copy"] == 2
    assert len(newsroom.all(Kind.ARTICLES)) == 13
    levels = newsroom.levels()
    assert levels["first"] >= 5
    assert levels["changed"] >= 1
    assert levels["repeat"] >= 1
    sent = [json.loads(line) for line in (tmp_path / "data" / "alerts.jsonl").read_text("utf-8").splitlines()]
    assert len({line["id"] for line in sent}) == len(sent) >= 6
    assert all(row.document["state"] == "sent" for row in newsroom.all(Kind.ALERTS))

    statements = {hit.id: hit.document for hit in newsroom.all(Kind.STATEMENTS)}
    newsroom.visit(LAST_WAVE)
    assert newsroom.services.ledger.counts() == counts
    assert {hit.id: hit.document for hit in newsroom.all(Kind.STATEMENTS)} == statements
    assert len((tmp_path / "data" / "alerts.jsonl").read_text("utf-8").splitlines()) == len(sent)


def test_a_lost_redis_doubles_nothing_and_repeats_no_alert(newsroom, redis_url, redis_prefix, tmp_path):
    for wave in range(1, LAST_WAVE + 1):
        newsroom.visit(wave)
    before = {kind: {hit.id: hit.document for hit in newsroom.all(kind)} for kind in (Kind.STATEMENTS, Kind.CLAIMS)}
    sent = (tmp_path / "data" / "alerts.jsonl").read_text("utf-8")
    client = newsroom.services.link.client
    client.delete(*client.keys(f"{redis_prefix}*"))
    services = newsroom.services
    services.states.sync([feed.id for feed in services.catalogue.feeds], now=services.clock.now())

    newsroom.visit(LAST_WAVE)
    assert services.ledger.counts()["outcome:known"] == 13
    assert {kind: {hit.id: hit.document for hit in newsroom.all(kind)} for kind in before} == before
    assert (tmp_path / "data" / "alerts.jsonl").read_text("utf-8") == sent


def test_every_sentence_is_in_its_article_to_the_character(newsroom):
    newsroom.visit(LAST_WAVE)
    texts = {hit.id: hit.document["article"]["text"] for hit in newsroom.all(Kind.ARTICLES)}
    statements = [hit.document for hit in newsroom.all(Kind.STATEMENTS)]
    assert statements
    for each in statements:
        said = each["stance"]
        assert texts[each["article"]["id"]][said["start"] : said["end"]] == said["evidence"]


def test_kql_finds_the_demands(newsroom):
    newsroom.visit(LAST_WAVE)
    query = Query(kind=Kind.STATEMENTS, kql="stance.act: demand and stance.party: russia", facets=("stance.issue",))
    page = newsroom.services.results.search(query)
    assert page.total >= 4
    assert {hit.document["stance"]["party"] for hit in page.hits} == {"russia"}
    assert sum(count for _, count in page.facets["stance.issue"]) == page.total
