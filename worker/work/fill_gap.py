"""Fills the gap that a poll found, one source a poll: the feed's older pages, else the site's news sitemaps.

The sources stand in the feed's state, so that each of them is one more poll of the feed, at its own host's pace, and
a crash costs one request. What is found enters the ledger before the state says that it was.
"""

from worker.feeds import gap
from worker.feeds.document import FeedDocument
from worker.feeds.items import items_of
from worker.feeds.progress import nothing_waits
from worker.feeds.state import FeedState
from worker.fetch.robots import origin_of
from worker.log import logger
from worker.outcomes import PollOutcome
from worker.work.poll_round import Poll

log = logger(__name__)


def with_gap(poll: Poll, state: FeedState, document: FeedDocument) -> FeedState:
    """Return the state with where to look for what a poll may have missed."""
    url = poll.before.waiting_url or poll.feed.url
    rules = poll.round.ports.gate.robots(origin_of(document.site_url or url)) or ""
    return gap.opened(state, document, url=url, robots=rules, before=poll.before.parsed_at)


def pass_over(poll: Poll, state: FeedState) -> None:
    """Go on to the next source: this one gave nothing."""
    now = poll.round.ports.clock.now()
    after = gap.without_source(nothing_waits(state))
    poll.write(after, due_at=now if after.fill_urls else poll.due(after, now=now, fresh=None))


def fill(poll: Poll, document: FeedDocument) -> PollOutcome:
    """Enter what a source has of the entries that may have been missed, and go on until the gap is closed."""
    ports, state = poll.round.ports, poll.before
    now = ports.clock.now()
    items = items_of(poll.feed, gap.missed(state, document.entries))
    result = ports.ledger.add(items, now=now)
    if result.new:
        ports.bell.ring("items.fetch", result.new)
    after = gap.after_page(nothing_waits(state), document, known=result.known, new=len(result.new))
    poll.write(after, due_at=now if after.fill_urls else poll.due(after, now=now, fresh=None))
    ports.counters.add("entries_total", {"kind": "filled"}, len(result.new))
    log.info("gap_filled", feed_id=poll.feed.id, new=len(result.new), known=result.known, closed=not after.fill_urls)
    return PollOutcome.PARSED
