"""Naughty strings as title, author, body, feed id, publisher and settings: stored clean, shown inert, logged as one line."""

import html
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
import servers_redis
import yaml
from lxml.html import document_fromstring
from newsroom import Newsroom, open_newsroom
from reading import serving, watched
from site_of_faults import page
from starlette.testclient import TestClient

from worker.cli.web import room_of
from worker.demo.press import load_press
from worker.errors import ConfigurationError
from worker.log import configure, logger
from worker.ports import Hit, Kind, Query
from worker.settings import load_catalogue, load_settings
from worker.text import clean
from worker.topic import Topic
from worker.web.app import create_web

PATHS = ("/search?in=articles&q=", "/sources", "/?since=week", "/alerts")
PARAGRAPHS = 4


@pytest.fixture(scope="module")
def strings(shared: Path) -> list[str]:
    return [text for text in json.loads((shared / "data/strings/blns.json").read_text("utf-8")) if text.strip()]


@pytest.fixture(scope="module")
def told(strings: list[str]) -> list[str]:
    """Return the strings that become articles: all if STANCEWATCH_TEST_EXAMPLES asks for more than is quick."""
    return strings if "STANCEWATCH_TEST_EXAMPLES" in os.environ else strings[::3]


@pytest.fixture(scope="module")
def newsroom(told: list[str], tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Newsroom]:
    """A newsroom whose first feed lists one article for each string, which is its title, author and half its body."""
    feed = f"/{next(iter(load_press().outlets))}/feed.xml"

    def site(path: str, base: str) -> tuple[str, str] | None:
        if path == feed:
            items = [
                {
                    "id": f"n{n}",
                    "url": f"{base}/n/{n}",
                    "title": text,
                    "authors": [{"name": text}],
                    "content_text": text,
                }
                for n, text in enumerate(told)
            ]
            return "application/feed+json", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})
        number = path.removeprefix("/n/")
        if number.isdecimal():
            said = html.escape(told[int(number)])
            body = page(int(number)).replace("</p>", f" {said}</p>", PARAGRAPHS)
            return "text/html; charset=utf-8", body.replace("<h1>", f"<h1>{said} ")
        return None

    prefix = servers_redis.fresh_prefix()
    env = {"REDIS_URL": redis_url, "STANCEWATCH_REDIS_PREFIX": prefix}
    with open_newsroom(tmp_path_factory.mktemp("naughty"), env, extra=site) as opened:
        opened.visit(1)
        yield opened
    servers_redis.remove_keys(redis_url, prefix)


def articles(newsroom: Newsroom) -> list[Hit]:
    hits = newsroom.services.results.search(Query(kind=Kind.ARTICLES, size=1000)).hits
    return [hit for hit in hits if "/n/" in str(hit.document["url"]["full"])]


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from texts(inner)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_naughty_article_is_stored_and_clean(newsroom: Newsroom, told: list[str]) -> None:
    stored = {int(str(hit.document["url"]["full"]).rpartition("/")[2]): hit.document for hit in articles(newsroom)}
    assert set(stored) == set(range(len(told)))
    for number, document in stored.items():
        for text in texts(document):
            assert clean(text) == text, number
            assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in text if char not in "\n\t"), number
        assert "harbour" in document["article"]["text"] or len(document["article"]["text"]) > 500, number
    assert newsroom.services.ledger.parked() == []


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_pages_show_naughty_titles_as_text(newsroom: Newsroom, strings: list[str]) -> None:
    reader = TestClient(create_web(room_of(newsroom.services), token=None), base_url="http://127.0.0.1:8080")
    for path in [*PATHS, *(f"/search?in=articles&q={text[:100]}" for text in strings[::25] if text.isascii())]:
        answer = reader.get(path)
        assert answer.status_code in {200, 400}, path
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        tree = document_fromstring(answer.text)
        assert all(script.get("src", "").startswith("/static/") for script in tree.iter("script")), path
        assert not [
            name for node in tree.iter() if isinstance(node.tag, str) for name in node.attrib if name.startswith("on")
        ]
        assert not tree.xpath("//iframe | //object | //embed | //base | //meta[@http-equiv]"), path
        assert not [
            link
            for _, _, link, _ in tree.iterlinks()
            if re.match(r"\s*(javascript|vbscript|data:text)", link, re.IGNORECASE)
        ]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(400)
def test_chromium_runs_nothing_of_them(newsroom: Newsroom, request: pytest.FixtureRequest) -> None:
    sys.path.insert(1, str(Path(__file__).parents[1] / "browser"))
    playwright = pytest.importorskip("playwright.sync_api")
    executable = next(
        (path for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if path.exists()), None
    )
    if executable is None:
        pytest.skip("no Chromium here")
    with ThreadPoolExecutor(1) as thread:  # Playwright allows one loop a thread, and other tests may hold this one
        thread.submit(_page_through, newsroom, playwright, executable).result()


def _page_through(newsroom: Newsroom, playwright: ModuleType, executable: Path) -> None:
    app = create_web(room_of(newsroom.services), token=None)
    with serving(app) as address, playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(executable), args=["--no-sandbox"])
        with watched(browser, address) as shown:
            for path in PATHS:
                shown.goto(path)
            while (following := shown.locator("a[rel=next]")).count():
                following.first.click()
        browser.close()


def test_a_log_line_with_any_of_them_is_one_event(strings: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    for text in strings:
        logger("x").info("seen", title=text, parts=[text], **{"feed id": text})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(strings)
    assert {json.loads(line)["event"] for line in lines} == {"seen"}


def with_topic(config: Path) -> None:
    (config / "topics").mkdir()
    (config / "topics" / "one.yml").write_text("id: one\n")


def refusals(config: Path, name: str, content: object) -> tuple[str, ...]:
    """Return the faults of a configuration of which one file has this content; empty if it is taken."""
    for each, good in {
        "feeds.yml": {"feeds": []},
        "alerts.yml": {"rules": []},
        "settings.yml": {},
        name: content,
    }.items():
        (config / each).write_text(yaml.safe_dump(good), "utf-8")
    try:
        load_catalogue(
            load_settings(config, {}),
            config,
            build_topic=lambda data: Topic(id=str(data["id"]), label="", parties=(), issues=()),
            build_rules=lambda *_: None,
        )
    except ConfigurationError as error:
        return error.faults
    return ()


@pytest.mark.parametrize("key", ["id", "publisher", "family", "url", "language", "tags", "credentials"])
def test_a_feeds_line_with_them_is_taken_clean_or_refused_by_line(strings: list[str], tmp_path: Path, key: str) -> None:
    with_topic(tmp_path)
    good = {"publisher": "Desk", "family": "desk"}
    lines = [{"id": f"f{n}", "url": f"https://a{n}.example/", **good, key: text} for n, text in enumerate(strings)]
    faults = refusals(tmp_path, "feeds.yml", {"feeds": lines})
    for fault in faults:
        assert re.match(r"(\S*/)?feeds\.yml:\d+: ", fault), fault


@pytest.mark.parametrize("key", ["contact", "public_url", "index_prefix", "web_host", "tagger", "blob_url", "data_dir"])
def test_a_setting_with_one_of_them_is_taken_or_refused_by_line(strings: list[str], tmp_path: Path, key: str) -> None:
    with_topic(tmp_path)
    for text in strings[::7]:
        for fault in refusals(tmp_path, "settings.yml", {key: text}):
            assert re.match(r"(\S*/)?settings\.yml:\d+: |settings: ", fault), fault
