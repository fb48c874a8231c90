"""Measure the reading room over a full SQLite store: what each page takes, and two hundred readers at once.

    python scripts/bench_pages.py [--statements 1000000] [--rounds 20] [--readers 200] [--keep FOLDER]

Fills a store in a temporary folder (FOLDER is filled once and kept), starts the embedded Redis and `stancewatch web`
on loopback as a deployment does, and asks it over HTTP. Prints one line a page: p50, p95, size. The store holds one
topic that ships, its parties, people and issues drawn by Zipf's law over three years of an invented press.
"""

import argparse
import asyncio
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpcore
import yaml
from invented_press import END, ROOT, TOPIC, fill

from worker.adapters.embedded_server import EmbeddedServer
from worker.settings import load_settings
from worker.topic import Topic
from worker.wiring import Services

START_S = 60.0
LIMIT_MS = 200.0


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
