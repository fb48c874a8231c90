"""A real Elasticsearch for tests: ``ELASTICSEARCH_URL``, else a server of our own, one a version and test session."""

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]
DEFAULT_VERSION = "8.19.21"
OLDEST_JAVA = {"8": 17, "9": 21}
START_S = 120.0
MEMORY_FILES_BYTES = 2_000_000_000
HEAP = "-Xms384m -Xmx384m -XX:TieredStopAtLevel=1 -XX:-AlwaysPreTouch"

_spec = importlib.util.spec_from_file_location("fetch_elasticsearch", ROOT / "scripts" / "fetch_elasticsearch.py")
assert _spec is not None
assert _spec.loader is not None
fetching = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fetching)


def absent(reason: str) -> NoReturn:
    """Skip the test where a server cannot be had; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def elasticsearch_server(version: str = DEFAULT_VERSION, *, extra: dict[str, str] | None = None) -> Iterator[str]:
    """Yield the address of a server of this version; skip the test if there is none."""
    given = os.environ.get("ELASTICSEARCH_URL")
    if given and version == DEFAULT_VERSION and not extra:
        yield given
        return
    java = java_home(OLDEST_JAVA[version.split(".", maxsplit=1)[0]])
    if java is None:
        absent(f"Elasticsearch {version} needs a JDK {OLDEST_JAVA[version.split('.', maxsplit=1)[0]]} or later")
    try:
        home = fetching.fetch(version)
    except fetching.CannotFetch as error:
        absent(str(error))
    folder = Path(tempfile.mkdtemp(prefix="sw-elastic-", dir=quick_folder()))
    port = free_port()
    process = start(home, folder, port=port, java=java, extra=extra or {})
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, folder)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def quick_folder() -> Path | None:
    """Return where files are kept in memory if there is room: a server waits for its disk at every index it makes."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it has a name of its own
    fits = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_FILES_BYTES
    return memory if fits else None


def start(home: Path, folder: Path, *, port: int, java: Path, extra: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a server whose configuration, data and logs are all in ``folder``."""
    config = folder / "config"
    shutil.copytree(home / "config", config)
    settings = {
        "discovery.type": "single-node",
        "http.host": "127.0.0.1",
        "transport.host": "127.0.0.1",
        "transport.port": "0",
        "http.port": str(port),
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "path.repo": str(folder / "snapshots"),
        "xpack.security.enabled": "false",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    } | extra
    (config / "elasticsearch.yml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
    (folder / "tmp").mkdir()
    user = nobody()
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *user)
        open_way_to(home)
    environment = {
        "PATH": os.environ["PATH"],
        "ES_JAVA_HOME": str(java),
        "ES_JAVA_OPTS": HEAP,
        "ES_PATH_CONF": str(config),
        "ES_TMPDIR": str(folder / "tmp"),
        "HOME": str(folder),
    }
    with (folder / "out.log").open("wb") as out:
        return subprocess.Popen(
            [str(home / "bin" / "elasticsearch")],
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user[0] if user else None,
            group=user[1] if user else None,
        )


def nobody() -> tuple[int, int] | None:
    """Return a user that is not root if we are: Elasticsearch refuses to run as root."""
    return (65534, 65534) if os.geteuid() == 0 else None


def open_way_to(home: Path) -> None:
    """Let another user reach and read the server's folder."""
    for path in (home, *home.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    for parent in home.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)


def java_home(oldest: int) -> Path | None:
    """Return the home of a JDK that is recent enough: the oldest of those, by ES_JAVA_HOME, JAVA_HOME or the machine."""
    named = [Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    on_path = shutil.which("java")
    places = [
        *named,
        *sorted(Path("/usr/lib/jvm").glob("*")),
        *([Path(on_path).resolve().parents[1]] if on_path else []),
    ]
    fitting = [(version, home) for home in places if (version := java_version(home)) >= oldest]
    return min(fitting)[1] if fitting else None


def java_version(home: Path) -> int:
    """Return the major version of a JDK, 0 if there is none."""
    if not (home / "bin" / "java").is_file():
        return 0
    said = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Return when the server answers; fail with the end of its log if it does not in START_S."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as answer:  # noqa: S310 - loopback
                if json.load(answer)["status"] in {"green", "yellow"}:
                    return
        except OSError:
            time.sleep(0.2)
    log = (folder / "out.log").read_text(errors="replace")[-2000:]
    pytest.fail(f"Elasticsearch did not start: {log}")


def remove_indices(url: str, prefix: str) -> None:
    """Delete every index and template under the prefix. Indices go by name: a server may refuse to delete by pattern."""
    with urllib.request.urlopen(f"{url}/_cat/indices/{prefix}-*?h=index&expand_wildcards=all", timeout=30) as answer:  # noqa: S310 - loopback
        indices = answer.read().decode().split()
    templates = (
        f"_index_template/{prefix}-*",
        f"_component_template/{prefix}-*",
        f"_component_template/{prefix}@custom",
    )
    for path in ([",".join(indices)] if indices else []) + list(templates):
        request = urllib.request.Request(f"{url}/{path}", method="DELETE")  # noqa: S310 - loopback
        try:
            urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - loopback
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != HTTPStatus.NOT_FOUND:
                raise
