"""What is done to the stores: Redis, SQLite and its disk, Elasticsearch."""

import contextlib
import sqlite3
import time
from random import Random

import psutil
from process_faults import SERVER
from running import wait_for
from stage_of_faults import Stage

OPEN = (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY)
FULL = (4_096, psutil.RLIM_INFINITY)


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


def fill_disk(stage: Stage, _chance: Random) -> None:
    """Let the workers' writes beyond the first 4 kB of any file fail for 30 s, as on a full disk."""
    _limit_files(stage, FULL)
    time.sleep(30)
    _limit_files(stage, OPEN)


def _limit_files(stage: Stage, limit: tuple[int, int]) -> None:
    server = stage.service.part(SERVER)
    for process in psutil.Process(stage.service.pid).children(recursive=True):
        if server is None or process.pid != server.pid:
            with contextlib.suppress(psutil.Error):
                process.rlimit(psutil.RLIMIT_FSIZE, limit)


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


def flood_elastic(stage: Stage, _chance: Random) -> None:
    """Keep the one write thread of Elasticsearch so busy for 30 s that it answers 429 to nearly everybody."""
    assert stage.elastic
    refused = stage.elastic.flood(seconds=30)
    assert refused > 100, f"no storm: only {refused} requests were refused"


def lock_out(stage: Stage, _chance: Random) -> None:
    """Have Elasticsearch refuse us (401) for 30 s, as it does when a key was revoked."""
    assert stage.elastic
    stage.elastic.kill()
    stage.elastic.restart(secured=True)
    time.sleep(30)
    stage.elastic.kill()
    stage.elastic.restart()


def contradict_mapping(stage: Stage, _chance: Random) -> None:
    """Have articles refused for good until some are parked, mend the index, and put them back to work."""
    assert stage.elastic
    alias = "stancewatch-articles"
    with stage.elastic.in_its_place(alias, {"article": {"properties": {"title": {"type": "long"}}}}):
        wait_for(lambda: stage.counts().get("parked", 0) >= 3, within_s=200, what="articles are parked")
    released = stage.release_parked()
    assert set(released) == {"store_rejected"}, released
