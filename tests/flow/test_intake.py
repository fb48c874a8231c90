"""From a due feed to a fetched page, over a real web server: what is asked, what is kept, what is written down."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from fake_results import FakeResultStore
from fakes_hosts import FakeHostGate
from fakes_work import FakeBell, FakeBreaker, FakeCounters, FakeFeedStates, FakeLedger
from feed_samples import BORDER, TALKS, news_sitemap, rss
from web_server import Handler, Web, endless, serving

from worker.adapters.blobs import blob_store
from worker.adapters.http_client import Credential, GuardedHttpClient, HttpLimits
from worker.adapters.redis_feeds import RedisFeedStates
from worker.adapters.redis_hosts import RedisHostGate
from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.canonical_url import canonical_url
from worker.errors import StoreUnavailable
from worker.feeds.state import FeedState, fields_of, state_from
from worker.identity import item_id
from worker.ledger import ItemRecord, Stage
from worker.model import Feed
from worker.outcomes import Outcome, PollOutcome
from worker.ports import Kind, Write
from worker.work.fetch_item import Fetcher, PageLimits, fetch_item
from worker.work.poll_feed import fetch_feed, fetch_feeds, parse_feed
from worker.work.poll_round import FeedLimits, Poller

START = datetime(2031, 5, 4, 12, tzinfo=UTC)
PAGE = b"<!doctype html><html><body><p>Norland's minister asked for talks.</p></body></html>"


class Desk:
    """One feed on a web server, and everything that takes it in."""

    def __init__(self, web: Web, states: Any, ledger: Any, gate: Any) -> None:
        self.web = web
        self.now_ = START
        self.states, self.ledger, self.gate = states, ledger, gate
        self.feed = Feed(id="desk", url=web.url("/feed"), publisher="Desk", family="desk", topics=("t",))
        self.states.sync(["desk"], now=START)
        self.bell, self.store, self.breaker = FakeBell(), FakeResultStore(), FakeBreaker()
        self.blobs = blob_store(f"memory://{uuid4().hex}")
        self.http = GuardedHttpClient(
            agent="Stancewatch/1.0",
            limits=HttpLimits(allow_hosts=frozenset({"127.0.0.1"})),
            credentials={"desk-key": Credential("X-Key", "secret")},
        )

    def now(self) -> datetime:
        return self.now_

    def later(self, **delta: float) -> None:
        self.now_ += timedelta(**delta)

    @property
    def poller(self) -> Poller:
        return Poller(
            feeds={"desk": self.feed},
            states=self.states,
            ledger=self.ledger,
            gate=self.gate,
            http=self.http,
            blobs=self.blobs,
            bell=self.bell,
            counters=FakeCounters(),
            clock=self,
            limits=FeedLimits(gap_s=0, deadline_s=5),
            dice=Random(1),
        )

    @property
    def fetcher(self) -> Fetcher:
        return Fetcher(
            feeds={"desk": self.feed},
            ledger=self.ledger,
            gate=self.gate,
            http=self.http,
            blobs=self.blobs,
            store=self.store,
            bell=self.bell,
            counters=FakeCounters(),
            clock=self,
            owner="test",
            breaker=self.breaker,
            limits=PageLimits(gap_s=1, deadline_s=5, max_bytes=1_000_000),
        )

    def poll(self) -> PollOutcome | None:
        self.later(hours=1)
        return fetch_feed("desk", self.poller) or parse_feed("desk", self.poller)

    def fetch(self, item: str) -> Outcome | None:
        self.later(minutes=5)
        return fetch_item(item, self.fetcher)

    def state(self) -> FeedState:
        return state_from(self.states.get("desk"))

    def record(self, item: str) -> ItemRecord:
        found = self.ledger.get(item)
        assert found is not None
        return found

    def rung(self, task: str) -> list[str]:
        return [one for name, one in self.bell.rung if name == task]

    def enter(self, path: str) -> str:
        """Bring a page of the server into the ledger through the feed, and return its item."""
        url = self.web.url(path)
        self.web.page("/feed", rss((url, url, f"Page {path}")))
        self.poll()
        return item_id("", canonical_url(url))


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as server:
        yield server


@pytest.fixture
def desk(web: Web) -> Iterator[Desk]:
    states = FakeFeedStates()
    made = Desk(web, states, FakeLedger(states), FakeHostGate())
    yield made
    made.http.close()


@pytest.mark.redis
def test_a_feed_becomes_fetched_pages_over_a_real_redis(web: Web, redis_url: str, redis_prefix: str) -> None:
    link = RedisLink(redis_url, redis_prefix)
    desk = Desk(web, RedisFeedStates(link), RedisLedger(link), RedisHostGate(link))
    item = desk.enter("/talks")
    web.page("/talks", PAGE, Content_Type="text/html")
    assert desk.state().outcome == PollOutcome.PARSED
    assert desk.fetch(item) is None
    assert desk.record(item).stage == Stage.FETCHED
    assert desk.poll() == PollOutcome.UNCHANGED_BODY
    desk.http.close()
    link.close()


# -- polling --


def test_a_changed_feed_is_kept_then_parsed_then_its_items_are_rung(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS, BORDER), ETag='"1"', Last_Modified="Sun, 04 May 2031 09:00:00 GMT")
    desk.later(minutes=1)
    assert fetch_feed("desk", desk.poller) is None
    assert desk.rung("feeds.parse") == ["desk"]
    assert desk.state().etag == ""
    assert parse_feed("desk", desk.poller) == PollOutcome.PARSED
    assert desk.state().etag == '"1"'
    assert desk.state().title == "Desk"
    items = desk.rung("items.fetch")
    assert [desk.record(item).entry.title for item in items] == ["Norland asks for talks", "Border stays shut"]
    assert desk.record(items[0]).topics == ("t",)


def test_a_second_parse_of_the_same_body_does_nothing(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    desk.poll()
    assert parse_feed("desk", desk.poller) is None
    assert len(desk.rung("items.fetch")) == 1


def test_a_crash_between_the_halves_costs_one_full_answer_and_loses_nothing(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS), ETag='"1"')
    fetch_feed("desk", desk.poller)
    desk.later(minutes=6)
    assert desk.states.due(now=desk.now(), limit=9) == ["desk"]
    assert desk.poll() == PollOutcome.PARSED
    assert "if-none-match" not in desk.web.server.seen[-1][2]
    assert len(desk.rung("items.fetch")) == 1


def test_validators_are_sent_and_304_is_no_news(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS), ETag='"1"', Last_Modified="Sun, 04 May 2031 09:00:00 GMT")
    desk.poll()
    desk.web.page("/feed", b"", status=304)
    assert desk.poll() == PollOutcome.NOT_MODIFIED
    headers = desk.web.server.seen[-1][2]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"1"', "Sun, 04 May 2031 09:00:00 GMT")


def test_the_same_bytes_are_not_parsed_again(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    desk.poll()
    assert desk.poll() == PollOutcome.UNCHANGED_BODY
    assert desk.rung("feeds.parse") == ["desk"]


def test_only_new_entries_are_rung(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    desk.poll()
    desk.web.page("/feed", rss(BORDER, TALKS))
    desk.poll()
    assert len(desk.rung("items.fetch")) == 2
    assert (desk.state().overlap, desk.state().gaps, desk.state().new_total) == (0.5, 0, 2)


def test_a_poll_that_knows_nothing_is_a_gap_and_comes_sooner(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    desk.poll()
    usual = desk.state().due_at
    assert usual is not None
    desk.web.page("/feed", rss(BORDER))
    desk.poll()
    due = desk.state().due_at
    assert due is not None
    assert desk.state().gaps == 1
    assert due - desk.now() < (usual - desk.now() + timedelta(hours=1)) / 2


@pytest.mark.parametrize("failed", [[], ["slow"]])
def test_a_batch_that_takes_long_gives_the_rest_away_and_asks_failing_feeds_last(desk: Desk, failed: list[str]) -> None:
    def slow(handler: Handler) -> None:
        desk.later(seconds=21)
        handler.answer(b"no", status=500, headers={})

    desk.web.routes["/slow"] = slow
    names = ["slow", *(f"f{number}" for number in range(19))]
    feeds = {one: replace(desk.feed, id=one, url=desk.web.page(f"/{one}", rss(TALKS))) for one in names[1:]}
    feeds["slow"] = replace(desk.feed, id="slow", url=desk.web.url("/slow"))
    desk.states.sync(names, now=START)
    for one in failed:
        desk.states.update(one, {"failure_score": "1.0"}, due_at=START)
    fetch_feeds(names, replace(desk.poller, feeds=feeds))
    assert desk.rung("feeds.fetch") == ([] if failed else names[10:])
    assert sum(desk.web.asked(f"/{one}") for one in names) == (20 if failed else 10)


def entry(name: str) -> tuple[str, str, str]:
    return (f"tag:{name}", f"https://news.example/{name}", f"Story {name}")


def paged_site(desk: Desk, *pages: bytes) -> None:
    """Serve a feed of several pages, each naming the next one."""
    desk.web.routes["/feed"] = lambda handler: handler.answer(
        pages[int(handler.path.partition("paged=")[2] or "1") - 1], status=200, headers={}
    )


def test_a_gap_is_filled_from_the_feeds_older_pages_until_something_known_turns_up(desk: Desk) -> None:
    head = "<generator>https://wordpress.org/?v=6.4</generator>"
    paged_site(desk, rss(entry("a"), head=head))
    desk.poll()
    paged_site(
        desk,
        *(
            rss(*(entry(name) for name in names), head=head, published="Sun, 04 May 2031 13:30:00 GMT")
            for names in ("gf", "ed", "ca", "z")
        ),
    )
    desk.poll()
    assert desk.state().due_at == desk.now()
    assert [desk.poll(), desk.poll()] == [PollOutcome.PARSED, PollOutcome.PARSED]
    titles = [desk.record(item).entry.title for item in desk.rung("items.fetch")]
    assert titles == ["Story a", "Story g", "Story f", "Story e", "Story d", "Story c"]
    state = desk.state()
    assert (state.fill_urls, state.filled, state.gaps, state.overlap) == ("", 3, 1, 0.0)
    assert desk.poll() == PollOutcome.UNCHANGED_BODY


def test_a_gap_without_older_pages_is_filled_from_the_news_sitemap(desk: Desk) -> None:
    link = f"<link>{desk.web.url('/')}</link>"
    desk.web.page("/feed", rss(TALKS).replace(b"<link>https://news.example/</link>", link.encode()))
    desk.poll()
    desk.web.page("/feed", rss(BORDER).replace(b"<link>https://news.example/</link>", link.encode()))
    missed = ("", "https://news.example/missed", "Missed")
    desk.web.page("/sitemap-news.xml", news_sitemap([missed]).replace(b"T09:00:00Z", b"T13:30:00Z"))
    desk.poll()
    assert (desk.poll(), desk.poll()) == (None, PollOutcome.PARSED)
    assert desk.record(desk.rung("items.fetch")[-1]).entry.title == "Missed"
    assert desk.state().filled == 1
    assert desk.poll() == PollOutcome.UNCHANGED_BODY


def test_a_gap_that_nothing_fills_leaves_the_feed_healthy(desk: Desk) -> None:
    link = f"<link>{desk.web.url('/')}</link>"
    for one in (TALKS, BORDER):
        desk.web.page("/feed", rss(one).replace(b"<link>https://news.example/</link>", link.encode()))
        desk.poll()
    assert [desk.poll(), desk.poll()] == [None, None]
    state = desk.state()
    assert (state.outcome, state.failure_score, state.fill_failed) == (PollOutcome.PARSED, 0.0, 1)
    assert desk.poll() == PollOutcome.UNCHANGED_BODY


def test_an_entry_whose_guid_flips_its_scheme_is_the_same_item(desk: Desk) -> None:
    url = desk.web.url("/talks")
    desk.web.page("/feed", rss((url, url, "Talks")))
    desk.poll()
    desk.web.page("/feed", rss((url + "?utm_source=rss", url + "/", "Talks")))
    desk.poll()
    assert len(desk.rung("items.fetch")) == 1


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"<!doctype html><html>Welcome</html>", PollOutcome.NOT_A_FEED),
        (200, b"<html><title>Just a moment...</title></html>", PollOutcome.BLOCKED),
        (200, rss(), PollOutcome.EMPTY),
        (200, rss(TALKS).replace(b"<rss", b'<!DOCTYPE r [<!ENTITY a "b">]><rss'), PollOutcome.REFUSED),
        (403, b"no", PollOutcome.BLOCKED),
        (404, b"no", PollOutcome.NOT_FOUND),
        (410, b"no", PollOutcome.GONE),
        (429, b"no", PollOutcome.RATE_LIMITED),
        (500, b"no", PollOutcome.SERVER_ERROR),
        (503, b"<html><title>DDOS-GUARD</title></html>", PollOutcome.BLOCKED),
        (418, b"tea", PollOutcome.NOT_FOUND),
    ],
)
def test_each_failure_of_a_feed_is_a_state_of_its_own(
    desk: Desk, status: int, body: bytes, outcome: PollOutcome
) -> None:
    desk.web.page("/feed", body, status=status)
    assert [desk.poll(), desk.poll()] == [outcome, outcome]
    assert desk.state().failure_score > 0
    assert desk.state().outcome_since == START + timedelta(hours=1)


def test_a_feed_that_recovers_is_well_again(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    desk.poll()
    desk.web.page("/feed", b"", status=403)
    assert desk.poll() == PollOutcome.BLOCKED
    desk.web.page("/feed", rss(TALKS))
    assert desk.poll() == PollOutcome.UNCHANGED_BODY
    assert (desk.state().failure_score, desk.state().why) == (0.0, "")


def test_a_feed_that_is_too_large_or_unsafe_is_refused(desk: Desk) -> None:
    desk.web.routes["/feed"] = lambda handler: handler.stream(endless())
    assert desk.poll() == PollOutcome.REFUSED
    desk.web.redirect("/feed", "http://169.254.169.254/latest")
    assert desk.poll() == PollOutcome.REFUSED


def test_a_feed_that_does_not_answer_is_unreachable(desk: Desk) -> None:
    desk.feed = replace(desk.feed, url="http://127.0.0.1:1/feed")
    assert desk.poll() == PollOutcome.UNREACHABLE


def test_a_feed_that_is_gone_is_no_longer_asked(desk: Desk) -> None:
    desk.web.page("/feed", b"", status=410)
    desk.poll()
    desk.poll()
    desk.later(days=400)
    assert desk.states.due(now=desk.now(), limit=9) == []
    assert desk.state().outcome == PollOutcome.GONE


def test_retry_after_delays_the_feed_and_closes_its_host(desk: Desk) -> None:
    desk.web.page("/feed", b"", status=429, Retry_After="7200")
    desk.poll()
    due = desk.state().due_at
    assert due is not None
    assert due - desk.now() >= timedelta(hours=2)
    slot = desk.gate.enter("127.0.0.1", item_id="x", now=desk.now(), gap_s=1, hold_s=1)
    assert slot.wait_until is not None
    assert slot.wait_until - desk.now() >= timedelta(hours=2)


def test_a_permanent_move_is_saved_after_repeated_sight(desk: Desk) -> None:
    desk.web.redirect("/feed", "/new", status=301)
    for number in range(4):
        desk.web.page("/new", rss(TALKS, entry(str(number + 7))))
        desk.poll()
    assert desk.web.asked("/feed") == 3


def test_one_feed_that_fails_does_not_stop_the_batch(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    broken = replace(desk.poller, feeds={"odd": replace(desk.feed, id="odd", credentials="unknown"), "desk": desk.feed})
    fetch_feeds(["odd", "nobody", "desk"], broken)
    assert desk.rung("feeds.parse") == ["desk"]


def test_a_body_that_is_lost_is_fetched_again(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    fetch_feed("desk", desk.poller)
    desk.blobs = blob_store(f"memory://{uuid4().hex}")
    assert parse_feed("desk", desk.poller) is None
    assert desk.poll() == PollOutcome.PARSED


def test_a_wiped_state_is_one_more_full_poll(desk: Desk) -> None:
    desk.web.page("/feed", rss(TALKS))
    desk.poll()
    desk.states.update("desk", fields_of(FeedState()), due_at=desk.now())
    assert desk.poll() == PollOutcome.PARSED
    assert len(desk.rung("items.fetch")) == 1


# -- fetching --


def test_a_page_becomes_a_body_a_capture_and_a_ring(desk: Desk) -> None:
    item = desk.enter("/talks")
    desk.web.page("/talks", PAGE, Content_Type="text/html; charset=utf-8", Set_Cookie="a=1")
    assert desk.fetch(item) is None
    record = desk.record(item)
    assert record.stage == Stage.FETCHED
    assert record.capture_id is not None
    capture = desk.blobs.get_capture(record.capture_id)
    assert capture is not None
    assert desk.blobs.get_body(capture.body_hash) == PAGE
    assert (capture.chain, capture.status, capture.entry.title) == ((desk.web.url("/talks"),), 200, "Page /talks")
    assert "set-cookie" not in capture.headers
    assert desk.rung("items.process") == [item]


def test_an_item_that_is_not_queued_is_left_alone(desk: Desk) -> None:
    item = desk.enter("/talks")
    desk.web.page("/talks", PAGE)
    desk.fetch(item)
    assert desk.fetch(item) is None
    assert desk.web.asked("/talks") == 1


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (404, b"", Outcome.NOT_FOUND),
        (410, b"", Outcome.GONE),
        (403, b"", Outcome.BLOCKED),
        (400, b"", Outcome.HTTP_ERROR),
        (200, b"%PDF-1.7", Outcome.NOT_HTML),
        (200, b"<title>Just a moment...</title>", Outcome.BLOCKED),
        (200, b" ", Outcome.NO_TEXT),
        (200, b"x" * 1_000_001, Outcome.TOO_LARGE),
        (302, b"", Outcome.HTTP_ERROR),
    ],
)
def test_each_refusal_settles_the_item_with_its_outcome(desk: Desk, status: int, body: bytes, outcome: Outcome) -> None:
    item = desk.enter("/talks")
    desk.web.page("/talks", body, status=status, Content_Type="text/html")
    assert desk.fetch(item) == outcome
    assert desk.record(item).outcome == outcome


def test_a_redirect_to_an_inner_address_is_refused(desk: Desk) -> None:
    item = desk.enter("/talks")
    desk.web.redirect("/talks", "http://169.254.169.254/")
    assert desk.fetch(item) == Outcome.REDIRECT_REFUSED


@pytest.mark.parametrize(
    ("url", "outcome"),
    [("http://10.0.0.1/a", Outcome.ADDRESS_REFUSED), ("http://printer.local/a", Outcome.ADDRESS_REFUSED)],
)
def test_a_link_to_an_inner_address_is_refused(desk: Desk, url: str, outcome: Outcome) -> None:
    desk.web.page("/feed", rss((url, url, "Inner")))
    desk.poll()
    assert desk.fetch(item_id("", canonical_url(url))) == outcome


def test_robots_are_asked_once_and_obeyed(desk: Desk) -> None:
    desk.web.page("/robots.txt", b"User-agent: *\nDisallow: /private")
    private, public = desk.enter("/private/a"), desk.enter("/b")
    desk.web.page("/b", PAGE)
    assert desk.fetch(private) == Outcome.ROBOTS_DENIED
    assert desk.fetch(public) is None
    assert (desk.web.asked("/robots.txt"), desk.web.asked("/private/a"), desk.web.asked("/b")) == (1, 0, 1)


def test_a_failing_robots_file_delays_the_item_and_a_day_of_it_counts_as_none(desk: Desk) -> None:
    item = desk.enter("/talks")
    desk.web.page("/robots.txt", b"", status=500)
    desk.web.page("/talks", PAGE)
    for _ in range(80):
        assert desk.fetch(item) is None
        if desk.record(item).stage == Stage.FETCHED:
            break
        desk.later(minutes=20)
    assert desk.record(item).stage == Stage.FETCHED
    assert timedelta(days=1) < desk.now() - START < timedelta(days=1, hours=4)


def test_a_crawl_delay_closes_the_host_for_as_long(desk: Desk) -> None:
    desk.web.page("/robots.txt", b"User-agent: *\nCrawl-delay: 40\nDisallow:")
    item = desk.enter("/talks")
    desk.web.page("/talks", PAGE)
    desk.fetch(item)
    slot = desk.gate.enter("127.0.0.1", item_id="next", now=desk.now() + timedelta(seconds=5), gap_s=1, hold_s=1)
    assert slot.wait_until is not None
    assert slot.wait_until >= desk.now() + timedelta(seconds=39)


def test_a_busy_host_gives_the_item_a_place_in_line(desk: Desk) -> None:
    item = desk.enter("/talks")
    desk.web.page("/talks", PAGE)
    desk.later(minutes=5)
    desk.gate.enter("127.0.0.1", item_id="other", now=desk.now(), gap_s=30, hold_s=30)
    assert fetch_item(item, desk.fetcher) is None
    record = desk.record(item)
    assert (record.stage, desk.web.asked("/talks")) == (Stage.QUEUED, 0)
    assert record.due_at is not None
    assert timedelta(0) < record.due_at - desk.now() <= timedelta(minutes=1)


def test_a_host_that_fails_is_tried_ever_less_often_for_three_days(desk: Desk) -> None:
    item = desk.enter("/talks")
    desk.web.page("/talks", b"", status=502)
    waits, outcome = [], None
    while outcome is None:
        outcome = fetch_item(item, desk.fetcher)
        due = desk.record(item).due_at
        if outcome is None and due is not None:
            waits.append(round((due - desk.now()).total_seconds()))
            desk.now_ = due
    assert outcome == Outcome.UNREACHABLE
    assert waits[:5] == [60, 120, 240, 480, 960]
    assert max(waits) == 21_600
    assert timedelta(days=3) < desk.now() - START < timedelta(days=3, hours=9)


def test_a_dead_host_keeps_the_item_waiting(desk: Desk) -> None:
    url = "http://127.0.0.1:1/talks"
    desk.web.page("/feed", rss((url, url, "Dead")))
    desk.poll()
    item = item_id("", canonical_url(url))
    assert desk.fetch(item) is None
    assert desk.record(item).stage == Stage.QUEUED


def test_what_was_indexed_before_the_ledger_was_lost_is_not_fetched_again(desk: Desk) -> None:
    item = desk.enter("/talks")
    known = desk.record(item).entry_hash
    desk.store.write([Write(kind=Kind.ALIASES, id=item, document={"entry_hash": known})])
    assert desk.fetch(item) == Outcome.KNOWN
    assert desk.web.asked("/talks") == 0


def test_an_entry_that_changed_since_is_fetched_again(desk: Desk) -> None:
    item = desk.enter("/talks")
    desk.web.page("/talks", PAGE)
    desk.store.write([Write(kind=Kind.ALIASES, id=item, document={"entry_hash": "another"})])
    assert desk.fetch(item) is None
    assert desk.record(item).stage == Stage.FETCHED


def test_credentials_go_to_the_feeds_host_only(desk: Desk) -> None:
    desk.feed = replace(desk.feed, credentials="desk-key")
    item = desk.enter("/talks")
    desk.web.page("/talks", PAGE)
    desk.fetch(item)
    keys = {path: headers.get("x-key") for _, path, headers in desk.web.server.seen}
    assert keys == {"/feed": "secret", "/robots.txt": None, "/talks": "secret"}


def test_the_host_is_free_again_after_a_page_that_raised(desk: Desk) -> None:
    item = desk.enter("/talks")

    def fail(handler: Handler) -> None:
        raise RuntimeError

    desk.web.routes["/talks"] = fail
    assert desk.fetch(item) is None
    desk.later(minutes=1)
    assert desk.gate.enter("127.0.0.1", item_id="x", now=desk.now(), gap_s=1, hold_s=1).wait_until is None


class FullDisk:
    """Takes nothing."""

    def put_capture(self, _capture: object) -> str:
        raise AssertionError("the body comes first")

    def put_body(self, _body: bytes) -> str:
        raise StoreUnavailable("blob store: No space left on device")


def test_no_page_is_asked_for_while_there_is_no_room_to_keep_it(desk: Desk) -> None:
    desk.web.page("/feed", rss(*((f"tag:{number}", desk.web.url(f"/{number}"), "T") for number in range(3))))
    for number in range(3):
        desk.web.page(f"/{number}", PAGE)
    assert desk.poll() is PollOutcome.PARSED
    waiting = desk.ledger.due(Stage.QUEUED, now=desk.now(), limit=10)
    room, desk.blobs = desk.blobs, FullDisk()
    for item in waiting:
        assert desk.fetch(item) is None
    asked = sum(desk.web.asked(f"/{number}") for number in range(3))
    assert (asked, desk.breaker.known) == (1, True)

    desk.blobs = room
    desk.breaker.pauses.clear()
    for item in waiting:
        desk.fetch(item)
    assert (desk.ledger.counts()["fetched"], desk.breaker.known) == (3, False)
