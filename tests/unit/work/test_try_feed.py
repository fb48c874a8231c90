"""Trying a feed: what one request to it says, with nothing remembered."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from worker.errors import HostUnavailable, Refused
from worker.outcomes import PollOutcome
from worker.ports import HttpRequest, HttpResponse
from worker.work.try_feed import feeds_of_site, successor_of, try_feed

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>The Herald</title>
<item><title>One</title><link>https://herald.example/1</link><pubDate>Tue, 10 Mar 2026 10:00:00 GMT</pubDate></item>
<item><title>Two</title><link>https://herald.example/2</link><pubDate>Tue, 10 Mar 2026 11:00:00 GMT</pubDate></item>
</channel></rss>"""
PAGE = b"""<html><head><link rel="alternate" type="application/rss+xml" href="/news.xml"></head><body>Herald</body></html>"""


class Clock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Site:
    """Answers from a table; whatever is not on it is 404."""

    answers: dict[str, tuple[int, bytes] | Exception]
    asked: list[str] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request.url)
        found = self.answers.get(request.url, (404, b""))
        if isinstance(found, Exception):
            raise found
        return HttpResponse(status=found[0], headers={}, body=found[1], chain=(request.url,))


def test_a_good_feed_says_how_much_it_has_and_how_new_it_is() -> None:
    trial = try_feed("https://herald.example/rss", Site({"https://herald.example/rss": (200, FEED)}), Clock())
    assert trial.is_good
    assert (trial.entries, trial.newest) == (2, datetime(2026, 3, 10, 11, 0, tzinfo=UTC))
    assert trial.detail == "The Herald"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, PAGE), PollOutcome.NOT_A_FEED),
        ((404, b""), PollOutcome.NOT_FOUND),
        ((410, b""), PollOutcome.GONE),
        ((403, b""), PollOutcome.BLOCKED),
        ((429, b""), PollOutcome.RATE_LIMITED),
        ((503, b""), PollOutcome.SERVER_ERROR),
        (HostUnavailable("herald.example does not answer"), PollOutcome.UNREACHABLE),
        (Refused("127.0.0.1 is not public", reason="address_refused"), PollOutcome.REFUSED),
    ],
)
def test_anything_else_has_its_own_word_and_a_reason(
    answer: tuple[int, bytes] | Exception, outcome: PollOutcome
) -> None:
    trial = try_feed("https://herald.example/rss", Site({"https://herald.example/rss": answer}), Clock())
    assert trial.outcome is outcome
    assert trial.detail
    assert not trial.is_good


def test_a_home_page_leads_to_the_feed_that_it_names() -> None:
    site = Site({"https://herald.example/": (200, PAGE), "https://herald.example/news.xml": (200, FEED)})
    found = list(feeds_of_site("https://herald.example/", site, Clock()))
    assert [link.url for link, _ in found] == ["https://herald.example/news.xml"]


def test_a_page_that_names_none_is_tried_at_the_usual_places() -> None:
    site = Site(
        {
            "https://herald.example/": (200, b"<html><body>Herald</body></html>"),
            "https://herald.example/feed": (200, FEED),
        }
    )
    found = list(feeds_of_site("https://herald.example/", site, Clock()))
    assert [link.url for link, _ in found] == ["https://herald.example/feed"]


def test_the_address_of_a_feed_is_taken_as_it_is() -> None:
    site = Site({"https://herald.example/rss": (200, FEED)})
    assert [link.url for link, _ in feeds_of_site("https://herald.example/rss", site, Clock())] == [
        "https://herald.example/rss"
    ]
    assert site.asked == ["https://herald.example/rss"]


LOST = "https://herald.example/old.xml"
HOME = {"https://herald.example/": (200, PAGE), "https://herald.example/news.xml": (200, FEED)}


@pytest.mark.parametrize("answer", [(404, b""), (410, b""), (200, b"<!doctype html><html>Welcome</html>")])
def test_a_lost_feed_is_looked_for_on_its_sites_home_page(answer: tuple[int, bytes]) -> None:
    site = Site({LOST: answer, **HOME})
    assert successor_of(try_feed(LOST, site, Clock()), site, Clock()) == "https://herald.example/news.xml"


@pytest.mark.parametrize("home", [(404, b""), HostUnavailable("no answer"), Refused("no", reason="address_refused")])
def test_a_site_that_leads_nowhere_has_no_successor(home: tuple[int, bytes] | Exception) -> None:
    site = Site({"https://herald.example/": home})
    assert successor_of(try_feed(LOST, site, Clock()), site, Clock()) is None


def test_a_feed_that_is_not_lost_is_not_looked_for() -> None:
    site = Site({LOST: (503, b""), **HOME})
    assert successor_of(try_feed(LOST, site, Clock()), site, Clock()) is None
    assert site.asked == [LOST]
