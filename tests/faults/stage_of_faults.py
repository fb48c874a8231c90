"""The service under test: its configuration folder, its processes, and what is asked of it at the end."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis
import yaml
from elastic_of_faults import Elastic
from running import RunningService
from site_of_faults import FaultSite, topic

from worker.adapters.embedded_server import server_url
from worker.errors import StancewatchError
from worker.ports import Hit, Kind, Query
from worker.settings import load_settings
from worker.wiring import Services

ROOT = Path(__file__).parents[2]
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
        self._env = {"STANCEWATCH_SECRET_ORACLE": KEY, "PYTHONWARNINGS": "ignore", **store}
        clean = {name: text for name, text in os.environ.items() if not name.startswith("STANCEWATCH_")}
        self.service = RunningService(
            [sys.executable, "-m", "worker", "--config", str(self.config), "run"],
            env={**{name: "" for name in ("REDIS_URL", "ELASTICSEARCH_URL") if name not in self._env}, **self._env},
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

    def answers(self) -> Answers:
        """Return what the stores hold now."""
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
            "min_interval_s": 60,
            "max_interval_s": 60,
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
        "claim_min_confidence": 0.1,  # it is not the tagger that is tested here
        "alert_min_confidence": 0.1,
    }
    shutil.copytree(ROOT / "config" / "elasticsearch", config / "elasticsearch", dirs_exist_ok=True)
    (config / "feeds.yml").write_text(yaml.safe_dump({"feeds": feeds}), "utf-8")
    (config / "topics" / "borders.yml").write_text(yaml.safe_dump(topic(), sort_keys=False), "utf-8")
    (config / "settings.yml").write_text(yaml.safe_dump(settings), "utf-8")
    (config / "alerts.yml").write_text(RULES.format(base=site.base), "utf-8")
    return config
