"""A breaker over all workers: while a store is away nobody asks it, except now and then one to see."""

from worker.adapters.redis_link import RedisLink, store_errors

_REMEMBER_S = 600
"""How long a trip is remembered: an outage that flickers is told once, not at each flicker."""


class RedisBreaker:
    """``Breaker`` in Redis, whose own clock closes it."""

    def __init__(self, link: RedisLink, name: str) -> None:
        self._link = link
        self._open = f"{link.prefix}breaker:{name}:open"
        self._known = f"{link.prefix}breaker:{name}:known"

    def is_open(self) -> bool:
        """Return True while nobody should ask the store."""
        with store_errors():
            return bool(self._link.client.exists(self._open))

    def trip(self, *, pause_s: float) -> bool:
        """Keep everybody from asking for so long; return True if this outage was not known: then say so."""
        with store_errors():
            pipe = self._link.client.pipeline(transaction=True)
            pipe.set(self._open, 1, px=round(pause_s * 1000))
            pipe.set(self._known, 1, ex=_REMEMBER_S, get=True)
            _, known = pipe.execute()
        return known is None

    def answered(self) -> bool:
        """Say that the store answered; return True if that ended a known outage: then say so."""
        with store_errors():
            return bool(self._link.client.delete(self._known))
