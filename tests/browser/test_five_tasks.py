"""What a desk asks at six in the morning, each within three clicks of the first page; docs/reading-room.md says how."""

import re

import pytest

from worker.ports import Kind

pytestmark = pytest.mark.browser

MOST_CLICKS = 3


@pytest.fixture
def click(page):
    """Return what clicks like a reader who gives up after three, starting on the first page."""
    page.goto("/")
    clicks = []

    def press(locator):
        clicks.append(str(locator))
        assert len(clicks) <= MOST_CLICKS
        with page.expect_navigation():
            locator.click()

    return press


def nav(page, name):
    return page.get_by_role("navigation").get_by_role("link", name=name, exact=True)


def cell(page, *, issue, party):
    """Return the link of the matrix where an issue's row meets a party's column."""
    column = page.locator("thead th").all_inner_texts().index(party)
    row = page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name=issue, exact=True))
    return row.locator("th, td").nth(column).get_by_role("link").first


def test_what_is_new_since_yesterday(page, click):
    assert page.get_by_label("Since").input_value() == "day"
    assert page.locator("article.card").count() >= 10
    click(page.locator("article.card h2 a").first)
    assert page.locator("#evidence").is_visible()


def test_what_kyiv_wants_on_an_issue(page, click):
    click(nav(page, "Positions"))
    click(cell(page, issue="withdrawal of troops", party="Ukraine"))
    assert page.locator("h1").inner_text() == "Ukraine on withdrawal of troops"
    assert "The ministry in Kyiv called on Russia to withdraw its forces" in page.inner_text("main")


def test_when_moscow_began_or_changed_its_position(page, click):
    click(nav(page, "Positions"))
    click(cell(page, issue="withdrawal of troops", party="Russia"))
    turned = page.locator("tbody tr").filter(has=page.locator("strong")).first
    assert re.match(r"\d{1,2} \w{3} \d{4}\treject\t", turned.inner_text())
    assert page.locator("circle[r='8']").count() >= 1


def test_which_sources_are_broken(page, click):
    click(nav(page, "Sources"))
    health = page.locator("thead th").all_inner_texts().index("Health")
    rows = page.locator("tbody tr").all()
    assert [row.locator("td").nth(health).inner_text() for row in rows] == ["healthy"] * 3


def test_mute_this_rule(page, click, newsroom):
    click(nav(page, "Alerts"))
    click(page.get_by_role("button", name="Mute new-or-changed for a day"))
    assert "rule:new-or-changed" in newsroom.services.results.get(Kind.MUTES, ["rule:new-or-changed"])
    click(page.get_by_role("button", name="Unmute"))
    assert newsroom.services.results.get(Kind.MUTES, ["rule:new-or-changed"]) == {}
