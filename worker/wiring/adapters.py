"""Settings → adapters. Each is made when first asked for, once a process."""

import os
import socket
import threading
import uuid
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from worker import __version__
from worker.adapters.clock import SystemClock
from worker.alert.rule_form import RuleDefaults, rules_from_mapping
from worker.alert.rules import ChannelKind, ChannelSpec, Predicate, RuleBook
from worker.errors import DependencyMissing
from worker.log import logger
from worker.novelty.grade import GradingRules
from worker.novelty.service import Policy
from worker.settings import Catalogue, Settings, load_catalogue
from worker.settings.reload import Reloader
from worker.topic_mapping import topic_from_mapping

if TYPE_CHECKING:
    from pydantic import SecretStr

    from worker.adapters.blobs import FolderBlobStore
    from worker.adapters.celery_bell import CeleryBell
    from worker.adapters.elastic_link import Access
    from worker.adapters.http_client import GuardedHttpClient
    from worker.adapters.redis_breaker import RedisBreaker
    from worker.adapters.redis_counters import RedisCounters
    from worker.adapters.redis_feeds import RedisFeedStates
    from worker.adapters.redis_fingerprints import RedisFingerprints
    from worker.adapters.redis_hosts import RedisHostGate
    from worker.adapters.redis_leases import RedisLeases
    from worker.adapters.redis_ledger import RedisLedger
    from worker.adapters.redis_link import RedisLink
    from worker.adapters.redis_vitals import RedisVitals
    from worker.model import Feed
    from worker.ports import Channel, ResultStore, Tagger
    from worker.work.process_item import Desk

# Imports inside the properties below keep `stancewatch --help` and `tag` from paying for stores they do not open.
# ruff: noqa: PLC0415

log = logger(__name__)

CONFIG_VARIABLE = "STANCEWATCH_CONFIG"
LLM_SECRET = "tagger/llm"  # noqa: S105 - the name of a secret, which no feed can have
Desks = Catalogue[RuleBook]


