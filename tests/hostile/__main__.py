"""``python tests/hostile [--count N] [--seed N]``: N mutated feeds and N hostile pages, as many good ones in between.

Everything goes through the real service. At the end every good article must be indexed, every bad one must have ended in
a named outcome, nothing but a child of the pool may have died, and nothing may have taken over 30 s. Exit code 1 if not.
"""

# ruff: noqa: T201 - it is there to print

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE.parent), str(HERE.parent / "faults")]

from hostile_run import Attack, attack  # noqa: E402 - it lives beside this file

SHARED = Path(os.environ.get("STANCEWATCH_SHARED", HERE.parents[1].parent / "shared"))


def main() -> int:
    """Run the attack that was asked for and print what came of it."""
    parser = argparse.ArgumentParser(prog="hostile")
    parser.add_argument("--count", type=int, default=100, help="mutated feeds, hostile pages, and good ones of each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30, help="give up after so long")
    parser.add_argument("--keep", type=Path, help="keep the folder (log, stores) here")
    asked = parser.parse_args()
    shared = SHARED if SHARED.is_dir() else None
    if shared is None:
        print(f"no reference data at {SHARED}: own samples are mutated instead", file=sys.stderr)
    done = attack(asked.count, seed=asked.seed, shared=shared, within_s=asked.minutes * 60, keep=asked.keep)
    report(done)
    return int(bool(done.missed()))


def report(done: Attack) -> None:
    """Print the figures and every bar that was missed."""
    found = done.findings
    print(f"seconds               {done.seconds:.0f}")
    print(f"good articles indexed {found.good_indexed} of {found.good}")
    print(f"hostile feeds         {_listed(found.feeds)}")
    print(f"all items             {_listed(found.pages)}")
    print(f"hostile pages served  {len(done.kinds)}: {_listed(Counter(done.kinds.values()))}")
    print(f"tasks                 {_listed(found.tasks)}")
    print(f"slowest, s            {', '.join(f'{seconds:.1f} {words}' for seconds, words in found.slowest)}")
    print(f"pool children ended   {found.child_ends}")
    print(f"unclassified errors   {len(found.unclassified)}")
    for line in found.unclassified[:20]:
        print(f"  {line}")
    for bar in done.missed():
        print(f"missed: {bar}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common() if count)


if __name__ == "__main__":
    sys.exit(main())
