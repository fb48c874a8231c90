"""Measure the reading room over a full SQLite store: what each page takes, and two hundred readers at once.

    python scripts/bench_pages.py [--statements 1000000] [--rounds 20] [--readers 200] [--keep FOLDER]

Fills a store in a temporary folder (FOLDER is filled once and kept), starts the embedded Redis and `stancewatch web`
on loopback as a deployment does, and asks it over HTTP. Prints one line a page: p50, p95, size. The store holds one
topic that ships, its parties, people and issues drawn by Zipf's law over three years of an invented press.
"""

# ruff: noqa: S608 - names come from the mapping

import argparse
import asyncio
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpcore
import yaml

from worker.adapters.embedded_server import EmbeddedServer
from worker.adapters.sqlite_store import SqliteStore, _row
from worker.adapters.store_templates import read_templates
from worker.alert.rows import RowKind, plain_row
from worker.identity import claim_key, position_key
from worker.index.sqlite_tables import Tables, column_names, statements
from worker.model import Act, Level
from worker.novelty.history import EARLIEST_KEPT, LATEST_KEPT, Entry, History, added, claim_document
from worker.ports import Kind
from worker.settings import load_settings
from worker.topic import Topic
from worker.wiring import Services

ROOT = Path(__file__).parents[1]
TOPIC = "russia-ukraine"
DAYS = 1_095
END = datetime(2026, 1, 1, tzinfo=UTC)
ACTS = (Act.DEMAND, Act.REJECT, Act.ACCUSE, Act.OFFER, Act.PLEDGE, Act.THREATEN, Act.ACCEPT)
LEVELS = (*Level,)
LEVEL_WEIGHTS = {Level.REPEAT: 90, Level.CHANGED: 1, Level.FIRST: 0}
WORDS = [f"word{n}" for n in range(4_000)]
OUTLETS = [f"Outlet {n}" for n in range(80)]
STATEMENTS_AN_ARTICLE = 4
CONDITIONAL, WITH_TERMS = 0.05, 0.2
ALERTS, VERDICTS = 20_000, 2_000
BATCH = 4_000
START_S = 60.0
LIMIT_MS = 200.0


class Press:
    """Invents statements about one topic, the same ones each time."""

    def __init__(self, topic: Topic, count: int) -> None:
        self._dice = random.Random(7)  # noqa: S311 - the same data each time
        self._topic = topic
        self._count = count
        self._parties = _zipf([party.id for party in topic.parties])
        self._issues = _zipf([issue.id for issue in topic.issues])
        self._people = {party.id: [person.name for person in party.people[:12]] for party in topic.parties}
        self.claims: dict[str, History] = {}
        self._waiting: dict[str, list[Entry]] = {}

    def sentence(self) -> str:
        """Return words that follow Zipf's law as a text's do."""
        dice = self._dice
        return " ".join(WORDS[min(len(WORDS) - 1, int(dice.paretovariate(0.6)))] for _ in range(22))

    def entry(self, number: int) -> Entry:
        """Return the statement of a number; its claim remembers it."""
        dice = self._dice
        party, issue = _drawn(dice, self._parties), _drawn(dice, self._issues)
        act = _drawn(dice, ACT_WEIGHTS)
        moment = END - timedelta(days=DAYS) * (1 - (number + 1) / self._count)
        outlet = _drawn(dice, OUTLET_WEIGHTS)
        entry = Entry(
            statement_id=f"s{number:08d}",
            topic=TOPIC,
            party=party,
            act=act,
            issue=issue,
            target=_drawn(dice, self._parties),
            speaker=dice.choice(self._people[party] or [""]) or None,
            conditional=dice.random() < CONDITIONAL,
            terms=(f"{dice.randrange(90)} days",) if dice.random() < WITH_TERMS else (),
            evidence=self.sentence(),
            confidence=round(dice.uniform(0.5, 1), 4),
            effective=moment,
            arrived=moment,
            article_id=f"a{number // STATEMENTS_AN_ARTICLE:07d}",
            story_id=f"a{number // STATEMENTS_AN_ARTICLE // 3 * 3:07d}",
            url=f"https://{outlet.lower().replace(' ', '-')}.example/{number // STATEMENTS_AN_ARTICLE}",
            publisher=outlet,
            family=outlet,
            tagger="rules/1",
            level=self._level(claim_key(TOPIC, party, act, issue)),
        )
        self._remember(entry)
        return entry

    def _level(self, key: str) -> Level:
        if key not in self.claims and key not in self._waiting:
            return Level.FIRST
        return self._dice.choices(LEVELS, [LEVEL_WEIGHTS.get(level, 2) for level in LEVELS])[0]

    def _remember(self, entry: Entry) -> None:
        waiting = self._waiting.setdefault(entry.claim_key, [])
        waiting.append(entry)
        if len(waiting) >= EARLIEST_KEPT + LATEST_KEPT:
            self._settle(entry.claim_key)

    def _settle(self, key: str) -> None:
        self.claims[key] = added(self.claims.get(key, History(key=key)), self._waiting.pop(key, []))

    def settled_claims(self) -> dict[str, History]:
        """Return every claim with its bounded history."""
        for key in list(self._waiting):
            self._settle(key)
        return self.claims


