"""``python tests/faults [--row N] [--full | --quick] [--soak MINUTES]``: inject faults into a real service and count.

Three questions at the end of each row: is everything there that was served (conservation), is anything there twice
(integrity), did work go on by itself (liveness)? Exit code 1 if a bar is missed.
"""

# ruff: noqa: T201 - it is there to print

import argparse
import contextlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from typing import Self

import psutil
from elastic_of_faults import Elastic
from process_faults import start
from rows import ROWS, SOAK, Row
from running import wait_for
from site_of_faults import FaultSite
from stage_of_faults import Stage

FEEDS = 10
LOAD_S = 1_500.0
HEAD = (
    "row",
    "fault",
    "items",
    "faults",
    "lost",
    "dup docs",
    "dup alerts",
    "alerts",
    "parked",
    "recovery s",
    "stop s",
    "MB",
    "most MB",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table."""

    label: str
    row: Row
    items: int
    faults: int
    lost: int
    duplicate_documents: int
    duplicate_alerts: int
    alerts: int
    parked: int
    recovery_s: float
    stop_s: float
    memory_mb: tuple[int, int]
    """What the service held before the first fault, and the most that it held later."""
    wrong: tuple[str, ...] = ()
    """What else was found wrong."""

    def missed(self) -> list[str]:
        """Return the bars that were missed, by name."""
        bars = {
            "items lost": self.lost == 0,
            "duplicate documents": self.duplicate_documents == 0,
            "more duplicate alerts than crashes": self.duplicate_alerts <= self.faults,
            "items parked": self.parked == len(self.row.poison),
            "recovery": self.recovery_s <= self.row.recover_s,
            "stop": self.stop_s <= 40,
            "memory": not self.row.bears_memory or self.memory_mb[1] < 1.5 * self.memory_mb[0],
        }
        return [name for name, holds in bars.items() if not holds] + list(self.wrong)

    def cells(self) -> tuple[object, ...]:
        """Return the line."""
        counted = (self.items, self.faults, self.lost, self.duplicate_documents, self.duplicate_alerts, self.alerts)
        return (
            self.label,
            self.row.name,
            *counted,
            self.parked,
            f"{self.recovery_s:.0f}",
            f"{self.stop_s:.0f}",
            *self.memory_mb,
        )


def main() -> int:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--row", type=int, choices=ROWS)
    parser.add_argument("--full", action="store_true", help="5,000 items and all faults of the matrix")
    parser.add_argument(
        "--quick", action="store_true", help="1,500 items and the rows that matter most, in five minutes"
    )
    parser.add_argument("--items", type=int, help="so many items instead of what the row says")
    parser.add_argument("--soak", type=float, metavar="MINUTES")
    parser.add_argument("--keep", type=Path, help="keep the folders (logs, stores) here")
    asked = parser.parse_args()
    if asked.soak:
        results = [run("soak", SOAK, items=int(asked.soak * 150), faults=int(asked.soak), keep=asked.keep, rate=2)]
    else:
        results = [
            run(str(number), row, items=asked.items or items, faults=faults, keep=asked.keep)
            for number, row, (items, faults) in chosen(asked)
        ]
    print_table([HEAD, *(result.cells() for result in results)])
    for result in results:
        for bar in result.missed():
            print(f"row {result.label} misses: {bar}")
    return int(any(result.missed() for result in results))


def chosen(asked: argparse.Namespace) -> Iterator[tuple[int, Row, tuple[int, int]]]:
    """Yield number, row, and items and faults of what was asked for: one row, the quick ones, or all."""
    for number, row in ROWS.items():
        if asked.row in {None, number}:
            size = row.full if asked.full else row.quick if asked.quick else row.short
            if size:
                yield number, row, size


def run(label: str, row: Row, *, items: int, faults: int, keep: Path | None, rate: float = 0) -> Result:
    """Start a service on the oracle's site, inject the faults under load, wait for rest, and count."""
    folder = Path(tempfile.mkdtemp(prefix=f"faults-{label}-", dir=keep))
    chance = Random(f"{label}-{items}")
    with (
        FaultSite(feeds=FEEDS, items=items, per_second=rate) as site,
        Elastic(row.elastic) if row.elastic is not None else contextlib.nullcontext() as elastic,
    ):
        site.poison = {items * (at + 1) // (len(row.poison) + 1): harm for at, harm in enumerate(row.poison)}
        stage = Stage(folder, site, elastic=elastic)
        try:
            result = measured(label, row, stage, faults=faults, chance=chance)
        finally:
            stage.service.end()
    if not keep and not result.missed():
        shutil.rmtree(folder)
    return result


def measured(label: str, row: Row, stage: Stage, *, faults: int, chance: Random) -> Result:
    """Run the service through the faults to its rest; return what came of it. The soak prints its footprints too."""
    start(stage)
    wait_for(lambda: stage.done() > FEEDS, within_s=120, what="work begins")
    with Footprints(stage) as footprints:
        recovery_s = inject(stage, row, faults, chance)
        wait_for(stage.rests, within_s=LOAD_S, what="everything is settled")
    if row is SOAK:
        print_table(footprints.table())
    result = count(label, row, stage, faults=faults, recovery_s=recovery_s, memory_mb=footprints.memory_mb)
    if row is not SOAK:
        return result
    return replace(result, wrong=(*result.wrong, *footprints.growth()))


@dataclass
class Footprints:
    """Looks now and then at what the service takes, while the block runs."""

    stage: Stage
    seen: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    every_s: float = 5.0
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._look(time.monotonic())
        self._thread = threading.Thread(target=self._watch, args=(time.monotonic(),))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def memory_mb(self) -> tuple[int, int]:
        """Return what was held at first and the most that was held."""
        held = [found["MB"] for _, found in self.seen]
        return held[0], max(held)

    def table(self) -> list[tuple[object, ...]]:
        """Return one line a minute: minute, megabytes, open files, keys (the middle of what was seen in it)."""
        lines: list[tuple[object, ...]] = [("minute", "MB", "open files", "Redis keys")]
        minutes = sorted({int(at // 60) for at, _ in self.seen})
        for minute in minutes:
            of_it = [look for look in self.seen if look[0] // 60 == minute]
            lines.append((minute, *(_middle(of_it, name) for name in ("MB", "files", "keys"))))
        return lines

    def growth(self) -> list[str]:
        """Return what grew by over a quarter from the run's second quarter to its last, by the middle of each."""
        quarter = len(self.seen) // 4
        early, late = self.seen[quarter : 2 * quarter], self.seen[-quarter:]
        return [f"{name} grew" for name in ("MB", "files") if _middle(late, name) > 1.25 * _middle(early, name)]

    def _watch(self, began: float) -> None:
        while not self._done.wait(self.every_s):
            self._look(began)

    def _look(self, began: float) -> None:
        with contextlib.suppress(psutil.Error):
            found = self.stage.footprint()
            if found:
                self.seen.append((time.monotonic() - began, found))


def _middle(seen: list[tuple[float, dict[str, int]]], name: str) -> int:
    return sorted(found[name] for _, found in seen)[len(seen) // 2]


def inject(stage: Stage, row: Row, faults: int, chance: Random) -> float:
    """Inject the faults with pauses that nobody can foresee; return the longest time until work went on after one."""
    slowest = 0.0
    for number in range(faults):
        time.sleep(chance.uniform(*row.pause_s))
        print(f"{row.name}: fault {number + 1} of {faults}, {stage.done()} of {stage.site.items} done", file=sys.stderr)
        row.fault(stage, chance)
        before = stage.done()
        resumed = wait_for(lambda seen=before: stage.done() > seen or stage.rests(), within_s=300, what="work goes on")
        slowest = max(slowest, resumed)
    return slowest


def count(label: str, row: Row, stage: Stage, *, faults: int, recovery_s: float, memory_mb: tuple[int, int]) -> Result:
    """Ask the three questions and stop the service."""
    answers = stage.answers()
    served = {f"/a/{number}" for number in stage.site.listed}
    messages = stage.site.messages.values()
    wrong = tuple(row.check(stage))
    stop_s = max(stage.slowest_stop_s, stage.service.stop())
    return Result(
        label=label,
        row=row,
        items=len(served),
        faults=faults,
        lost=len(served - answers.paths) - answers.parked,
        duplicate_documents=answers.documents - len(answers.paths),
        duplicate_alerts=sum(messages) - len(messages),
        alerts=len(messages),
        parked=answers.parked,
        recovery_s=recovery_s,
        stop_s=stop_s,
        memory_mb=memory_mb,
        wrong=wrong,
    )


def print_table(lines: list[tuple[object, ...]]) -> None:
    """Print the lines as a table."""
    widths = [max(len(str(line[column])) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
