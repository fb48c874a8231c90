"""Named locks with an end, in Redis."""

from worker.adapters.redis_link import RedisLink, store_errors


class RedisLeases:
    """``Leases`` in Redis; the server's own clock ends them."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._script = link.script("lease")

    def take(self, name: str, owner: str, *, ttl_s: int) -> bool:
        """Return True if the lease is now the owner's; taking one's own again prolongs it."""
        return self._run(name, owner, ttl_s * 1000)

    def drop(self, name: str, owner: str) -> None:
        """Give it up if it is the owner's."""
        self._run(name, owner, 0)

    def _run(self, name: str, owner: str, ttl_ms: int) -> bool:
        with store_errors():
            return bool(self._script(args=[f"{self._link.prefix}lease:{name}", owner, ttl_ms]))
