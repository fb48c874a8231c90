"""The minute's housekeeping over real stores."""

from datetime import timedelta

import pytest
from newsroom import BOTH_STORES, open_newsroom, store_environment

from worker.demo.press import LAST_WAVE
from worker.ports import Kind
from worker.work.upkeep import coverage, upkeep


@pytest.fixture(params=BOTH_STORES)
def newsroom(request, tmp_path, redis_prefix):
    with open_newsroom(tmp_path, store_environment(request, redis_prefix)) as opened:
        opened.visit(LAST_WAVE)
        yield opened


def test_every_chore_is_done_and_doing_them_twice_changes_nothing(newsroom):
    assert upkeep(newsroom.services.housekeeper()) == []
    newsroom.services.results.refresh()
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


def test_claims_move_to_the_id_that_an_edited_topic_gives_their_issue(newsroom):
    services = newsroom.services
    before = entries_by_issue(newsroom)
    alerts, levels = {hit.id for hit in newsroom.all(Kind.ALERTS)}, newsroom.levels()
    path = services.config_dir / "topics" / "russia-ukraine.yml"
    text = path.read_text("utf-8").replace("- id: troop-withdrawal\n", "- id: pull-out\n")
    path.write_text(text.replace("renames: {}", "renames: {troop-withdrawal: pull-out}"), "utf-8")
    services._follow()

    assert upkeep(services.housekeeper()) == []

    services.results.refresh()
    after = entries_by_issue(newsroom)
    assert before["troop-withdrawal"]
    assert "troop-withdrawal" not in after
    assert after["pull-out"] == before["troop-withdrawal"]
    assert newsroom.levels() == levels
    assert upkeep(services.housekeeper()) == []
    assert {hit.id for hit in newsroom.all(Kind.ALERTS)} == alerts


def test_two_issues_that_became_one_are_graded_as_one(newsroom):
    services = newsroom.services
    path = services.config_dir / "topics" / "russia-ukraine.yml"
    others = sorted(entries_by_issue(newsroom).items(), key=lambda pair: -len(pair[1]))
    (kept, _), (gone, _) = [pair for pair in others if pair[0] != "other"][:2]
    text = path.read_text("utf-8")
    text = text.replace(f"- id: {gone}\n", "- id: no-longer-used\n")
    path.write_text(text.replace("renames: {}", f"renames: {{{gone}: {kept}}}"), "utf-8")
    services._follow()

    assert upkeep(services.housekeeper()) == []

    services.results.refresh()
    claims = [hit.document for hit in newsroom.all(Kind.CLAIMS) if hit.document["issue"] in {kept, gone}]
    assert {claim["issue"] for claim in claims} == {kept}
    stored = {hit.id: hit.document["claim"].get("level") for hit in newsroom.all(Kind.STATEMENTS)}
    for claim in claims:
        levels = {entry["statement_id"]: entry["level"] for entry in claim["entries"]}
        assert list(levels.values()).count("first") <= 1
        assert {one: stored[one] for one in levels} == levels


def entries_by_issue(newsroom) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for hit in newsroom.all(Kind.CLAIMS):
        found.setdefault(hit.document["issue"], []).extend(one["statement_id"] for one in hit.document["entries"])
    return {issue: sorted(ids) for issue, ids in found.items()}
