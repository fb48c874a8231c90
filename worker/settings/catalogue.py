"""What editors decide: feeds, topics and alert rules, loaded as a whole or not at all.

Settings know no stage, so whoever loads passes the builders that turn checked YAML into topics and rules
(``worker.wiring`` does). A builder raises ConfigurationError with faults that begin with the place they speak of
(``parties[2].names: …``); the loader adds file and line.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from worker.errors import ConfigurationError
from worker.model import Feed, Site
from worker.settings.feed_lines import feeds_from
from worker.settings.site_lines import sites_from
from worker.settings.values import Settings
from worker.settings.yaml_source import YamlFile, read_yaml
from worker.topic import Topic

Rules = TypeVar("Rules")
TopicBuilder = Callable[[Mapping[str, Any]], Topic]
RulesBuilder = Callable[[Mapping[str, Any], Mapping[str, Topic], Settings], Rules]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue(Generic[Rules]):
    """Feeds in file order, topics by id, the rules as their builder made them, and the files' fingerprint."""

    feeds: tuple[Feed, ...]
    topics: Mapping[str, Topic]
    rules: Rules
    fingerprint: str
    sites: Mapping[str, Site] = field(default_factory=dict)
    """Domain → what is known of its pages; empty if there is no ``sites.yml``."""

    def feed(self, feed_id: str) -> Feed | None:
        """Return the feed or None."""
        return next((feed for feed in self.feeds if feed.id == feed_id), None)


def load_catalogue(
    settings: Settings,
    config_dir: Path,
    *,
    build_topic: TopicBuilder,
    build_rules: RulesBuilder[Rules],
) -> Catalogue[Rules]:
    """Return feeds, topics and rules; ConfigurationError holds the faults of all files in one go."""
    fingerprint = config_fingerprint(config_dir)
    faults: list[str] = []
    topics = _topics(config_dir, build_topic, faults)
    feeds_file = _read(config_dir / "feeds.yml", config_dir, faults)
    feeds = () if feeds_file is None else feeds_from(feeds_file, settings, topics, faults)
    alerts_file = _read(config_dir / "alerts.yml", config_dir, faults)
    rules = [] if alerts_file is None else _built(alerts_file, lambda v: build_rules(v, topics, settings), faults)
    sites_file = _read(config_dir / "sites.yml", config_dir, faults) if (config_dir / "sites.yml").exists() else None
    sites = {} if sites_file is None else sites_from(sites_file, faults)
    if faults:
        raise ConfigurationError(faults)
    return Catalogue(feeds=feeds, topics=topics, rules=rules[0], fingerprint=fingerprint, sites=sites)


def load_topics(config_dir: Path, *, build_topic: TopicBuilder) -> dict[str, Topic]:
    """Return the topics alone, by id; ConfigurationError holds the faults of all of them."""
    faults: list[str] = []
    topics = _topics(config_dir, build_topic, faults)
    if faults:
        raise ConfigurationError(faults)
    return topics


def config_fingerprint(config_dir: Path) -> str:
    """Return a hash of the bytes of all files that a catalogue is made of; it changes when any of them does."""
    parts = sha256()
    for path in _catalogue_files(config_dir):
        parts.update(path.name.encode() + b"\0" + _bytes(path))
    return parts.hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:  # the loader names it; here it only has to differ from any content
        return str(error).encode()


def _catalogue_files(config_dir: Path) -> Iterator[Path]:
    yield config_dir / "feeds.yml"
    yield config_dir / "alerts.yml"
    yield from config_dir.glob("sites.yml")
    yield from sorted((config_dir / "topics").glob("*.yml"))


def _topics(config_dir: Path, build: TopicBuilder, faults: list[str]) -> dict[str, Topic]:
    topics: dict[str, Topic] = {}
    paths = sorted((config_dir / "topics").glob("*.yml"))
    if not paths:
        faults.append(f"{config_dir.name}/topics: no topic file (*.yml) in it")
    for path in paths:
        file = _read(path, config_dir, faults)
        for topic in [] if file is None else _built(file, build, faults):
            if topic.id != path.stem:
                faults.append(f"{config_dir.name}/topics/{path.name}:1: id: must be the file's name, {path.stem}")
            topics[topic.id] = topic
    return topics


Built = TypeVar("Built")


def _built(file: YamlFile, build: Callable[[Mapping[str, Any]], Built], faults: list[str]) -> list[Built]:
    """Return what the builder made, in a list of one, or an empty list after noting its faults."""
    try:
        return [build(file.value)]
    except ConfigurationError as error:
        faults.extend(file.located(error.faults))
        return []


def _read(path: Path, config_dir: Path, faults: list[str]) -> YamlFile | None:
    try:
        return read_yaml(path, f"{config_dir.name}/{path.relative_to(config_dir).as_posix()}")
    except ConfigurationError as error:
        faults.extend(error.faults)
        return None
