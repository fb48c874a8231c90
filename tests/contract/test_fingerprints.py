"""One suite for near-duplicate buckets, over Redis and over the fake."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from fake_fingerprints import FakeFingerprints

from worker.adapters.redis_fingerprints import RedisFingerprints
from worker.adapters.redis_link import RedisLink
from worker.dedup.sketch import BANDS, VERSION, sketch

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
TEXT = " ".join(f"word{number} follows another word{number * 7 % 50}" for number in range(120))
OTHER = " ".join(f"something quite different number {number * number}" for number in range(120))


def key(name):
    return sha256(name.encode()).hexdigest()[:32]


@pytest.fixture(params=["fake", "redis"])
def store(request):
    if request.param == "fake":
        yield FakeFingerprints()
        return
    link = RedisLink(request.getfixturevalue("redis_url"), request.getfixturevalue("redis_prefix"))
    yield RedisFingerprints(link, version=VERSION, bands=BANDS)
    link.close()


def claim(store, name, text, *, story=None, now=NOW):
    found = sketch(text)
    return store.claim(key(name), key(story or name), found.signature, found.shingles, now=now)


def test_the_first_of_its_kind_has_no_neighbours(store):
    assert claim(store, "a", TEXT) == []


def test_a_copy_meets_the_first_with_all_that_is_known_of_it(store):
    claim(store, "a", TEXT)
    (near,) = claim(store, "b", TEXT)
    found = sketch(TEXT)
    assert (near.article_id, near.story_id) == (key("a"), key("a"))
    assert (near.signature, near.shingles) == (found.signature, found.shingles)


def test_an_unrelated_text_meets_nobody(store):
    claim(store, "a", TEXT)
    assert claim(store, "b", OTHER) == []


def test_entering_twice_changes_nothing_and_never_meets_itself(store):
    claim(store, "a", TEXT)
    assert claim(store, "a", TEXT) == []
    assert [near.article_id for near in claim(store, "b", TEXT)] == [key("a")]


def test_the_first_owner_of_a_bucket_stays(store):
    claim(store, "a", TEXT)
    claim(store, "b", TEXT)
    assert [near.article_id for near in claim(store, "c", TEXT)] == [key("a")]


def test_an_assigned_story_is_what_the_next_one_sees(store):
    claim(store, "opener", OTHER)
    claim(store, "a", TEXT)
    store.assign(key("a"), key("opener"), now=NOW)
    (near,) = claim(store, "b", TEXT)
    assert near.story_id == key("opener")
    assert near.signature == sketch(TEXT).signature


@pytest.mark.parametrize("days", [1, 6, 7])
def test_a_copy_a_week_later_still_meets_it(store, days):
    claim(store, "a", TEXT)
    assert [near.article_id for near in claim(store, "b", TEXT, now=NOW + timedelta(days=days))] == [key("a")]


def test_redis_forgets_after_two_weeks(redis_url, redis_prefix):
    link = RedisLink(redis_url, redis_prefix)
    store = RedisFingerprints(link, version=VERSION, bands=BANDS)
    claim(store, "a", TEXT)
    assert claim(store, "b", TEXT, now=NOW + timedelta(days=15)) == []
    assert all(0 < link.client.ttl(name) <= 15 * 86_400 for name in link.client.keys(f"{redis_prefix}:*"))
    link.close()
