"""The composition root: settings → adapters → use cases. Everything is made when first asked for, once a process.

A worker's child calls ``services()`` after its fork, so that no connection is shared; a command that needs no store
opens none.
"""

import os
import socket
import threading
import uuid
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from worker import __version__
from worker.adapters.clock import SystemClock
from worker.alert.rule_form import RuleDefaults, rules_from_mapping
from worker.alert.rules import ChannelKind, ChannelSpec, RuleBook
from worker.errors import DependencyMissing
from worker.log import logger
from worker.novelty.grade import GradingRules
from worker.novelty.service import Policy
from worker.settings import Catalogue, Settings, load_catalogue, load_settings
from worker.settings.reload import Reloader
from worker.topic_mapping import topic_from_mapping

if TYPE_CHECKING:
    from pydantic import SecretStr

    from worker.adapters.blobs import FolderBlobStore
    from worker.adapters.celery_bell import CeleryBell
    from worker.adapters.elastic_link import Access
    from worker.adapters.http_client import GuardedHttpClient
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
    from worker.work.fetch_item import Fetcher
    from worker.work.poll_feed import Poller
    from worker.work.process_item import Desk, Processor
    from worker.work.tick import Reconciler
    from worker.work.upkeep import Housekeeper

# Imports inside the properties below keep `stancewatch --help` and `tag` from paying for stores they do not open.
# ruff: noqa: PLC0415

log = logger(__name__)

CONFIG_VARIABLE = "STANCEWATCH_CONFIG"
LOOK_EVERY_S = 5
"""How often a process looks whether a configuration file was edited."""
LLM_SECRET = "tagger/llm"  # noqa: S105 - the name of a secret, which no feed can have
Desks = Catalogue[RuleBook]


