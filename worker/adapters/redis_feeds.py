"""State of each feed between polls, in Redis beside the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from worker.adapters.redis_link import RedisLink, store_errors
from worker.adapters.redis_records import to_ms
from worker.ledger import EXPIRY_S

POLL_SILENCE_S = 60
"""A feed that was handed out is not handed out again for this long: longer than a poll takes with all redirects."""


class RedisFeedStates:
    """``FeedStates`` in the same keys that ``RedisLedger.commit_poll`` writes."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._script = link.script("items", "feeds")

    def sync(self, feed_ids: Sequence[str], *, now: datetime) -> None:
        """Make known feeds exactly these; what removed ones carried begins to expire."""
        self._run("sync", to_ms(now), EXPIRY_S, *feed_ids)

    def known(self) -> list[str]:
        """Return the feeds that are polled."""
        with store_errors():
            return list(self._link.client.zrange(f"{self._link.prefix}feeds", 0, -1))

    def get(self, feed_id: str) -> Mapping[str, str]:
        """Return the fields; empty if nothing is known."""
        with store_errors():
            return dict(self._link.client.hgetall(f"{self._link.prefix}f:{feed_id}"))

    def due(self, *, now: datetime, limit: int) -> list[str]:
        """Return feeds to poll now, longest due first."""
        return list(self._run("due", to_ms(now), limit, POLL_SILENCE_S * 1000))

    def update(self, feed_id: str, fields: Mapping[str, str], *, due_at: datetime) -> None:
        """Set fields and the next poll in one step; a feed that is no longer known is not polled for it."""
        flat = [part for field in fields.items() for part in field]
        self._run("update", 0, feed_id, to_ms(due_at), *flat)

    def get_many(self, feed_ids: Sequence[str]) -> list[Mapping[str, str]]:
        """Return the fields of several feeds, in the order asked."""
        with store_errors():
            pipe = self._link.client.pipeline(transaction=False)
            for feed_id in feed_ids:
                pipe.hgetall(f"{self._link.prefix}f:{feed_id}")
            return list(pipe.execute())

    def update_many(self, changes: Mapping[str, tuple[Mapping[str, str], datetime]]) -> None:
        """Set fields and next poll of several feeds in one step."""
        flat: list[object] = []
        for feed_id, (fields, due_at) in changes.items():
            flat += [feed_id, to_ms(due_at), len(fields)]
            flat += [part for field in fields.items() for part in field]
        if flat:
            self._run("update_many", 0, *flat)

    def _run(self, operation: str, moment: int, *arguments: object) -> Any:  # noqa: ANN401 - as each script answers
        with store_errors():
            return self._script(args=[self._link.prefix, moment, operation, *arguments])
