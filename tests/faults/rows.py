"""The faults, as data: what is done to the service, how often, and what must hold afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import process_faults as processes
import store_faults as stores
import time_faults as times
from stage_of_faults import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table. ``short`` is how many items and faults the quick form has, ``full`` the whole one."""

    name: str
    fault: Callable[[Stage, Random], object]
    short: tuple[int, int] = (1_000, 2)
    full: tuple[int, int] = (2_000, 5)
    pause_s: tuple[float, float] = (2.0, 6.0)
    recover_s: float = 105.0
    """Lease (45 s) and a minute: work goes on so long after a fault at the latest."""
    quick: tuple[int, int] | None = None
    """Items and faults of the five minutes that CI runs; None: not part of them."""
    elastic: Mapping[str, str] | None = None
    """Results go to a real Elasticsearch with these settings instead of SQLite."""
    check: Callable[[Stage], list[str]] = lambda _stage: []
    """Return what else is wrong at the end."""
    poison: tuple[str, ...] = ()
    """Harm that one item each does to the process that reads it."""
    bears_memory: bool = False
    """The service may hold half as much memory again during the fault, not more."""


def row(name: str, fault: Callable[[Stage, Random], object], **more: object) -> Row:
    return Row(name=name, fault=fault, **more)  # type: ignore[arg-type]


ELASTIC: Mapping[str, object] = {"elastic": {}, "bears_memory": True}
ONE_WRITER = {"thread_pool.write.size": "1", "thread_pool.write.queue_size": "8"}
POISON = ("kills", "eats", "never ends")
WHOLE: Mapping[str, object] = {"check": Stage.damage}

ROWS = {
    1: row(
        "SIGKILL a child, a worker, the group", processes.kill_any, short=(2_000, 5), full=(5_000, 25), quick=(600, 5)
    ),
    2: row("SIGTERM under load", processes.stop_and_start, short=(2_000, 5), full=(5_000, 20)),
    3: row("Redis TERM or KILL", processes.end_server, short=(2_000, 5), full=(5_000, 20), quick=(600, 5)),
    4: row("Redis frozen 90 s", stores.freeze_server, short=(1_000, 1), full=(2_000, 2)),
    5: row("Redis FLUSHALL", stores.empty_server, short=(1_000, 1), full=(2_000, 3)),
    6: row("Redis out of memory", stores.fill_server, short=(1_000, 1), full=(2_000, 3)),
    7: row("SQLite locked 20 s", stores.lock_sqlite, **WHOLE),
    8: row("beat killed", processes.kill_beat, short=(1_000, 3), full=(2_000, 10)),
    9: row("Elasticsearch killed", stores.kill_elastic, quick=(300, 1), **ELASTIC),
    10: row("Elasticsearch frozen 5 min", stores.freeze_elastic, short=(1_000, 1), full=(2_000, 1), **ELASTIC),
    11: row("Elasticsearch refuses writes", stores.block_elastic, **ELASTIC),
    12: row("two beats", times.double_beat, short=(300, 1), full=(2_000, 3), check=times.polled_once),
    13: row("no beat for 3 intervals", times.stop_beat, short=(300, 1), full=(2_000, 3), check=times.caught_up_once),
    14: row("clock set by an hour", times.set_clock, short=(300, 1), full=(2_000, 2), check=times.followed_clock),
    15: row("disk full 30 s", stores.fill_disk, **WHOLE),
    16: row("Elasticsearch 429 storm", stores.flood_elastic, **ELASTIC | {"elastic": ONE_WRITER}),
    17: row("Elasticsearch mapping conflict", stores.contradict_mapping, short=(1_000, 1), full=(2_000, 2), **ELASTIC),
    18: row("Elasticsearch wrong key", stores.lock_out, short=(1_000, 1), **ELASTIC, check=Stage.outages_told),
    19: row("poison", processes.nothing, short=(1_000, 1), full=(1_000, 1), poison=POISON, check=Stage.poisoned),
}
SOAK = Row(name="soak: anything, once a minute", fault=processes.anything, pause_s=(50.0, 70.0))
