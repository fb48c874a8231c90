"""One article, one key; two articles, two keys; and a URL that can be fetched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.canonical_url import canonical_url, clean_fetch_url, host_of, registered_domain

PLAIN = "https://news.example/world/talks-resume"
WITH_ID = "https://news.example/story?id=4711"

SAME = [
    (PLAIN, other)
    for other in (
        "http://news.example/world/talks-resume",
        "https://www.news.example/world/talks-resume",
        "https://www2.news.example/world/talks-resume",
        "https://NEWS.example/world/talks-resume",
        "https://news.example./world/talks-resume",
        "https://news.example:443/world/talks-resume",
        "http://news.example:80/world/talks-resume",
        "https://news.example/world/talks-resume/",
        "https://news.example//world/talks-resume",
        "https://news.example/world/./talks-resume",
        "https://news.example/world/europe/../talks-resume",
        "https://news.example/world/talks%2Dresume",
        "https://news.example/world/talks-resume#comments",
        "https://news.example/world/talks-resume?",
        "https://news.example/world/talks-resume?utm_source=rss&utm_medium=feed",
        "https://news.example/world/talks-resume?fbclid=IwAR0abc",
        "https://news.example/world/talks-resume?gclid=x&gbraid=y",
        "https://news.example/world/talks-resume?at_medium=RSS&at_campaign=KARANGA",
        "https://news.example/world/talks-resume?CMP=share_btn",
        "https://news.example/world/talks-resume?xtor=RSS-3",
        "https://news.example/world/talks-resume?ref=rss",
        "https://news.example/world/talks-resume?source=twitter&via=desk",
        "https://news.example/world/talks-resume?cid=rss",
        "https://news.example/world/talks-resume?traffic_source=rss",
        "https://news.example/world/talks-resume?ocid=socialflow",
        "https://news.example/world/talks-resume;jsessionid=A1B2",
        "https://news.example/world/talks-resume/index.html",
        "https://news.example/world/talks-resume/amp",
        "https://news.example/world/talks-resume/amp/",
        "https://news.example/amp/world/talks-resume",
        "https://news.example/world/talks-resume.amp",
        "https://news.example/world/talks-resume?amp=1",
        "https://news.example/world/talks-resume?amp",
        "https://news.example/world/talks-resume?outputType=amp",
        "https://amp.news.example/world/talks-resume",
        "https://m.news.example/world/talks-resume",
        "https://mobile.news.example/world/talks-resume",
        "https://www.google.com/amp/s/www.news.example/world/talks-resume",
        "https://www.google.co.uk/amp/s/news.example/world/talks-resume",
        "https://www-news-example.cdn.ampproject.org/c/s/www.news.example/world/talks-resume",
        "https://news-example.cdn.ampproject.org/v/s/news.example/world/talks-resume",
        "https://www.google.com/url?q=https://news.example/world/talks-resume&sa=t",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example%2Fworld%2Ftalks-resume&h=AT",
        "https://web.archive.org/web/20310504120000/https://news.example/world/talks-resume",
        "  https://news.example/world/talks-resume\n",
        "news.example/world/talks-resume",
        "//news.example/world/talks-resume",
    )
]
SAME += [
    (WITH_ID, other)
    for other in (
        "https://news.example/story?utm_campaign=x&id=4711",
        "https://news.example/story?id=4711&id=4711",
        "https://news.example/story?id=4711&amp;utm_source=rss",
        "https://news.example/story/?id=4711",
        "https://www.news.example/story?PHPSESSID=1f2e&id=4711",
    )
]
SAME += [
    ("https://news.example/s?a=1&b=2", "https://news.example/s?b=2&a=1"),
    ("https://news.example", "https://news.example/index.php"),
    ("https://news.example/", "http://www.news.example/default.aspx"),
    ("https://новини.example/день", "https://xn--b1amarcd.example/%D0%B4%D0%B5%D0%BD%D1%8C"),
    ("https://en.wiki.example/w/Peace", "https://en.m.wiki.example/w/Peace"),
    ("https://news.example/caf%C3%A9", "https://news.example/café"),
    ("https://news.example/a.html", "https://news.example/a.amp.html"),
]

DIFFERENT = [
    (WITH_ID, "https://news.example/story?id=4712"),
    (WITH_ID, "https://news.example/story"),
    ("https://news.example/?p=1", "https://news.example/?p=2"),
    ("https://news.example/a?page=1", "https://news.example/a?page=2"),
    ("https://news.example/a?lang=en", "https://news.example/a?lang=uk"),
    ("https://news.example/watch?v=abc", "https://news.example/watch?v=abd"),
    ("https://news.example/?article=5", "https://news.example/?article=6"),
    ("https://news.example/?newsid=5", "https://news.example/?newsid=6"),
    ("https://news.example/?ref=123456", "https://news.example/?ref=123457"),
    ("https://news.example/?cid=20310504", "https://news.example/?cid=20310505"),
    ("https://news.example/#!/a", "https://news.example/#!/b"),
    ("https://news.example/#/story/1", "https://news.example/#/story/2"),
    ("https://news.example/Story", "https://news.example/story"),
    ("https://news.example/a", "https://other.example/a"),
    ("https://uk.news.example/a", "https://us.news.example/a"),
    ("https://news.example/a", "https://blog.news.example/a"),
    ("https://news.example:8080/a", "https://news.example/a"),
    ("https://news.example/a?gallery=1", "https://news.example/a?gallery=2"),
    ("https://news.example/a?referendum=yes", "https://news.example/a?referendum=no"),
    ("https://news.example/a?q=peace", "https://news.example/a?q=war"),
    ("https://news.example/a?date=2031-05-04", "https://news.example/a?date=2031-05-05"),
    ("https://news.example/camp", "https://news.example/c"),
    ("https://news.example/amplifiers/a", "https://news.example/lifiers/a"),
    ("https://news.example/a%2Fb", "https://news.example/a/b"),
    ("https://m.example/a", "https://example/a"),
    ("https://news.example/a?storyid=1&at=2", "https://news.example/a?storyid=1&at=3"),
    ("https://news.example/a.pdf", "https://news.example/a.html"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_addresses_of_one_article_have_one_key(one: str, other: str) -> None:
    assert canonical_url(other) == canonical_url(one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_articles_have_two_keys(one: str, other: str) -> None:
    assert canonical_url(other) != canonical_url(one)


def test_the_key_is_host_path_and_sorted_query() -> None:
    url = "HTTPS://www.News.example/a//b/?z=1&utm_source=x&a=ü#top"
    assert canonical_url(url) == "news.example/a/b?a=%C3%BC&z=1"


@pytest.mark.parametrize("text", ["", "   ", "mailto:a@b.example", "urn:uuid:1", "javascript:x()", "http://", "a b"])
def test_what_is_no_web_address_is_its_own_key_and_cannot_be_fetched(text: str) -> None:
    assert canonical_url(text) == text.strip()
    assert clean_fetch_url(text) == ""


@given(st.text(max_size=80))
def test_the_key_of_a_key_is_the_key(text: str) -> None:
    for url in (text, f"https://news.example/{text}", f"https://news.example/a?{text}"):
        key = canonical_url(url)
        assert canonical_url(f"https://{key}") == key or canonical_url(key) == key


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        (" http://news.example ", "http://news.example/"),
        ("http://news.example/a b?q=c d", "http://news.example/a%20b?q=c%20d"),
        ("https://news.example/новини", "https://news.example/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8"),
        ("https://news.example/a%20b", "https://news.example/a%20b"),
        ("https://news.example/a?b=2&a=1&utm_source=rss#x", "https://news.example/a?b=2&a=1"),
        ("https://news.example/a?x=1&amp;y=2", "https://news.example/a?x=1&y=2"),
        ("https://news.example/a?ref=rss", "https://news.example/a?ref=rss"),
        ("https://www.google.com/amp/s/news.example/a", "https://news.example/a"),
        ("https://www.google.com/url?url=https://news.example/a", "https://news.example/a"),
        ("https://m.news.example/a/amp", "https://m.news.example/a/amp"),
        ("//news.example/a", "https://news.example/a"),
        ("https://новини.example/a", "https://xn--b1amarcd.example/a"),
        ("https://news.example/a?flag", "https://news.example/a?flag"),
    ],
)
def test_a_url_is_fetched_in_a_form_that_the_server_still_understands(url: str, fetched: str) -> None:
    assert clean_fetch_url(url) == fetched


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.news.co.uk", "news.co.uk"),
        ("news.example", "news.example"),
        ("a.b.news.example", "news.example"),
        ("president.gov.ua", "president.gov.ua"),
        ("www.mfa.gov.ua", "mfa.gov.ua"),
        ("kyiv.city.com.ua", "city.com.ua"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("News.Example.", "news.example"),
        ("", ""),
    ],
)
def test_the_registered_domain_is_what_somebody_owns(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.example:8080/a", "news.example"),
        ("http://[2606:4700::1]:80/", "2606:4700::1"),
        ("no url", ""),
    ],
)
def test_the_host_of_a_url_has_no_port(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_parameter_that_begins_like_an_entity_keeps_its_name():
    url = "https://news.example/a?id=1&section=world&copy=3&region=x&not=1"
    assert clean_fetch_url(url) == url
    assert canonical_url(url) == "news.example/a?copy=3&id=1&not=1&region=x&section=world"


@pytest.mark.parametrize("joint", ["&amp;", "&#38;", "&#x26;", "&amp;amp;"])
def test_parameters_that_markup_joins_are_two(joint):
    assert clean_fetch_url(f"https://news.example/a?id=1{joint}page=2") == "https://news.example/a?id=1&page=2"


@pytest.mark.parametrize("url", ["https://news ex.example/a", "https://a=b/c", 'https://"x"/', "https://\ud800/"])
def test_what_is_no_host_is_no_web_address(url):
    assert clean_fetch_url(url) == ""
    assert canonical_url(canonical_url(url)) == canonical_url(url)


def test_an_archive_that_hides_behind_doubled_slashes_is_opened_too():
    assert canonical_url("https://web.archive.org//web/2031/http://news.example/a") == "news.example/a"
