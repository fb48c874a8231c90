"""An article that is deleted on request leaves every store and never comes back."""

import json

import pytest
from newsroom import BOTH_STORES, open_newsroom, store_environment

from worker.demo.press import LAST_WAVE
from worker.identity import article_id
from worker.ledger import Stage
from worker.outcomes import Outcome
from worker.ports import Kind, Query
from worker.work.delete_article import delete_article
from worker.work.ingest import Ingestor, take_captures, take_pages


@pytest.fixture(params=BOTH_STORES)
def newsroom(request, tmp_path, redis_prefix):
    with open_newsroom(tmp_path, store_environment(request, redis_prefix)) as opened:
        for wave in range(1, LAST_WAVE + 1):
            opened.visit(wave)
        yield opened


def first_demand(newsroom):
    """Return a statement that is the first of its claim, where another outlet repeated it later."""
    claims = {hit.id: hit.document["entries"] for hit in newsroom.all(Kind.CLAIMS)}
    key = next(key for key, entries in claims.items() if len({one["article_id"] for one in entries}) > 1)
    first = claims[key][0]
    return newsroom.services.results.get(Kind.STATEMENTS, [first["statement_id"]])[first["statement_id"]].document


def everything_stored(newsroom) -> str:
    results = newsroom.services.results
    documents = [hit.document for kind in Kind for hit in results.search(Query(kind=kind, sort=(), size=1000)).hits]
    captures = [str(capture) for capture in newsroom.services.blobs.captures()]
    return json.dumps(documents, ensure_ascii=False) + "".join(captures)


def test_nothing_of_it_stays_anywhere(newsroom):
    said = first_demand(newsroom)
    url, evidence = said["url"]["full"], said["stance"]["evidence"]
    bodies = [capture.body_hash for capture in newsroom.services.blobs.captures() if capture.entry.url == url]
    done = delete_article(url, newsroom.services.deleter())
    newsroom.services.results.refresh()
    assert done.documents[Kind.ARTICLES] == 1
    assert done.documents[Kind.STATEMENTS] >= 1
    assert done.bodies >= 2
    left = everything_stored(newsroom)
    assert url not in left
    assert evidence not in left
    assert bodies
    assert not any(newsroom.services.blobs.get_body(one) for one in bodies)


def test_claims_are_graded_without_it_and_nobody_is_paged(newsroom):
    said = first_demand(newsroom)
    alerts = {hit.id for hit in newsroom.all(Kind.ALERTS)}
    done = delete_article(said["url"]["full"], newsroom.services.deleter())
    newsroom.services.results.refresh()
    assert done.regraded >= 1
    same = [
        one for hit in newsroom.all(Kind.STATEMENTS) if (one := hit.document["claim"])["key"] == said["claim"]["key"]
    ]
    assert "first" in {one["level"] for one in same}
    assert {hit.id for hit in newsroom.all(Kind.ALERTS)} <= alerts


def test_neither_a_poll_nor_ingest_nor_replay_nor_a_lost_ledger_brings_it_back(newsroom, redis_prefix):
    services, url = newsroom.services, first_demand(newsroom)["url"]["full"]
    captures = [capture for capture in services.blobs.captures() if capture.entry.url == url]
    bodies = {one.body_hash: services.blobs.get_body(one.body_hash) for one in captures}
    gone = delete_article(url, services.deleter()).article_ids[0]
    ports = Ingestor(ledger=services.ledger, blobs=services.blobs, bell=services.bell, clock=services.clock, topics=())

    newsroom.visit(LAST_WAVE)
    (taken,) = take_pages([url], ports)
    newsroom.work()
    assert services.ledger.get(taken).outcome is Outcome.DELETED
    for body in bodies.values():  # as a restored backup of the blobs would have them
        services.blobs.put_body(body)
    replayed = take_captures(captures, ports, run="r1")
    newsroom.work()
    assert {services.ledger.get(one).outcome for one in replayed} == {Outcome.DELETED}
    services.link.client.delete(*services.link.client.keys(f"{redis_prefix}*"))
    services.states.sync([feed.id for feed in services.catalogue.feeds], now=services.clock.now())
    newsroom.visit(LAST_WAVE)
    assert services.ledger.counts()["outcome:deleted"] == 1
    assert services.results.get(Kind.ARTICLES, [gone]) == {}


def test_a_deletion_can_be_run_again_and_by_the_articles_id(newsroom):
    url = first_demand(newsroom)["url"]["full"]
    stored = next(hit for hit in newsroom.all(Kind.ARTICLES) if hit.document["url"]["full"] == url)
    first = delete_article(stored.id, newsroom.services.deleter())
    again = delete_article(url, newsroom.services.deleter())
    assert first.article_ids == again.article_ids == (stored.id,)
    assert (sum(again.documents.values()), again.bodies, again.regraded) == (0, 0, 0)


def test_a_copy_by_another_outlet_stays_and_is_named(newsroom):
    story = next(hit for hit in newsroom.all(Kind.STORIES) if hit.document["story"]["copies"])
    opener = newsroom.services.results.get(Kind.ARTICLES, [story.id])[story.id]
    done = delete_article(opener.document["url"]["full"], newsroom.services.deleter())
    newsroom.services.results.refresh()
    left = next(hit for hit in newsroom.all(Kind.STORIES) if hit.id == story.id).document["story"]
    assert len(done.others) == len(left["members"]) == left["copies"] + 1
    assert story.id not in left["members"]


def test_an_address_nobody_knows_is_not_taken_in_later(newsroom):
    services = newsroom.services
    url = newsroom.all(Kind.ARTICLES)[0].document["url"]["full"] + "-next"
    assert sum(delete_article(url, services.deleter()).documents.values()) == 0
    ports = Ingestor(ledger=services.ledger, blobs=services.blobs, bell=services.bell, clock=services.clock, topics=())
    (taken,) = take_pages([url], ports)
    newsroom.work()
    assert services.ledger.get(taken).outcome is Outcome.DELETED


def test_a_worker_that_is_at_the_article_is_waited_for(newsroom):
    services, url = newsroom.services, first_demand(newsroom)["url"]["full"]
    (gone,) = [hit.id for hit in newsroom.all(Kind.ARTICLES) if hit.document["url"]["full"] == url]
    services.leases.take(f"article:{gone}", "a worker", ttl_s=45)
    assert delete_article(url, services.deleter()) is None
    services.leases.drop(f"article:{gone}", "a worker")
    assert delete_article(url, services.deleter()).documents[Kind.ARTICLES] == 1


def test_an_item_in_quarantine_leaves_it(newsroom):
    services = newsroom.services
    url = newsroom.all(Kind.ARTICLES)[0].document["url"]["full"] + "-bad"
    ports = Ingestor(ledger=services.ledger, blobs=services.blobs, bell=services.bell, clock=services.clock, topics=())
    (taken,) = take_pages([url], ports)
    for _ in range(3):
        now = services.clock.now()
        claim = services.ledger.claim(taken, Stage.QUEUED, owner="w", now=now, risky=False)
        services.ledger.fail(claim, "error", f"it says {url}", now=now)
        services.link.client.zadd(f"{services.link.prefix}due:queued", {taken: 0}, xx=True)
    assert services.ledger.parked()
    done = delete_article(url, services.deleter())
    assert (done.items, services.ledger.parked(), services.ledger.get(taken).trace) == (1, [], "")
    assert done.article_ids == (article_id(url.removeprefix("http://")),)
