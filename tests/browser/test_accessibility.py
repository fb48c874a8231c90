"""axe-core over every page, light on a desk and dark on a phone; each page is kept as a picture to look at."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from reading import serving, watched
from test_pages import PATHS

from worker.cli.web import room_of
from worker.ports import Kind, Query
from worker.web.app import create_web

pytestmark = pytest.mark.browser

ARTIFACTS = Path(os.environ.get("ARTIFACTS", Path(__file__).parents[2] / "artifacts")) / "pages"
SERIOUS = {"serious", "critical"}
DESK, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}


def complaints(page):
    """Return what axe-core finds: rule, weight and the element."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["impact"], node["html"][:150]) for each in found for node in each["nodes"]]


def keep(page, path, look):
    """Keep a picture of the page under its address."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "now"
    page.screenshot(path=ARTIFACTS / f"{name}-{look}.png", full_page=True)


@pytest.mark.parametrize("path", [*PATHS, "/nothing-here", "statement"])
@pytest.mark.parametrize(("look", "viewport"), [("light", DESK), ("dark", PHONE)], ids=["desk", "phone"])
def test_axe_finds_nothing_on_a_page_and_nothing_is_wider_than_it(browser, address, newsroom, path, look, viewport):
    if path == "statement":
        query = Query(kind=Kind.STATEMENTS, kql="claim.level: first", size=1)
        path = f"/statements/{newsroom.services.results.search(query).hits[0].id}"
    missing = path == "/nothing-here"
    provoked = {"ignored": "404"} if missing else {}
    with watched(browser, address, viewport=viewport, color_scheme=look, **provoked) as page:
        assert page.goto(path).status == (404 if missing else 200)
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        keep(page, "statement" if "/statements/" in path else path, "phone" if viewport is PHONE else "desk")
        assert complaints(page) == []


def test_axe_finds_nothing_on_the_form_for_the_token(browser, newsroom):
    app = create_web(room_of(newsroom.services), token="a-long-token")
    with serving(app) as address, watched(browser, address) as page:
        page.goto("/enter")
        keep(page, "/enter", "light")
        assert complaints(page) == []


def test_axe_would_find_a_picture_without_a_name(browser, address):
    with watched(browser, address) as page:
        page.goto("/api")
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/icon.svg\">')"
        )
        assert [(rule, weight) for rule, weight, _ in complaints(page)] == [("image-alt", "critical")]


def test_a_page_on_paper_has_no_forms_and_keeps_its_words(browser, address):
    with watched(browser, address) as page:
        page.emulate_media(media="print")
        for path in PATHS:
            page.goto(path)
            assert page.locator("form:visible, nav:visible").count() == 0, path
            assert page.locator("h1").is_visible(), path
            assert page.evaluate("getComputedStyle(document.body).color") != "rgb(232, 230, 225)", path
