"""Measures what polling costs: CPU of this process per poll, beside what others do and beside the bare client.

    python scripts/bench_feeds.py [--feeds FOLDER] [--polls 500] [--simulate 10000]

``--feeds`` holds feeds as files (``*.gz`` or ``*.xml``); without it, feeds are made up. The web server runs in a
process of its own, Redis (or Valkey) too; their CPU is not counted. ``--simulate`` adds a run over many feeds with a
mix of 304, unchanged, changed, slow and dead ones, polled in batches by threads.
"""

import argparse
import gzip
import io
import multiprocessing
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import feedparser
import requests  # noqa: TID251 - what is measured against
import structlog

from worker.adapters.blobs import blob_store
from worker.adapters.celery_bell import IDS_OF_A_MESSAGE
from worker.adapters.embedded_server import EmbeddedServer
from worker.adapters.http_client import GuardedHttpClient, HttpLimits
from worker.adapters.redis_counters import RedisCounters
from worker.adapters.redis_feeds import RedisFeedStates
from worker.adapters.redis_hosts import RedisHostGate
from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.model import Feed
from worker.ports import HttpRequest
from worker.work.poll_feed import fetch_feed, fetch_feeds, parse_feed
from worker.work.poll_round import FeedLimits, Poller

THREADS = 32
BATCH = 20
ROUNDS = 40
"""Short ones, of which the least counts: on a machine that others use, long ones measure the others."""
MADE_SITE = b"https://news.example/"
MIX = ("304", "304", "304", "304", "304", "same", "same", "changed", "slow", "dead")