class Adapters:
    """Adapters and use cases of one process. ``owner`` names the process in leases."""

    def __init__(self, settings: Settings, config_dir: Path) -> None:
        self.settings = settings
        self.config_dir = config_dir
        self.clock = SystemClock()
        self._looking = threading.Lock()
        self._look_again = self.clock.now()
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def close(self) -> None:
        """Close every connection that was opened; whoever asks again opens anew."""
        for name in ("http", "results", "bell", "link"):
            if name in self.__dict__:
                self.__dict__[name].close()

    # What is configured

    @cached_property
    def reloader(self) -> Reloader[RuleBook]:
        """Return the holder of the catalogue in force."""
        return Reloader(self.config_dir, lambda: catalogue(self.settings, self.config_dir))

    @property
    def catalogue(self) -> Desks:
        """Return feeds, topics and rules in force."""
        return self.reloader.catalogue

    def desk(self) -> "Desk":
        """Return what an editor configured, as the processor takes it."""
        from worker.work.process_item import Desk

        return Desk(
            feeds=self.feeds,
            sites=self.catalogue.sites,
            topics=self.catalogue.topics,
            rules=self.catalogue.rules,
            policy=self.policy,
            public_url=self.settings.public_url,
        )

    @property
    def feeds(self) -> "dict[str, Feed]":
        """Return the configured feeds by id."""
        return {feed.id: feed for feed in self.catalogue.feeds}

    @property
    def policy(self) -> Policy:
        """Return the thresholds of novelty."""
        return Policy(
            claim_min_confidence=self.settings.claim_min_confidence,
            grading=GradingRules(revived_after=timedelta(days=self.settings.revived_after_d)),
            renames={topic.id: topic.renames for topic in self.catalogue.topics.values() if topic.renames},
        )

    # Adapters

    @cached_property
    def redis_url(self) -> str:
        """Return the address of Redis: the operator's, or that of the embedded server that runs on the data folder."""
        if self.settings.redis_url is not None:
            return self.settings.redis_url.get_secret_value()
        from worker.adapters.embedded_server import running_url

        found = running_url(self.settings.data_dir / "redis")
        if found is None:
            raise DependencyMissing(["no Redis: set REDIS_URL, or start the service with `stancewatch run`"])
        return found

    @cached_property
    def link(self) -> "RedisLink":
        """Return the connection that all Redis adapters share."""
        from worker.adapters.redis_link import RedisLink

        return RedisLink(self.redis_url, self.settings.redis_prefix)

    @cached_property
    def ledger(self) -> "RedisLedger":
        """Return the work ledger."""
        from worker.adapters.redis_ledger import RedisLedger

        return RedisLedger(self.link, reopen_after_s=self.settings.reopen_after_s)

    @cached_property
    def states(self) -> "RedisFeedStates":
        """Return the feeds' states."""
        from worker.adapters.redis_feeds import RedisFeedStates

        return RedisFeedStates(self.link)

    @cached_property
    def gate(self) -> "RedisHostGate":
        """Return the politeness towards hosts."""
        from worker.adapters.redis_hosts import RedisHostGate

        return RedisHostGate(self.link)

    @cached_property
    def leases(self) -> "RedisLeases":
        """Return the named locks."""
        from worker.adapters.redis_leases import RedisLeases

        return RedisLeases(self.link)

    @cached_property
    def counters(self) -> "RedisCounters":
        """Return the counters over all processes."""
        from worker.adapters.redis_counters import RedisCounters

        return RedisCounters(self.link)

    @cached_property
    def breaker(self) -> "RedisBreaker":
        """Return what keeps workers from asking a result store that is away."""
        from worker.adapters.redis_breaker import RedisBreaker

        return RedisBreaker(self.link, "results")

    @cached_property
    def intake_breaker(self) -> "RedisBreaker":
        """Return what keeps workers from fetching what they could not keep."""
        from worker.adapters.redis_breaker import RedisBreaker

        return RedisBreaker(self.link, "intake")

    @cached_property
    def vitals(self) -> "RedisVitals":
        """Return the workers' signs of life."""
        from worker.adapters.redis_vitals import RedisVitals

        return RedisVitals(self.link)

    @cached_property
    def fingerprints(self) -> "RedisFingerprints":
        """Return the near-duplicate buckets."""
        from worker.adapters.redis_fingerprints import RedisFingerprints
        from worker.dedup.sketch import BANDS, VERSION

        return RedisFingerprints(self.link, version=VERSION, bands=BANDS)

    @cached_property
    def bell(self) -> "CeleryBell":
        """Return what rings tasks."""
        from worker.adapters.celery_app import create_app
        from worker.adapters.celery_bell import CeleryBell

        return CeleryBell(create_app(self.redis_url, self.settings.redis_prefix))

    @cached_property
    def blobs(self) -> "FolderBlobStore":
        """Return bodies and captures."""
        from worker.adapters.blobs import blob_store

        return blob_store(self.settings.blobs)

    @cached_property
    def http(self) -> "GuardedHttpClient":
        """Return the one way out to the web."""
        from worker.adapters.http_client import Credential, GuardedHttpClient, HttpLimits, credential_of, user_agent

        found = self.settings
        names = {feed.credentials for feed in self.catalogue.feeds if feed.credentials}
        credentials = {name: credential_of(found.secret(name)) for name in names}
        if found.llm_api_key:
            credentials[LLM_SECRET] = Credential("Authorization", f"Bearer {found.llm_api_key.get_secret_value()}")
        return GuardedHttpClient(
            agent=user_agent(__version__, found.contact),
            limits=HttpLimits(
                ports=frozenset(found.allow_ports),
                allow_hosts=frozenset(found.allow_hosts),
                bytes_in_flight=found.fetch_bytes_in_flight,
            ),
            credentials=credentials,
            proxy=found.outbound_proxy.get_secret_value() if found.outbound_proxy else None,
        )

    @cached_property
    def results(self) -> "ResultStore":
        """Return the result store: Elasticsearch if an address is set, else SQLite in the data folder."""
        from worker.adapters.store_templates import read_templates

        templates = read_templates(self.config_dir / "elasticsearch")
        found = self.settings
        if found.elasticsearch_url is None:
            from worker.adapters.sqlite_store import SqliteStore

            found.data_dir.mkdir(parents=True, exist_ok=True)
            return SqliteStore(found.data_dir / "results.sqlite", templates, clock=self.clock)
        from worker.adapters.elastic_store import ElasticStore

        access = elastic_access(found)
        return ElasticStore(
            found.elasticsearch_url, templates, prefix=found.index_prefix, access=access, clock=self.clock
        )

    @cached_property
    def tagger(self) -> "Tagger":
        """Return the stance tagger of the settings."""
        from worker.tag.rules import RuleTagger

        found = self.settings
        kind, _, endpoint = found.tagger.partition(":")
        rules = RuleTagger(light=endpoint == "light")
        if kind != "llm":
            return rules
        from worker.tag.llm_tagger import LlmTagger, ProcessBudget

        return LlmTagger(
            endpoint=endpoint,
            model=found.llm_model,
            http=self.http,
            fallback=rules,
            clock=self.clock,
            budget=ProcessBudget(),
            calls_per_day=found.llm_calls_per_day,
            timeout_s=found.llm_timeout_s,
            credentials=LLM_SECRET if found.llm_api_key else None,
        )

    @property
    def channels(self) -> "dict[str, Channel]":
        """Return the channels of the rules in force, by id."""
        return {key: self._channel(spec) for key, spec in self.catalogue.rules.channels.items()}

    def _channel(self, spec: ChannelSpec) -> "Channel":
        from worker.adapters.channels_apprise import AppriseChannel
        from worker.adapters.channels_local import ConsoleChannel, FileChannel
        from worker.adapters.channels_webhook import WebhookChannel

        match spec.kind:
            case ChannelKind.CONSOLE:
                return ConsoleChannel(spec.id)
            case ChannelKind.FILE:
                return FileChannel(spec.id, self.settings.data_dir / spec.target)
            case ChannelKind.WEBHOOK:
                key = self.settings.secret(spec.secret or spec.id)
                return WebhookChannel(spec.id, spec.target, secret=key, http=self.http, clock=self.clock)
            case ChannelKind.APPRISE:
                return AppriseChannel(spec.id, self.settings.secret(spec.secret) if spec.secret else spec.target)

    @property
    def _credential_names(self) -> set[str]:
        return {feed.credentials for feed in self.catalogue.feeds if feed.credentials}