class Services:
    """Adapters and use cases of one process. ``owner`` names the process in leases."""

    def __init__(self, settings: Settings, config_dir: Path) -> None:
        self.settings = settings
        self.config_dir = config_dir
        self.clock = SystemClock()
        self._looking = threading.Lock()
        self._look_again = self.clock.now()
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

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

        found, rules = self.settings, RuleTagger()
        kind, _, endpoint = found.tagger.partition(":")
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
                return FileChannel(spec.id, self.config_dir.parent / spec.target)
            case ChannelKind.WEBHOOK:
                key = self.settings.secret(spec.secret or spec.id)
                return WebhookChannel(spec.id, spec.target, secret=key, http=self.http, clock=self.clock)
            case ChannelKind.APPRISE:
                return AppriseChannel(spec.id, self.settings.secret(spec.secret) if spec.secret else spec.target)

    @property
    def _credential_names(self) -> set[str]:
        return {feed.credentials for feed in self.catalogue.feeds if feed.credentials}

    # Use cases

    def poller(self) -> "Poller":
        """Return the ports of a poll."""
        from worker.work.poll_feed import FeedLimits, Poller

        found = self.settings
        return Poller(
            feeds=self.feeds,
            states=self.states,
            ledger=self.ledger,
            gate=self.gate,
            http=self.http,
            blobs=self.blobs,
            bell=self.bell,
            counters=self.counters,
            clock=self.clock,
            dice=SystemRandom(),
            limits=FeedLimits(
                deadline_s=found.feed_deadline_s,
                max_bytes=found.feed_max_bytes,
                max_entries=found.feed_max_items,
                gap_s=found.host_gap_s,
            ),
        )

    def fetcher(self) -> "Fetcher":
        """Return the ports of a fetch."""
        from worker.work.fetch_item import Fetcher, PageLimits

        found = self.settings
        return Fetcher(
            feeds=self.feeds,
            ledger=self.ledger,
            gate=self.gate,
            http=self.http,
            blobs=self.blobs,
            store=self.results,
            bell=self.bell,
            counters=self.counters,
            clock=self.clock,
            owner=self.owner,
            limits=PageLimits(deadline_s=found.page_deadline_s, max_bytes=found.page_max_bytes, gap_s=found.host_gap_s),
        )

    def processor(self) -> "Processor":
        """Return the ports of one article's way."""
        from worker.work.process_item import Processor

        return Processor(
            ledger=self.ledger,
            blobs=self.blobs,
            store=self.results,
            fingerprints=self.fingerprints,
            leases=self.leases,
            counters=self.counters,
            tagger=self.tagger,
            clock=self.clock,
            owner=self.owner,
        )

    def reconciler(self) -> "Reconciler":
        """Return the ports of a tick."""
        from worker.work.tick import Reconciler

        return Reconciler(states=self.states, ledger=self.ledger, store=self.results, bell=self.bell, clock=self.clock)

    def deliver(self, row_id: str) -> None:
        """Send one row of the outbox."""
        from worker.work.deliver_alert import deliver

        deliver(self.results, self.channels, row_id, now=self.clock.now(), jitter=SystemRandom().random())

    def housekeeper(self) -> "Housekeeper":
        """Return the ports of upkeep, with the configuration that is in the files now."""
        from worker.work.upkeep import Housekeeper

        found = self.settings
        return Housekeeper(
            feeds=self.catalogue.feeds,
            rules=self.catalogue.rules,
            store=self.results,
            ledger=self.ledger,
            states=self.states,
            leases=self.leases,
            fingerprints=self.fingerprints,
            blobs=self.blobs,
            http=self.http,
            clock=self.clock,
            owner=self.owner,
            keep_bodies=timedelta(days=found.keep_bodies_d) if found.keep_bodies_d else None,
            heartbeat_url=_plain(found.heartbeat_url),
        )

    def begin(self) -> list[str]:
        """Make the stores ready and declare the warm-up of an empty one; return one line for each change.

        Called once by ``run`` and ``setup``, before any worker starts.
        """
        from worker.novelty.warm_up import begin_warm_up

        changes = self.results.setup()
        begin_warm_up(self.results, now=self.clock.now(), length=timedelta(hours=self.settings.warm_up_h))
        return changes

    def warm(self) -> None:
        """Load what the first article of a process would wait for: tables, language model, weights, topics."""
        from worker.extract.service import warm
        from worker.ports import TaggerInput

        warm()
        for topic in self.catalogue.topics.values():
            self.tagger.tag(TaggerInput(text=""), topic)

    def keep_verdict(self, statement_id: str, word: str) -> bool:
        """Keep an editor's verdict; False if there is no such statement."""
        from worker.work.judge_statement import Word, judge_statement

        return judge_statement(self.results, statement_id, Word(word), policy=self.policy, now=self.clock.now())

    def follow_configuration(self) -> None:
        """Take up edits of feeds, topics and rules; a bad edit leaves the old ones in force and says so once.

        Looks at the files at most every ``LOOK_EVERY_S`` seconds, in whichever thread comes first.
        """
        now = self.clock.now()
        if now < self._look_again or not self._looking.acquire(blocking=False):
            return
        try:
            self._look_again = now + timedelta(seconds=LOOK_EVERY_S)
            self._follow()
        finally:
            self._looking.release()

    def _follow(self) -> None:
        before = self._credential_names
        look = self.reloader.refresh()
        if look.changed:
            log.info("configuration_reloaded", fingerprint=self.catalogue.fingerprint[:12])
        if before != self._credential_names and "http" in self.__dict__:
            self.http.close()  # whoever was in the middle of a request tries again later
            del self.__dict__["http"]
        for fault in look.faults:
            log.error("configuration_refused", fault=fault)


def catalogue(settings: Settings, config_dir: Path) -> Desks:
    """Return feeds, topics and rules; ConfigurationError holds the faults of all files."""
    return load_catalogue(
        settings,
        config_dir,
        build_topic=topic_from_mapping,
        build_rules=lambda data, topics, found: rules_from_mapping(
            data,
            RuleDefaults(min_confidence=found.alert_min_confidence, per_hour=found.alerts_per_hour, topics=topics),
        ),
    )


@cache
def services() -> Services:
    """Return the services of this process, from ``STANCEWATCH_CONFIG`` or ``./config``."""
    folder = Path(os.environ.get(CONFIG_VARIABLE, "config")).resolve()  # noqa: TID251 - where settings are cannot be a setting
    return Services(load_settings(folder), folder)


def elastic_access(found: Settings) -> "Access":
    """Return how we show Elasticsearch, and Kibana before it, who we are."""
    from worker.adapters.elastic_link import Access

    return Access(
        api_key=_plain(found.elasticsearch_api_key),
        user=found.elasticsearch_user,
        password=_plain(found.elasticsearch_password),
        ca_file=found.elasticsearch_ca_file,
    )


def _plain(secret: "SecretStr | None") -> str | None:
    return secret.get_secret_value() if secret else None
