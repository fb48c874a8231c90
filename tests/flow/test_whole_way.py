"""From a polled feed to a delivered alert: real HTTP, real Redis, a real result store; only Celery is left out.

The same tests run over SQLite and over Elasticsearch.
"""

import json
from collections import Counter

import pytest
from servers_elastic import DEFAULT_VERSION

from worker.adapters.demo_site import DemoSite
from worker.demo.press import LAST_WAVE, load_press, render
from worker.demo.stage import write_config
from worker.ledger import Stage
from worker.ports import Kind, Query
from worker.settings import load_settings
from worker.wiring import Services
from worker.work.deliver_alert import due_rows
from worker.work.fetch_item import fetch_item
from worker.work.poll_feed import fetch_feed, parse_feed
from worker.work.process_item import process_item


class Newsroom:
    """One installation whose workers are this thread."""

    def __init__(self, services, wave):
        self.services = services
        self.wave = wave

    def visit(self, wave):
        """Show the press of a wave, poll every feed and do all work that follows."""
        self.wave[0] = wave
        services = self.services
        for feed in services.catalogue.feeds:
            fetch_feed(feed.id, services.poller())
            parse_feed(feed.id, services.poller())
        self.work()

    def work(self):
        services = self.services
        for stage, step in ((Stage.QUEUED, self._fetch), (Stage.FETCHED, self._process)):
            for item in services.ledger.due(stage, now=services.clock.now(), limit=1000):
                step(item)
        services.results.refresh()
        for row in due_rows(services.results, now=services.clock.now(), limit=1000):
            services.deliver(row)
        services.results.refresh()

    def _fetch(self, item):
        fetch_item(item, self.services.fetcher())

    def _process(self, item):
        process_item(item, self.services.desk(), self.services.processor())

    def all(self, kind):
        return self.services.results.search(Query(kind=kind, size=1000)).hits

    def levels(self):
        return Counter(hit.document["claim"].get("level") for hit in self.all(Kind.STATEMENTS))


@pytest.fixture(params=["sqlite", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def newsroom(request, tmp_path, redis_url, redis_prefix):
    wave, press = [1], load_press()
    env = {"REDIS_URL": redis_url, "STANCEWATCH_REDIS_PREFIX": redis_prefix}
    if request.param == "elasticsearch":
        env["ELASTICSEARCH_URL"] = request.getfixturevalue("elasticsearch_url")(DEFAULT_VERSION)
        env["STANCEWATCH_INDEX_PREFIX"] = redis_prefix
    with DemoSite(lambda path, base: render(press, path, wave=wave[0], base=base)) as site:
        config = write_config(tmp_path, press, topics=request.config.rootpath / "config/topics", base=site.base)
        services = Services(load_settings(config, env=env), config)
        services.begin()
        services.states.sync([feed.id for feed in services.catalogue.feeds], now=services.clock.now())
        yield Newsroom(services, wave)
        services.http.close()
        services.results.close()
        services.link.close()


def test_articles_travel_from_feed_to_alert_and_a_second_visit_doubles_nothing(newsroom, tmp_path):
    for wave in range(1, LAST_WAVE + 1):
        newsroom.visit(wave)
    counts = newsroom.services.ledger.counts()
    assert counts["queued"] == counts["fetched"] == counts["parked"] == 0
    assert counts["outcome:revised"] == 1
    assert counts["outcome:copy"] == 2
    assert len(newsroom.all(Kind.ARTICLES)) == 12
    levels = newsroom.levels()
    assert levels["first"] >= 5
    assert levels["changed"] >= 1
    assert levels["repeat"] >= 1
    sent = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text("utf-8").splitlines()]
    assert len({line["id"] for line in sent}) == len(sent) >= 6
    assert all(row.document["state"] == "sent" for row in newsroom.all(Kind.ALERTS))

    statements = {hit.id: hit.document for hit in newsroom.all(Kind.STATEMENTS)}
    newsroom.visit(LAST_WAVE)
    assert newsroom.services.ledger.counts() == counts
    assert {hit.id: hit.document for hit in newsroom.all(Kind.STATEMENTS)} == statements
    assert len((tmp_path / "alerts.jsonl").read_text("utf-8").splitlines()) == len(sent)


def test_a_lost_redis_doubles_nothing_and_repeats_no_alert(newsroom, redis_url, redis_prefix, tmp_path):
    for wave in range(1, LAST_WAVE + 1):
        newsroom.visit(wave)
    before = {kind: {hit.id: hit.document for hit in newsroom.all(kind)} for kind in (Kind.STATEMENTS, Kind.CLAIMS)}
    sent = (tmp_path / "alerts.jsonl").read_text("utf-8")
    client = newsroom.services.link.client
    client.delete(*client.keys(f"{redis_prefix}*"))
    services = newsroom.services
    services.states.sync([feed.id for feed in services.catalogue.feeds], now=services.clock.now())

    newsroom.visit(LAST_WAVE)
    assert services.ledger.counts()["outcome:known"] == 12
    assert {kind: {hit.id: hit.document for hit in newsroom.all(kind)} for kind in before} == before
    assert (tmp_path / "alerts.jsonl").read_text("utf-8") == sent


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
