"""``python tests/hostile/measure_bombs.py``: what bombs cost a fetch process and a parsing child. Exit code 1 over a bar.

Fetching: a process of its own sends 32 threads at each bomb at once; its growth must stay within the cap on bytes in
flight and 32 MB. Parsing: each bomb in a child with the limits of the process worker, which must end by itself in time.
"""

# ruff: noqa: T201 - it is there to print

import argparse
import gzip
import json
import multiprocessing
import resource
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1]))

import zstandard
from page_samples import raw
from web_server import Web, dripping, endless, gzip_bomb, serving

from worker.adapters import child_limits
from worker.adapters.http_client import GuardedHttpClient, HttpLimits
from worker.errors import HostUnavailable, Refused
from worker.extract.service import Refusal, extract
from worker.feeds.document import ParseRefused
from worker.feeds.parse import parse_feed
from worker.ports import HttpRequest

THREADS = 32
IN_FLIGHT_MB, BESIDES_MB = 64, 32
CHILD_MB, CHILD_S = 1_024, 25
DEADLINE_S, DRIP_DEADLINE_S = 20.0, 3.0
DRIP = "a byte a second"
P = "<p>The council of the old harbour town met on a rainy evening and spoke for hours about bridges and bread.</p>" * 8
FETCH_REASONS = {
    "gzip, 200 MB of nothing": {"too_large"},
    "gzip of gzip, named twice": {"encoding_refused"},
    "gzip of gzip, named once": {"answered"},
    "deflate": {"encoding_refused"},
    "br": {"encoding_refused"},
    "zstd": {"encoding_refused"},
    "endless": {"too_large"},
    "endless gzip": {"too_large"},
    DRIP: {"unavailable"},
    "10,000 headers": {"unavailable", "too_large"},
    "a header of 1 MB": {"unavailable", "too_large"},
    "10 MB, as large as may be": {"answered"},
}


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="bombs")
    parser.add_argument("--fetch", help="be the fetch process: address of the site")
    asked = parser.parse_args()
    if asked.fetch:
        print(json.dumps(fetch_all(asked.fetch)))
        return 0
    parsing = print_parsing()  # first: a child begins with the address space of its parent, and each thread takes some
    over = [*parsing, *print_fetching()]
    for line in over:
        print(f"over the bar: {line}")
    return int(bool(over))


def print_fetching() -> list[str]:
    """Print what each bomb made the fetch process grow by; return what is over the bar."""
    with serving() as web:
        plant(web)
        command = [sys.executable, __file__, "--fetch", web.url("")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    over = []
    print(f"\n{'fetched by 32 threads':32} {'grew, MB':>8} {'s':>6}  ended as")
    for name, (grown_mb, seconds, ends) in json.loads(done.stdout).items():
        print(f"{name:32} {grown_mb:8.1f} {seconds:6.1f}  {', '.join(f'{n} {end}' for end, n in ends.items())}")
        if grown_mb > IN_FLIGHT_MB + BESIDES_MB:
            over.append(f"{name} made it grow by {grown_mb:.0f} MB")
        if not FETCH_REASONS[name].issuperset(ends):
            over.append(f"{name} ended as {ends}")
    return over


def plant(web: Web) -> None:
    """Put the bombs on the site, by their numbers."""
    bodies: dict[str, tuple[bytes, str]] = {
        "gzip, 200 MB of nothing": (gzip_bomb(200_000_000), "gzip"),
        "gzip of gzip, named twice": (gzip.compress(gzip_bomb(50_000_000)), "gzip, gzip"),
        "gzip of gzip, named once": (gzip.compress(gzip_bomb(50_000_000)), "gzip"),
        "deflate": (zlib.compress(b"\0" * 50_000_000), "deflate"),
        "br": (b"\x5b\xff\xff\x83\x05" * 1_000, "br"),
        "zstd": (zstandard.compress(b"\0" * 50_000_000), "zstd"),
        "10 MB, as large as may be": (b"x" * 10_000_000, "identity"),
    }
    flood = {f"X-{number}": "abc" for number in range(10_000)}
    packed = gzip_bomb(20_000_000)
    routes = {
        "endless": lambda handler: handler.stream(endless()),
        "endless gzip": lambda handler: handler.stream(iter(lambda: packed, None), {"Content-Encoding": "gzip"}),
        DRIP: lambda handler: handler.stream(dripping(1)),
        "10,000 headers": lambda handler: handler.answer(b"", headers=flood),
        "a header of 1 MB": lambda handler: handler.answer(b"", headers={"X-Long": "a" * 1_000_000}),
    }
    for number, name in enumerate(FETCH_REASONS):
        if name in bodies:
            web.page(f"/{number}", bodies[name][0], Content_Encoding=bodies[name][1])
        else:
            web.routes[f"/{number}"] = routes[name]
    web.page("/small", b"hello")


def fetch_all(base: str) -> dict[str, tuple[float, float, Counter[str]]]:
    """Return for each bomb: megabytes that this process grew by, seconds, how its 32 fetches ended."""
    limits = HttpLimits(allow_hosts=frozenset({base.removeprefix("http://")}), bytes_in_flight=IN_FLIGHT_MB * 1_000_000)
    client = GuardedHttpClient(agent="Bombs", limits=limits)
    found = {}
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda _: fetched(client, f"{base}/small"), range(THREADS)))
        before = peak_mb(reset=True)
        for number, name in enumerate(FETCH_REASONS):
            began = time.monotonic()
            peak_mb(reset=True)
            deadline_s = DRIP_DEADLINE_S if name == DRIP else DEADLINE_S
            fetch = partial(fetched, client, f"{base}/{number}", deadline_s=deadline_s)
            ends = Counter(threads.map(lambda _, fetch=fetch: fetch(), range(THREADS)))
            found[name] = (peak_mb() - before, time.monotonic() - began, ends)
    return found


