"""Secrets are planted wherever a configuration takes one; then every command and several faults run.

Whatever comes out of the program or stays behind is searched for them: output, logs, traces, both stores, pages that
are kept, alerts, files.
"""

import base64
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
import typer
import yaml
from site_of_faults import page, topic
from web_server import Handler, Web, serving

from worker.adapters.blobs import blob_store
from worker.cli.main import app, main
from worker.ledger import Stage
from worker.log import configure
from worker.settings import load_settings
from worker.wiring import Services
from worker.work.deliver_alert import due_rows
from worker.work.fetch_item import fetch_item
from worker.work.poll_feed import fetch_feed, parse_feed
from worker.work.process_item import process_item

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::DeprecationWarning")
"""A command's sockets are closed by the end of its process, which is the test's own here."""
SECRETS = {
    "redis": "redis-Xq7%p@ss",
    "heartbeat": "beat-Xq7token",
    "web": "web-Xq7-token",
    "llm": "llm-Xq7-key",
    "cookie": "sid-Xq7-cookie",
    "login": "login-Xq7-word",
    "hook": "whsec_" + base64.b64encode(b"hook-Xq7-signing-key-of-24").decode(),
    "mail": "mail-Xq7-word",
    "elastic": "elastic-Xq7-key",
    "proxy": "proxy-Xq7 word",
    "feed address": "feedkey-Xq7",
}
ENDLESS = {("run",), ("demo",), ("worker",), ("beat",), ("web",)}
"""Commands that run until told to stop; what they do is done here step by step."""
NEVER_HERE = {("evaluate",), ("move",), ("restore",), ("replay",)}
"""Labelled articles, an Elasticsearch, a folder without stores, workers: not at hand. They read no secret of their own."""
ASKED = [
    ["check"], ["check", "--json"], ["status"], ["status", "--json"], ["setup"], ["search", "stance.act: demand", "--json"], ["timeline", "--party", "aldovia"],
    ["claims", "--json"], ["claims", "retract", "none"], ["claims", "verdicts"], ["why", "{page}"], ["alerts", "list", "--json"],
    ["alerts", "test", "all"], ["alerts", "ack", "none"], ["alerts", "resend", "none"], ["alerts", "mute", "borders/aldovia/demand/grain"], ["feeds", "health", "--json"],
    ["feeds", "list"], ["feeds", "test", "--json"], ["feeds", "add", "{base}/other.xml", "--id", "other"], ["feeds", "import", "{opml}"],
    ["feeds", "export", "{opml}"], ["parked", "list"], ["parked", "show", "none"], ["parked", "release", "none"], ["parked", "drop", "none"],
    ["tag", "{text}"], ["ingest", "{nothing}"], ["backup", "{backup}"], ["delete", "{page}", "--yes"],
]  # fmt: skip


def forms(secret: str) -> set[bytes]:
    """Return the ways in which a secret may be written."""
    coded = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
    coded |= {base64.b64encode(f"{user}:{secret}".encode()).decode() for user in ("anna", "default")}
    return {one.encode() for one in coded}


@dataclass
class Desk:
    """One configuration full of secrets on a real site, and all that was said so far."""

    config: Path
    web: Web
    said: io.StringIO
    listed: io.StringIO
    """What ``feeds`` printed: it shows the addresses as they stand in feeds.yml, keys included."""
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> int:
        code = main(["--config", str(self.config), *words])
        out, err = self.capsys.readouterr()
        (self.listed if words[0] == "feeds" else self.said).write(f"\n== {' '.join(words)}: {code}\n{out}")
        self.said.write(err)
        return code

    def work(self) -> int:
        """Do once what the service would do: poll, fetch, process, deliver. Return how many items have ended."""
        settings = load_settings(self.config)
        configure(level=settings.log_level, secrets=settings.secret_texts())
        services = Services(settings, self.config)
        services.begin()
        services.states.sync([feed.id for feed in services.catalogue.feeds], now=services.clock.now())
        for feed in services.catalogue.feeds:
            fetch_feed(feed.id, services.poller())
            parse_feed(feed.id, services.poller())
        for item in services.ledger.due(Stage.QUEUED, now=services.clock.now(), limit=100):
            fetch_item(item, services.fetcher())
        for item in services.ledger.due(Stage.FETCHED, now=services.clock.now(), limit=100):
            process_item(item, services.desk(), services.processor())
        services.results.refresh()
        for row in due_rows(services.results, now=services.clock.now(), limit=100):
            services.deliver(row)
        ended = services.ledger.counts().get("settled", 0)
        self.said.write("".join(self.capsys.readouterr()))
        services.close()
        return ended


def echo(handler: Handler) -> None:
    """Refuse, and say what was sent: bad servers do."""
    handler.answer(str(handler.headers).encode(), status=401, headers={"X-Echo": str(handler.headers["authorization"])})