def catalogue(settings: Settings, config_dir: Path) -> Desks:
    """Return feeds, topics and rules; ConfigurationError holds the faults of all files."""
    return load_catalogue(
        settings,
        config_dir,
        build_topic=topic_from_mapping,
        build_rules=lambda data, topics, found: rules_from_mapping(
            data,
            RuleDefaults(
                min_confidence=found.alert_min_confidence,
                per_hour=found.alerts_per_hour,
                topics=topics,
                compile_kql=lambda kql: _matcher(kql, config_dir),
            ),
        ),
    )


def _matcher(kql: str, config_dir: Path) -> Predicate:
    from worker.adapters.store_templates import read_templates
    from worker.index.matches import matcher
    from worker.ports import Kind

    return matcher(kql, read_templates(config_dir / "elasticsearch").mappings[Kind.STATEMENTS])


def elastic_access(found: Settings) -> "Access":
    """Return how we show Elasticsearch, and Kibana before it, who we are."""
    from worker.adapters.elastic_link import Access

    return Access(
        api_key=plain(found.elasticsearch_api_key),
        user=found.elasticsearch_user,
        password=plain(found.elasticsearch_password),
        ca_file=found.elasticsearch_ca_file,
    )


def plain(secret: "SecretStr | None") -> str | None:
    """Return a secret in clear, or None."""
    return secret.get_secret_value() if secret else None
