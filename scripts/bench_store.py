#!/usr/bin/env python3
"""Measure a result store: writing, size, filtered search, export of everything.

    python scripts/bench_store.py [--statements 1000000] [--elasticsearch URL] [--writer]

Without a URL it measures SQLite in a temporary folder; with one, Elasticsearch. Prints one line a figure. ``--writer``
measures only our writer against the client's own bulk helper: the same documents by turns, the best of three each.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from elasticsearch import Elasticsearch, helpers

from worker.adapters.elastic_store import ElasticStore
from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.ports import CREATE, Kind, Query, ResultStore, Write, WriteStatus

ROOT = Path(__file__).parents[1]
TEMPLATES = read_templates(ROOT / "config" / "elasticsearch")
START = datetime(2025, 1, 1, tzinfo=UTC)
PARTIES = [f"party-{n}" for n in range(25)]
ACTS = ["demand", "reject", "offer", "accept", "threaten", "accuse", "pledge"]
ISSUES = [f"issue-{n}" for n in range(20)]
LEVELS = ["first", "changed", "repeat", "repeat", "repeat", "repeat", "repeat", "new_voice"]
WORDS = [f"word{n}" for n in range(4_000)]
BATCH = 1_000
EXPORT_PAGE = 1_000
QUERIES = (
    'stance.party: "{party}" and stance.act: demand',
    "stance.act: demand and stance.issue: {issue} and claim.level: (first or changed)",
    "stance.party: {party} and @timestamp >= 2025-06-01 and @timestamp < 2025-07-01",
    "claim.key: valley/{party}/demand/{issue}",
    "publisher.name: outlet-7 and stance.party: {party}",
    'stance.evidence: "{word} {other}" and stance.party: {party}',
    "claim.level: (first or changed) and not stance.act: accuse and stance.issue: {issue}",
    "stance.party: {party} and stance.confidence >= 0.9",
)
ROUNDS = 25
WRITER_ROUNDS = 3


def statement(number: int, dice: random.Random) -> dict[str, Any]:
    """Return a statement; its words follow Zipf's law as a text's do."""
    party, act, issue = dice.choice(PARTIES), dice.choice(ACTS), dice.choice(ISSUES)
    words = [WORDS[min(len(WORDS) - 1, int(dice.paretovariate(0.6)))] for _ in range(22)]
    moment = (START + timedelta(seconds=30 * number)).isoformat()
    outlet = f"outlet-{dice.randrange(80)}"
    return {
        "@timestamp": moment,
        "event": {"created": moment, "ingested": moment},
        "stance": {
            "party": party,
            "act": act,
            "issue": issue,
            "target": dice.choice(PARTIES),
            "speaker": f"speaker {dice.randrange(400)}",
            "conditional": dice.randrange(5) == 0,
            "attribution": "reported",
            "evidence": " ".join(words),
            "start": 0,
            "end": 120,
            "confidence": round(dice.random(), 4),
            "withdrawn": False,
            "terms": [f"{dice.randrange(90)} days"],
        },
        "claim": {"key": f"valley/{party}/{act}/{issue}", "level": dice.choice(LEVELS)},
        "position": {"key": f"valley/{party}/{issue}"},
        "topic": "valley",
        "article": {"id": f"article-{number // 3}", "title": " ".join(words[:6]), "language": "en", "revision": 1},
        "story": {"id": f"article-{number // 9}"},
        "url": {"full": f"https://{outlet}.example/{number // 3}", "domain": f"{outlet}.example"},
        "publisher": {"name": outlet, "family": outlet},
        "feed": {"id": outlet},
        "tagger": {"name": "rules", "version": "1"},
    }


def batches(count: int) -> Iterator[list[Write]]:
    """Yield the statements in batches of writes."""
    dice = random.Random(7)  # noqa: S311 - the same data each time
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        yield [Write(kind=Kind.STATEMENTS, id=f"s{n:08d}", document=statement(n, dice), token=CREATE) for n in numbers]


def measure_writing(store: ResultStore, count: int) -> float:
    """Write everything and return documents a second; only the time inside the store counts."""
    spent = 0.0
    for batch in batches(count):
        began = time.perf_counter()
        results = store.write(batch)
        spent += time.perf_counter() - began
        if any(result.status is not WriteStatus.OK for result in results):
            sys.exit(f"not written: {next(r for r in results if r.status is not WriteStatus.OK)}")
    return count / spent


def measure_plain_bulk(client: Elasticsearch, alias: str, count: int) -> float:
    """Write the same with the client's own helper into an index with the same mapping; documents a second."""
    spent = 0.0
    for batch in batches(count):
        actions = [{"_op_type": "create", "_index": alias, "_id": w.id, "_source": w.document} for w in batch]
        began = time.perf_counter()
        helpers.bulk(client, actions, chunk_size=BATCH)
        spent += time.perf_counter() - began
    return count / spent


def compare_writers(url: str, count: int) -> None:
    """Print the best of each writer's rounds and their ratio; by turns, since a server gets faster as it runs."""
    ours, plain = [], []
    for _ in range(WRITER_ROUNDS):
        with new_indices(url) as (store, *_):
            ours.append(measure_writing(store, count))
        with new_indices(url) as (_, client, alias):
            plain.append(measure_plain_bulk(client, alias, count))
    say("our writer, best of rounds", f"{max(ours):,.0f} documents/s  of {_listed(ours)}")
    say("plain bulk helper, best of rounds", f"{max(plain):,.0f} documents/s  of {_listed(plain)}")
    say("our writer / plain bulk helper", f"{max(ours) / max(plain):.2f}")


