"""A due feed to new items in the ledger, in two halves.

``fetch_feed`` moves bytes and runs in a thread; ``parse_feed`` reads foreign bytes and runs in a process that can be
killed. Between them the body waits in the blob store and its hash in the feed's state. Validators (ETag,
Last-Modified) are kept only by the second half, in one step with the items: a crash in between costs one full answer
and loses nothing. An answer without news (304, or the same bytes again) is never parsed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from worker.canonical_url import host_of
from worker.dates import retry_after
from worker.errors import HostUnavailable, Refused, StoreUnavailable
from worker.feeds.document import FeedDocument
from worker.feeds.health import HEALTHY
from worker.feeds.hints import fresh_until
from worker.feeds.items import items_of
from worker.feeds.parse import parse_feed as read_feed
from worker.feeds.progress import after_items, after_move, after_parse, nothing_waits
from worker.feeds.schedule import next_score
from worker.feeds.state import FeedState, fields_of, state_from
from worker.fetch.challenge import is_challenge
from worker.ledger import PollCommit
from worker.log import logger
from worker.model import Feed
from worker.outcomes import PollOutcome
from worker.ports import HttpRequest, HttpResponse
from worker.text import clean_line
from worker.work.fill_gap import fill, pass_over, with_gap
from worker.work.poll_round import FeedLimits, Poll, Poller, Round

log = logger(__name__)

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
PARSE_WITHIN = timedelta(minutes=5)
"""A body that waits longer was lost on its way: the feed is polled again."""
MAX_REDIRECTS = 5
BATCH_WITHIN = timedelta(seconds=20)
"""After this a batch gives its remaining feeds to another worker: they do not wait for those that are slow."""
LET_IN_AT_ONCE = 10
"""Whose hosts are entered in one step: more, and the last would be asked long after they were let in."""

_OK, _NOT_MODIFIED, _SERVER_ERRORS_FROM = 200, 304, 500
_HOST_IS_BUSY = frozenset({429, 503})
_NAMED = {
    200: None,
    401: PollOutcome.BLOCKED,
    402: PollOutcome.BLOCKED,
    403: PollOutcome.BLOCKED,
    404: PollOutcome.NOT_FOUND,
    410: PollOutcome.GONE,
    429: PollOutcome.RATE_LIMITED,
    451: PollOutcome.BLOCKED,
}


def fetch_feed(feed_id: str, ports: Poller) -> PollOutcome | None:
    """Ask one feed; see ``fetch_feeds``."""
    return fetch_feeds([feed_id], ports)[feed_id]


def fetch_feeds(feed_ids: Sequence[str], ports: Poller) -> dict[str, PollOutcome | None]:
    """Ask due feeds, one after the other, and keep the bodies that changed; those that failed last time come last.

    Returns how each poll ended; None: the body waits to be read, the feed's host is not to be asked now, the batch
    took too long and rang for the rest, or the feed is not known. What befalls one feed does not touch the next.
    States are read and written for all in one go: what a crash loses of them are polls that are made again.
    """
    round_ = Round(ports)
    known = [feed_id for feed_id in dict.fromkeys(feed_ids) if feed_id in ports.feeds]
    stored = ports.states.get_many(known)
    waiting = [Poll(ports.feeds[one], state_from(fields), round_) for one, fields in zip(known, stored, strict=True)]
    ended: dict[str, PollOutcome | None] = dict.fromkeys(feed_ids)
    waiting.sort(key=lambda poll: poll.before.failure_score > 0)
    until = ports.clock.now() + BATCH_WITHIN
    try:
        while waiting and ports.clock.now() < until:
            for poll in _let_in(waiting[:LET_IN_AT_ONCE], round_):
                ended[poll.feed.id] = _guarded(poll)
            del waiting[:LET_IN_AT_ONCE]
        if waiting:
            ports.bell.ring("feeds.fetch", [poll.feed.id for poll in waiting])
    finally:
        round_.flush()
    return ended


def _let_in(polls: Sequence[Poll], round_: Round) -> list[Poll]:
    """Return the polls whose hosts may be asked now; the others wait for their turn.

    A poll holds its host for the gap only, and leaves it by time: that spares a round trip, and a feed takes less.
    """
    limits = round_.ports.limits
    asks = [(host_of(poll.url), f"feed:{poll.feed.id}") for poll in polls]
    slots = round_.ports.gate.enter_many(asks, now=round_.ports.clock.now(), gap_s=limits.gap_s, hold_s=limits.gap_s)
    for poll, slot in zip(polls, slots, strict=True):
        if slot.wait_until is not None:
            round_.changes[poll.feed.id] = ({}, slot.wait_until)
    return [poll for poll, slot in zip(polls, slots, strict=True) if slot.wait_until is None]


def _guarded(poll: Poll) -> PollOutcome | None:
    try:
        return _asked(poll)
    except StoreUnavailable:
        raise
    except Exception as error:
        log.exception("feed_failed", feed_id=poll.feed.id, error=type(error).__name__)
        return None


def _asked(poll: Poll) -> PollOutcome | None:
    ports = poll.round.ports
    try:
        answer = ports.http.send(_request(poll.feed, poll.url, poll.before, ports.limits))
    except (HostUnavailable, Refused) as error:
        if poll.before.fill_urls:
            pass_over(poll, poll.before)
            return None
        outcome = PollOutcome.REFUSED if isinstance(error, Refused) else PollOutcome.UNREACHABLE
        return _ended(poll, poll.before, outcome, why=str(error))
    if answer.status in _HOST_IS_BUSY:
        now = ports.clock.now()
        ports.gate.leave(
            host_of(poll.url), item_id=f"feed:{poll.feed.id}", now=now, not_before=retry_after(answer.headers, now=now)
        )
    if not poll.before.fill_urls:
        return _answered(poll, answer)
    if answer.status == _OK and answer.body:
        _keep(poll, replace(poll.before, waiting_fill="1"), answer)
    else:
        pass_over(poll, poll.before)
    return None


def parse_feed(feed_id: str, ports: Poller) -> PollOutcome | None:
    """Read the body that waits, and write its new items and the feed's state in one step. None: nothing waits."""
    feed = ports.feeds.get(feed_id)
    state = state_from(ports.states.get(feed_id))
    if feed is None or not state.waiting_hash:
        return None
    round_ = Round(ports)
    poll = Poll(feed, state, round_)
    try:
        outcome = _parsed(poll)
    finally:
        round_.flush()
    ports.blobs.drop_body(state.waiting_hash)  # feeds weigh more than all their pages, and nobody reads one twice
    return outcome


