"""How rings travel: over a real broker, as few messages as the work is worth."""

import json
from contextlib import closing

import pytest

from worker.adapters.celery_app import create_app
from worker.adapters.celery_bell import DEPTH, CeleryBell
from worker.adapters.redis_link import RedisLink


@pytest.mark.redis
def test_feeds_are_rung_in_batches_and_items_one_by_one(redis_url: str, redis_prefix: str) -> None:
    bell = CeleryBell(create_app(redis_url, redis_prefix))
    bell.ring("feeds.fetch", [f"feed-{number}" for number in range(45)])
    bell.ring("items.fetch", ["a", "b"])
    link = RedisLink(redis_url, redis_prefix)
    messages = link.client.lrange(f"{redis_prefix}:broker:fetch", 0, -1)
    assert bell.room("items.fetch") == DEPTH - 5
    counts = {json.loads(one)["headers"]["argsrepr"].count("'") // 2 for one in messages}
    assert counts == {20, 5, 1}
    link.close()
    bell.close()


@pytest.mark.redis
def test_a_closed_bell_rings_again(redis_url: str, redis_prefix: str) -> None:
    with (
        closing(CeleryBell(create_app(redis_url, redis_prefix))) as bell,
        closing(RedisLink(redis_url, redis_prefix)) as link,
    ):
        for expected in (1, 2):
            bell.ring("items.fetch", ["a"])
            bell.close()
            assert link.client.llen(f"{redis_prefix}:broker:fetch") == expected
