"""Celery's side of the program: shells of a few lines. What is done is in ``worker.work``; ids are the only arguments.

Task names are for life: messages of the previous release carry them. ``**_`` bears arguments of the next one.
"""

from collections.abc import Callable

import structlog
from celery import shared_task

from worker.errors import TransientError
from worker.log import logger
from worker.wiring import Services, services
from worker.work import fetch_item, poll_feed, process_item, tick, upkeep, watch_edits

log = logger(__name__)


def _within(task: str, one: str, work: Callable[[Services], object]) -> None:
    """Do the work with the task and its id bound to every log line.

    A store that does not answer ends the task without a trace: the ledger has the work, and the reconciler rings again.
    """
    found = services()
    found.follow_configuration()
    with structlog.contextvars.bound_contextvars(task=task, id=one):
        try:
            work(found)
        except TransientError as error:
            log.warning("task_put_off", why=str(error))


@shared_task(name="feeds.fetch")
def fetch_feeds(*feed_ids: str, **_: object) -> None:
    """Poll some feeds: bytes only."""
    _within("feeds.fetch", feed_ids[0], lambda s: poll_feed.fetch_feeds(feed_ids, s.poller()))


@shared_task(name="feeds.parse")
def parse_feed(feed_id: str, **_: object) -> None:
    """Read one feed's waiting body and enter its items in the ledger."""
    _within("feeds.parse", feed_id, lambda s: poll_feed.parse_feed(feed_id, s.poller()))


@shared_task(name="items.fetch")
def fetch_page(item_id: str, **_: object) -> None:
    """Fetch one item's page: bytes only."""
    _within("items.fetch", item_id, lambda s: fetch_item.fetch_item(item_id, s.fetcher()))


@shared_task(name="items.process")
def process_page(item_id: str, **_: object) -> None:
    """Take one fetched item to its outcome."""
    _within("items.process", item_id, lambda s: process_item.process_item(item_id, s.desk(), s.processor()))


@shared_task(name="alerts.deliver")
def deliver(row_id: str, **_: object) -> None:
    """Send one row of the outbox."""
    _within("alerts.deliver", row_id, lambda s: s.deliver(row_id))


@shared_task(name="tick")
def ring_for_due_work(**_: object) -> None:
    """Ring for whatever is due, and count it: beat is seen to live while the count rises."""
    _within("tick", "", _ring)


def _ring(found: Services) -> None:
    tick.tick(found.reconciler())
    found.counters.add("ticks_total", {})


@shared_task(name="upkeep")
def keep_up(**_: object) -> None:
    """Do the minute's housekeeping."""
    _within("upkeep", "", _keep_up)


def _keep_up(found: Services) -> None:
    upkeep.upkeep(found.housekeeper())
    if found.settings.watch_edits:
        watch_edits.watch_edits(found.edit_watch())