def _zipf(names: Sequence[Any]) -> tuple[list[Any], list[float]]:
    return list(names), [1 / rank for rank in range(1, len(names) + 1)]


def _drawn(dice: random.Random, weighted: tuple[list[Any], list[float]]) -> Any:  # noqa: ANN401 - whatever was weighted
    return dice.choices(*weighted)[0]


ACT_WEIGHTS, OUTLET_WEIGHTS = _zipf(ACTS), _zipf(OUTLETS)


def statement(entry: Entry) -> dict[str, Any]:
    """Return the document of an entry."""
    moment = entry.effective.isoformat()
    return {
        "@timestamp": moment,
        "event": {"created": moment, "ingested": moment},
        "stance": {
            "party": entry.party,
            "act": str(entry.act),
            "issue": entry.issue,
            "target": entry.target,
            "conditional": entry.conditional,
            "attribution": "reported",
            "evidence": entry.evidence,
            "start": 0,
            "end": len(entry.evidence),
            "confidence": entry.confidence,
            "withdrawn": False,
            "terms": list(entry.terms),
            "rule": "verb",
        }
        | ({"speaker": entry.speaker} if entry.speaker else {}),
        "claim": {"key": entry.claim_key, "level": str(entry.level), "reason": "as it was said", "families": 1},
        "position": {"key": position_key(entry.topic, entry.party, entry.issue)},
        "topic": TOPIC,
        "article": {"id": entry.article_id, "title": entry.evidence[:60], "language": "en", "revision": 1},
        "story": {"id": entry.story_id},
        "url": {"full": entry.url, "domain": entry.url.split("/")[2]},
        "publisher": {"name": entry.publisher, "family": entry.family},
        "feed": {"id": entry.family},
        "tagger": {"name": "rules", "version": "1"},
    }


