"""The service under attack: its configuration, its real processes, and what is found in it at the end."""

import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from hostile_site import BAD_HOSTS, GOOD_HOSTS, HostileSite
from running import RunningService
from site_of_faults import topic
from stage_of_faults import everything

from worker.feeds.state import state_from
from worker.ledger import Stage
from worker.outcomes import ParkReason
from worker.ports import Kind
from worker.settings import load_settings
from worker.wiring import Services

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MAIN_PARTS = ("--queues fetch", "--queues process", "worker.app beat", "r.sock")
PAGE_DEADLINE_S = 5
WAITS = ("try ", "robots.txt does not answer")
"""How the reasons begin for which an item may still wait at the end: a server that failed it."""
_CHILD_ENDED = re.compile(r"exited with|TimeLimitExceeded|Hard time limit|WorkerLostError")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came of a run. Every line of ``unclassified`` is a fault of ours."""

    good: int
    good_indexed: int
    feeds: Counter[str]
    """How the hostile feeds' polls ended."""
    pages: Counter[str]
    """How the items from hostile feeds and pages ended; ``waits`` for a server that failed."""
    unclassified: list[str]
    deaths: list[str]
    """Processes outside the pool that ended."""
    child_ends: int
    slowest: list[tuple[float, str]]
    """The longest tasks in seconds, with name and argument."""
    tasks: Counter[str]


class HostileStage:
    """A configuration that reads the hostile site, and one service on it."""

    def __init__(self, folder: Path, site: HostileSite) -> None:
        self.folder, self.site = folder, site
        self.log = folder / "service.log"
        self._times = folder / "times"
        self._config = write_config(folder, site)
        clean = {name: text for name, text in os.environ.items() if not name.startswith("STANCEWATCH_")}
        env = {
            "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": f"{HERE / 'in_service'}:{ROOT}",
            "HOSTILE_TIMES": str(self._times),
            "REDIS_URL": "",
            "ELASTICSEARCH_URL": "",
        }
        command = [sys.executable, "-m", "worker", "--config", str(self._config), "run"]
        self.service = RunningService(command, env=env, log=self.log, cwd=ROOT)
        settings = {name: text for name, text in clean.items() if name not in {"REDIS_URL", "ELASTICSEARCH_URL"}}
        self._services = Services(load_settings(self._config, settings), self._config)
        self._pids: dict[str, int] = {}
        self._told = 0

    def begin(self) -> None:
        """Remember who runs now, and that the attack begins at this line of the log."""
        self._told = len(list(self._lines()))
        self._pids = {part: process.pid for part in MAIN_PARTS if (process := self.service.part(part))}

    def end(self) -> None:
        """End the service, and close what was opened to look at it."""
        self.service.end()
        self._services.close()

    def polled(self) -> int:
        """Return how many feeds were asked and their answer read."""
        names = [name for name, _ in self.site.feeds()]
        states = map(state_from, self._services.states.get_many(names))
        return sum(state.outcome is not None and not state.waiting_hash for state in states)

    def rests(self) -> bool:
        """Return True if every feed was read and every item has ended, or waits for a server that failed it."""
        if self.polled() < 2 * self.site.count:
            return False
        counts = self._services.ledger.counts()
        return not counts.get("fetched", 0) and all(self._waits(reason) for reason in self._waiting().values())

    def progress(self) -> str:
        """Return a line for whoever watches."""
        counts = self._services.ledger.counts()
        stages = {name: counts.get(name, 0) for name in ("queued", "fetched", "settled", "parked")}
        return f"{self.polled()} of {2 * self.site.count} feeds read; items {stages}"

    def findings(self) -> Findings:
        """Return what is in stores and logs."""
        services = self._services
        services.results.refresh()
        indexed = {urlsplit(str(hit.document["url"]["full"])).path for hit in everything(services, Kind.ARTICLES)}
        bad = [name for name, _ in self.site.feeds() if name.startswith("bad")]
        states = map(state_from, services.states.get_many(bad))
        outcomes = {
            name.partition(":")[2]: count
            for name, count in services.ledger.counts().items()
            if name.startswith("outcome:")
        }
        waiting, crashed = self._waiting(), services.ledger.counts().get("parked", 0)
        times = sorted(self._task_times(), reverse=True)
        return Findings(
            good=self.site.count,
            good_indexed=sum(f"/a/{number}" in indexed for number in range(self.site.count)),
            feeds=Counter(str(state.outcome) for state in states),
            pages=Counter({**outcomes, "waits": len(waiting), "parked": crashed}),
            unclassified=[
                *self._wrong_lines(),
                *self._parked(),
                *(f"waits: {r}" for r in waiting.values() if not self._waits(r)),
            ],
            deaths=self._deaths(),
            child_ends=sum("exited with" in line for line in self._lines()),
            slowest=times[:5],
            tasks=Counter(words.partition(" ")[0] for _, words in times),
        )

    def _waits(self, reason: str) -> bool:
        return reason.startswith(WAITS)

    def _waiting(self) -> dict[str, str]:
        """Return the items that are to be fetched, with the reason why they were put off."""
        later = datetime.now(UTC) + timedelta(days=30)
        names = self._services.ledger.due(Stage.QUEUED, now=later, limit=100_000)
        records = self._services.ledger.get_many(names)
        return {
            record.item_id: next((event.detail for event in reversed(record.history) if event.detail), "")
            for record in records
            if record and record.stage is Stage.QUEUED
        }

    def _parked(self) -> list[str]:
        parked = self._services.ledger.parked()
        return [
            f"parked: {one.reason} {one.entry.url} {one.trace}" for one in parked if one.reason != ParkReason.CRASHED
        ]

    def _lines(self) -> Iterator[str]:
        yield from self.log.read_text("utf-8", "replace").splitlines()

    def _wrong_lines(self) -> Iterator[str]:
        """Yield lines of the log that are no JSON, tell of an error or hold a trace; the pool's word on a child is none."""
        for line in list(self._lines())[self._told :]:
            if _CHILD_ENDED.search(line):
                continue
            try:
                event = json.loads(line)
            except ValueError:
                yield f"no JSON: {line[:300]}"
                continue
            if event.get("level") in {"error", "critical"} or "exception" in event:
                yield f"log: {line[:2_000]}"

    def _deaths(self) -> list[str]:
        now = {part: process.pid for part in MAIN_PARTS if (process := self.service.part(part))}
        changed = [f"{part}: {pid} became {now.get(part)}" for part, pid in self._pids.items() if now.get(part) != pid]
        told = [
            line
            for line in list(self._lines())[self._told :]
            if '"process_ended"' in line or '"worker_catatonic"' in line
        ]
        return changed + told

    def _task_times(self) -> Iterator[tuple[float, str]]:
        for line in self._times.read_text("utf-8", "replace").splitlines():
            name, seconds, *arguments = line.split()
            yield float(seconds), " ".join([name, *arguments])


