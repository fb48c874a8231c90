"""What becomes of a page: facts, dates, kinds, origin, language."""

from datetime import UTC, datetime, timedelta

import pytest
from page_samples import FETCHED, PARAGRAPHS, TEXT, html, ld, raw

from worker.extract.body import is_furniture
from worker.extract.dates import effective_time
from worker.extract.language import language_of
from worker.extract.metadata import split_authors
from worker.extract.origin import credited_origin
from worker.extract.service import EXTRACTOR_VERSION, Refusal, extract, warm
from worker.model import DateSource, Feed
from worker.outcomes import Outcome

DAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def test_a_page_becomes_paragraphs_without_its_title_and_navigation():
    found = extract(raw(html()), None)
    assert found.text == TEXT
    assert found.title == "Bridge to reopen"
    assert (found.language, found.publisher, found.domain) == ("en", "courier.example", "courier.example")
    assert found.extractor_version == EXTRACTOR_VERSION


def test_the_feed_names_title_date_and_publisher_before_the_page_does():
    feed = Feed(id="feed", url="https://courier.example/rss", publisher="The Courier", family="courier-group")
    page = raw(html(head=ld(headline="Other", datePublished="2026-03-01")), title="From the feed", published=DAY)
    found = extract(page, feed)
    assert (found.title, found.published, found.published_source) == ("From the feed", DAY, DateSource.FEED)
    assert (found.publisher, found.family) == ("The Courier", "courier-group")


@pytest.mark.parametrize(
    ("head", "source"),
    [
        (ld(datePublished="2026-03-03T09:00:00Z"), DateSource.JSON_LD),
        ("<meta property='article:published_time' content='2026-03-03T11:00:00+02:00'>", DateSource.META),
    ],
)
def test_a_page_dates_itself(head, source):
    found = extract(raw(html(head=head)), None)
    assert (found.published, found.published_source) == (DAY, source)


@pytest.mark.parametrize("day", ["1989-12-31", "2026-03-06T00:00:00Z", "9999-01-01", "0001-01-01T00:00:00Z", "soon"])
def test_a_date_that_no_article_has_is_none(day):
    found = extract(raw(html(head=ld(datePublished=day))), None)
    assert found.published is None
    assert (found.published_source, found.effective) == (DateSource.FETCHED, FETCHED)


@pytest.mark.parametrize(
    ("before", "origin", "believed"),
    [
        (timedelta(days=29), "feed", True),
        (timedelta(days=31), "feed", False),
        (timedelta(days=31), "ingest", True),
        (timedelta(days=3_000), "replay", True),
        (timedelta(minutes=-9), "feed", True),
        (timedelta(minutes=-11), "feed", False),
        (timedelta(minutes=-11), "ingest", False),
    ],
)
def test_the_time_that_counts_is_the_published_one_where_it_can_be_believed(before, origin, believed):
    published = FETCHED - before
    assert effective_time(published, FETCHED, origin=origin) == (published if believed else FETCHED)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://courier.example/world/bridge-2", "https://courier.example/world/bridge-2"),
        ("https://news.courier.example/bridge", "https://news.courier.example/bridge"),
        ("https://other.example.org/bridge", "https://courier.example/world/bridge"),
        ("https://courier.example/", "https://courier.example/world/bridge"),
        ("javascript:alert(1)", "https://courier.example/world/bridge"),
        ("http://[", "https://courier.example/world/bridge"),
    ],
)
def test_a_canonical_link_is_honoured_within_the_registered_domain(href, url):
    assert extract(raw(html(head=f"<link rel=canonical href='{href}'>")), None).url == url


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ada Lind and Bo Ek", ["Ada Lind", "Bo Ek"]),
        ("Ada Lind, Bo Ek & Cy Orm", ["Ada Lind", "Bo Ek", "Cy Orm"]),
        ("By ADA LIND, Courier Staff Writer", ["Ada Lind"]),
        ("Ada Lind | The Courier Media", ["Ada Lind"]),
        ("Ada Lind, Courier.com", ["Ada Lind"]),
        ("Von Ada Lind und Bo Ek", ["Ada Lind", "Bo Ek"]),
        ("Ada Lind 3 March 2026", ["Ada Lind"]),
        ("https://courier.example/ada", []),
        ("", []),
    ],
)
def test_a_byline_gives_names_only(line, names):
    assert split_authors(line) == names


