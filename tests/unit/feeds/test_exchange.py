"""Feeds are found in home pages and travel as OPML."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Refused
from worker.feeds.discovery import FeedLink, feed_links, usual_places
from worker.feeds.opml import feeds_from, opml_from
from worker.model import Feed

NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)
HOME = "https://news.example/world/"


def test_declared_feeds_come_first_and_comment_feeds_last() -> None:
    page = """<head><link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
    <link rel="alternate" type="application/rss+xml" title="World" href="feed.xml">
    <link rel="alternate" hreflang="fr" href="/fr"><link rel="stylesheet" href="/feed.css"></head>
    <a href="/rss">All feeds</a>"""
    assert [link.url for link in feed_links(page, HOME)] == [
        "https://news.example/world/feed.xml",
        "https://news.example/rss",
        "https://news.example/comments/feed",
    ]


def test_a_base_element_is_honoured() -> None:
    page = '<base href="https://static.example/x/"><link rel="alternate" type="application/atom+xml" href="a.xml">'
    assert feed_links(page, HOME) == [FeedLink(0, "https://static.example/x/a.xml")]


def test_a_link_that_is_no_web_address_is_no_feed() -> None:
    page = '<a href="javascript:feed()">x</a><a href="mailto:feed@x.example">y</a><a href="http://[bad/feed">z</a>'
    assert feed_links(page, HOME) == []


@given(st.text(max_size=300))
def test_any_page_is_read(page: str) -> None:
    feed_links(f"<a href='feed{page}'>{page}", HOME)


def test_a_page_full_of_links_gives_a_few() -> None:
    assert len(feed_links("".join(f"<a href='/feed/{n}'>" for n in range(5_000)), HOME)) == 20


def test_usual_places_are_on_the_site() -> None:
    assert usual_places(HOME)[0].url == "https://news.example/feed"


FULL = Feed(
    id="desk-world",
    url="https://news.example/rss?a=1&b=<2>",
    publisher='The "Desk" & Co',
    family="desk",
    language="uk",
    tags=("agency", "europe"),
    topics=("norland", "border"),
    min_interval_s=120,
    max_interval_s=7_200,
    credentials="desk-key",
)


def test_feeds_travel_as_opml_without_loss() -> None:
    feeds = [FULL, Feed(id="plain", url="https://plain.example/rss", publisher="Plain", family="plain")]
    mappings = feeds_from(opml_from(feeds, title="Ours", now=NOW))
    made = [
        Feed(**{name: tuple(value) if isinstance(value, list) else value for name, value in one.items()})
        for one in mappings
    ]
    assert made == feeds


def test_another_readers_folders_become_tags_and_titles_ids() -> None:
    opml = b"""<opml version="1.0"><body><outline text="World News"><outline text="The Desk" xmlUrl="https://a.example/"/>
    <outline text="The Desk" xmlUrl="https://b.example/"/></outline></body></opml>"""
    found = feeds_from(opml, taken_ids=["the-desk"])
    assert [(feed["id"], feed["url"], feed["tags"]) for feed in found] == [
        ("the-desk-2", "https://a.example/", ["world-news"]),
        ("the-desk-3", "https://b.example/", ["world-news"]),
    ]


@pytest.mark.parametrize("data", [b"", b"hello", b"<html></html>", b'<!DOCTYPE o [<!ENTITY a "b">]><rss/>'])
def test_what_is_no_opml_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        feeds_from(data)
