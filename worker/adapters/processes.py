"""Child processes and the lock on the data folder: what the supervisor does to the world."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from worker.adapters import tether
from worker.errors import ConfigurationError


class ChildProcess:
    """A program of ours that dies when we die, and that shares our process group and our terminal."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, "-I", "-S", tether.__file__, "SIGKILL", "shared", *command],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return how it ended (negative: the signal), or None while it runs."""
        return self._process.poll()

    def terminate(self) -> None:
        """Ask it to end; a stopped one is woken to hear it."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it and reap it; its own children die with it."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)


class FolderLock:
    """Keeps a second service off a data folder. The kernel gives the lock up when we end, however we end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock, or raise ConfigurationError that names who has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "stancewatch.lock"
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            owner = path.read_text().strip() or "unknown"
            raise ConfigurationError(
                [f"{self._folder} is in use by another stancewatch (process {owner}): stop that one or set data_dir"]
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give it up."""
        if self._file:
            self._file.close()
            self._file = None