def _parsed(poll: Poll) -> PollOutcome | None:
    feed, state, ports = poll.feed, poll.before, poll.round.ports
    body = ports.blobs.get_body(state.waiting_hash)
    if body is None:
        poll.write(nothing_waits(state), due_at=ports.clock.now())
        return None
    document = read_feed(
        body,
        url=state.waiting_url or feed.url,
        now=ports.clock.now(),
        content_type=state.waiting_type,
        max_entries=ports.limits.max_entries,
    )
    if state.waiting_fill and isinstance(document, FeedDocument):
        return fill(poll, document)
    if state.waiting_fill:
        pass_over(poll, state)
        return None
    if isinstance(document, FeedDocument):
        return _commit(poll, document)
    is_blocked = document.outcome == PollOutcome.NOT_A_FEED and is_challenge({}, body)
    outcome = PollOutcome.BLOCKED if is_blocked else document.outcome
    # The hash is kept, the validators are not: the same bytes are not read twice, and whatever comes next is.
    read = replace(nothing_waits(state), body_hash=state.waiting_hash, body_outcome=outcome, etag="", last_modified="")
    return _ended(poll, read, outcome, why=document.why)


def _request(feed: Feed, url: str, state: FeedState, limits: FeedLimits) -> HttpRequest:
    headers, is_filling = {"Accept": ACCEPT}, bool(state.fill_urls)
    if state.etag and not is_filling:
        headers["If-None-Match"] = state.etag
    if state.last_modified and not is_filling:
        headers["If-Modified-Since"] = state.last_modified
    return HttpRequest(
        url=url,
        headers=headers,
        max_bytes=limits.max_bytes,
        deadline_s=limits.deadline_s,
        max_redirects=MAX_REDIRECTS,
        credentials=feed.credentials if not is_filling or host_of(url) == host_of(feed.url) else None,
    )


def _answered(poll: Poll, answer: HttpResponse) -> PollOutcome | None:
    outcome = answer_outcome(answer)
    state = after_move(poll.before, answer, configured=poll.feed.url)
    if outcome is not None:
        why = "" if answer.status == _NOT_MODIFIED else f"status {answer.status}"
        return _ended(poll, state, outcome, why=why, headers=answer.headers)
    if hashlib.sha256(answer.body).hexdigest() != state.body_hash:
        _keep(poll, state, answer)
        return None
    # The same bytes are as good as 304, unless they were no feed the last time.
    why = state.why if state.body_outcome else ""
    return _ended(poll, state, state.body_outcome or PollOutcome.UNCHANGED_BODY, why=why, headers=answer.headers)


