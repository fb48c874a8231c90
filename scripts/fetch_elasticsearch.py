#!/usr/bin/env python3
"""Bring the Elasticsearch servers that the tests talk to: from Maven, unpacked, ready to start.

    python scripts/fetch_elasticsearch.py [VERSION ...]

They are Elastic's own test builds: the server with HTTP and security, without the analysis, script and Kibana
modules of the full distribution. Needs `mvn`; what is there already is not fetched again.
"""

import shutil
import subprocess
import sys
import zipfile
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
    if shutil.which("mvn") is None:
        raise CannotFetch("Elasticsearch is not there and mvn is not installed to fetch it")
    cache.mkdir(parents=True, exist_ok=True)
    _download(version, cache)
    _unpack(cache / f"elasticsearch-{version}.zip", cache)
    (home / "complete").touch()
    return home


def _download(version: str, cache: Path) -> None:
    command = [
        "mvn",
        "-q",
        "-B",
        "dependency:copy",
        f"-Dartifact={ARTIFACT.format(version=version)}",
        f"-DoutputDirectory={cache}",
    ]
    done = subprocess.run(command, cwd=cache, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
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
    archive.unlink()


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
