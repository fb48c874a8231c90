from datetime import UTC, datetime

import pytest
from page_samples import html, ld, raw

from worker.extract.live import live_entries
from worker.extract.metadata import PageFacts
from worker.extract.service import extract

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
URL = "https://courier.example/live/bridge"
BODY = "The transport ministry of Aldmark said that the first buses had crossed the eastern bridge before noon."


def entries(*updates):
    return live_entries(PageFacts(live_updates=updates), URL, now=NOW)


def test_an_update_is_an_entry_with_its_own_time_and_text():
    (found,) = entries(
        {"headline": "Buses cross", "articleBody": BODY, "datePublished": "2026-03-04T11:00:00Z", "url": "#u1"}
    )
    assert (found.url, found.title, found.given["text"]) == (f"{URL}#u1", "Buses cross", BODY)
    assert found.published == datetime(2026, 3, 4, 11, tzinfo=UTC)


def test_an_update_without_an_address_keeps_its_identity_from_look_to_look():
    update = {"headline": "Buses cross", "articleBody": BODY, "datePublished": "2026-03-04T11:00:00Z"}
    assert entries(update)[0].identity == entries({"articleBody": "x"}, update)[0].identity


def test_markup_in_an_update_becomes_text():
    assert (
        entries({"articleBody": f"<p>{BODY}</p><p>A <b>second</b> one.</p><script>x()</script>"})[0].given["text"]
        == f"{BODY}\n\nA second one."
    )


@pytest.mark.parametrize("update", [{}, {"articleBody": 5}, {"articleBody": "2-1"}, {"headline": ["x"], "text": None}])
def test_an_update_without_words_is_passed_over(update):
    assert entries(update) == []


def test_updates_that_all_give_the_page_as_their_address_stay_apart():
    first = {"headline": "Buses cross", "articleBody": BODY, "datePublished": "2026-03-04T11:00:00Z", "url": URL}
    second = {
        "headline": "Lorries wait",
        "articleBody": BODY,
        "datePublished": "2026-03-04T11:30:00Z",
        "url": URL + "/",
    }
    found = entries(first, second)
    assert len({entry.url for entry in found}) == len({entry.given["part"] for entry in found}) == 2
    assert all(entry.url.startswith(f"{URL}#") for entry in found)


def test_an_update_given_twice_is_one():
    update = {"headline": "Buses cross", "articleBody": BODY, "url": "#u1"}
    assert len(entries(update, update)) == 1


def test_a_page_with_updates_is_a_live_blog_and_no_article():
    update = {"headline": "Buses cross", "articleBody": BODY, "url": "#u1"}
    blog = extract(raw(html(head=ld(**{"@type": "LiveBlogPosting", "liveBlogUpdate": [update]}))), None)
    assert [entry.title for entry in blog.updates] == ["Buses cross"]


def test_an_update_is_an_article_at_its_own_place_on_the_page():
    given = {"title": "Buses cross", "text": BODY, "part": "u1"}
    found, other = (extract(raw(b"", url=f"{URL}#{one}", given=given | {"part": one}), None) for one in ("u1", "u2"))
    assert found.url == f"{URL}#u1"
    assert found.text == BODY
    assert found.article_id != other.article_id


@pytest.mark.parametrize(
    "url", ["https://other.example/live#u1", "http://[", "javascript:alert(1)", "//", "\ud800", "http://a:b@c/#x", " "]
)
def test_an_address_that_is_not_the_sites_own_is_not_believed(url):
    (found,) = entries({"headline": "Buses cross", "articleBody": BODY, "url": url})
    assert found.url.startswith("https://courier.example/")
    assert found.url.isascii()


def test_a_place_on_the_page_is_bounded_and_plain():
    (found,) = entries({"articleBody": BODY, "url": f"#\ud800\u202e{'x' * 5000}"})
    assert found.url == f"{URL}#{'x' * 200}"


@pytest.mark.parametrize("junk", [None, [], {}, 1e308, True, "\ud800", ["a", {"name": 3}], {"@value": []}])
def test_no_value_of_an_update_makes_reading_fail(junk):
    for name in ("headline", "articleBody", "text", "url", "@id", "datePublished"):
        assert len(entries({"headline": "Buses cross", "articleBody": BODY, name: junk})) <= 1
