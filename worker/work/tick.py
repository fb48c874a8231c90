"""The reconciler: rings for whatever is due by the ledger's word, whether or not it was rung before."""

from collections.abc import Callable
from dataclasses import dataclass

from worker.ledger import Stage
from worker.ports import Bell, Clock, FeedStates, ResultStore, WorkLedger
from worker.work import deliver_alert

BATCH = 500
"""Most ids of one task in one tick; the broker's queues stay short, the ledger remembers the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """The ports of a tick."""

    states: FeedStates
    ledger: WorkLedger
    store: ResultStore
    bell: Bell
    clock: Clock


def tick(ports: Reconciler) -> dict[str, int]:
    """Ring for due feeds, items and alerts; return how many of each. Two ticks at once ring nothing twice."""
    now = ports.clock.now()
    looks: dict[str, Callable[[int], list[str]]] = {
        "feeds.fetch": lambda limit: ports.states.due(now=now, limit=limit),
        "items.fetch": lambda limit: ports.ledger.due(Stage.QUEUED, now=now, limit=limit),
        "items.process": lambda limit: ports.ledger.due(Stage.FETCHED, now=now, limit=limit),
        "alerts.deliver": lambda limit: deliver_alert.due_rows(ports.store, now=now, limit=limit),
    }
    return {task: _ring(ports.bell, task, look) for task, look in looks.items()}


def _ring(bell: Bell, task: str, look: Callable[[int], list[str]]) -> int:
    room = min(BATCH, bell.room(task))
    ids = look(room) if room else []
    if ids:
        bell.ring(task, ids)
    return len(ids)