def article(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the article that holds the sentences of some entries."""
    first = entries[0]
    moment = first.effective.isoformat()
    return {
        "@timestamp": moment,
        "event": {"created": moment, "ingested": moment},
        "article": {
            "id": first.article_id,
            "title": first.evidence[:60],
            "text": "\n\n".join(entry.evidence for entry in entries),
            "language": "en",
            "revision": 1,
            "statements": len(entries),
        },
        "story": {"id": first.story_id},
        "url": {"full": first.url, "domain": first.url.split("/")[2]},
        "publisher": {"name": first.publisher, "family": first.family},
        "feed": {"id": first.family},
        "topic": [TOPIC],
    }


def fill(path: Path, topic: Topic, count: int) -> None:
    """Fill a new store and say how long it took."""
    began = time.monotonic()
    press, bulk = Press(topic, count), Bulk(path)
    for first in range(0, count, BATCH):
        entries = [press.entry(number) for number in range(first, min(first + BATCH, count))]
        bulk.add(Kind.STATEMENTS, ((each.statement_id, statement(each)) for each in entries))
        groups = [entries[at : at + STATEMENTS_AN_ARTICLE] for at in range(0, len(entries), STATEMENTS_AN_ARTICLE)]
        bulk.add(Kind.ARTICLES, ((group[0].article_id, article(group)) for group in groups))
    claims = press.settled_claims()
    bulk.add(Kind.CLAIMS, ((key, claim_document(each)) for key, each in claims.items()))
    bulk.add(Kind.ALERTS, (_alert(number) for number in range(min(ALERTS, count // 10))))
    bulk.add(Kind.VERDICTS, (_verdict(number, count) for number in range(min(VERDICTS, count // 10))))
    bulk.close()
    size = path.stat().st_size / 1e6
    print(f"filled: {count:,} statements, {len(claims):,} claims, {size:,.0f} MB, {time.monotonic() - began:,.0f} s")


class Bulk:
    """Fills the tables of an embedded store without its indexes and words, which are made at the end, all at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._templates = read_templates(ROOT / "config" / "elasticsearch")
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-262144", "temp_store=MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        for mapping in self._templates.mappings.values():
            for line in statements(mapping):
                if not line.startswith("CREATE INDEX"):
                    self._connection.execute(line)
        self._rows = dict.fromkeys(Kind, 0)

    def add(self, kind: Kind, documents: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Add documents that are not there yet."""
        mapping, names = self._templates.mappings[kind], Tables(kind)
        whole, narrow, many = [], [], []
        for document_id, document in documents:
            self._rows[kind] += 1
            at = self._rows[kind]
            row = _row(document_id, document, mapping)
            whole.append((at, document_id, at, row.document))
            narrow.append((at, *row.columns))
            many += [(at, *each) for each in row.many]
        marks = ", ?" * len(column_names(mapping))
        self._connection.execute("BEGIN")
        self._connection.executemany(f"INSERT INTO {names.documents} VALUES (?, ?, ?, ?)", whole)
        self._connection.executemany(f"INSERT INTO {names.fields} VALUES (?{marks})", narrow)
        if many:
            self._connection.executemany(f"INSERT INTO {names.many} VALUES (?, ?, ?)", many)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Make the words and, as at any start, what else is missing."""
        for kind, mapping in self._templates.mappings.items():
            if mapping.texts() and self._rows[kind]:
                words = Tables(kind).words
                self._connection.execute(f"INSERT INTO {words} ({words}) VALUES ('rebuild')")
        self._connection.close()
        store = SqliteStore(self._path, self._templates)
        store.setup()
        store.close()


def _alert(number: int) -> tuple[str, dict[str, Any]]:
    moment = END - timedelta(minutes=number)
    row = plain_row(
        RowKind.ALERT,
        subject=str(number),
        channel="desk",
        rule="new-or-changed",
        title=f"New: something that was said, number {number}",
        text="A sentence of some length that a message shows as its evidence.",
        now=moment,
        due_at=moment,
    )
    return row["id"], {**row, "state": "sent", "level": "first"}


def _verdict(number: int, count: int) -> tuple[str, dict[str, Any]]:
    payload = {"rule": f"rule-{number % 40}", "act": str(ACTS[number % 7]), "publisher": OUTLETS[number % 80]}
    document = {
        "@timestamp": (END - timedelta(minutes=number)).isoformat(),
        "statement": {"id": f"s{count - 1 - number:08d}"},
        "verdict": "wrong" if number % 5 == 0 else "right",
        "payload": payload | {"language": "en", "topic": TOPIC},
    }
    return f"s{count - 1 - number:08d}", document


def pages(count: int, topic: Topic) -> list[str]:
    """Return the addresses to measure."""
    since = quote((END - timedelta(days=1)).isoformat())
    about, who = f"topic={topic.id}", topic.parties[0].id
    matter, speaker = topic.issues[0].id, quote(topic.parties[0].people[0].name)
    return [
        f"/?since={since}",
        f"/?since={quote((END - timedelta(days=31)).isoformat())}",
        "/positions",
        "/demands",
        f"/timeline?{about}&party={who}&issue={matter}",
        f"/timeline?{about}&party={who}",
        f"/timeline?{about}&issue={matter}",
        f"/timeline?{about}&speaker={speaker}",
        f"/timeline.svg?{about}&party={who}&issue={matter}",
        f"/timeline.png?{about}&party={who}&issue={matter}",
        "/search",
        "/search?q=stance.act%3A+demand",
        f"/search?q={quote(f'stance.party: {who} and stance.act: demand and stance.issue: {matter}')}",
        f"/search?q={quote('word40 and word90 and stance.party: ' + topic.parties[1].id)}",
        "/search?q=word200&in=articles",
        f"/search?q=claim.level%3A+changed&since={since}",
        f"/statements/s{count // 2:08d}",
        "/alerts",
        "/alerts?state=sent",
        "/sources",
        "/pipeline",
        "/verdicts",
        "/api/demands?party=russia",
        f"/api/timeline?{about}&party={who}&issue={matter}",
        f"/digest?since={since}",
        f"/api/statements?since={since}",
        "/api/articles",
        "/api/positions",
    ]


def deploy(folder: Path) -> Path:
    """Write a configuration folder with every feed and the one topic; return it."""
    config = folder / "config"
    shutil.rmtree(config, ignore_errors=True)
    shutil.copytree(ROOT / "config", config)
    for other in (config / "topics").glob("*.yml"):
        if other.stem != TOPIC:
            other.unlink()
    feeds = yaml.safe_load((config / "feeds.yml").read_text("utf-8"))
    for feed in feeds["feeds"]:
        feed.pop("topics", None)
        feed.pop("credentials", None)
    (config / "feeds.yml").write_text(yaml.safe_dump(feeds), "utf-8")
    (config / "settings.yml").write_text("data_dir: data\nlog_level: WARNING\n", "utf-8")
    return config


@contextmanager
def serving(config: Path, data: Path, port: int) -> Iterator[None]:
    """Run the embedded Redis and ``stancewatch web`` while the block runs."""
    server = EmbeddedServer(data / "redis", fsync="no")
    url = server.start()
    env = {name: value for name, value in os.environ.items() if not name.startswith("STANCEWATCH_")}  # noqa: TID251
    env |= {"REDIS_URL": url, "STANCEWATCH_WEB_PORT": str(port)}
    command = [sys.executable, "-m", "worker", "--config", str(config), "web"]
    child = subprocess.Popen(command, env=env, cwd=ROOT)
    try:
        asyncio.run(_await_start(port))
        yield
        print(f"{'memory of the web process':<100} {_memory_mb(child.pid):,.0f} MB")
    finally:
        child.terminate()
        child.wait(timeout=30)
        server.stop()


def _memory_mb(pid: int) -> float:
    words = Path(f"/proc/{pid}/status").read_text("ascii").split("VmRSS:")[1].split()
    return int(words[0]) / 1024


async def _await_start(port: int) -> None:
    end = time.monotonic() + START_S
    async with httpcore.AsyncConnectionPool() as pool:
        while time.monotonic() < end:
            try:
                await pool.request("GET", f"http://127.0.0.1:{port}/healthz")
            except httpcore.ConnectError:
                await asyncio.sleep(0.1)
            else:
                return
    sys.exit(f"the web process did not answer within {START_S:.0f} s")


async def _ask(pool: httpcore.AsyncConnectionPool, address: str) -> tuple[float, int, int]:
    """Return milliseconds, status and bytes of one answer."""
    began = time.perf_counter()
    answer = await pool.request("GET", address, extensions={"timeout": {"read": 60.0, "connect": 60.0, "pool": 120.0}})
    return (time.perf_counter() - began) * 1000, answer.status, len(answer.content)


async def measure(base: str, paths: Iterable[str], rounds: int) -> bool:
    """Ask page after page, one at a time, and print the spread; return whether all kept the limit."""
    within = True
    async with httpcore.AsyncConnectionPool(max_connections=1) as pool:
        for path in paths:
            first, *_ = await _ask(pool, base + path)
            found = [await _ask(pool, base + path) for _ in range(rounds)]
            times, statuses = [one[0] for one in found], {one[1] for one in found}
            p95 = statistics.quantiles(times, n=20)[-1]
            within = within and p95 <= LIMIT_MS and statuses == {200}
            figures = f"p50 {statistics.median(times):7.1f} ms  p95 {p95:7.1f} ms  first {first:7.1f} ms"
            print(f"{path[:96]:<96} {figures}  {found[0][2] / 1000:6.1f} kB  {statuses}", flush=True)
    return within


async def await_board(base: str) -> None:
    """Wait until the reading room has read every claim once, as it does at its start, and say how long that took."""
    async with httpcore.AsyncConnectionPool() as pool:
        spent, *_ = await _ask(pool, f"{base}/positions")
    print(f"{'all claims read at the start':<96} {spent / 1000:.1f} s", flush=True)


async def crowd(base: str, paths: Sequence[str], readers: int) -> bool:
    """Let every reader open three pages, all readers at once; return whether every answer was good."""
    dice = random.Random(3)  # noqa: S311
    async with httpcore.AsyncConnectionPool(max_connections=readers) as pool:

        async def read() -> list[tuple[float, int, int]]:
            return [await _ask(pool, base + dice.choice(paths)) for _ in range(3)]

        began = time.perf_counter()
        answers = [each for found in await asyncio.gather(*(read() for _ in range(readers))) for each in found]
    seconds = time.perf_counter() - began
    statuses = Counter(status for _, status, _ in answers)
    times = [each[0] for each in answers]
    what = f"{readers} readers at once, {len(answers)} pages"
    spread = f"p50 {statistics.median(times):.0f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.0f} ms"
    print(f"{what:<96} {seconds:.1f} s, {len(answers) / seconds:.0f} pages/s, {spread}, answers {dict(statuses)}")
    return set(statuses) == {200}


def main() -> int:
    """Fill, serve, measure; 1 if a page is slow or an answer bad."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--port", type=int, default=8097)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="fill it once, use it again")
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="sw-pages-"))
    try:
        return run(folder, asked)
    finally:
        if asked.keep is None:
            shutil.rmtree(folder)


def run(folder: Path, asked: argparse.Namespace) -> int:
    """Measure in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    config = deploy(folder)
    topic = Services(load_settings(config, env={}), config).catalogue.topics[TOPIC]
    data = folder / "data"
    data.mkdir(exist_ok=True)
    if not (data / "results.sqlite").exists():
        fill(data / "results.sqlite", topic, asked.statements)
    base, paths = f"http://127.0.0.1:{asked.port}", pages(asked.statements, topic)
    with serving(config, data, asked.port):
        asyncio.run(await_board(base))
        is_quick = asyncio.run(measure(base, paths, asked.rounds))
        is_good = asyncio.run(crowd(base, paths, asked.readers))
    return 0 if is_quick and is_good else 1


if __name__ == "__main__":
    sys.exit(main())