class Clock:
    """A clock that goes, and that a measurement moves on by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2031, 5, 5, 12, tzinfo=UTC)
        self._since = time.perf_counter()

    def now(self) -> datetime:
        """Return the moment and what has passed since it began."""
        return self.moment + timedelta(seconds=time.perf_counter() - self._since)


class Bell:
    """Keeps what a batch gives away; the halves are called by hand."""

    def __init__(self) -> None:
        self.given_away: list[str] = []

    def ring(self, task: str, ids: Sequence[str]) -> None:
        """Keep feeds that are to be asked by others."""
        if task == "feeds.fetch":
            self.given_away += ids

    def room(self, task: str) -> int:
        """Return room for everything."""
        return sys.maxsize if task else 0


def made_feed(entries: int = 30) -> bytes:
    """Return a feed of middling size."""
    words = "The ministers of Norland and Sudria met for a third day and left without a word. " * 12
    items = "".join(
        f"<item><guid>https://news.example/{n}</guid><link>https://news.example/{n}</link><title>Day {n} of the talks"
        f"</title><pubDate>Mon, 05 May 2031 {n % 24:02}:00:00 GMT</pubDate><description>{words}</description></item>"
        for n in range(entries)
    )
    return f"<rss version='2.0'><channel><title>Desk</title>{items}</channel></rss>".encode()


def bodies_of(folder: Path | None) -> list[bytes]:
    """Return the feeds to serve."""
    if folder is None:
        return [made_feed(n) for n in (10, 30, 60)]
    zipped = [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.gz"))]
    return zipped + [path.read_bytes() for path in sorted(folder.glob("*.xml"))]


def serve(bodies: Sequence[bytes], port: Any) -> None:  # noqa: ANN401 - a multiprocessing value
    """Serve ``/<kind>/<n>`` until killed: 304, the same bytes, changed bytes, the same late, or nothing."""
    count = iter(range(10**9))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _, kind, number = self.path.split("/")
            body = bodies[0 if kind == "304" else int(number) % len(bodies)] + f"<!-- {number} -->".encode()
            body = body.replace(MADE_SITE, MADE_SITE + f"{number}/".encode())  # each feed has entries of its own
            if kind == "304" and self.headers.get("If-None-Match"):
                self.send_response(304)
                self.send_header("ETag", '"1"')
                self.end_headers()
                return
            if kind == "slow":
                time.sleep(0.5)
            if kind == "dead":
                self.close_connection = True
                return
            if kind == "changed":
                body += f"<!-- {next(count)} -->".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/xml")
            if kind == "304":
                self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 512
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        port.value = server.server_address[1]
        server.serve_forever()


@contextmanager
def web_server(bodies: Sequence[bytes]) -> Iterator[str]:
    """Yield the address of a server in another process."""
    port = multiprocessing.Value("i", 0)
    process = multiprocessing.Process(target=serve, args=(bodies, port), daemon=True)
    process.start()
    while port.value == 0:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port.value}"
    process.kill()
    process.join()


def feed_at(base: str, kind: str, number: int) -> Feed:
    """Return the feed with the number."""
    return Feed(
        id=f"{kind}-{number}", url=f"{base}/{kind}/{number}", publisher="Desk", family="desk", min_interval_s=60
    )


def poller(feeds: Sequence[Feed], link: RedisLink, folder: str, clock: Clock) -> Poller:
    """Return what polls the feeds over a real Redis and a real folder."""
    return Poller(
        feeds={feed.id: feed for feed in feeds},
        states=RedisFeedStates(link),
        ledger=RedisLedger(link),
        gate=RedisHostGate(link),
        http=GuardedHttpClient(agent="bench", limits=HttpLimits(allow_hosts=frozenset({"127.0.0.1"}))),
        blobs=blob_store(folder),
        bell=Bell(),
        counters=RedisCounters(link),
        clock=clock,
        limits=FeedLimits(gap_s=0.0, deadline_s=5.0),
        dice=Random(7),  # noqa: S311 - a measurement
    )


def cpu_ms(work: Callable[[int], object], times: int, *, rounds: int = 3) -> float:
    """Return the least CPU of this process per call, in milliseconds, over a few rounds."""
    found = []
    for _ in range(rounds):
        started = time.process_time()
        for number in range(times):
            work(number)
        found.append((time.process_time() - started) / times * 1000)
    return min(found)


def measure_unchanged(base: str, link: RedisLink, folder: str, polls: int) -> tuple[float, float]:
    """Return ms of CPU per 304 answer: the bare client, and a whole poll."""
    clock, feeds = Clock(), [feed_at(base, "304", number) for number in range(BATCH)]
    ports = poller(feeds, link, folder, clock)
    ports.states.sync([feed.id for feed in feeds], now=clock.now())
    for feed in feeds:
        fetch_feed(feed.id, ports)
        parse_feed(feed.id, ports)

    def poll(_: int) -> None:
        clock.moment += timedelta(minutes=1)
        outcomes = set(fetch_feeds([feed.id for feed in feeds], ports).values())
        if outcomes != {"not_modified"}:
            raise RuntimeError(f"expected 304, got {outcomes}")

    headers = {"If-None-Match": '"1"', "Accept": "application/xml"}

    def ask(number: int) -> None:
        ports.http.send(HttpRequest(url=feeds[number % len(feeds)].url, headers=headers))

    # In turns, so that whatever else the machine does weighs on both.
    times = max(1, polls // ROUNDS // BATCH)
    pairs = [(cpu_ms(ask, times * BATCH, rounds=1), cpu_ms(poll, times, rounds=1) / BATCH) for _ in range(ROUNDS)]
    return min(bare for bare, _ in pairs), min(whole for _, whole in pairs)


def measure_changed(base: str, link: RedisLink, folder: str, count: int) -> tuple[float, float]:
    """Return ms of CPU per changed body: requests with feedparser, and both halves of a poll with everything kept."""
    clock, feeds = Clock(), [feed_at(base, "changed", number) for number in range(count)]
    ports = poller(feeds, link, folder, clock)
    ports.states.sync([feed.id for feed in feeds], now=clock.now())
    session = requests.Session()

    def poll(number: int) -> None:
        clock.moment += timedelta(minutes=1)
        fetch_feed(feeds[number].id, ports)
        parse_feed(feeds[number].id, ports)

    def usual(number: int) -> None:
        body = session.get(feeds[number].url, timeout=5).content
        feedparser.parse(io.BytesIO(body))

    return cpu_ms(usual, count, rounds=1), cpu_ms(poll, count, rounds=3)


def simulate(base: str, link: RedisLink, folder: str, total: int) -> None:
    """Poll many feeds of every kind, twice, in the batches and threads of the fetch worker, and print the cost."""
    clock, feeds = Clock(), [feed_at(base, MIX[number % len(MIX)], number) for number in range(total)]
    ports = poller(feeds, link, folder, clock)
    ports.states.sync([feed.id for feed in feeds], now=clock.now())
    for name in ("first round", "second round"):
        clock.moment += timedelta(days=2)
        before = len(ports.bell.given_away)
        started, cpu = time.perf_counter(), time.process_time()
        done = poll_all(ports, clock)
        fetched, moved = time.perf_counter() - started, time.process_time() - cpu
        parsed = sum(parse_feed(feed.id, ports) is not None for feed in feeds)
        used = time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name}: {total} feeds, {parsed} parsed, {used / total * 1000:.2f} ms CPU a poll "
            f"({moved / total * 1000:.2f} moving bytes), fetched in {fetched:.1f} s, "
            f"{len(ports.bell.given_away) - before} given to other batches, peak {memory:.0f} MB",
            flush=True,
        )
        print(f"  done after (median, p95, last): {fairness(done)}")


def poll_all(ports: Poller, clock: Clock) -> dict[str, float]:
    """Poll all that is due, as the fetch worker does; return feed → seconds until its batch was done."""
    started, done, lock = time.perf_counter(), dict[str, float](), threading.Lock()

    def batch(ids: Sequence[str]) -> None:
        fetch_feeds(ids, ports)
        with lock:
            done.update(dict.fromkeys(ids, time.perf_counter() - started))

    now = clock.now()
    with ThreadPoolExecutor(THREADS) as pool:
        while ids := ports.states.due(now=now, limit=IDS_OF_A_MESSAGE["feeds.fetch"]):
            pool.submit(batch, ids)
    return done


def fairness(done: dict[str, float]) -> str:
    """Return when the feeds of each kind were done: no kind is to wait for another."""
    times: dict[str, list[float]] = {}
    for feed, seconds in done.items():
        times.setdefault(feed.partition("-")[0], []).append(seconds)
    rows = ((kind, statistics.quantiles(found, n=20), max(found)) for kind, found in sorted(times.items()))
    return "; ".join(f"{kind} {part[9]:.1f} {part[18]:.1f} {last:.1f} s" for kind, part, last in rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--feeds", type=Path, help="folder with feeds as files")
    parser.add_argument("--polls", type=int, default=4000)
    parser.add_argument("--simulate", type=int, default=0, help="feeds of the simulated run")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))  # errors only: dead feeds are meant
    bodies = bodies_of(given.feeds)
    with tempfile.TemporaryDirectory(prefix="sw-") as folder, web_server(bodies) as base:
        redis = EmbeddedServer(Path(folder, "redis"), fsync="no", max_memory_mb=2_048)
        link = RedisLink(redis.start(), "bench")
        try:
            bare, poll = measure_unchanged(base, link, f"{folder}/blobs", given.polls)
            print(f"304 answer: bare client {bare:.3f} ms, whole poll {poll:.3f} ms, ratio {poll / bare:.2f}")
            usual, ours = measure_changed(base, link, f"{folder}/blobs", len(bodies))
            print(f"changed body: requests + feedparser {usual:.1f} ms, ours {ours:.1f} ms, {usual / ours:.1f} x less")
            if given.simulate:
                simulate(base, link, f"{folder}/blobs", given.simulate)
        finally:
            link.close()
            redis.stop()


if __name__ == "__main__":
    main()
