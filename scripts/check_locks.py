"""Fails if a requirement is not pinned with hashes, or if any tracked file names the host of a package registry."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements"

REGISTRY = re.compile(
    r"(?:\bpypi|pythonhosted|npmjs|repo1?\.maven(?:\.apache)?|proxy\.golang|crates)\.(?:org|com|io)\b"
)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)
ASKED = re.compile(r"^([A-Za-z0-9._-]+)")


def canonical(name: str) -> str:
    """Return a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(path: Path) -> Iterator[str]:
    """Yield the names that an ``.in`` file asks for, its includes as well."""
    for line in path.read_text().splitlines():
        if line.startswith("-r "):
            yield from asked_for(path.parent / line[3:].strip())
        elif match := ASKED.match(line):
            yield canonical(match[1])


def lock_faults(source: Path) -> Iterator[str]:
    """Yield what is wrong with the lock of one ``.in`` file."""
    lock = source.with_suffix(".txt")
    text = lock.read_text() if lock.exists() else ""
    pinned = {canonical(name) for name, _ in PINNED.findall(text)}
    yield from (f"{lock.name}: {name} is not pinned: run make lock" for name in asked_for(source) if name not in pinned)
    for block in re.split(r"\n(?=\S)", text):
        if (match := PINNED.match(block)) and "--hash=sha256:" not in block:
            yield f"{lock.name}: {match[1]} has no hash"


def registry_faults() -> Iterator[str]:
    """Yield each line of a tracked text file that names the host of a package registry."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if match := REGISTRY.search(line):
                yield f"{name}:{number}: names a package registry ({match[0]})"


def main() -> int:
    """Print every fault; return 1 if there is any."""
    locks = [fault for source in sorted(REQUIREMENTS.glob("*.in")) for fault in lock_faults(source)]
    faults = [*locks, *registry_faults()]
    print("\n".join(faults) or "locks: every requirement is pinned with hashes, no registry is named")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
