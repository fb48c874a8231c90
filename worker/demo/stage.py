"""The demo's own configuration folder: the topic that ships, three invented feeds, one rule. Written anew each run."""

import shutil
from pathlib import Path

import yaml

from worker.demo.press import Press
from worker.errors import DependencyMissing

TOPIC = "russia-ukraine"
FEED_INTERVAL_S = 60
RULES = """\
channels:
  desk:
    kind: file
    path: alerts.jsonl
    per_hour: 1000
rules:
  - id: new-or-changed
    match:
      levels: [first, changed]
    min_confidence: 0.5
    channels: [desk]
"""


def write_config(folder: Path, press: Press, *, topics: Path, base: str) -> Path:
    """Write the configuration for a press at ``base`` and return its folder.

    Raises DependencyMissing if the topic of the demo is not among ``topics``.
    """
    source = topics / f"{TOPIC}.yml"
    if not source.is_file():
        raise DependencyMissing([f"{source}: not found: run the demo in the project's folder, or give --config DIR"])
    config = folder / "config"
    (config / "topics").mkdir(parents=True, exist_ok=True)
    shutil.copytree(topics.parent / "elasticsearch", config / "elasticsearch", dirs_exist_ok=True)
    shutil.copyfile(source, config / "topics" / f"{TOPIC}.yml")
    (config / "feeds.yml").write_text(yaml.safe_dump({"feeds": _feeds(press, base)}, sort_keys=False), "utf-8")
    (config / "settings.yml").write_text(yaml.safe_dump(_settings(base), sort_keys=False), "utf-8")
    (config / "alerts.yml").write_text(RULES, "utf-8")
    return config


def _feeds(press: Press, base: str) -> list[dict[str, object]]:
    return [
        {
            "id": outlet.id,
            "url": f"{base}/{outlet.id}/feed.xml",
            "publisher": outlet.name,
            "family": outlet.family,
            "tags": ["archive"],  # its dates are believed however old they are
            "topics": [TOPIC],
            "min_interval_s": FEED_INTERVAL_S,
            "max_interval_s": FEED_INTERVAL_S,
        }
        for outlet in press.outlets.values()
    ]


def _settings(base: str) -> dict[str, object]:
    """Return settings for a site of our own on loopback: no politeness gap, no warm-up, no page of ours."""
    host, _, port = base.removeprefix("http://").partition(":")
    return {
        "data_dir": "data",
        "allow_hosts": [host],
        "allow_ports": [80, 443, int(port)],
        "host_gap_s": 0,
        "reopen_after_s": 0,
        "tick_s": 1,
        "warm_up_h": 0,
        "fetch_threads": 4,
        "web_port": 0,
        "log_level": "WARNING",
    }
