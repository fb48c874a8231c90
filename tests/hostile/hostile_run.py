"""One attack from begin to end, and what must hold afterwards."""

import contextlib
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hostile_site import HostileSite
from hostile_stage import Findings, HostileStage
from running import wait_for

LONGEST_S = 30.0
"""No task may take longer: the child is killed after 25."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What a run found. ``kinds`` is which kind of hostile page each path was."""

    findings: Findings
    seconds: float
    kinds: dict[str, str]

    def missed(self) -> list[str]:
        """Return the bars that were missed."""
        found = self.findings
        slowest = found.slowest[0] if found.slowest else (0.0, "")
        bars = {
            f"{found.good - found.good_indexed} good articles are not indexed": found.good_indexed == found.good,
            f"{len(found.unclassified)} unclassified errors": not found.unclassified,
            f"processes died: {found.deaths}": not found.deaths,
            f"{slowest[1]} took {slowest[0]} s": slowest[0] <= LONGEST_S,
        }
        return [words for words, holds in bars.items() if not holds]


def attack(count: int, *, seed: int, shared: Path | None, within_s: float, keep: Path | None = None) -> Attack:
    """Run a service on ``count`` good and ``count`` bad feeds until all has ended, or the time is over."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-", dir=keep))
    with HostileSite(count, seed=seed, shared=shared) as site:
        stage = HostileStage(folder, site)
        began = time.monotonic()
        try:
            stage.service.start()
            wait_for(lambda: _answers(stage), within_s=240, what="the service reads its first feed")
            stage.begin()
            _watch(stage, until=began + within_s)
            done = Attack(findings=stage.findings(), seconds=time.monotonic() - began, kinds=dict(site.kinds))
        finally:
            stage.end()
    if keep is None and not done.missed():
        shutil.rmtree(folder)
    return done


def _answers(stage: HostileStage) -> bool:
    with contextlib.suppress(Exception):
        return stage.polled() > 0
    return False


def _watch(stage: HostileStage, *, until: float) -> None:
    while time.monotonic() < until and not stage.rests():
        time.sleep(2)
        print(stage.progress(), file=sys.stderr)  # noqa: T201 - for whoever waits
