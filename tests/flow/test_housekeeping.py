"""The minute's housekeeping over real stores."""

from datetime import timedelta

import pytest
from newsroom import open_newsroom

from worker.demo.press import LAST_WAVE
from worker.ports import Kind
from worker.work.upkeep import coverage, upkeep


@pytest.fixture
def newsroom(tmp_path, redis_url, redis_prefix):
    with open_newsroom(tmp_path, {"REDIS_URL": redis_url, "STANCEWATCH_REDIS_PREFIX": redis_prefix}) as opened:
        opened.visit(LAST_WAVE)
        yield opened


def test_every_chore_is_done_and_doing_them_twice_changes_nothing(newsroom):
    assert upkeep(newsroom.services.housekeeper()) == []
    feeds = {hit.id: hit.document["feed"]["health"] for hit in newsroom.all(Kind.FEEDS)}
    assert feeds == {"harbour": "healthy", "ledger": "healthy", "north": "healthy"}
    alerts = len(newsroom.all(Kind.ALERTS))
    assert upkeep(newsroom.services.housekeeper()) == []
    assert len(newsroom.all(Kind.ALERTS)) == alerts


def test_coverage_says_how_much_was_read(newsroom):
    ports = newsroom.services.housekeeper()
    found = coverage(ports, since=ports.clock.now() - timedelta(days=1))
    assert (found.feeds_healthy, found.feeds_expected, found.articles, found.not_readable) == (3, 3, 13, 0)


def test_buckets_lost_with_redis_are_filled_again(newsroom, redis_prefix):
    services = newsroom.services
    story = next(hit for hit in newsroom.all(Kind.STORIES) if hit.document["story"]["copies"])
    services.link.client.delete(*services.link.client.keys(f"{redis_prefix}*"))
    assert upkeep(services.housekeeper()) == []
    opener = services.results.get(Kind.ARTICLES, [story.id])[story.id].document
    from worker.dedup.sketch import sketch  # noqa: PLC0415 - only this test compares sketches

    found = sketch(opener["article"]["text"])
    near = services.fingerprints.claim("f" * 32, "f" * 32, found.signature, found.shingles, now=services.clock.now())
    assert story.id in {one.story_id for one in near}


def test_a_feed_that_left_the_configuration_is_no_longer_polled(newsroom):
    services = newsroom.services
    path = services.config_dir / "feeds.yml"
    kept = path.read_text("utf-8").split("- id: north")[0]
    path.write_text(kept, "utf-8")
    services._follow()
    assert upkeep(services.housekeeper()) == []
    assert sorted(services.states.known()) == ["harbour", "ledger"]


def test_a_bad_edit_leaves_the_old_configuration_in_force(newsroom):
    services = newsroom.services
    (services.config_dir / "feeds.yml").write_text("feeds: [{id: broken}]", "utf-8")
    services._follow()
    assert [feed.id for feed in services.catalogue.feeds] == ["harbour", "ledger", "north"]
