"""A service in real processes, for tests that kill parts of it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil


class RunningService:
    """One run of a service in a process group of its own; its output goes to ``log``."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None) -> None:
        self._command, self._env, self._log, self._cwd = list(command), {**os.environ, **env}, log, cwd
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def part(self, words: str) -> psutil.Process | None:
        """Return the supervised process whose command line has the words: ``--queues process``, ``beat``, ``r.sock``."""
        for process in self._children_of(self.pid):
            with contextlib.suppress(psutil.Error):
                if words in " ".join(process.cmdline()) and "tether.py" not in process.cmdline()[3:4]:
                    return process
        return None

    def pool(self, words: str) -> list[psutil.Process]:
        """Return the children of a prefork worker."""
        main = self.part(words)
        return self._children_of(main.pid) if main else []

    def memory(self) -> int:
        """Return the bytes that all processes of the service hold."""
        total = 0
        for process in [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total

    def files(self) -> int:
        """Return how many files and sockets all processes of the service hold open."""
        total = 0
        for process in [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.num_fds()
        return total

    def stop(self, number: int = signal.SIGTERM, *, within_s: float = 60) -> float:
        """Send the signal to the supervisor, wait for its end and return the seconds it took."""
        assert self._process
        started = time.monotonic()
        self._process.send_signal(number)
        self._process.wait(within_s)
        return time.monotonic() - started

    def kill_group(self) -> None:
        """Kill every process of the group at once, and reap."""
        assert self._process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """Leave nothing behind, however the test went."""
        if self.is_alive():
            with contextlib.suppress(psutil.Error):
                for process in psutil.Process(self.pid).children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        process.kill()
            self.kill_group()

    @staticmethod
    def _children_of(pid: int) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return psutil.Process(pid).children()
        return []


def wait_for(condition: Callable[[], object], *, within_s: float, what: str) -> float:
    """Wait until the condition holds and return the seconds it took; AssertionError with ``what`` if it never does."""
    started = time.monotonic()
    while time.monotonic() - started < within_s:
        if condition():
            return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s} s: {what}")
