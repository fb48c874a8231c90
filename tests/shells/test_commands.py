"""Every command as a person types it, over real stores: what it prints, and with which code it ends."""

import gzip
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.cli.main import main
from worker.identity import article_id
from worker.ledger import Claim, NewItem, Stage
from worker.model import FeedEntry
from worker.outcomes import Outcome
from worker.ports import CREATE, Kind, Write
from worker.settings import load_settings
from worker.wiring import Services

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

TOPIC = """\
id: valley
label: The Osk valley
parties:
  - {id: arvenia, label: Arvenia, names: [Arvenia], demonyms: [Arvenian], belligerent: true}
  - {id: borduria, label: Borduria, names: [Borduria], demonyms: [Bordurian], belligerent: true}
issues:
  - {id: ceasefire, label: Ceasefire, patterns: {ceasefire: 3, truce: 3}}
  - {id: troop-withdrawal, label: Withdrawal, patterns: {'withdraw* .. troops': 3}}
"""
FEEDS = """\
feeds:
  - {id: herald, url: 'https://herald.example/rss', publisher: The Herald, family: herald, tags: [agency]}
  - {id: dagen, url: 'https://dagen.example/rss', publisher: Dagen, family: dagen, language: no}
"""
ALERTS = """\
channels:
  log: {kind: console}
rules:
  - {id: new-demands, match: {acts: [demand], levels: [first]}, channels: [log]}
"""


