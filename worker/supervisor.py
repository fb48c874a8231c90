"""Starts the processes of the service, restarts what dies or only seems to live, and stops all of them clean.

``decide`` is pure: it looks at what is known of each process and says what to do. ``Supervisor`` does it.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import FrameType
from typing import Protocol

from worker.adapters.celery_app import FETCH, PROCESS, node_name, worker_arguments
from worker.adapters.processes import ChildProcess
from worker.errors import StancewatchError
from worker.liveness import CANARY_EVERY_S, Vitals, Watch, is_catatonic, unheard, watched
from worker.log import logger

log = logger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
STEADY_AFTER_S = 60.0
"""A process that ran this long is forgiven its earlier ends."""
STOP_S = 33.0
"""Whoever has not stopped by then is killed; with the server's own stop that keeps the whole under 40 s."""
_IMPATIENT = 2
_LOOK_EVERY_S = 0.25
_TELL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A process to keep running. ``node`` is the name under which it shows its vitals, if it is a worker."""

    name: str
    command: tuple[str, ...]
    node: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known of one program. Times are seconds of the supervisor's monotonic clock."""

    program: Program
    running: bool = False
    started_at: float = 0.0
    start_at: float = 0.0
    """Not to be started before this."""
    ends: int = 0
    """How often it ended since it last ran steadily."""
    watch: Watch = field(default_factory=Watch)


class What(StrEnum):
    """What to do to a process."""

    START = "start"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do now."""

    what: What
    name: str


def decide(states: Sequence[State], *, now: float, broker_answers: bool) -> list[Action]:
    """Return what to do. While the broker does not answer nothing is touched: a restart would change nothing."""
    if not broker_answers:
        return []
    startable = [Action(What.START, s.program.name) for s in states if not s.running and now >= s.start_at]
    dead_alive = [Action(What.KILL, s.program.name) for s in states if s.running and is_catatonic(s.watch, now=now)]
    return [*startable, *dead_alive]


def ended(state: State, *, now: float) -> State:
    """Return the state of a program whose process just ended: it waits twice as long after each quick end."""
    ends = 1 if now - state.started_at >= STEADY_AFTER_S else state.ends + 1
    pause = min(FIRST_PAUSE_S * 2.0 ** (ends - 1), LONGEST_PAUSE_S)
    return replace(state, running=False, ends=ends, start_at=now + pause, watch=Watch())


def programs(*, fetch_threads: int, process_children: int, web: Sequence[str] = ()) -> list[Program]:
    """Return the programs of a whole service; ``process_children`` 0 is one per core."""
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "worker.app")
    sizes = {FETCH: fetch_threads, PROCESS: process_children or os.cpu_count() or 1}
    workers = [
        Program(
            name=f"worker {name}",
            command=(*celery, *worker_arguments(name, concurrency=size)),
            node=node_name(name),
        )
        for name, size in sizes.items()
    ]
    beat = Program(name="beat", command=(*celery, "beat"))
    return [*workers, beat, *([Program(name="web", command=tuple(web))] if web else [])]


class Server(Protocol):
    """The embedded server, as the supervisor sees it."""

    def start(self) -> str:
        """Start it and return its address."""
        ...

    def is_alive(self) -> bool:
        """Return True while its process runs."""
        ...

    def stop(self) -> None:
        """Stop it cleanly."""
        ...


class Lifeline(Protocol):
    """How the supervisor hears from the workers; both raise StancewatchError while the broker is away."""

    def read(self, node: str) -> Vitals:
        """Return the worker's signs of life."""
        ...

    def send_canary(self, node: str) -> None:
        """Send it a canary, and record that one waits."""
        ...


class Supervisor:
    """Runs the programs until told to stop. ``tell`` is called about once a second, for a line that shows life."""

    def __init__(
        self,
        programs: Sequence[Program],
        lifeline: Lifeline,
        *,
        server: Server | None = None,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        self._states = {program.name: State(program=program) for program in programs}
        self._children: dict[str, ChildProcess] = {}
        self._lifeline = lifeline
        self._server = server
        self._tell = tell
        self._stopping = 0
        self._broker_answers = False
        self._next_canary = 0.0
        self._next_tell = 0.0

    def run(self) -> None:
        """Supervise until SIGINT, SIGTERM or ``stop``; when this returns every process has ended.

        The first signal lets tasks finish, a second one does not wait for them: the ledger remembers.
        """
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self._stopping:
                self.look()
                time.sleep(_LOOK_EVERY_S)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Have ``run`` end."""
        self._stopping += 1

    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs now."""
        return {name: child.pid for name, child in self._children.items()}

    def look(self) -> None:
        """Look at everything once and do what is to be done."""
        now = time.monotonic()
        self._reap(now)
        self._keep_server()
        self._listen(now)
        for action in decide(list(self._states.values()), now=now, broker_answers=self._broker_answers):
            self._do(action, now)
        if now >= self._next_tell:
            self._next_tell = now + _TELL_EVERY_S
            self._tell()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping += 1

    def _reap(self, now: float) -> None:
        for name, child in list(self._children.items()):
            code = child.exit_code()
            if code is not None:
                del self._children[name]
                self._states[name] = ended(self._states[name], now=now)
                log.warning("process_ended", process=name, code=code)

    def _keep_server(self) -> None:
        if self._server and not self._server.is_alive():
            log.warning("server_ended")
            try:
                self._server.start()
            except StancewatchError as error:
                log.error("server_start_failed", error=str(error))  # noqa: TRY400 - the server's own words say it all

    def _listen(self, now: float) -> None:
        """Read every worker's signs of life; the answer itself tells whether the broker is there."""
        try:
            self._read_vitals(now)
        except StancewatchError as error:
            if self._broker_answers:
                log.warning("broker_away", error=str(error))
            self._broker_answers = False
            for name, state in self._states.items():  # who could not work is not idle
                self._states[name] = replace(state, watch=unheard(state.watch))
            return
        if not self._broker_answers:
            log.info("broker_answers")
        self._broker_answers = True

    def _read_vitals(self, now: float) -> None:
        canaries = now >= self._next_canary
        for name, state in self._states.items():
            node = state.program.node
            if node and state.running:
                if canaries:
                    self._lifeline.send_canary(node)
                self._states[name] = replace(state, watch=watched(state.watch, self._lifeline.read(node), now=now))
            elif node:
                self._lifeline.read(node)
        if canaries:
            self._next_canary = now + CANARY_EVERY_S

    def _do(self, action: Action, now: float) -> None:
        state = self._states[action.name]
        if action.what is What.KILL:
            log.error("worker_catatonic", process=action.name)
            self._children[action.name].kill()
            return
        self._children[action.name] = child = ChildProcess(state.program.command, state.program.env)
        self._states[action.name] = replace(state, running=True, started_at=now)
        log.info("process_started", process=action.name, pid=child.pid, ends_before=state.ends)

    def _stop_all(self) -> None:
        log.info("stopping")
        deadline = time.monotonic() + STOP_S
        for child in self._children.values():
            child.terminate()
        while time.monotonic() < deadline and self._stopping < _IMPATIENT and self._any_runs():
            time.sleep(_LOOK_EVERY_S / 5)
        for name, child in self._children.items():
            if child.exit_code() is None:
                log.warning("process_killed_at_stop", process=name)
                child.kill()
        self._children.clear()
        if self._server:
            self._server.stop()
        log.info("stopped")

    def _any_runs(self) -> bool:
        return any(child.exit_code() is None for child in self._children.values())