def answer_outcome(answer: HttpResponse) -> PollOutcome | None:
    """Return how the poll ended by its answer alone; None: there is a body to look at."""
    if answer.status == _NOT_MODIFIED:
        return PollOutcome.NOT_MODIFIED
    if answer.status != _OK and is_challenge(answer.headers, answer.body):
        return PollOutcome.BLOCKED
    if answer.status in _NAMED:
        return _NAMED[answer.status]
    return PollOutcome.SERVER_ERROR if answer.status >= _SERVER_ERRORS_FROM else PollOutcome.NOT_FOUND


def _keep(poll: Poll, state: FeedState, answer: HttpResponse) -> None:
    """Store the body, then say in the state that it waits, then ring."""
    ports = poll.round.ports
    now = ports.clock.now()
    waiting = replace(
        state,
        waiting_hash=ports.blobs.put_body(answer.body),
        waiting_etag=clean_line(answer.headers.get("etag", ""), limit=1_000),
        waiting_last_modified=clean_line(answer.headers.get("last-modified", ""), limit=100),
        waiting_type=clean_line(answer.headers.get("content-type", ""), limit=200),
        waiting_url=answer.chain[-1],
        waiting_since=now,
        waiting_fresh_until=fresh_until(answer.headers, now=now),
        polled_at=now,
    )
    poll.write(waiting, due_at=now + PARSE_WITHIN)
    poll.round.flush()
    ports.bell.ring("feeds.parse", [poll.feed.id])


def _ended(
    poll: Poll, state: FeedState, outcome: PollOutcome, *, why: str, headers: Mapping[str, str] | None = None
) -> PollOutcome:
    """Write the state after a poll that brought no entries."""
    now = poll.round.ports.clock.now()
    fresh, asked = fresh_until(headers or {}, now=now), retry_after(headers or {}, now=now)
    if state is poll.before and outcome is state.outcome and outcome in HEALTHY and why == state.why:
        poll.write_seen(now, due_at=poll.due(state, now=now, fresh=fresh, asked=asked))
        poll.round.outcomes[outcome] += 1
        return outcome
    ended = state.with_outcome(
        outcome,
        clean_line(why, limit=300),
        now=now,
        failure_score=next_score(state.failure_score, outcome),
        gone_seen=state.gone_seen + 1 if outcome == PollOutcome.GONE else 0,
    )
    poll.write(ended, due_at=poll.due(ended, now=now, fresh=fresh, asked=asked))
    poll.round.outcomes[outcome] += 1
    if ended.failure_score:
        log.warning("feed_not_read", feed_id=poll.feed.id, outcome=outcome.value, why=ended.why)
    return outcome


def _commit(poll: Poll, document: FeedDocument) -> PollOutcome:
    ports, fresh = poll.round.ports, poll.before.waiting_fresh_until
    now = ports.clock.now()
    read = after_parse(poll.before, document, now=now)
    due_at = poll.due(read, now=now, fresh=fresh)
    read = replace(read, due_at=due_at)
    items = items_of(poll.feed, document.entries)
    commit = PollCommit(feed_id=poll.feed.id, state=fields_of(read, unlike=poll.before), due_at=due_at, items=items)
    result = ports.ledger.commit_poll(commit, now=now)
    rung = [*result.new, *result.reopened]
    if rung:
        ports.bell.ring("items.fetch", rung)
    # What the ledger's answer teaches is a second step: a crash may lose it, it only makes polls come better timed.
    new = set(result.new)
    found = [item.entry for item in items if item.item_id in new]
    learnt = after_items(read, document.entries, found, now=now)
    if learnt.gaps > read.gaps:
        learnt = with_gap(poll, learnt, document)
    next_at = now if learnt.fill_urls else poll.due(learnt, now=now, fresh=fresh)
    Poll(poll.feed, read, poll.round).write(learnt, due_at=next_at)
    poll.round.outcomes[PollOutcome.PARSED] += 1
    ports.counters.add("entries_total", {"kind": "new"}, len(result.new))
    ports.counters.add("entries_total", {"kind": "known"}, result.known)
    return PollOutcome.PARSED