def _listed(rates: list[float]) -> str:
    return ", ".join(f"{rate:,.0f}" for rate in rates)


@contextmanager
def new_indices(url: str) -> Iterator[tuple[ElasticStore, Elasticsearch, str]]:
    """Yield a store over indices of its own, a plain client and the alias of the statements; remove them after."""
    prefix = f"bench-{uuid4().hex[:8]}"
    store = ElasticStore(url, TEMPLATES, prefix=prefix)
    store.setup()
    with Elasticsearch(url, request_timeout=60) as client:
        try:
            yield store, client, f"{prefix}-{Kind.STATEMENTS}"
        finally:
            store.close()
            client.indices.delete(index=sorted(client.indices.get(index=f"{prefix}-*").body))
            client.indices.delete_index_template(name=f"{prefix}-*")
            client.cluster.delete_component_template(name=f"{prefix}-*")


def measure_search(store: ResultStore) -> None:
    """Ask each query ROUNDS times with other values and print the median and the 95th percentile."""
    dice = random.Random(11)  # noqa: S311
    everything: list[float] = []
    for query in QUERIES:
        times = [_time_of(store, query, dice) for _ in range(ROUNDS)]
        say(f"search  {query}", _spread(times))
        everything += times
    say("search, all", _spread(everything))


def _time_of(store: ResultStore, query: str, dice: random.Random) -> float:
    values = {"party": dice.choice(PARTIES), "issue": dice.choice(ISSUES), "word": WORDS[dice.randrange(1, 40)]}
    kql = query.format(**values, other=WORDS[dice.randrange(1, 40)])
    began = time.perf_counter()
    store.search(Query(kind=Kind.STATEMENTS, kql=kql))
    return (time.perf_counter() - began) * 1000


def _spread(times: list[float]) -> str:
    return f"median {statistics.median(times):.1f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.1f} ms"


def measure_export(store: ResultStore) -> None:
    """Read every document page by page."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    query = Query(kind=Kind.STATEMENTS, size=EXPORT_PAGE, sort=(("event.ingested", "asc"),))
    began, seen = time.perf_counter(), 0
    while True:
        page = store.search(query)
        seen += len(page.hits)
        if page.next is None:
            break
        query = replace(query, after=page.next)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(
        "export",
        f"{seen:,} documents, {seen / (time.perf_counter() - began):,.0f}/s, +{grown:.0f} MB, peak {peak:.0f} MB",
    )


def measure_command(data_dir: Path, *how: str) -> None:
    """Export everything with the command that people use, and print the most memory that its process can have had.

    Linux begins a child's peak with its parent's at that moment, so the figure is a bound.
    """
    environment = {**os.environ, "STANCEWATCH_DATA_DIR": str(data_dir), "ELASTICSEARCH_URL": ""}  # noqa: TID251 - handed on
    command = [sys.executable, "-m", "worker", "search", "--all", *how]
    with tempfile.TemporaryFile() as exported:
        process = subprocess.Popen(command, env=environment, stdout=exported, cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)  # of this very child, which no library call tells
        process.returncode = os.waitstatus_to_exitcode(status)
        exported.seek(0)
        lines = sum(1 for _ in exported)
    if process.returncode:
        sys.exit(f"search {' '.join(how)} ended with {process.returncode}")
    say(f"search --all {' '.join(how)}", f"{lines:,} lines, at most {used.ru_maxrss / 1024:.0f} MB")


def say(what: str, figure: str) -> None:
    """Print one figure."""
    print(f"{what:<90} {figure}", flush=True)


def main() -> None:
    """Measure one store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--elasticsearch", metavar="URL")
    parser.add_argument("--writer", action="store_true", help="our writer against the plain bulk helper only")
    asked = parser.parse_args()
    if asked.elasticsearch and asked.writer:
        compare_writers(asked.elasticsearch, asked.statements)
    elif asked.elasticsearch:
        with new_indices(asked.elasticsearch) as (store, client, alias):
            measure(store, asked.statements)
            say("size", _per_document(stored_bytes(client, alias), asked.statements))
    else:
        measure_sqlite(asked.statements)


def measure_sqlite(count: int) -> None:
    """Measure a SQLite store in a temporary folder, exports by the command included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.sqlite"
        measure(SqliteStore(path, TEMPLATES), count)
        say("size", _per_document(path.stat().st_size, count))
        for how in ("--csv", "--json"):
            measure_command(Path(folder), how)


def stored_bytes(client: Elasticsearch, alias: str) -> int:
    """Return what an index takes on disk without its replica, merged to one segment."""
    client.indices.forcemerge(index=alias, max_num_segments=1)
    return int(client.indices.stats(index=alias)["_all"]["primaries"]["store"]["size_in_bytes"])


def _per_document(size: int, count: int) -> str:
    return f"{size / 1e6:,.1f} MB, {size / count:,.0f} bytes a document"


def measure(store: ResultStore, count: int) -> None:
    """Set up, write, search and export."""
    store.setup()
    say("write", f"{measure_writing(store, count):,.0f} documents/s")
    store.setup()  # as at any start: SQLite samples its tables
    store.refresh()
    measure_search(store)
    measure_export(store)
    store.close()


if __name__ == "__main__":
    main()
