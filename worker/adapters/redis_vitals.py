"""Signs of life of the workers, in Redis: how many tasks each has started, and whether a canary waits for it."""

from worker.adapters.redis_link import RedisLink, store_errors
from worker.liveness import Vitals

_KEEP_S = 86_400


class RedisVitals:
    """Written by workers and by whoever sends canaries, read by whoever watches. ``node`` is ``fetch@host``."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    def task_started(self, node: str) -> None:
        """Count a task of any kind."""
        with store_errors():
            pipe = self._link.client.pipeline(transaction=False)
            pipe.incr(self._key("started", node))
            pipe.expire(self._key("started", node), _KEEP_S)
            pipe.execute()

    def canary_sent(self, node: str) -> None:
        """Record that a canary waits."""
        with store_errors():
            self._link.client.set(self._key("canary", node), 1, ex=_KEEP_S)

    def canary_ran(self, node: str) -> None:
        """Record that none waits."""
        with store_errors():
            self._link.client.delete(self._key("canary", node))

    def read(self, node: str) -> Vitals:
        """Return the worker's signs of life."""
        with store_errors():
            started, waits = self._link.client.mget(self._key("started", node), self._key("canary", node))
        return Vitals(started=int(started or 0), canary_waits=waits is not None)

    def _key(self, what: str, node: str) -> str:
        return f"{self._link.prefix}vitals:{what}:{node}"
