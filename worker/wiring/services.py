"""Adapters → use cases."""

import os
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from worker.log import logger
from worker.settings import Settings, load_settings
from worker.wiring.adapters import CONFIG_VARIABLE, Adapters, plain

if TYPE_CHECKING:
    from worker.ports import Kind
    from worker.work.delete_article import Deleter
    from worker.work.fetch_item import Fetcher
    from worker.work.poll_round import Poller
    from worker.work.process_item import Processor
    from worker.work.tick import Reconciler
    from worker.work.upkeep import Housekeeper
    from worker.work.watch_edits import Watch

# Imports inside the properties below keep `stancewatch --help` and `tag` from paying for stores they do not open.
# ruff: noqa: PLC0415

log = logger(__name__)

LOOK_EVERY_S = 5
"""How often a process looks whether a configuration file was edited."""


class Services(Adapters):
    """The use cases, ready to be called."""

    def poller(self) -> "Poller":
        """Return the ports of a poll."""
        from worker.work.poll_round import FeedLimits, Poller

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
            breaker=self.intake_breaker,
            limits=PageLimits(deadline_s=found.page_deadline_s, max_bytes=found.page_max_bytes, gap_s=found.host_gap_s),
        )

    def processor(self) -> "Processor":
        """Return the ports of one article's way."""
        from worker.work.process_item import Processor

        return Processor(
            ledger=self.ledger,
            breaker=self.breaker,
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

        now, jitter = self.clock.now(), SystemRandom().random()
        deliver(self.results, self.channels, row_id, now=now, jitter=jitter, marks=self.leases)

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
            policy=self.policy,
            keep_documents=_ages(found),
            keep_bodies=timedelta(days=found.keep_bodies_d) if found.keep_bodies_d else None,
            heartbeat_url=plain(found.heartbeat_url),
        )

    def deleter(self) -> "Deleter":
        """Return the ports of a deletion on request."""
        from worker.work.delete_article import Deleter

        return Deleter(
            store=self.results,
            ledger=self.ledger,
            leases=self.leases,
            blobs=self.blobs,
            clock=self.clock,
            policy=self.policy,
            owner=self.owner,
        )

    def edit_watch(self) -> "Watch":
        """Return the ports of the watch for edits."""
        from worker.work.watch_edits import Watch

        return Watch(
            store=self.results,
            ledger=self.ledger,
            leases=self.leases,
            rules=self.catalogue.rules,
            clock=self.clock,
            owner=self.owner,
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


def _ages(found: Settings) -> "dict[Kind, timedelta]":
    """Return after how long documents go; what remembers an entry goes with its article."""
    from worker.ports import Kind

    days = {
        Kind.ARTICLES: found.keep_articles_d,
        Kind.ALIASES: found.keep_articles_d,
        Kind.STATEMENTS: found.keep_statements_d,
    }
    return {kind: timedelta(days=age) for kind, age in days.items() if age}


@cache
def services() -> Services:
    """Return the services of this process, from ``STANCEWATCH_CONFIG`` or ``./config``."""
    folder = Path(os.environ.get(CONFIG_VARIABLE, "config")).resolve()  # noqa: TID251 - where settings are cannot be a setting
    return Services(load_settings(folder), folder)
