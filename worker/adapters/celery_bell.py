"""Rings tasks through Celery. A ring that is lost does no harm: the reconciler rings again."""

from collections.abc import Sequence
from typing import Any

import redis
from celery import Celery
from kombu.exceptions import KombuError

from worker.adapters.redis_vitals import RedisVitals
from worker.errors import StoreUnavailable
from worker.liveness import Vitals, canary_queue
from worker.log import logger

log = logger(__name__)

DEPTH = 500
"""Messages that may wait in a queue before the reconciler stops adding: a minute's work, not a day's, so that what
waits long in the ledger is not rung a hundred times over."""
IDS_OF_A_MESSAGE = {"feeds.fetch": 20}
"""Most ids of one message, by task, else one: an unchanged feed costs less than the message that rings for it."""
_CANARY_EXPIRES_S = 60
_AWAY = (KombuError, redis.RedisError, OSError)


class CeleryBell:
    """``Bell`` over a Celery application."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def ring(self, task: str, ids: Sequence[str]) -> None:
        """Send the ids; the first message that the broker does not take ends it, in silence but for the log."""
        size = IDS_OF_A_MESSAGE.get(task, 1)
        try:
            with self._app.producer_or_acquire() as producer:
                for start in range(0, len(ids), size):
                    self._app.send_task(task, args=list(ids[start : start + size]), producer=producer, retry=False)
        except _AWAY as error:
            log.warning("ring_lost", task=task, error=str(error))

    def room(self, task: str) -> int:
        """Return how many more messages the task's queue should take now; 0 while the broker is away."""
        queue = self._app.amqp.router.route({}, task)["queue"]
        try:
            with self._app.connection_for_write() as connection:
                return max(0, DEPTH - _size(connection, queue.name))
        except _AWAY:
            return 0

    def close(self) -> None:
        """Close the connections that ringing opened; the next ring opens them anew."""
        pools: tuple[Any, ...] = (self._app.producer_pool, self._app.pool)
        for pool in pools:
            pool.resize(pool.limit, reset=True)  # kombu's own way to close for reuse leaves it empty: rings would wait

    def send_canary(self, node: str) -> None:
        """Send a canary to the worker's own queue; raises StoreUnavailable if the broker does not take it."""
        try:
            with self._app.producer_or_acquire() as producer:
                self._app.send_task(
                    "canary",
                    args=[node],
                    queue=canary_queue(node),
                    producer=producer,
                    retry=False,
                    expires=_CANARY_EXPIRES_S,
                )
        except _AWAY as error:
            raise StoreUnavailable(f"broker: {error}") from error


def _size(connection: Any, queue: str) -> int:  # noqa: ANN401 - kombu has no types
    return int(connection.default_channel._size(queue))  # noqa: SLF001 - kombu has no public way that needs no declaration


class WorkerLifeline:
    """How a watcher hears from the workers: canaries through the broker, counters beside the ledger."""

    def __init__(self, bell: CeleryBell, vitals: RedisVitals) -> None:
        self._bell = bell
        self._vitals = vitals

    def read(self, node: str) -> Vitals:
        """Return the worker's signs of life."""
        return self._vitals.read(node)

    def send_canary(self, node: str) -> None:
        """Send it a canary, after recording that one waits: the other way round it might have run already."""
        self._vitals.canary_sent(node)
        self._bell.send_canary(node)