def test_a_visible_byline_is_read_where_the_head_names_nobody_but_the_outlet():
    head = ld(author={"@type": "Organization", "name": "The Courier"}, publisher={"name": "The Courier"})
    body = "<span class='post-author'>By Ada Lind</span>" + "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
    assert extract(raw(html(head=head, body=body)), None).authors == ("Ada Lind",)


@pytest.mark.parametrize(
    ("body", "head", "outcome"),
    [
        ("<p>A short line.</p>", "", Outcome.TOO_SHORT),
        ("<p></p>", "", Outcome.NO_TEXT),
        (f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><p>Subscribe to continue reading the story.</p>", "", Outcome.PAYWALLED),
        (f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>", ld(isAccessibleForFree="False"), Outcome.PAYWALLED),
        (
            ("<p>Before you continue to the site we and our 200 partners store data on your device.</p>"
            "<p>Accept all cookies or open the cookie settings to choose what may be stored and for how long it is.</p>"
            "<p>You can change your mind at any time at the foot of every page of the site.</p>"),
            "",
            Outcome.CONSENT_PAGE,
        ),
    ],
)  # fmt: skip
def test_what_is_no_article_is_named(body, head, outcome):
    found = extract(raw(html(body=body, head=head)), None)
    assert isinstance(found, Refusal)
    assert found.outcome is outcome


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Ferry resumes", "Sign up for our newsletter", "Also read: the harvest", "Advertisement",
        "Reporting by Ada Lind; editing by Bo Ek", "Photo: Ada Lind", "All rights reserved.", "Subscribe to our channel",
    ],
)  # fmt: skip
def test_what_pages_put_around_articles_is_furniture(line):
    assert is_furniture(line)


@pytest.mark.parametrize("line", PARAGRAPHS)
def test_a_sentence_of_news_is_no_furniture(line):
    assert not is_furniture(line)


@pytest.mark.parametrize(
    ("text", "authors", "source", "origin"),
    [
        ("ALDMARK CITY (Reuters) - The bridge will open.", (), None, "Reuters"),
        ("The bridge will open.\n\n— AFP", (), None, "AFP"),
        ("The bridge will open.", ("Reuters",), None, "Reuters"),
        ("The bridge will open.", (), "Aldmark Wire", "Aldmark Wire"),
        ("The bridge will open, Reuters was told.", (), None, None),
        ("The bridge will open.", (), "The Courier", None),
    ],
)
def test_whose_text_it_is_comes_from_credits(text, authors, source, origin):
    assert credited_origin(text, authors, source, "The Courier") == origin


def test_the_words_decide_on_the_language_and_the_tag_only_where_they_are_few():
    warm()
    assert language_of(TEXT, "de") == "en"
    assert language_of("Міністерство повідомило, що міст відкриють у понеділок. " * 6, "en") == "uk"
    assert language_of("Ja.", "nl-NL") == "nl"
    assert language_of("1234", None) == "und"


def test_a_document_given_whole_goes_the_same_way():
    given = {"title": "Bridge", "text": TEXT, "published": "2020-03-03T09:00:00Z"}
    found = extract(raw(b"", origin="ingest", given=given), None)
    assert (found.text, found.title, found.published_source) == (TEXT, "Bridge", DateSource.GIVEN)
    assert found.effective == datetime(2020, 3, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("given", [{}, {"text": 5}, {"text": ""}, {"text": None, "title": "x"}])
def test_a_document_without_text_is_refused(given):
    assert extract(raw(b"", given=given), None).outcome is Outcome.NO_TEXT


def test_plain_text_keeps_its_paragraphs():
    wrapped = "\r\n\r\n".join(one.replace(", ", ",\r\n") for one in PARAGRAPHS)
    assert extract(raw(wrapped, headers={"content-type": "text/plain"}), None).text == TEXT
