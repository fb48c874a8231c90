#!/usr/bin/env python3
"""Print how large the stores become: bytes a document measured at small size, multiplied.

    python scripts/size_deployment.py [--documents 10000] [--elasticsearch URL] [--articles-a-statement 1]

Fills a SQLite file, with a URL an Elasticsearch too (one segment, as an old index is), and a Redis of its own, all with
invented documents: articles of ARTICLE_WORDS words, statements of 22. The first lines are measured. The table is those
figures multiplied, true as far as bytes a document stay the same; indexes grow a little more than in proportion.
"""

import argparse
import math
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bench_ledger
import bench_store

from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.sqlite_store import SqliteStore
from worker.ports import CREATE, Kind, ResultStore, Write, WriteStatus

ARTICLE_WORDS = 450
SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
SHARD_BYTES = 40e9
"""A primary shard at most: the middle of the 10 to 50 GB that Elastic's sizing guide advises."""
SQLITE_ENDS_AT = 2_000_000
"""Statements; searches are measured up to one million."""
LEDGER_DAYS = 14
"""How long Redis remembers an item: a week after it has gone from its feed, where it is reckoned to stay a week."""
YEARS = 3
GIGABYTE = 1e9


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes a document in a store; 0 where it was not measured."""

    statement: float
    article: float


def article(number: int, dice: random.Random) -> dict[str, Any]:
    """Return an article whose words follow Zipf's law."""
    base = bench_store.statement(number, dice)
    words = [
        bench_store.WORDS[min(len(bench_store.WORDS) - 1, int(dice.paretovariate(0.6)))] for _ in range(ARTICLE_WORDS)
    ]
    return {
        "@timestamp": base["@timestamp"],
        "event": base["event"],
        "article": {**base["article"], "id": f"article-{number}", "text": " ".join(words)},
        "story": base["story"],
        "url": base["url"],
        "publisher": base["publisher"],
        "feed": base["feed"],
    }


def articles(count: int) -> Iterator[list[Write]]:
    """Yield articles in batches of writes."""
    dice = random.Random(5)  # noqa: S311 - the same data each time
    for first in range(0, count, bench_store.BATCH):
        numbers = range(first, min(first + bench_store.BATCH, count))
        yield [Write(kind=Kind.ARTICLES, id=f"a{n:08d}", document=article(n, dice), token=CREATE) for n in numbers]


def fill(store: ResultStore, batches: Iterator[list[Write]]) -> None:
    """Write everything, again where the store says later; a refused document ends the program."""
    for batch in batches:
        left = batch
        while left:
            results = store.write(left)
            refused = [result for result in results if result.status is WriteStatus.REJECTED]
            if refused:
                raise SystemExit(f"not written: {refused[0]}")
            left = [w for w, result in zip(left, results, strict=True) if result.status is WriteStatus.LATER]


def weigh_sqlite(count: int) -> Weights:
    """Return bytes a document in a SQLite file, all its indexes included."""

    def weight(batches: Iterator[list[Write]]) -> float:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.sqlite"
            store = SqliteStore(path, bench_store.TEMPLATES)
            store.setup()
            empty = path.stat().st_size
            fill(store, batches)
            store.close()
            return (path.stat().st_size - empty) / count

    return Weights(weight(bench_store.batches(count)), weight(articles(count)))


def weigh_elastic(url: str, count: int) -> Weights:
    """Return bytes a document in primary shards, merged to one segment."""
    with bench_store.new_indices(url) as (store, client, alias):
        fill(store, bench_store.batches(count))
        fill(store, articles(count))
        kinds = (alias, alias.replace(Kind.STATEMENTS, Kind.ARTICLES))
        return Weights(*(bench_store.stored_bytes(client, each) / count for each in kinds))


def weigh_ledger(count: int) -> float:
    """Return the bytes of Redis's memory that an item takes."""
    with bench_ledger.server() as link:
        empty, spent = bench_ledger.memory(link), dict.fromkeys(("poll", "claim", "fetched", "settle"), 0.0)
        ledger = RedisLedger(link)
        for first in range(0, count, bench_ledger.NEW_A_POLL):
            now = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=first // bench_ledger.NEW_A_POLL)
            bench_ledger.work(ledger, first, now, spent)
        return (bench_ledger.memory(link) - empty) / count


def row(statements: int, ratio: float, sqlite: Weights, elastic: Weights, item: float) -> str:
    """Return one row of the table."""
    stored = statements * ratio
    of_sqlite = statements * sqlite.statement + stored * sqlite.article
    of_elastic = statements * elastic.statement + stored * elastic.article
    shards = [
        max(1, math.ceil(size / SHARD_BYTES)) for size in (statements * elastic.statement, stored * elastic.article)
    ]
    a_day = stored / (YEARS * 365)
    cells = (
        f"{statements:,}",
        f"{a_day:,.0f}",
        readable(of_sqlite) if statements <= SQLITE_ENDS_AT else "–",
        readable(of_elastic) if of_elastic else "not measured",
        readable(2 * of_elastic) if of_elastic else "not measured",
        " + ".join(map(str, shards)) if of_elastic else "not measured",
        readable(a_day * LEDGER_DAYS * item),
    )
    return f"| {' | '.join(cells)} |"


def readable(size: float) -> str:
    """Return a size as people read it."""
    return f"{size / 1e9:,.1f} GB" if size >= GIGABYTE else f"{size / 1e6:,.0f} MB"


def main() -> None:
    """Measure, then multiply."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--elasticsearch", metavar="URL")
    parser.add_argument("--articles-a-statement", type=float, default=1.0)
    asked = parser.parse_args()
    sqlite = weigh_sqlite(asked.documents)
    elastic = weigh_elastic(asked.elasticsearch, asked.documents) if asked.elasticsearch else Weights(0, 0)
    item = weigh_ledger(asked.documents)
    print(f"measured with {asked.documents:,} documents of each kind, bytes a document:")
    print(f"  SQLite         statement {sqlite.statement:,.0f}, article {sqlite.article:,.0f}")
    print(f"  Elasticsearch  statement {elastic.statement:,.0f}, article {elastic.article:,.0f}")
    print(f"  Redis          item {item:,.0f}\n")
    print("| statements | articles a day | SQLite file | Elasticsearch | with a replica | shards | Redis |")
    print("|---|---|---|---|---|---|---|")
    for statements in SIZES:
        print(row(statements, asked.articles_a_statement, sqlite, elastic, item))


if __name__ == "__main__":
    main()
