"""Whether a worker lives, judged by work alone: a worker that answers pings can still consume nothing. Pure.

Each worker also consumes a queue of its own. A *canary* is a task sent to it that does nothing. A worker is
catatonic if no task of any kind has started for a while although a canary was waiting all the time. Workers count,
watchers look at their own clock: no time of day is compared between processes.
"""

from dataclasses import dataclass

CATATONIC_AFTER_S = 30.0
"""The longest task is killed after 25 s, so that even a worker whose children are all busy starts one sooner. It does
happen: after a restart of Redis one worker in a few stays connected to nothing (``make faults ROW=3``)."""
STARTS_WITHIN_S = 120.0
"""A worker that has not worked yet is still loading what it needs: 5 s on a free machine, over 30 s on one with ten
times more to do than it can. Killed for that, it would never get further."""
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
    has_worked: bool = False
    """Whether it was seen to start a task since it was itself started."""


def watched(watch: Watch, vitals: Vitals, *, now: float) -> Watch:
    """Return the watch after another look; ``now`` is seconds of the watcher's own monotonic clock."""
    works = watch.vitals is not None and vitals.started != watch.vitals.started
    is_new = works or watch.vitals is None or not vitals.canary_waits or watch.idle_since is None
    idle_since = (now if vitals.canary_waits else None) if is_new else watch.idle_since
    return Watch(vitals=vitals, idle_since=idle_since, has_worked=watch.has_worked or works)


def unheard(watch: Watch) -> Watch:
    """Return the watch after a time in which nobody could work or be heard: all that stays is whether it has worked."""
    return Watch(has_worked=watch.has_worked)


def is_catatonic(watch: Watch, *, now: float) -> bool:
    """Return True if the worker should long have started something."""
    patience_s = CATATONIC_AFTER_S if watch.has_worked else STARTS_WITHIN_S
    return watch.idle_since is not None and now - watch.idle_since > patience_s


def canary_queue(node: str) -> str:
    """Return the queue that only this worker consumes; ``node`` is ``fetch@host``."""
    return f"canary.{node}"
