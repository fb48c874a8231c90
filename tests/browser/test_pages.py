"""The reading room in a real browser: pages, keyboard, phone, dark mode, hostile words."""

import pytest
from reading import focused, serving, tab_to, watched

from worker.cli.web import room_of
from worker.ports import Kind, Query, Write
from worker.web.app import PAGES, create_web

HOSTILE = "</blockquote></script><script>alert('x')</script><img src=x onerror=alert(1)>\u202e\"'&"
TOPIC = "/timeline?topic=russia-ukraine"
TIMELINE = f"{TOPIC}&party=russia&issue=troop-withdrawal"
pytestmark = pytest.mark.browser

PATHS = [
    *(path for path, _ in PAGES),
    "/?since=month",
    "/search?q=stance.act%3A+demand",
    "/search?in=articles&q=talks",
    TIMELINE,
    f"{TOPIC}&party=russia",
    f"{TOPIC}&issue=troop-withdrawal",
    f"{TOPIC}&speaker=Sergei+Lavrov",
    "/digest?since=month",
    "/api",
]


def test_dark_mode_is_dark_and_light_mode_is_light(browser, address):
    paper = "getComputedStyle(document.body).backgroundColor"
    with watched(browser, address, color_scheme="dark") as page:
        page.goto("/")
        assert page.evaluate(paper) == "rgb(20, 24, 28)"
    with watched(browser, address, color_scheme="light") as page:
        page.goto("/")
        assert page.evaluate(paper) == "rgb(251, 250, 247)"


def test_an_editor_finds_opens_and_judges_a_statement_by_keyboard(page, newsroom):
    page.goto("/")
    tab_to(page, 'href="/search"')
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")
    page.wait_for_function("document.activeElement.name === 'q'")
    page.keyboard.type("stance.party: russia and stance.act: demand")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    tab_to(page, "/statements/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statements/*")
    statement_id = page.url.rsplit("/", 1)[-1]
    tab_to(page, 'value="important"')
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("[aria-pressed=true]").inner_text() == "Important"
    kept = newsroom.services.results.get(Kind.VERDICTS, [statement_id])
    assert kept[statement_id].document["verdict"] == "important"


def test_the_first_tab_offers_to_skip_to_the_content(page):
    page.goto("/positions")
    page.keyboard.press("Tab")
    assert "Skip to content" in focused(page)
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_hostile_words_in_a_record_stay_words(browser, address, newsroom):
    store = newsroom.services.results
    hit = store.search(Query(kind=Kind.STATEMENTS, kql="claim.level: first and stance.act: reject", size=1)).hits[0]
    evil = {
        **hit.document,
        "stance": {**hit.document["stance"], "evidence": HOSTILE, "speaker": HOSTILE},
        "publisher": {**hit.document["publisher"], "name": HOSTILE},
        "url": {**hit.document["url"], "full": "javascript:alert(1)"},
    }
    store.write([Write(kind=Kind.STATEMENTS, id=hit.id, document=evil)])
    store.refresh()
    try:
        with watched(browser, address) as page:
            for path in (f"/statements/{hit.id}", "/search?q=stance.act%3A+reject", "/?since=month"):
                page.goto(path)
                assert page.locator("body script, body img, a[href^=javascript]").count() == 0
                assert "onerror=alert(1)" in page.inner_text("body")
    finally:
        store.write([Write(kind=Kind.STATEMENTS, id=hit.id, document=hit.document)])
        store.refresh()


def test_the_pages_work_without_script(browser, address):
    with watched(browser, address, java_script_enabled=False) as page:
        page.goto("/search")
        page.fill("#q", "stance.act: demand")
        page.click("text=Search >> nth=-1")
        assert page.locator("article.card").count() >= 1


def test_one_key_keeps_a_verdict(page, newsroom):
    hit = newsroom.services.results.search(Query(kind=Kind.STATEMENTS, kql="stance.act: offer", size=1)).hits[0]
    page.goto(f"/statements/{hit.id}")
    with page.expect_navigation():
        page.keyboard.press("r")
    assert page.locator("[aria-pressed=true]").inner_text() == "Right"


def test_a_reader_enters_by_keyboard_where_a_token_is_set(browser, newsroom):
    app = create_web(room_of(newsroom.services), token="a-long-token")
    with serving(app) as address, watched(browser, address) as page:
        page.goto("/")
        page.wait_for_url("**/enter")
        page.wait_for_function("document.activeElement.name === 'token'")
        page.keyboard.type("a-long-token")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")
        assert page.locator("h1").inner_text() == "What is new"
        assert page.evaluate("document.cookie") == ""
