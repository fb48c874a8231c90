"""Where entries that may have been missed are looked for, and when the gap counts as closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from feed_samples import TALKS, rss

from worker.feeds import gap
from worker.feeds.document import FeedDocument
from worker.feeds.parse import parse_feed
from worker.feeds.state import FeedState, fields_of, state_from

NOW = datetime(2031, 5, 4, 12, tzinfo=UTC)
URL = "https://news.example/feed"
PAGE_2 = "https://news.example/feed?page=2"
WORDPRESS = "<generator>https://wordpress.org/?v=6.4</generator>"


def document(head: str = "", url: str = URL) -> FeedDocument:
    found = parse_feed(rss(TALKS, head=head), url=url, now=NOW)
    assert isinstance(found, FeedDocument)
    return found


def opened(head: str = "", *, robots: str = "", since: datetime | None = None) -> FeedState:
    return gap.opened(FeedState(), document(head), url=URL, robots=robots, before=since)


@pytest.mark.parametrize(
    ("head", "url", "older"),
    [
        (f'<atom:link rel="prev-archive" href="{PAGE_2}"/>', URL, PAGE_2),
        ('<atom:link href="/feed?page=2&amp;x=1" rel="next"/>', URL, "https://news.example/feed?page=2&x=1"),
        (WORDPRESS, URL, "https://news.example/feed?paged=2"),
        (WORDPRESS, f"{URL}?paged=2", "https://news.example/feed?paged=3"),
        ('<atom:link rel="self" href="/feed"/>', URL, ""),
        ("", URL, ""),
    ],
)
def test_a_feed_says_where_its_older_entries_are(head: str, url: str, older: str) -> None:
    assert document(head, url).older_url == older


def test_a_json_feed_says_it_too() -> None:
    body = (
        b'{"version": "https://jsonfeed.org/version/1.1", "next_url": "%s", "items": [{"url": "https://n.example/a"}]}'
    )
    found = parse_feed(body % PAGE_2.encode(), url=URL, now=NOW)
    assert isinstance(found, FeedDocument)
    assert found.older_url == PAGE_2


def test_older_pages_come_before_the_sitemaps_that_robots_names_and_those_before_guesses() -> None:
    robots = "User-agent: *\nSitemap: https://news.example/all.xml\nSitemap: https://news.example/gnews.xml\n"
    state = opened(WORDPRESS, robots=robots)
    assert state.fill_urls.split() == [
        "https://news.example/feed?paged=2",
        "https://news.example/gnews.xml",
        "https://news.example/news-sitemap.xml",
        "https://news.example/sitemap-news.xml",
    ]
    assert state.url_to_ask(URL) == "https://news.example/feed?paged=2"


def test_a_source_that_gives_nothing_is_left_for_the_next_and_three_vain_gaps_end_the_search() -> None:
    state = opened()
    for _ in range(2):
        state = gap.without_source(state)
    assert (state.fill_urls, state.fill_failed) == ("", 1)
    assert state.url_to_ask(URL) == URL
    again = gap.opened(replace(state, fill_failed=3), document(), url=URL, robots="", before=None)
    assert again.fill_urls == ""


def test_what_is_dated_before_the_gap_was_not_missed() -> None:
    entries = document().entries
    assert gap.missed(opened(since=NOW - timedelta(hours=3)), entries) == list(entries)
    assert gap.missed(opened(since=NOW), entries) == []


@pytest.mark.parametrize(
    ("known", "since", "left", "next_page"),
    [
        (0, None, 5, "https://news.example/feed?paged=3"),
        (1, None, 5, ""),
        (0, NOW, 5, ""),
        (0, None, 1, ""),
    ],
    ids=["goes on", "a known entry closes it", "an older entry closes it", "five pages are enough"],
)
def test_a_gap_is_followed_page_by_page_until_it_is_closed(
    known: int, since: datetime | None, left: int, next_page: str
) -> None:
    state = replace(opened(WORDPRESS, since=since), fill_left=left)
    page = document(WORDPRESS, f"{URL}?paged=2")
    after = gap.after_page(state, page, known=known, new=1)
    assert (after.fill_urls, after.filled) == (next_page, 1)
    assert state_from(fields_of(after)) == after


@pytest.mark.parametrize("line", ["http://[", "javascript:news", "//", "\ud800news", "https://a b/news"])
def test_a_sitemap_line_that_is_no_address_is_passed_over(line: str) -> None:
    state = opened(robots=f"Sitemap: {line}\n")
    assert all(url.startswith("https://") for url in state.fill_urls.split())


@pytest.mark.parametrize("page", ["9" * 5_000, "²", "-1", ""])
def test_a_page_number_that_is_none_begins_anew(page: str) -> None:
    assert gap.older_page(WORDPRESS, f"{URL}?paged={page}") == f"{URL}?paged=2"
