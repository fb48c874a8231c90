"""What programs get from the reading room: the API and its description, pictures, the digest."""

import email
import email.policy
import json
import re

import pytest
import servers_redis
from jsonschema import Draft202012Validator, FormatChecker
from newsroom import BOTH_STORES, open_newsroom, store_environment
from openapi_spec_validator import validate
from starlette.routing import Route
from starlette.testclient import TestClient

from worker.cli.web import room_of
from worker.demo.press import LAST_WAVE
from worker.ports import Kind, Query
from worker.web.app import PAGES, create_web

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module", params=BOTH_STORES)
def newsroom(request, tmp_path_factory, redis_url):
    """One newsroom for all: a test that judges counts from what others have judged."""
    prefix = servers_redis.fresh_prefix()
    with open_newsroom(tmp_path_factory.mktemp("api"), store_environment(request, prefix)) as opened:
        for wave in range(1, LAST_WAVE + 1):
            opened.visit(wave)
        yield opened
    servers_redis.remove_keys(redis_url, prefix)


@pytest.fixture(scope="module")
def app(newsroom):
    return create_web(room_of(newsroom.services), token=None)


@pytest.fixture(scope="module")
def reader(app):
    return TestClient(app, base_url="http://127.0.0.1:8080", follow_redirects=False)


@pytest.fixture(scope="module")
def description(reader):
    return reader.get("/openapi.json").json()


def answer_schema(description, path):
    content = description["paths"][path]["get"]["responses"]["200"]["content"]
    return content.get("application/json", {}).get("schema")


