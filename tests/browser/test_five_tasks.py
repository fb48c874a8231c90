"""What a desk asks at six in the morning, each within three clicks of the first page; docs/reading-room.md says how."""

import re

import pytest
from reading import tab_to

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


@pytest.fixture
def press(page):
    """Return what goes to an element by Tab and presses Enter on it, starting on the first page."""
    page.goto("/")

    def go(wanted):
        tab_to(page, wanted)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    return go


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
    assert re.match(r"\d{1,2} \w{3} \d{4}\t(reject|demand)\t", turned.inner_text())
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


def test_what_is_new_by_keyboard(page, press):
    press('href="/statements/')
    assert page.locator("#evidence").is_visible()


@pytest.mark.parametrize("party", ["Ukraine", "Russia"])
def test_a_position_and_its_turns_by_keyboard(page, press, party):
    press('href="/positions"')
    address = cell(page, issue="withdrawal of troops", party=party).get_attribute("href")
    press(f'href="{address.replace("&", "&amp;")}"')
    assert page.locator("h1").inner_text() == f"{party} on withdrawal of troops"
    assert page.locator("tbody strong").count() >= 1


def test_broken_sources_by_keyboard(page, press):
    press('href="/sources"')
    assert "Health" in page.locator("thead").inner_text()


def test_a_rule_is_muted_by_keyboard(page, press, newsroom):
    press('href="/alerts"')
    press('aria-label="Mute new-or-changed for a day"')
    assert "rule:new-or-changed" in newsroom.services.results.get(Kind.MUTES, ["rule:new-or-changed"])
    press('name="lift"')
    assert newsroom.services.results.get(Kind.MUTES, ["rule:new-or-changed"]) == {}


def test_an_alert_is_acknowledged_by_keyboard(page, press):
    press('href="/alerts"')
    waiting = page.get_by_role("button", name="Seen").count()
    press('aria-label="Seen: ')
    assert page.get_by_role("button", name="Seen").count() == waiting - 1


def test_a_time_is_chosen_by_keyboard(page, press):
    tab_to(page, 'name="since"')
    page.keyboard.press("ArrowDown")
    press(">Show<")
    assert "since=week" in page.url


def test_a_picture_is_taken_away_by_keyboard(page, press):
    press('href="/timeline"')
    page.goto("/timeline?topic=russia-ukraine&party=russia")
    tab_to(page, 'href="/timeline.png')
    answer = page.request.get(page.evaluate("document.activeElement.href"))
    assert answer.headers["content-type"] == "image/png"


def test_the_last_visit_is_remembered_by_the_browser_alone(page):
    page.goto("/")
    cookie = next(each for each in page.context.cookies() if each["name"] == "stancewatch_seen")
    earlier = int(cookie["value"].partition(".")[2]) - 7_200
    page.context.add_cookies([{**cookie, "value": f"0.{earlier}"}])
    page.goto("/")
    assert page.get_by_label("Since").input_value() == "visit"
    assert page.get_by_label("Since").locator("option").first.inner_text().startswith("my last visit, ")
    page.reload()
    assert page.get_by_label("Since").input_value() == "visit"