@pytest.fixture
def desk(
    tmp_path: Path,
    redis_url: str,
    redis_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    with serving() as web:
        links = "".join(f"<item><title>Report {n}</title><link>{web.url(f'/a/{n}')}</link></item>" for n in range(3))
        feed = f"<rss version='2.0'><channel><title>Desk</title>{links}</channel></rss>".encode()
        for path in ("/plain.xml", "/keyed.xml", "/other.xml"):
            web.page(path, feed, Content_Type="application/rss+xml")
        for number in range(2):
            web.page(f"/a/{number}", page(number).encode(), Content_Type="text/html")
        web.routes["/a/2"] = web.routes["/login.xml"] = web.routes["/v1/chat/completions"] = web.routes["/hook"] = echo
        for name, value in environment(web, redis_url, redis_prefix).items():
            monkeypatch.setenv(name, value)
        yield Desk(write_config(tmp_path, web), web, io.StringIO(), io.StringIO(), capsys)


def environment(web: Web, redis_url: str, prefix: str) -> dict[str, str]:
    login = f"default:{quote(SECRETS['redis'], safe='')}@"
    return {
        "STANCEWATCH_REDIS_URL": redis_url.replace("://", f"://{login}", 1),
        "STANCEWATCH_REDIS_PREFIX": prefix,
        "STANCEWATCH_HEARTBEAT_URL": web.url(f"/beat/{SECRETS['heartbeat']}"),
        "STANCEWATCH_WEB_TOKEN": SECRETS["web"],
        "STANCEWATCH_LLM_API_KEY": SECRETS["llm"],
        "STANCEWATCH_ELASTICSEARCH_API_KEY": SECRETS["elastic"],
        "STANCEWATCH_SECRET_COOKIE": f"Cookie: sid={SECRETS['cookie']}",
        "STANCEWATCH_SECRET_LOGIN": f"basic anna:{SECRETS['login']}",
        "STANCEWATCH_SECRET_HOOK": SECRETS["hook"],
        "STANCEWATCH_SECRET_MAIL": f"json://anna:{SECRETS['mail']}@127.0.0.1:9/",
    }


def write_config(folder: Path, web: Web) -> Path:
    config = folder / "config"
    (config / "topics").mkdir(parents=True)
    named = {"publisher": "Desk", "family": "desk"}
    feeds = [
        {"id": "plain", "url": web.url("/plain.xml"), "credentials": "cookie", **named},
        {"id": "login", "url": web.url("/login.xml"), "credentials": "login", **named},
        {"id": "keyed", "url": web.url(f"/keyed.xml?api_key={SECRETS['feed address']}"), **named},
        {"id": "dead", "url": f"http://127.0.0.1:9/rss?token={SECRETS['feed address']}", **named},
    ]
    channels = {
        "hook": {"kind": "webhook", "url": web.url("/hook"), "secret": "hook"},
        "mail": {"kind": "apprise", "secret": "mail"},
        "file": {"kind": "file", "path": "alerts.jsonl"},
    }
    rules = [{"id": "all", "match": {"topics": ["borders"]}, "channels": list(channels), "min_confidence": 0.1}]
    settings = {
        "data_dir": str(folder / "data"),
        "allow_hosts": ["127.0.0.1"],
        "allow_ports": [80, 443, 9, web.port],
        "host_gap_s": 0,
        "warm_up_h": 0,
        "tagger": f"llm:{web.url('/v1')}",
        "llm_model": "small",
        "claim_min_confidence": 0.1,
        "alert_min_confidence": 0.1,
        "log_level": "DEBUG",
    }
    shutil.copytree(ROOT / "config" / "elasticsearch", config / "elasticsearch")
    for name, content in {
        "feeds.yml": {"feeds": feeds},
        "alerts.yml": {"channels": channels, "rules": rules},
        "settings.yml": settings,
        "topics/borders.yml": topic(),
    }.items():
        (config / name).write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return config


def left_behind(desk: Desk, folder: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    """Yield all that stays, with the name of its place. The configuration itself is where secrets' names are."""
    yield "output and logs", desk.said.getvalue().encode()
    for path in (folder / "data").rglob("*"):
        if path.is_file() and "blobs" not in path.parts:
            yield path.name, path.read_bytes()
    blobs = blob_store(str(folder / "data" / "blobs"))
    for capture in blobs.captures():
        yield f"capture {capture.item_id}", repr(capture).encode()
        yield f"body {capture.item_id}", blobs.get_body(capture.body_hash) or b""
    with redis.Redis.from_url(os.environ["STANCEWATCH_REDIS_URL"]) as server:
        for key in server.scan_iter(f"{prefix}*"):
            yield f"Redis {key.decode()}", key + repr(content(server, key)).encode()
    yield "alerts sent", b"".join(desk.web.server.bodies)


def content(server: redis.Redis, key: bytes) -> object:
    """Return all that a key holds, whatever its type."""
    read = {
        b"string": server.get,
        b"hash": server.hgetall,
        b"set": server.smembers,
        b"list": lambda name: server.lrange(name, 0, -1),
        b"zset": lambda name: server.zrange(name, 0, -1),
    }
    return read[server.type(key)](key)


def found(places: Iterator[tuple[str, bytes]]) -> list[str]:
    """Return which secret was found where."""
    return sorted(
        {
            f"{name} in {place}"
            for place, content in places
            for name, secret in SECRETS.items()
            if any(form in content for form in forms(secret))
        }
    )


def commands(of: typer.Typer, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for command in of.registered_commands:
        yield (*before, command.name or command.callback.__name__)
    for group in of.registered_groups:
        yield from commands(group.typer_instance, (*before, str(group.typer_instance.info.name)))


def test_every_command_is_asked_or_named_as_one_that_is_not() -> None:
    asked = {tuple(words[: 2 if words[0] in {"claims", "alerts", "feeds", "parked"} else 1]) for words in ASKED}
    assert set(commands(app)) - asked - ENDLESS - NEVER_HERE == set()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_planted_secret_is_found_anywhere(desk: Desk, tmp_path: Path, redis_prefix: str) -> None:
    text = tmp_path / "given.txt"
    text.write_text("Aldovia demanded that Brenland change the harbour customs by the end of the month. " * 8)
    places = {
        "text": text,
        "opml": tmp_path / "feeds.opml",
        "backup": tmp_path / "backup",
        "base": desk.web.url(""),
        "nothing": tmp_path / "nothing",
    }
    places["nothing"].mkdir()
    assert desk.work() >= 2
    asked = [path.partition("?")[0] for _, path, _ in desk.web.server.seen]
    assert {"/plain.xml", "/login.xml", "/keyed.xml", "/v1/chat/completions", "/hook", "/a/2"} <= set(asked)
    assert {"sid=" + SECRETS["cookie"]} == {
        headers["cookie"] for _, path, headers in desk.web.server.seen if path == "/plain.xml"
    }
    for words in ASKED:
        desk.run(*(word.format(page=desk.web.url("/a/0"), **places) for word in words))
    (tmp_path / "said").write_text(desk.said.getvalue())
    assert found(left_behind(desk, tmp_path, redis_prefix)) == []
    assert found(iter([("feeds", desk.listed.getvalue().encode())])) == ["feed address in feeds"]


FAULTS: dict[str, Callable[[Desk], dict[str, str]]] = {
    "no Redis": lambda _: {
        "STANCEWATCH_REDIS_URL": f"redis://default:{quote(SECRETS['redis'], safe='')}@127.0.0.1:9/0"
    },
    "a Redis that speaks something else": lambda desk: {
        "STANCEWATCH_REDIS_URL": f"redis://default:{quote(SECRETS['redis'], safe='')}@{desk.web.host}/0"
    },
    "no proxy": lambda _: {"STANCEWATCH_OUTBOUND_PROXY": f"http://anna:{quote(SECRETS['proxy'])}@127.0.0.1:9"},
    "no Elasticsearch": lambda _: {"ELASTICSEARCH_URL": "http://127.0.0.1:9"},
    "an Elasticsearch that echoes": lambda desk: {"ELASTICSEARCH_URL": desk.web.url("/v1/chat/completions")},
    "a bad address of Redis": lambda _: {"STANCEWATCH_REDIS_URL": f"htp://x:{quote(SECRETS['redis'])}@host"},
    "a bad address of a proxy": lambda _: {"STANCEWATCH_OUTBOUND_PROXY": f"socks9://anna:{SECRETS['web']}@host"},
    "a bad feed key": lambda _: {"STANCEWATCH_SECRET_COOKIE": SECRETS["cookie"]},
    "a bad signing key": lambda _: {"STANCEWATCH_SECRET_HOOK": f"{SECRETS['web']}%%%"},
    "blobs behind a login": lambda _: {"STANCEWATCH_BLOB_URL": f"ftp://anna:{SECRETS['login']}@127.0.0.1:9/x"},
}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_tells_no_secret(desk: Desk, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FAULTS[fault](desk).items():
        monkeypatch.setenv(name, value)
    for words in (
        ["check"],
        ["status"],
        ["setup"],
        ["feeds", "test", "--json"],
        ["alerts", "test", "all"],
        ["search", "x"],
    ):
        desk.run(*words)
    told = found(iter([(fault, desk.said.getvalue().encode()), ("feeds", desk.listed.getvalue().encode())]))
    assert set(told) <= {"feed address in feeds"}
