"""Whether a worker lives, judged by work alone: a worker that answers pings can still consume nothing. Pure.

Each worker also consumes a queue of its own. A *canary* is a task sent to it that does nothing. A worker is
catatonic if no task of any kind has started for a while although a canary was waiting all the time. Workers count,
watchers look at their own clock: no time of day is compared between processes.
"""

from dataclasses import dataclass, replace

CATATONIC_AFTER_S = 30.0
"""The longest task is killed after 25 s, so that even a worker whose children are all busy starts one sooner. It does
happen: after a restart of Redis one worker in a few stays connected to nothing (``make faults ROW=3``)."""
CANARY_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What a worker's counters say: tasks of any kind that it ever started; whether a canary waits for it."""

    started: int
    canary_waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a watcher remembers of a worker: the last vitals and since when it has waited in vain."""

    vitals: Vitals | None = None
    idle_since: float | None = None
    """None while nothing waits, or since it was not yet seen waiting."""


def watched(watch: Watch, vitals: Vitals, *, now: float) -> Watch:
    """Return the watch after another look; ``now`` is seconds of the watcher's own monotonic clock."""
    works = watch.vitals is None or vitals.started != watch.vitals.started
    if works or not vitals.canary_waits or watch.idle_since is None:
        return Watch(vitals=vitals, idle_since=now if vitals.canary_waits else None)
    return replace(watch, vitals=vitals)


def is_catatonic(watch: Watch, *, now: float) -> bool:
    """Return True if the worker should long have started something."""
    return watch.idle_since is not None and now - watch.idle_since > CATATONIC_AFTER_S


def canary_queue(node: str) -> str:
    """Return the queue that only this worker consumes; ``node`` is ``fetch@host``."""
    return f"canary.{node}"
