"""What answers and robots.txt files mean for an item."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.fetch import robots
from worker.fetch.challenge import is_challenge
from worker.fetch.classify import Deny, Fetched, Later, Trial, classify, later
from worker.outcomes import Outcome
from worker.ports import HttpResponse

NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)
PAGE = b"<!doctype html><html><head><title>Talks</title></head><body><p>They met.</p></body></html>"
URL = "https://news.example/world/talks"


def judged(status: int = 200, body: bytes = PAGE, *, tries: int = 0, **headers: str) -> Fetched | Deny | Later:
    named = {"content-type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    answer = HttpResponse(status=status, headers=named, body=body, chain=("https://news.example/a",))
    return classify(answer, trial=Trial(tries=tries, since=NOW), now=NOW)


@pytest.mark.parametrize(
    "kind",
    ["text/html", "text/html; charset=utf-8", "application/xhtml+xml", "", "text/plain", "application/octet-stream"],
)
def test_a_web_page_is_fetched_whatever_it_is_called(kind: str) -> None:
    assert judged(content_type=kind) == Fetched()


def test_a_page_in_utf_16_is_a_page() -> None:
    assert judged(body="<html>talks</html>".encode("utf-16")) == Fetched()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7", "text/html"),
        (b"\x89PNG\r\n", "image/png"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b\x08", "application/octet-stream"),
        (b'{"a": 1}', "application/json"),
        (b"words only", "text/plain"),
        (b'<?xml version="1.0"?><rss version="2.0"></rss>', "text/html"),
        (b"<urlset></urlset>", "application/xml"),
        (b"\x00\x01\x02\x03", "text/html"),
        (PAGE, "video/mp4"),
    ],
)
def test_what_is_no_page_is_not_html(body: bytes, kind: str) -> None:
    verdict = judged(body=body, content_type=kind)
    assert isinstance(verdict, Deny)
    assert verdict.outcome == Outcome.NOT_HTML


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.HTTP_ERROR),
        (302, Outcome.HTTP_ERROR),
        (400, Outcome.HTTP_ERROR),
        (401, Outcome.BLOCKED),
        (403, Outcome.BLOCKED),
        (404, Outcome.NOT_FOUND),
        (406, Outcome.BLOCKED),
        (410, Outcome.GONE),
        (451, Outcome.BLOCKED),
        (999, Outcome.HTTP_ERROR),
    ],
)
def test_a_refusal_ends_the_item_with_its_reason(status: int, outcome: Outcome) -> None:
    verdict = judged(status) if status != 999 else judged(418 + 4)
    assert isinstance(verdict, Deny)
    assert verdict.outcome == outcome


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520])
def test_a_failure_that_may_pass_is_asked_again(status: int) -> None:
    assert judged(status) == Later(NOW + timedelta(seconds=60), f"status {status}")


@pytest.mark.parametrize(
    ("header", "wait"),
    [("120", 120), ("Mon, 05 May 2031 12:05:00 GMT", 300), ("999999999", 86_400), ("soon", 60), ("-5", 60)],
)
def test_retry_after_is_obeyed_in_both_forms_and_closes_the_host(header: str, wait: int) -> None:
    verdict = judged(429, retry_after=header)
    assert isinstance(verdict, Later)
    assert verdict.due_at == NOW + timedelta(seconds=wait)
    assert verdict.host_until == (verdict.due_at if wait > 60 else None)


def test_waits_double_up_to_six_hours() -> None:
    waits = [judged(500, tries=tries) for tries in (0, 1, 2, 5, 9, 500)]
    seconds = [(wait.due_at - NOW).total_seconds() for wait in waits if isinstance(wait, Later)]
    assert seconds == [60, 120, 240, 1_920, 21_600, 21_600]


def test_after_three_days_a_host_is_unreachable() -> None:
    first = NOW - timedelta(days=3, seconds=1)
    assert later("timed out", trial=Trial(tries=20, since=first), now=NOW) == Deny(Outcome.UNREACHABLE, "timed out")


def test_an_operator_may_give_up_sooner() -> None:
    trial = Trial(tries=1, since=NOW - timedelta(hours=11), keep_for=timedelta(hours=10))
    assert isinstance(later("timed out", trial=trial, now=NOW), Deny)


def test_an_empty_page_has_no_text() -> None:
    assert judged(body=b" \n") == Deny(Outcome.NO_TEXT, "an empty answer")


CHALLENGES = [
    b"<html><head><title>Just a moment...</title></head></html>",
    b"<html><script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script></html>",
    b"<html><title>Attention Required! | Shield</title></html>",
    b"<html><body><div id='px-captcha'></div></body></html>",
    b"<html><script src='https://geo.captcha-delivery.com/x.js'></script></html>",
    b"<html><title>DDOS-GUARD</title></html>",
    b"<html><iframe src='/_Incapsula_Resource?x=1'></iframe></html>",
]


@pytest.mark.parametrize("body", CHALLENGES)
@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_page_is_blocked_whatever_its_status(body: bytes, status: int) -> None:
    verdict = judged(status, body)
    assert isinstance(verdict, Deny)
    assert verdict.outcome == Outcome.BLOCKED


def test_a_challenge_may_be_named_by_a_header() -> None:
    assert is_challenge({"cf-mitigated": "challenge"}, b"")


def test_a_long_article_about_challenges_is_an_article() -> None:
    assert not is_challenge({}, PAGE + b"x" * 60_000 + CHALLENGES[1])


# -- robots.txt --


def decided(text: str, url: str = URL) -> robots.Robots | robots.RobotsFailed:
    return robots.decide(text, url)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /world/", False),
        ("User-agent: *\nDisallow: /world/\nAllow: /world/talks", True),
        ("User-agent: stancewatch\nDisallow: /", False),
        ("User-agent: Stancewatch\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: otherbot\nDisallow: /", True),
        ("User-agent: *\nDisallow: /*talks$", False),
        ("<html>not found</html>", True),
        ("\x00\xff" * 100, True),
    ],
)
def test_robots_rules_are_followed(text: str, allowed: bool) -> None:
    assert decided(text) == robots.Robots(allowed=allowed)


@pytest.mark.parametrize(("delay", "gap"), [("2", 2.0), ("0.5", 0.5), ("86400", 60.0), ("-1", 0.0), ("soon", 0.0)])
def test_a_crawl_delay_is_honoured_for_a_minute_at_most(delay: str, gap: float) -> None:
    found = decided(f"User-agent: *\nCrawl-delay: {delay}\nDisallow:")
    assert isinstance(found, robots.Robots)
    assert found.gap_s == gap


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_the_file_allows_everything(status: int) -> None:
    assert robots.cached_text(status, b"Disallow", known=None, now=NOW) == robots.ALLOW_ALL


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_a_site_that_fails_allows_nothing_for_a_day(status: int) -> None:
    text, moment = robots.cached_text(status, b"", known=None, now=NOW), NOW
    while moment <= NOW + timedelta(hours=23):
        assert decided(text) == robots.RobotsFailed(moment + timedelta(minutes=15))
        moment += timedelta(hours=1)
        assert robots.is_stale_failure(text, now=moment)
        text = robots.cached_text(status, b"", known=text, now=moment)
    text = robots.cached_text(status, b"", known=text, now=NOW + timedelta(hours=25))
    assert decided(text) == robots.Robots(allowed=True)


def test_a_file_that_comes_back_counts_again() -> None:
    failed = robots.cached_text(500, b"", known=None, now=NOW)
    text = robots.cached_text(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /", known=failed, now=NOW)
    assert decided(text) == robots.Robots(allowed=False)


def test_a_huge_file_is_read_as_far_as_half_a_megabyte() -> None:
    assert len(robots.cached_text(200, b"#" * 600_000, known=None, now=NOW)) == 500_000


@pytest.mark.parametrize(
    ("url", "origin"),
    [("https://News.example/a?b", "https://news.example"), ("http://news.example:8080/a", "http://news.example:8080")],
)
def test_robots_speak_for_an_origin(url: str, origin: str) -> None:
    assert robots.origin_of(url) == origin
