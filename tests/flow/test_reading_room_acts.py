"""What a reader does in the reading room: enters, follows a search, says *seen*, mutes a rule."""

import re
from xml.etree import ElementTree as ET

import pytest
import servers_redis
from newsroom import open_newsroom
from starlette.testclient import TestClient

from worker.cli.web import room_of
from worker.demo.press import LAST_WAVE
from worker.ports import Kind, Query
from worker.web.app import create_web

ATOM = {"a": "http://www.w3.org/2005/Atom"}
RULE = "rule:new-or-changed"
TOKEN = "a-long-token"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory, redis_url):
    prefix = servers_redis.fresh_prefix()
    env = {"REDIS_URL": redis_url, "STANCEWATCH_REDIS_PREFIX": prefix}
    with open_newsroom(tmp_path_factory.mktemp("acts"), env) as opened:
        opened.visit(LAST_WAVE)
        yield opened
    servers_redis.remove_keys(redis_url, prefix)


@pytest.fixture
def reader(newsroom):
    return TestClient(
        create_web(room_of(newsroom.services), token=None),
        base_url="http://127.0.0.1:8080",
        follow_redirects=False,
    )


@pytest.fixture
def stranger(newsroom):
    app = create_web(room_of(newsroom.services), token=TOKEN)
    return TestClient(app, base_url="https://desk.example", follow_redirects=False)


def proof(reader):
    return re.search(r'name="csrf" value="([0-9a-f]+)"', reader.get("/alerts").text)[1]


def test_a_browser_without_the_token_is_led_to_the_form(stranger):
    answer = stranger.get("/positions", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/enter")
    assert 'type="password"' in stranger.get("/enter").text


def test_the_token_is_shown_once_and_a_cookie_stands_for_it(stranger):
    answer = stranger.post("/enter", data={"token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Secure"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    assert stranger.get("/positions").status_code == 200


@pytest.mark.parametrize("given", ["wrong", "", TOKEN + " "])
def test_a_wrong_token_sets_no_cookie(stranger, given):
    answer = stranger.post("/enter", data={"token": given})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "This is not the token" in answer.text


def test_a_stranger_cannot_fill_the_memory_with_a_form(stranger):
    assert stranger.post("/enter", data={"token": "x" * 10_000}).status_code == 413
    assert stranger.post("/enter", content=iter([b"token=", b"x" * 10_000])).status_code == 413


def test_where_no_token_is_set_there_is_nothing_to_enter(reader):
    assert reader.get("/enter").headers["location"] == "/"


def test_a_search_can_be_followed_as_atom_and_as_json(reader):
    words = {"q": "stance.party: russia and stance.act: demand"}
    atom, feed = reader.get("/search.atom", params=words), reader.get("/search.feed.json", params=words)
    root = ET.fromstring(atom.text)  # noqa: S314 - our own
    ids = [entry.text for entry in root.findall("a:entry/a:id", ATOM)]
    links = [entry.get("href") for entry in root.findall("a:entry/a:link[@rel='alternate']", ATOM)]
    assert atom.headers["content-type"].startswith("application/atom+xml")
    assert feed.headers["content-type"].startswith("application/feed+json")
    assert ids == [item["id"] for item in feed.json()["items"]]
    assert len(ids) >= 4
    assert reader.get(links[0]).status_code == 200


def test_articles_and_alerts_can_be_followed_too(reader):
    articles = reader.get("/search.feed.json", params={"in": "articles"}).json()["items"]
    alerts = reader.get("/alerts.feed.json").json()["items"]
    assert {"Northern Gazette", "Harbour Wire", "Capital Ledger"} == {item["content_text"] for item in articles}
    assert all(item["id"].startswith("urn:stancewatch:alert:") for item in alerts)
    assert len(ET.fromstring(reader.get("/alerts.atom").text).findall("a:entry", ATOM)) == len(alerts)  # noqa: S314 - our own


def test_a_query_with_control_characters_still_gives_readable_xml(reader):
    answer = reader.get("/search.atom", params={"q": '"\x00\x0b<&\ufffe"'})
    assert answer.status_code in {200, 400}
    ET.fromstring(answer.text if answer.status_code == 200 else "<refused/>")  # noqa: S314 - our own


def test_a_rule_is_muted_and_heard_again(reader, newsroom):
    form = {"what": RULE, "csrf": proof(reader)}
    assert reader.post("/mutes", data={**form, "hours": "24"}).status_code == 303
    assert newsroom.services.results.get(Kind.MUTES, [RULE])[RULE].document["by"] == "reading room"
    assert "muted until" in reader.get("/alerts").text
    assert reader.post("/mutes", data={**form, "lift": "1"}).status_code == 303
    assert newsroom.services.results.get(Kind.MUTES, [RULE]) == {}
    assert "muted until" not in reader.get("/alerts").text


def test_an_alert_is_said_to_be_seen(reader, newsroom):
    row = newsroom.services.results.search(Query(kind=Kind.ALERTS, size=1)).hits[0]
    path = f"/alerts/{row.id}/acknowledge"
    assert reader.post(path, data={"csrf": proof(reader)}).headers["location"] == "/alerts"
    after = newsroom.services.results.get(Kind.ALERTS, [row.id])[row.id].document
    assert after["acknowledged"]["by"] == "reading room"
    assert after["state"] == row.document["state"]
    assert reader.post("/alerts/nosuchrow/acknowledge", data={"csrf": proof(reader)}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"csrf": ""}, 403), ({"csrf": "0" * 64}, 403), ({"what": "state:x"}, 400), ({"hours": "-1"}, 400)],
)
def test_a_mute_that_our_page_did_not_offer_changes_nothing(reader, newsroom, changed, status):
    form = {"what": RULE, "hours": "24", "csrf": proof(reader)} | changed
    assert reader.post("/mutes", data=form).status_code == status
    assert newsroom.services.results.search(Query(kind=Kind.MUTES)).total == 0
    assert reader.get("/mutes").status_code == 405


def test_the_outbox_can_be_narrowed_to_one_state(reader):
    assert "Nothing is failed." in reader.get("/alerts?state=failed").text
    assert "Nothing is" not in reader.get("/alerts?state=sent").text
    assert reader.get('/alerts?state="or *').status_code == 200


def test_arrivals_are_paged_oldest_first_and_none_is_missed(reader, newsroom, monkeypatch):
    monkeypatch.setattr("worker.web.questions.LIMIT", 3)
    seen, after = [], ""
    while after is not None:
        page = reader.get("/api/statements", params={"q": "stance.party: *", "after": after}).json()
        seen += page["items"]
        after = page["next"]
    times = [item["event"]["ingested"] for item in seen]
    assert times == sorted(times)
    assert len({item["id"] for item in seen}) == len(seen) == page["total"] == len(newsroom.all(Kind.STATEMENTS))
    again = reader.get("/api/statements", params={"since": times[-1]}).json()
    assert {item["event"]["ingested"] for item in again["items"]} == {times[-1]}


def test_a_date_in_the_address_is_shown_as_chosen(reader):
    for path in ("/", "/search"):
        text = reader.get(path, params={"since": "2026-01-31"}).text
        assert '<option value="2026-01-31" selected>' in text
    assert reader.get("/", params={"since": '"><script>'}).status_code == 400


def test_a_broken_cursor_is_refused_plainly(reader):
    for path in ("/api/statements", "/search", "/"):
        assert reader.get(path, params={"after": "nonsense"}).status_code == 400
