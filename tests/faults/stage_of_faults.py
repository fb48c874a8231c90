"""The service under test: its configuration folder, its processes, and what is asked of it at the end."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import redis
import yaml
from elastic_of_faults import Elastic
from running import RunningService, wait_for
from site_of_faults import FaultSite, topic

from worker.adapters.embedded_server import server_url
from worker.errors import StancewatchError
from worker.ledger import MAX_ATTEMPTS
from worker.ports import Hit, Kind, Query
from worker.settings import load_settings
from worker.wiring import Services

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
POLL_S = 60
"""Each feed's interval: the shortest that may be configured."""
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""A signing key for a receiver that checks nothing; the one of the Standard Webhooks documentation."""
RULES = """\
channels:
  oracle:
    kind: webhook
    url: {base}/hook
    secret: oracle
    per_hour: 10000
rules:
  - id: all
    match:
      topics: [borders]
      levels: [first, changed, new_target, new_terms]
    channels: [oracle]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is true when the dust has settled: documents, their distinct paths on the site, items in quarantine."""

    documents: int
    paths: frozenset[str]
    parked: int


class Stage:
    """A configuration for the oracle's site and one service on it."""

    def __init__(self, folder: Path, site: FaultSite, *, elastic: Elastic | None = None) -> None:
        self.folder = folder
        self.site = site
        self.elastic = elastic
        self.config = write_config(folder, site)
        store = {"ELASTICSEARCH_URL": elastic.url} if elastic else {}
        self._offset = folder / "clock-offset"
        self.set_clock(0)
        self._env = {
            "STANCEWATCH_SECRET_ORACLE": KEY,
            "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": f"{HERE / 'in_service'}:{ROOT}",
            "FAULTS_CLOCK_OFFSET": str(self._offset),
            **store,
        }
        blank = {name: "" for name in ("REDIS_URL", "ELASTICSEARCH_URL") if name not in self._env}
        self._whole_env = {**os.environ, **blank, **self._env}
        clean = {name: text for name, text in os.environ.items() if not name.startswith("STANCEWATCH_")}
        self.service = RunningService(
            [sys.executable, "-m", "worker", "--config", str(self.config), "run"],
            env={**blank, **self._env},
            log=folder / "service.log",
            cwd=ROOT,
        )
        self._services = Services(load_settings(self.config, {**clean, **self._env}), self.config)
        self.slowest_stop_s = 0.0

    @contextlib.contextmanager
    def redis(self) -> Iterator[redis.Redis]:
        """Yield a plain client of the service's server."""
        with redis.Redis.from_url(server_url(self.folder / "data" / "redis"), socket_timeout=5) as client:
            yield client

    def counts(self) -> dict[str, int]:
        """Return the ledger's counts; empty while it does not answer."""
        with contextlib.suppress(StancewatchError):
            return dict(self._services.ledger.counts())
        return {}

    def done(self) -> int:
        """Return how many items are settled or parked."""
        counts = self.counts()
        return counts.get("settled", 0) + counts.get("parked", 0)

    def rests(self) -> bool:
        """Return True if all that the site carries was served and has ended, messages included."""
        counts = self.counts()
        in_work = counts.get("queued", 1) + counts.get("fetched", 1)
        if in_work or self.done() < self.site.items or len(self.site.listed) < self.site.items:
            return False
        with contextlib.suppress(StancewatchError):
            return self._services.results.search(Query(kind=Kind.ALERTS, kql="state: pending", size=1)).total == 0
        return False

    def set_clock(self, offset_s: float) -> None:
        """Have the service's clock be off by so many seconds from now on."""
        self._offset.write_text(str(offset_s))

    @contextlib.contextmanager
    def another(self, command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a second process of the service's configuration beside it."""
        words = [sys.executable, "-m", "worker", "--config", str(self.config), command]
        with (self.folder / f"second-{command}.log").open("ab") as log:
            process = subprocess.Popen(words, env=self._whole_env, cwd=ROOT, stdout=log, stderr=log)
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    def release_parked(self) -> list[str]:
        """Put all that is in quarantine back to work; return the reasons why it was there."""
        parked = self._services.ledger.parked()
        for record in parked:
            self._services.ledger.release(record.item_id, now=datetime.now(UTC))
        return [record.reason for record in parked]

    def poisoned(self) -> list[str]:
        """Return what is wrong with how poison was put away: three attempts each, and a word for why."""
        parked = {urlsplit(one.entry.url).path: one for one in self._services.ledger.parked()}
        wanted = {f"/a/{number}" for number in self.site.poison}
        wrong = [] if set(parked) == wanted else [f"parked are {sorted(parked)}"]
        return wrong + [
            f"{path}: {one.attempts} attempts, {one.reason or 'no reason'}"
            for path, one in parked.items()
            if one.attempts != MAX_ATTEMPTS or one.reason not in {"crashed", "error"}
        ]

    def damage(self) -> list[str]:
        """Return what SQLite finds wrong with its file."""
        path = self.folder / "data" / "results.sqlite"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found[:3]

    def outages_told(self) -> list[str]:
        """Return what is wrong with how the log tells of a store that refuses our key: clearly, and not for each item."""
        told = [line for line in self.events() if line.get("event") == "store_unavailable"]
        clear = any("does not know us" in str(line.get("why")) for line in self.events())
        wrong = [] if clear else ["the log does not say that the key is wrong"]
        return wrong + ([f"told of {len(told)} outages"] if len(told) > 5 else [])

    def events(self) -> Iterator[dict[str, object]]:
        """Yield the lines of the service's log that are JSON."""
        for line in (self.folder / "service.log").read_text("utf-8", "replace").splitlines():
            with contextlib.suppress(ValueError):
                yield json.loads(line)

    def footprint(self) -> dict[str, int]:
        """Return what the service takes now: memory in MB, open files, keys in Redis."""
        with contextlib.suppress(redis.RedisError), self.redis() as client:
            return {"MB": self.service.memory() // 1_000_000, "files": self.service.files(), "keys": client.dbsize()}
        return {}

    def answers(self) -> Answers:
        """Return what the stores hold now, once they answer: the last fault may have been a moment ago."""
        wait_for(self.counts, within_s=60, what="the ledger answers")
        self._services.results.refresh()
        urls = [str(hit.document["url"]["full"]) for hit in everything(self._services, Kind.ARTICLES)]
        parked = self.counts()["parked"]
        return Answers(documents=len(urls), paths=frozenset(urlsplit(url).path for url in urls), parked=parked)


def everything(services: Services, kind: Kind) -> Iterator[Hit]:
    """Yield every hit of a kind."""
    after = None
    while True:
        page = services.results.search(Query(kind=kind, size=500, after=after))
        yield from page.hits
        after = page.next
        if after is None:
            return


def write_config(folder: Path, site: FaultSite) -> Path:
    """Write the configuration of a service that reads the oracle's site and reports to it."""
    config = folder / "config"
    (config / "topics").mkdir(parents=True, exist_ok=True)
    feeds = [
        {
            "id": name,
            "url": f"{site.base}/feed/{name}",
            "publisher": name,
            "family": name,
            "topics": ["borders"],
            "min_interval_s": POLL_S,
            "max_interval_s": POLL_S,
        }
        for name in site.feeds
    ]
    settings = {
        "data_dir": str(folder / "data"),
        "allow_hosts": ["127.0.0.1"],
        "allow_ports": [80, 443, site.port],
        "host_gap_s": 0,
        "tick_s": 1,
        "warm_up_h": 0,
        "fetch_threads": 8,
        "web_port": 0,
        "log_level": "INFO",
        "alerts_per_hour": 10_000,
        "tagger": "rules:light",  # it is not the tagger that is tested here, and it would be the bottleneck
        "claim_min_confidence": 0.1,
        "alert_min_confidence": 0.1,
    }
    shutil.copytree(ROOT / "config" / "elasticsearch", config / "elasticsearch", dirs_exist_ok=True)
    (config / "feeds.yml").write_text(yaml.safe_dump({"feeds": feeds}), "utf-8")
    (config / "topics" / "borders.yml").write_text(yaml.safe_dump(topic(), sort_keys=False), "utf-8")
    (config / "settings.yml").write_text(yaml.safe_dump(settings), "utf-8")
    (config / "alerts.yml").write_text(RULES.format(base=site.base), "utf-8")
    return config
