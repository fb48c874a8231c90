"""The faults, as data: what is done to the service, how often, and what must hold afterwards."""

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from running import wait_for
from stage_of_faults import Stage

FETCH, PROCESS, BEAT, SERVER = "--queues fetch", "--queues process", "worker.app beat", "r.sock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table. ``short`` is how many items and faults the quick form has, ``full`` the whole one."""

    name: str
    fault: Callable[[Stage, Random], object]
    short: tuple[int, int] = (2_000, 5)
    full: tuple[int, int] = (5_000, 25)
    pause_s: tuple[float, float] = (2.0, 6.0)
    recover_s: float = 105.0
    """Lease (45 s) and a minute: everything that was due is settled so long after the last fault and the last load."""
    quick: bool = False
    """Part of the short run."""
    elastic: bool = False
    """Results go to a real Elasticsearch instead of SQLite."""


def kill_group(stage: Stage, _chance: Random) -> None:
    """Kill every process of the service at once and start it again."""
    stage.service.kill_group()
    start(stage)


def kill_main(stage: Stage, chance: Random) -> None:
    """Kill the main process of a worker; its supervisor starts another."""
    kill(stage, chance.choice([FETCH, PROCESS]))


def kill_child(stage: Stage, chance: Random) -> None:
    """Kill one child of the process worker, most likely in the middle of an article."""
    children = stage.service.pool(PROCESS)
    if children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(children).pid, signal.SIGKILL)


def kill_any(stage: Stage, chance: Random) -> None:
    """Kill a child, a main process or all of them."""
    chance.choice([kill_child, kill_main, kill_group])(stage, chance)


def stop_and_start(stage: Stage, _chance: Random) -> None:
    """Stop the service as an operator does, within 40 s, and start it again."""
    took_s = stage.service.stop(signal.SIGTERM)
    stage.slowest_stop_s = max(stage.slowest_stop_s, took_s)
    start(stage)


def end_server(stage: Stage, chance: Random) -> None:
    """End the embedded server, with or without its consent."""
    server = stage.service.part(SERVER)
    if server:
        server.send_signal(chance.choice([signal.SIGTERM, signal.SIGKILL]))


def freeze_server(stage: Stage, _chance: Random) -> None:
    """Freeze the embedded server for 90 s."""
    server = stage.service.part(SERVER)
    assert server
    server.suspend()
    time.sleep(90)
    server.resume()


def empty_server(stage: Stage, _chance: Random) -> None:
    """Wipe everything that the server holds."""
    with stage.redis() as client:
        client.flushall()


def fill_server(stage: Stage, _chance: Random) -> None:
    """Leave the server no memory for 20 s."""
    with stage.redis() as client:
        client.config_set("maxmemory", 1_000_000)
        time.sleep(20)
        client.config_set("maxmemory", 1_073_741_824)


def lock_sqlite(stage: Stage, _chance: Random) -> None:
    """Hold the result store's write lock for 20 s."""
    path = stage.folder / "data" / "results.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(20)
        connection.execute("ROLLBACK")


def kill_beat(stage: Stage, _chance: Random) -> None:
    """Kill beat; nothing rings until another one is there."""
    kill(stage, BEAT)


def kill_elastic(stage: Stage, _chance: Random) -> None:
    """Kill Elasticsearch and start it again 20 s later."""
    assert stage.elastic
    stage.elastic.kill()
    time.sleep(20)
    stage.elastic.restart()


def freeze_elastic(stage: Stage, _chance: Random) -> None:
    """Freeze Elasticsearch for five minutes."""
    assert stage.elastic
    stage.elastic.freeze(on=True)
    time.sleep(300)
    stage.elastic.freeze(on=False)


def block_elastic(stage: Stage, _chance: Random) -> None:
    """Block all writes for 30 s, as Elasticsearch does when its disk is full."""
    assert stage.elastic
    stage.elastic.block_writes(on=True)
    time.sleep(30)
    stage.elastic.block_writes(on=False)


def anything(stage: Stage, chance: Random) -> None:
    """Do one of the quick faults: for the soak."""
    chance.choice([kill_child, kill_main, kill_group, end_server, kill_beat, stop_and_start])(stage, chance)


ROWS = {
    1: Row(name="SIGKILL a child, a worker, the group", fault=kill_any, quick=True),
    2: Row(name="SIGTERM under load", fault=stop_and_start, full=(5_000, 20)),
    3: Row(name="Redis TERM or KILL", fault=end_server, full=(5_000, 20), quick=True),
    4: Row(name="Redis frozen 90 s", fault=freeze_server, short=(1_000, 1), full=(2_000, 2)),
    5: Row(name="Redis FLUSHALL", fault=empty_server, short=(1_000, 1), full=(2_000, 3)),
    6: Row(name="Redis out of memory", fault=fill_server, short=(1_000, 1), full=(2_000, 3)),
    7: Row(name="SQLite locked 20 s", fault=lock_sqlite, short=(1_000, 2), full=(2_000, 5), quick=True),
    8: Row(name="beat killed", fault=kill_beat, short=(1_000, 3), full=(2_000, 10)),
    9: Row(name="Elasticsearch killed", fault=kill_elastic, short=(1_000, 2), full=(2_000, 5), elastic=True),
    10: Row(name="Elasticsearch frozen 5 min", fault=freeze_elastic, short=(1_000, 1), full=(2_000, 1), elastic=True),
    11: Row(name="Elasticsearch refuses writes", fault=block_elastic, short=(1_000, 2), full=(2_000, 5), elastic=True),
}
SOAK = Row(name="soak: anything, once a minute", fault=anything, pause_s=(50.0, 70.0))


def start(stage: Stage) -> None:
    """Start the service and wait until its ledger answers."""
    stage.service.start()
    wait_for(stage.counts, within_s=60, what="the service starts")


def kill(stage: Stage, words: str) -> None:
    """Kill a supervised process, if it is there."""
    victim = stage.service.part(words)
    if victim:
        victim.kill()
