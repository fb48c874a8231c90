#!/usr/bin/env python3
"""Bring the Elasticsearch servers that the tests talk to: from Maven, unpacked, ready to start.

    python scripts/fetch_elasticsearch.py [VERSION ...]

They are Elastic's own test builds: the server with HTTP and security, without the analysis, script and Kibana
modules of the full distribution. Needs `mvn`; what is there already is not fetched again. Processes that ask at the
same time wait for one of them, and a server's folder takes its name only when all of it is there.
"""

import fcntl
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSIONS = ("8.19.21", "9.5.3")
ARTIFACT = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:{version}:zip"
CACHE = Path(__file__).parents[1] / ".cache" / "servers"
TIMEOUT_S = 600


class CannotFetch(RuntimeError):
    """The server cannot be had here, with the reason on one line."""


def fetch(version: str, cache: Path = CACHE) -> Path:
    """Return the folder of an unpacked server, fetching it first if it is not there."""
    home = cache / f"elasticsearch-{version}"
    if (home / "complete").exists():
        return home
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / f"elasticsearch-{version}.lock"):
        if not (home / "complete").exists():
            _bring(version, home)
    return home


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process is in here; the kernel lets go of the lock of one that was killed."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _bring(version: str, home: Path) -> None:
    if shutil.which("mvn") is None:
        raise CannotFetch("Elasticsearch is not there and mvn is not installed to fetch it")
    scratch_name = f"{home.name}.part-"
    for left in home.parent.glob(f"{scratch_name}*"):  # by a process that was killed: we hold the lock
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=scratch_name, dir=home.parent) as folder:
        scratch = Path(folder)
        _download(version, scratch)
        _unpack(scratch / f"elasticsearch-{version}.zip", scratch)
        (scratch / home.name / "complete").touch()
        shutil.rmtree(home, ignore_errors=True)  # half of a server, from before folders were renamed into place
        (scratch / home.name).rename(home)


def _download(version: str, folder: Path) -> None:
    command = [
        "mvn",
        "-q",
        "-B",
        "dependency:copy",
        f"-Dartifact={ARTIFACT.format(version=version)}",
        f"-DoutputDirectory={folder}",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode != 0:
        reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no reason given")
        raise CannotFetch(f"mvn could not fetch Elasticsearch {version}: {reason[:300]}")


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            path = Path(packed.extract(member, folder))
            mode = member.external_attr >> 16
            if path.is_file() and mode:
                path.chmod(mode)


def main(versions: list[str]) -> int:
    """Fetch the versions named, or all; 3 if one cannot be had."""
    for version in versions or VERSIONS:
        try:
            print(fetch(version))
        except CannotFetch as error:
            print(error, file=sys.stderr)
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
