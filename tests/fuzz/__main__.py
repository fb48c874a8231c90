"""``python tests/fuzz [--target NAME] [--minutes N]``: fuzz what reads foreign bytes. Exit code 1 if something fails.

``corpus/<target>/`` is where the fuzzer begins; what made it fail once stays there, and ``test_corpus.py`` runs all of
it at every ``make test``.
"""

# ruff: noqa: T201 - it is there to print

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
NAMES = ("feed", "decode", "canonicalise", "tag")
LONGEST_S = 20
"""One input may take no longer: a page's child is killed after 25."""
MEMORY_MB = 2_048
MOST_BYTES = 8_192


def main() -> int:
    """Fuzz what was asked for and print one line a target."""
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("--target", choices=NAMES, action="append")
    parser.add_argument("--minutes", type=float, default=3, help="for each target")
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir()), help="where failing inputs go")
    asked = parser.parse_args()
    held = [fuzz(name, asked.minutes, asked.found) for name in asked.target or NAMES]
    return int(not all(held))


def fuzz(name: str, minutes: float, found: Path) -> bool:
    """Return True if nothing failed."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        command = [
            sys.executable,
            str(HERE / "fuzz_one.py"),
            name,
            folder,
            str(HERE / "corpus" / name),
            f"-max_total_time={int(minutes * 60)}",
            f"-timeout={LONGEST_S}",
            f"-rss_limit_mb={MEMORY_MB}",
            f"-max_len={MOST_BYTES}",
            f"-artifact_prefix={found}/fuzz-{name}-",
            "-print_final_stats=1",
        ]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    runs = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name:13} {runs[1] if runs else '?':>9} inputs  {reached[-1] if reached else '?':>6} branches  {verdict}")
    if done.returncode:
        print(done.stdout[-3_000:], done.stderr[-3_000:], sep="\n")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
