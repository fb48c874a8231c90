"""The reading room over real stores: every page, the guard, verdicts, exports."""

import csv
import io
import json
import re

import pytest
import servers_redis
from newsroom import open_newsroom
from starlette.testclient import TestClient

from worker.cli.web import room_of
from worker.demo.press import LAST_WAVE
from worker.ports import Kind, Query, Write
from worker.web.app import PAGES, create_web

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>\u202e"\'&'


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory, redis_url):
    """One newsroom for all: a test that changes a record takes one that no other looks at."""
    prefix = servers_redis.fresh_prefix()
    env = {"REDIS_URL": redis_url, "STANCEWATCH_REDIS_PREFIX": prefix}
    with open_newsroom(tmp_path_factory.mktemp("room"), env) as opened:
        opened.visit(LAST_WAVE)
        yield opened
    servers_redis.remove_keys(redis_url, prefix)


@pytest.fixture
def reader(newsroom):
    return TestClient(create_web(room_of(newsroom.services), token=None), base_url="http://127.0.0.1:8080")


def some_statement(newsroom, **wanted):
    hits = newsroom.services.results.search(Query(kind=Kind.STATEMENTS, size=500)).hits
    graded = [hit for hit in hits if hit.document["claim"].get("level")]
    return next(h for h in graded if all(h.document["stance"].get(name) == value for name, value in wanted.items()))


@pytest.mark.parametrize("path", [path for path, _ in PAGES])
def test_every_page_answers_with_its_title_and_a_strict_policy(reader, path):
    answer = reader.get(path)
    assert answer.status_code == 200
    assert "<h1>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) < 150_000


def test_the_first_page_says_what_is_new_and_how_much_was_read(reader):
    text = reader.get("/?since=week").text
    assert "3 feeds healthy" in text
    assert "first" in text
    assert "Unreviewed machine reading" in text


def test_a_statement_is_marked_in_its_article(reader, newsroom):
    hit = some_statement(newsroom, party="russia", act="demand")
    text = reader.get(f"/statements/{hit.id}").text
    marked = re.search(r'<mark id="evidence">(.*?)</mark>', text, re.DOTALL)
    assert marked
    assert len(marked[1]) >= 20


def test_positions_lead_to_the_timeline_with_a_picture_and_a_table(reader):
    positions = reader.get("/positions").text
    link = re.search(r'href="(/timeline\?[^"]+)"', positions)[1].replace("&amp;", "&")
    timeline = reader.get(link).text
    assert "<svg" in timeline
    assert "<table>" in timeline


def test_a_search_counts_narrows_and_exports(reader):
    text = reader.get("/search", params={"q": "stance.act: demand"}).text
    assert "Party" in text
    rows = list(csv.reader(io.StringIO(reader.get("/search.csv", params={"q": "stance.act: demand"}).text)))
    lines = [
        json.loads(line) for line in reader.get("/search.json", params={"q": "stance.act: demand"}).text.splitlines()
    ]
    assert len(rows) - 1 == len(lines) >= 4
    assert {line["stance"]["act"] for line in lines} == {"demand"}


@pytest.mark.parametrize("query", ["stance.act:", "((", "nosuchfield: x", 'since="'])
def test_a_query_that_cannot_be_done_is_explained(reader, query):
    for path in ("/search", "/search.json", "/search.csv"):
        answer = reader.get(path, params={"q": query})
        assert answer.status_code in {200, 400}
        assert "Traceback" not in answer.text


def test_unknown_addresses_and_records_are_plain_404s(reader):
    assert reader.get("/nothing").status_code == 404
    assert reader.get("/statements/doesnotexist").status_code == 404


def test_a_verdict_needs_the_pages_own_form(reader, newsroom):
    hit = some_statement(newsroom, party="russia", act="demand")
    path = f"/statements/{hit.id}"
    assert reader.post(f"{path}/verdict", data={"verdict": "wrong"}).status_code == 403
    assert reader.get(f"{path}/verdict").status_code == 405
    assert newsroom.services.results.get(Kind.VERDICTS, [hit.id]) == {}


def test_a_wrong_statement_leaves_its_claims_history(reader, newsroom):
    hit = some_statement(newsroom, party="russia", act="reject")
    path, key = f"/statements/{hit.id}", hit.document["claim"]["key"]
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', reader.get(path).text)[1]
    answer = reader.post(f"{path}/verdict", data={"verdict": "wrong", "csrf": token}, follow_redirects=False)
    assert answer.status_code == 303
    assert newsroom.services.results.get(Kind.VERDICTS, [hit.id])[hit.id].document["verdict"] == "wrong"
    entries = newsroom.services.results.get(Kind.CLAIMS, [key])[key].document["entries"]
    assert hit.id not in json.dumps(entries)


def test_hostile_words_in_a_record_are_shown_inert(reader, newsroom):
    hit = some_statement(newsroom, party="ukraine")
    stored = newsroom.services.results.get(Kind.STATEMENTS, [hit.id])[hit.id].document
    evil = {**stored, "stance": {**stored["stance"], "evidence": HOSTILE, "speaker": HOSTILE}}
    evil["url"] = {**stored["url"], "full": "javascript:alert(1)"}
    newsroom.services.results.write([Write(kind=Kind.STATEMENTS, id=hit.id, document=evil)])
    for path in (f"/statements/{hit.id}", "/search?q=stance.party%3A+ukraine", "/?since=week"):
        text = reader.get(path).text
        assert "<script>" not in text
        assert "<img" not in text
        assert "javascript:" not in text


def test_without_a_token_only_this_machine_may_read(newsroom):
    app = create_web(room_of(newsroom.services), token=None)
    assert TestClient(app, base_url="http://rebound.example").get("/").status_code == 400
    assert TestClient(app, base_url="http://localhost:8080").get("/").status_code == 200


def test_with_a_token_strangers_see_health_only(newsroom):
    app = TestClient(create_web(room_of(newsroom.services), token="a-long-token"), base_url="http://desk.example")
    assert app.get("/").status_code == 401
    assert app.get("/metrics").status_code == 401
    assert app.get("/healthz").text == "ok\n"
    assert app.get("/", headers={"Authorization": "Bearer a-long-token"}).status_code == 200
    assert app.get("/", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_readiness_names_what_is_wrong(reader, newsroom):
    answer = reader.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"result store": "ok", "work ledger": "ok"}


def test_metrics_count_items_by_outcome(reader):
    text = reader.get("/metrics").text
    assert 'stancewatch_items_total{outcome="indexed"} 11.0' in text