def write_config(folder: Path, site: HostileSite) -> Path:
    """Write a configuration of all the site's feeds, each to be polled once."""
    config = folder / "config"
    (config / "topics").mkdir(parents=True)
    day = 86_400
    feeds = [
        {"id": name, "url": url, "publisher": name, "family": name, "topics": ["borders"], "min_interval_s": day, "max_interval_s": day}
        for name, url in site.feeds()
    ]  # fmt: skip
    settings = {
        "data_dir": str(folder / "data"),
        "allow_hosts": [*GOOD_HOSTS, *BAD_HOSTS],
        "allow_ports": [80, 443, site.port],
        "host_gap_s": 0,
        "tick_s": 1,
        "warm_up_h": 0,
        "fetch_threads": 16,
        "page_deadline_s": PAGE_DEADLINE_S,
        "feed_max_items": 10,
        "claim_min_confidence": 0.1,
        "web_port": 0,
        "watch_edits": False,
    }
    shutil.copytree(ROOT / "config" / "elasticsearch", config / "elasticsearch")
    (config / "feeds.yml").write_text(yaml.safe_dump({"feeds": feeds}), "utf-8")
    (config / "topics" / "borders.yml").write_text(yaml.safe_dump(topic(), sort_keys=False), "utf-8")
    (config / "settings.yml").write_text(yaml.safe_dump(settings), "utf-8")
    (config / "alerts.yml").write_text("rules: []\n", "utf-8")
    return config