def fetched(client: GuardedHttpClient, url: str, *, deadline_s: float = DEADLINE_S) -> str:
    try:
        client.send(HttpRequest(url=url, deadline_s=deadline_s))
    except Refused as error:
        return error.reason
    except HostUnavailable:
        return "unavailable"
    return "answered"


def peak_mb(*, reset: bool = False) -> float:
    """Return the most memory that this process held since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def pages() -> dict[str, bytes]:
    """Return the pages that are built to exhaust a parser."""
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'lol'}'>" for n in range(10))
    bodies = {
        "an attribute of 5 MB": f"<p title='{'x' * 5_000_000}'>{P}",
        "attributes of 250 kB, 20 of them": "".join(f"<p title='{'x' * 250_000}'>a</p>" for _ in range(20)) + P,
        "64,000 spans in a paragraph": f"{P}<p>{'<span>a b</span>' * 64_000}</p>",
        "14,000 spans in a paragraph": f"{P}<p>{'<span>a b</span>' * 14_000}</p>",
        "20,000 open forms": "<form>" * 20_000 + P,
        "2,000 open divs": "<div>" * 2_000 + P,
        "a word of 2 MB": f"{P}<p>{'w' * 2_000_000}",
        "JSON-LD, 100,000 deep": f"{P}<script type='application/ld+json'>{'[' * 100_000}</script>",
    }
    made = {name: f"<html><body><article>{body}</article></body></html>".encode() for name, body in bodies.items()}
    return {"entities, ten levels of ten": f"<!DOCTYPE a [{entities}]><p>&e9;</p>{P}".encode(), **made}


def feeds() -> dict[str, bytes]:
    """Return the feeds that are."""
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'lol'}'>" for n in range(10))
    item = "<item><title>&e9;</title><link>https://news.example/a</link></item>"
    bodies = {
        "entities, ten levels of ten": f"<!DOCTYPE rss [{entities}]><rss><channel>{item}</channel></rss>",
        "an entity of 100 kB, 10,000 times": f"<!DOCTYPE rss [<!ENTITY a '{'x' * 100_000}'>]><rss>{'&a;' * 10_000}</rss>",
        "50,000 items": f"<rss><channel>{item * 50_000}</channel></rss>",
        "4.9 MB of open tags": "<rss><channel>" + "<a>" * 1_630_000,
        "4.9 MB of ampersands": f"<rss><channel><item><title>{'&' * 4_900_000}",
    }
    return {name: body.encode() for name, body in bodies.items()}


@dataclass(frozen=True, slots=True)
class Parsed:
    """How one bomb ended in its child; ``grown_mb`` over what the child began with."""

    end: str
    seconds: float
    grown_mb: float


def print_parsing() -> list[str]:
    """Print what each bomb cost the child that parsed it; return what is over the bar."""
    over = []
    print(f"{'parsed in a child':36} {'grew, MB':>8} {'s':>6}  ended as")
    todo: list[tuple[str, Callable[[], str]]] = [
        *((f"page: {name}", lambda body=body: _page(body)) for name, body in pages().items()),
        *((f"feed: {name}", lambda body=body: _feed(body)) for name, body in feeds().items()),
    ]
    for name, work in todo:
        done = in_child(work)
        print(f"{name:36} {done.grown_mb:8.1f} {done.seconds:6.1f}  {done.end}")
        if done.grown_mb > CHILD_MB or done.seconds > CHILD_S or done.end.startswith("died"):
            over.append(f"{name} {done}")
    return over


def in_child(work: Callable[[], str]) -> Parsed:
    """Do the work in a child under the limits of the process worker."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def child() -> None:
        child_limits.begin(memory_mb=CHILD_MB)
        child_limits.allow_cpu(CHILD_S)
        before = peak_mb(reset=True)
        end = work()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        theirs.send((end, usage.ru_utime + usage.ru_stime, peak_mb() - before))

    process = context.Process(target=child)
    process.start()
    theirs.close()
    try:
        return Parsed(*ours.recv())
    except EOFError:
        process.join()
        return Parsed(f"died with {process.exitcode}", 0.0, 0.0)
    finally:
        process.join()


def _page(body: bytes) -> str:
    found = extract(raw(body), None)
    return f"{found.outcome.value}: {found.detail}" if isinstance(found, Refusal) else "an article"


def _feed(body: bytes) -> str:
    found = parse_feed(body, url="https://news.example/feed", now=datetime(2031, 5, 4, tzinfo=UTC))
    return f"{found.outcome.value}: {found.why}" if isinstance(found, ParseRefused) else f"{len(found.entries)} entries"


if __name__ == "__main__":
    sys.exit(main())