def check(description, schema, value):
    whole = {**schema, "components": description["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def a_place(newsroom):
    """Return party and issue of a position that the demo has."""
    hit = next(h for h in newsroom.all(Kind.STATEMENTS) if h.document["claim"].get("level") == "first")
    return {"topic": hit.document["topic"], **{name: hit.document["stance"][name] for name in ("party", "issue")}}


def test_the_description_is_valid_openapi(description):
    validate(description)
    assert description["openapi"] == "3.1.0"


def test_every_route_that_answers_programs_is_described_and_no_other(app, description):
    pages = {path for path, _ in PAGES} | {"/statements/{statement_id}", "/enter", "/digest", "/api", "/favicon.ico"}
    routes = {route.path for route in app.routes if isinstance(route, Route) and "GET" in route.methods}
    assert set(description["paths"]) == routes - pages
    assert pages <= routes


def test_every_described_address_answers_as_described(reader, description, newsroom):
    ids = {
        "/api/statements/{id}": newsroom.all(Kind.STATEMENTS)[0].id,
        "/api/articles/{id}": newsroom.all(Kind.ARTICLES)[0].id,
    }
    place = a_place(newsroom)
    for path, operations in description["paths"].items():
        params = place if path.startswith(("/timeline", "/api/timeline")) else {}
        answer = reader.get(path.replace("{id}", ids.get(path, "")), params=params)
        (media_type,) = operations["get"]["responses"]["200"]["content"]
        assert (path, answer.status_code) == (path, 200)
        assert answer.headers["content-type"].split(";")[0] == media_type, path
        schema = answer_schema(description, path)
        if schema:
            check(description, schema, answer.json())


@pytest.mark.parametrize("kind", ["statements", "articles", "alerts"])
def test_the_api_is_paged_by_arrival_and_misses_nothing(reader, newsroom, kind):
    seen, after = [], ""
    while after is not None:
        page = reader.get(f"/api/{kind}", params={"limit": 3, "after": after}).json()
        assert len(page["items"]) <= 3
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == len(newsroom.all(Kind(kind)))


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/api/statements", {"q": "stance.act:"}, 400),
        ("/api/statements", {"limit": "0"}, 400),
        ("/api/statements", {"limit": "many"}, 400),
        ("/api/statements", {"since": "sometime"}, 400),
        ("/api/statements", {"after": "nonsense"}, 400),
        ("/api/timeline", {}, 400),
        ("/api/statements/nosuch", {}, 404),
        ("/api/articles/nosuch", {}, 404),
        ("/api/nosuch", {}, 404),
    ],
)
def test_a_program_is_told_what_was_wrong(reader, description, path, params, status):
    answer = reader.get(path, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    check(description, {"$ref": "#/components/schemas/Problem"}, answer.json())


def test_positions_and_demands_can_be_narrowed(reader):
    whole = reader.get("/api/positions").json()["items"]
    russia = reader.get("/api/positions", params={"party": "russia"}).json()["items"]
    assert 0 < len(russia) < len(whole)
    assert {item["party"] for item in russia} == {"russia"}
    assert reader.get("/api/demands", params={"topic": "nosuch"}).json() == {"items": [], "total": 0}
    assert reader.get("/api/demands", params={"party": "ukraine"}).json()["total"] > 0


def test_pictures_can_be_taken_away(reader, newsroom):
    place = a_place(newsroom)
    drawn = reader.get("/timeline.svg", params=place)
    assert drawn.text.startswith("<svg ")
    assert "Unreviewed" in drawn.text
    assert reader.get("/timeline.png", params=place).content.startswith(PNG)
    assert reader.get("/timeline.svg", params={"party": "nobody", "issue": "nothing"}).status_code == 404
    assert reader.get("/timeline.png").status_code == 400


@pytest.mark.parametrize("asked", [{"party": "russia"}, {"issue": "troop-withdrawal"}, {"speaker": "Sergei Lavrov"}])
def test_a_timeline_can_be_of_a_party_an_issue_or_a_speaker(reader, asked):
    page = reader.get("/timeline", params=asked).text
    rows = reader.get("/api/timeline", params=asked).json()
    assert "<svg" in page
    assert rows["total"] >= len(rows["items"]) > 0
    times = [row["at"] for row in rows["items"]]
    assert times == sorted(times)


def test_the_digest_is_one_file_that_needs_no_other(reader):
    answer = reader.get("/digest", params={"since": "month"})
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert re.findall(r"<(?:script|link|img|iframe)\b", answer.text) == []
    assert "http://127.0.0.1:8080/statements/" in answer.text
    assert "feeds healthy" in answer.text


def test_the_digest_as_a_mail_has_text_and_html(reader):
    answer = reader.get("/digest.eml", params={"since": "month"})
    message = email.message_from_bytes(answer.content, policy=email.policy.default)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert message["Subject"].startswith("Stancewatch: ")
    assert "feeds healthy" in text
    assert "<blockquote>" in html
    assert "<" not in text.replace("<http", "")
    plain = reader.get("/digest.txt", params={"since": "month"}).text.splitlines()
    assert plain[0].startswith("Stancewatch: ")
    said = next(number for number, line in enumerate(plain) if line.startswith("    “"))
    assert plain[said + 1].startswith("    ")
    assert plain[said + 2].startswith("    http://127.0.0.1:8080/statements/")


def test_an_empty_digest_says_how_much_was_looked_at(reader):
    text = reader.get("/digest.txt", params={"since": "2999-01-01"}).text
    assert "Nothing new was read" in text
    assert "feeds healthy" in text


def judged(reader, *, partial=""):
    """Return the lines of gold by article: of those judged whole, or with ``partial="1"`` of all."""
    lines = reader.get("/verdicts.jsonl", params={"partial": partial}).text.splitlines()
    return {line["id"]: line for line in map(json.loads, lines)}


def test_verdicts_become_precision_and_gold(reader, newsroom):
    before, known = reader.get("/api/verdicts").json(), judged(reader, partial="1")
    untouched = [hit for hit in newsroom.all(Kind.ARTICLES) if hit.id not in known]
    article = max(untouched, key=lambda hit: hit.document["article"]["statements"])
    query = Query(kind=Kind.STATEMENTS, kql=f'article.id: "{article.id}"', size=50)
    hits = [
        hit for hit in newsroom.services.results.search(query).hits if not hit.document["stance"].get("retracted_at")
    ]
    assert len(hits) >= 2
    for hit, word in zip(hits, ["wrong", *["right"] * len(hits)], strict=False):
        page = reader.get(f"/statements/{hit.id}").text
        proof = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
        reader.post(f"/statements/{hit.id}/verdict", data={"verdict": word, "csrf": proof})
        newsroom.services.results.refresh()
        if hit is hits[0]:
            assert article.id not in judged(reader)
            assert article.id in judged(reader, partial="1")
    line = judged(reader)[article.id]
    assert len(line["wrong"]) == 1
    assert line["text"] == article.document["article"]["text"]
    assert {record["evidence"] for record in line["statements"]} <= {h.document["stance"]["evidence"] for h in hits}
    counted = reader.get("/api/verdicts").json()
    assert counted["total"] - before["total"] == len(hits)
    assert sum(row["wrong"] for row in counted["act"]) - sum(row["wrong"] for row in before["act"]) == 1
    assert "By rule" in reader.get("/verdicts").text


def test_a_wrong_verdict_reaches_the_positions_at_once(reader, newsroom):
    before = {item["last"]["statement_id"] for item in reader.get("/api/positions").json()["items"]}
    statement_id = next(iter(before))
    newsroom.services.keep_verdict(statement_id, "wrong")
    newsroom.services.results.refresh()
    board = room_of(newsroom.services).board
    topic = next(iter(newsroom.services.catalogue.topics))
    assert statement_id not in {one.last.statement_id for one in board.positions(topic)}
