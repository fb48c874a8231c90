"""What is done to the service's own processes."""

import contextlib
import os
import signal
from random import Random

from running import wait_for
from stage_of_faults import Stage

FETCH, PROCESS, BEAT, SERVER = "--queues fetch", "--queues process", "worker.app beat", "r.sock"


def start(stage: Stage) -> None:
    """Start the service and wait until its ledger answers."""
    stage.service.start()
    wait_for(stage.counts, within_s=60, what="the service starts")


def kill(stage: Stage, words: str) -> None:
    """Kill a supervised process, if it is there."""
    victim = stage.service.part(words)
    if victim:
        victim.kill()


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


def kill_beat(stage: Stage, _chance: Random) -> None:
    """Kill beat; nothing rings until another one is there."""
    kill(stage, BEAT)


def end_server(stage: Stage, chance: Random) -> None:
    """End the embedded server, with or without its consent."""
    server = stage.service.part(SERVER)
    if server:
        server.send_signal(chance.choice([signal.SIGTERM, signal.SIGKILL]))


def nothing(_stage: Stage, _chance: Random) -> None:
    """Do nothing: the harm is in the pages."""


def anything(stage: Stage, chance: Random) -> None:
    """Do one of the quick faults: for the soak."""
    chance.choice([kill_child, kill_main, kill_group, end_server, kill_beat, stop_and_start])(stage, chance)