@pytest.fixture
def config(tmp_path: Path, redis_url: str, redis_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small configuration of its own, with real stores behind it."""
    folder = tmp_path / "config"
    (folder / "topics").mkdir(parents=True)
    (folder / "topics" / "valley.yml").write_text(TOPIC)
    (folder / "feeds.yml").write_text(FEEDS)
    (folder / "alerts.yml").write_text(ALERTS)
    shutil.copytree(ROOT / "config" / "elasticsearch", folder / "elasticsearch")
    monkeypatch.setenv("STANCEWATCH_REDIS_URL", redis_url)
    monkeypatch.setenv("STANCEWATCH_REDIS_PREFIX", redis_prefix)
    monkeypatch.setenv("STANCEWATCH_CONFIG", str(folder))
    return folder


@pytest.fixture
def services(config: Path) -> Iterator[Services]:
    """Return services over the same stores, made ready."""
    with closing(Services(load_settings(config), config)) as made:
        made.begin()
        yield made


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return what runs a command: (code, stdout, stderr)."""

    def typed(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--config", str(config), *words])
        return code, *capsys.readouterr()

    return typed


def statement(number: int, *, level: str = "first", act: str = "demand") -> Write:
    document = {
        "@timestamp": f"2026-03-{number:02d}T12:00:00+00:00",
        "event": {"created": "2026-03-10T11:00:00+00:00", "ingested": "2026-03-10T11:00:00+00:00"},
        "stance": {
            "party": "arvenia",
            "act": act,
            "issue": "ceasefire",
            "attribution": "reported",
            "evidence": f"Arvenia asked for a truce, day {number}.",
            "start": 0,
            "end": 10,
            "confidence": 0.9,
            "conditional": False,
            "withdrawn": False,
        },
        "claim": {"key": f"valley/arvenia/{act}/ceasefire", "level": level},
        "position": {"key": "valley/arvenia/ceasefire"},
        "topic": "valley",
        "article": {"id": f"a{number}", "title": "Talks", "origin": "feed"},
        "publisher": {"name": "The Herald", "family": "herald"},
        "url": {"full": f"https://herald.example/{number}", "domain": "herald.example"},
    }
    return Write(kind=Kind.STATEMENTS, id=f"s{number}", document=document, token=CREATE)


def store(services: Services, *writes: Write) -> None:
    results = services.results.write(writes)
    assert [result.reason for result in results] == [""] * len(writes)
    services.results.refresh()


def park(services: Services, item_id: str = "i1") -> None:
    entry = FeedEntry(identity="https://herald.example/1", url="https://herald.example/1")
    item = NewItem(item_id=item_id, feed_id="herald", entry=entry, entry_hash="h", topics=("valley",))
    services.ledger.add([item], now=NOW)
    for attempt in range(3):
        now = NOW.replace(hour=13 + attempt)
        claim = services.ledger.claim(item_id, Stage.QUEUED, owner="w", now=now, risky=True)
        assert isinstance(claim, Claim)
        services.ledger.fail(claim, "error", "Traceback: the kettle was cold", now=now)


def test_check_finds_a_good_configuration_good(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = run("check", "--json")
    rows = {row["what"]: row["state"] for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert rows == {
        "feeds": "ok",
        "topics": "ok",
        "topic valley": "thin",
        "contact": "thin",
        "result store": "ok",
        "work ledger": "ok",
        "blobs": "ok",
    }


def test_check_names_every_fault_of_the_configuration(config: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    (config / "feeds.yml").write_text("feeds:\n  - {id: herald, url: 'ftp://x', publisher: H, family: h}\n")
    (config / "alerts.yml").write_text(ALERTS.replace("first", "loud"))
    code, out, err = run("check", "--offline")
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == "config/feeds.yml:2: herald: url: must be an http:// or https:// address"
    assert err.splitlines()[1].startswith("config/alerts.yml:4: rules[0].match.levels[0]: ")


def test_a_demo_without_the_topic_it_tells_of_says_where_to_run_it(run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = run("demo")
    assert (code, out) == (3, "")
    assert "russia-ukraine.yml: not found: run the demo in the project's folder" in err


def test_a_redis_that_does_not_answer_is_three(
    config: Path, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("STANCEWATCH_REDIS_URL", f"redis://:hunter2@127.0.0.1:{taken.getsockname()[1]}/0")
        for words in (["check"], ["parked", "list"], ["status"], ["ingest", "https://herald.example/1"]):
            code, out, err = run(*words)
            assert code == 3, words
            assert "hunter2" not in out + err
            assert "Traceback" not in out + err


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["search", "--in", "dreams"],
        ["search", "--since", "yesterday"],
        ["tag", "--topic", "narnia", "-"],
        ["tag", "/no/such/file"],
        ["evaluate", "/no/such/file"],
        ["feeds", "test", "narnia"],
        ["alerts", "test", "narnia"],
        ["alerts", "mute", "everything"],
        ["ingest", "/no/such/folder"],
        ["search", "stance.party: ("],
    ],
    ids=" ".join,
)
def test_wrong_use_is_two_and_never_a_trace(
    services: Services, run: Callable[..., tuple[int, str, str]], words: list[str]
) -> None:
    code, _, err = run(*words)
    assert code == 2, err
    assert err
    assert "Traceback" not in err


def test_an_unexpected_error_is_one_line(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the kettle was cold")

    monkeypatch.setattr("worker.cli.program.Program.topics", broken)
    code, out, err = run("tag", "--topic", "valley", __file__)
    assert (code, out) == (1, "")
    assert err.startswith("unexpected RuntimeError: the kettle was cold")
    assert err.count("\n") == 1


def test_feeds_are_listed_and_filtered(run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = run("feeds", "list", "--language", "no", "--json")
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["dagen"]


def test_exported_feeds_are_imported_without_loss(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, config: Path
) -> None:
    _, opml, _ = run("feeds", "export")
    (tmp_path / "feeds.opml").write_text(opml)
    assert run("feeds", "import", str(tmp_path / "feeds.opml"))[2] == "0 new of 2 feeds\n"
    (config / "feeds.yml").write_text("feeds: []\n")
    _, lines, err = run("feeds", "import", str(tmp_path / "feeds.opml"))
    assert err == "2 new of 2 feeds\n"
    (config / "feeds.yml").write_text("feeds:\n" + lines)
    listed = [json.loads(line) for line in run("feeds", "list", "--json")[1].splitlines()]
    assert [(feed["id"], feed["family"], feed["language"], feed["topics"]) for feed in listed] == [
        ("herald", "herald", "en", ["valley"]),
        ("dagen", "dagen", "no", ["valley"]),
    ]


def test_feeds_health_is_told_before_the_first_poll(run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = run("feeds", "health")
    assert code == 0
    assert out.splitlines()[-1] == "0 of 2 feeds healthy"


def test_a_feed_on_a_private_address_is_refused_by_the_guard(
    config: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    (config / "feeds.yml").write_text(FEEDS.replace("herald.example", "127.0.0.1"))
    code, out, _ = run("feeds", "test", "herald", "--json")
    assert code == 1
    assert json.loads(out)["state"] == "refused"


def test_search_shows_the_sentence(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    store(services, statement(1), statement(2, level="repeat"))
    code, out, _ = run("search", "claim.level: first and stance.party: arvenia")
    assert code == 0
    assert out.splitlines()[:3] == [
        "2026-03-01T12:00  arvenia demand ceasefire  [first]",
        '  "Arvenia asked for a truce, day 1."',
        "  The Herald  https://herald.example/1",
    ]


def test_search_counts_and_exports(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    store(services, statement(1), statement(2, level="repeat"), statement(3, act="offer"))
    counted = [json.loads(line) for line in run("search", "--by", "act,level", "--json")[1].splitlines()]
    assert {(row["value"], row["count"]) for row in counted} == {
        ("demand", 2),
        ("offer", 1),
        ("first", 2),
        ("repeat", 1),
    }
    lines = run("search", "--all", "--csv", "--sort", "@timestamp:asc")[1].splitlines()
    assert lines[0].startswith("id,@timestamp,stance.party")
    assert [line.split(",")[0] for line in lines[1:]] == ["s1", "s2", "s3"]


def test_nothing_found_is_said(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("search", "stance.party: narnia")[:2] == (0, "nothing found\n")
    assert run("claims")[:2] == (0, "no claims yet\n")
    assert run("claims", "--open")[:2] == (0, "no open demands\n")
    assert run("timeline")[:2] == (0, "nothing was said, as far as we know\n")
    assert run("claims", "verdicts")[:2] == (0, "no statement was judged yet\n")
    assert run("claims", "verdicts", "--gold")[:2] == (0, "")
    assert run("alerts", "list")[:2] == (0, "no alerts\n")
    assert run("parked", "list")[:2] == (0, "nothing is parked\n")
    assert run("why", "https://herald.example/9")[:2] == (1, "nothing is known of https://herald.example/9\n")


def test_a_parked_item_is_shown_released_and_dropped(
    services: Services, run: Callable[..., tuple[int, str, str]]
) -> None:
    park(services)
    assert json.loads(run("parked", "list", "--json")[1])["reason"] == "error"
    assert "the kettle was cold" in run("parked", "show", "i1")[1]
    assert run("parked", "release", "i1")[:2] == (0, "1 of 1 released\n")
    assert run("parked", "drop", "i1")[0] == 1
    park(services, "i2")
    assert run("parked", "drop", "all")[:2] == (0, "1 of 1 dropped\n")
    record = services.ledger.get("i2")
    assert record is not None
    assert record.outcome is Outcome.DROPPED


def test_why_tells_the_story_of_an_item(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    park(services)
    code, out, _ = run("why", "i1")
    assert code == 0
    assert "entered" in out
    assert "the kettle was cold" in out


def test_a_rule_is_rehearsed_and_nothing_is_sent(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    store(services, statement(1), statement(2, level="repeat"), statement(3, act="offer"))
    code, out, _ = run("alerts", "test", "new-demands", "--since", "2026-03-01", "--json")
    assert code == 0
    assert [json.loads(line)["evidence"] for line in out.splitlines()] == ["Arvenia asked for a truce, day 1."]
    assert run("alerts", "list")[1] == "no alerts\n"


def test_a_rule_is_muted_and_heard_again(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("alerts", "mute", "rule:new-demands")[:2] == (0, "rule:new-demands is muted for good\n")
    assert services.results.get(Kind.MUTES, ["rule:new-demands"])
    assert run("alerts", "mute", "rule:new-demands", "--lift")[:2] == (0, "rule:new-demands is heard again\n")
    assert not services.results.get(Kind.MUTES, ["rule:new-demands"])


def test_an_unknown_alert_is_said(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("alerts", "ack", "nope")[:2] == (1, "there is no alert nope\n")
    assert run("alerts", "resend", "nope")[:2] == (1, "there is no alert nope\n")
    assert run("claims", "retract", "nope")[:2] == (1, "there is no statement nope\n")


def test_setup_is_done_once(config: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("setup")[1].endswith("the store is ready\n")
    assert run("setup")[:2] == (0, "the store was ready already\n")


def test_status_before_anything_happened(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = run("status", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["feeds"], found["feeds_healthy"], found["waiting_s"], found["last_statement"]) == (2, 0, None, None)


def test_tag_prints_the_gold_field_names(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Arvenia on Monday demanded that Borduria withdraw its troops from the valley.")
    code, out, _ = run("tag", str(tmp_path / "a.txt"))
    assert code == 0
    record = json.loads(out.splitlines()[0])
    assert list(record)[:9] == [
        "party",
        "speaker",
        "act",
        "issue",
        "target",
        "conditional",
        "condition_issue",
        "attribution",
        "evidence",
    ]
    assert (record["party"], record["act"], record["issue"]) == ("arvenia", "demand", "troop-withdrawal")


def test_evaluate_scores_and_writes_predictions(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    text = "Arvenia on Monday demanded that Borduria withdraw its troops from the valley."
    gold = {
        "id": "g1",
        "topic": "valley",
        "text": text,
        "statements": [
            {
                "party": "arvenia",
                "speaker": None,
                "act": "demand",
                "issue": "troop-withdrawal",
                "target": "borduria",
                "conditional": False,
                "condition_issue": None,
                "attribution": "reported",
                "evidence": text,
            }
        ],
    }
    (tmp_path / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    code, out, _ = run(
        "evaluate", str(tmp_path / "gold.jsonl"), "--predictions", str(tmp_path / "found.jsonl"), "--json"
    )
    assert code == 0
    assert json.loads(out)["triple"]["hits"] == 1
    found = json.loads((tmp_path / "found.jsonl").read_text())
    assert (found["id"], found["statements"][0]["party"]) == ("g1", "arvenia")


def test_ingest_without_a_worker_says_what_is_missing(
    services: Services, run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.cli.ingest.STALLED_AFTER_S", 0.5)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html.gz").write_bytes(gzip.compress(b"<p>A page.</p>"))
    code, _, err = run("ingest", str(tmp_path / "pages"))
    assert code == 3
    assert err == "1 items wait and nothing moves: is the service running (stancewatch run)?\n"


def test_secrets_are_found_in_no_output_of_any_command(
    services: Services, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WEB_TOKEN", "HEARTBEAT_URL", "OUTBOUND_PROXY", "LLM_API_KEY", "SECRET_DESK"):
        monkeypatch.setenv(f"STANCEWATCH_{name}", "https://u:hunter2@kettle.example/hunter2")
    for words in (
        ["check"],
        ["status"],
        ["status", "--json"],
        ["feeds", "list"],
        ["feeds", "health"],
        ["feeds", "test", "herald"],
        ["alerts", "list"],
        ["parked", "list"],
        ["search"],
        ["claims"],
    ):
        _, out, err = run(*words)
        assert "hunter2" not in out + err, words


def test_the_ledger_of_these_tests_is_real(redis_url: str, redis_prefix: str) -> None:
    with closing(RedisLink(redis_url, redis_prefix)) as link:
        assert RedisLedger(link).counts() is not None


def test_moving_asks_where_to(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("move")[::2] == (2, "ELASTICSEARCH_URL is not set: where shall it be moved?\n")


@pytest.mark.elasticsearch
def test_a_store_is_moved_with_the_same_checksums_and_serves_as_before(
    services: Services,
    run: Callable[..., tuple[int, str, str]],
    elasticsearch_url: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    redis_prefix: str,
) -> None:
    store(services, statement(1), statement(2, level="repeat"), statement(3, act="offer"))
    before = run("search", "--all", "--json", "--sort", "@timestamp:asc")[1]
    monkeypatch.setenv("STANCEWATCH_ELASTICSEARCH_URL", elasticsearch_url("8.19.21"))
    monkeypatch.setenv("STANCEWATCH_INDEX_PREFIX", redis_prefix)
    code, out, err = run("move", "--json")
    assert code == 0, err
    moved = {row["kind"]: row["documents"] for row in map(json.loads, out.splitlines())}
    assert moved["statements"] == 3
    assert run("search", "--all", "--json", "--sort", "@timestamp:asc")[1] == before


def test_delete_asks_first_and_says_what_it_did(services: Services, run: Callable[..., tuple[int, str, str]]) -> None:
    article = {
        "@timestamp": "2026-03-01T12:00:00+00:00",
        "article": {"id": "a1", "title": "Talks", "text": "Arvenia asked for a truce."},
        "story": {"id": "a1"},
        "url": {"full": "https://herald.example/1"},
        "publisher": {"name": "The Herald"},
    }
    known = article_id("herald.example/1")
    said = statement(1).document or {}
    store(
        services,
        Write(kind=Kind.ARTICLES, id=known, document=article | {"article": article["article"] | {"id": known}}),
        Write(kind=Kind.STATEMENTS, id="s1", document={**said, "article": {"id": known}}),
    )
    code, _, err = run("delete", "https://herald.example/1")
    assert (code, "give --yes" in err) == (2, True)
    assert run("delete", "herald", "--yes")[0] == 2
    code, out, _ = run("delete", "https://herald.example/1", "--yes")
    assert (code, out) == (0, "deleted: 1 articles, 1 statements\n")
    code, out, _ = run("delete", "https://herald.example/1", "--yes", "--json")
    assert (code, json.loads(out)["article_ids"]) == (0, [known])
    assert run("why", "https://herald.example/1")[0] == 0


def test_a_worker_that_starts_nothing_is_said_to_be_dead_when_the_supervisor_would_say_so(
    services: Services, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.liveness.CATATONIC_AFTER_S", 1.0)
    assert run("status", "--alive", "fetch")[:2] == (1, "fetch did nothing in 1 s\n")
