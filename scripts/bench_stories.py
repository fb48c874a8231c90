"""Measures story matching on a labelled set: recall by kind of copy, false merges, cost, memory in Redis.

    python scripts/make_story_set.py PAGES /tmp/set.jsonl && python scripts/bench_stories.py /tmp/set.jsonl PAGES

Texts arrive in the file's order and go through ``dedup.place`` with a real Redis (``REDIS_URL``, else one of our own)
and result documents kept in memory. Link recall: share of a story's later texts that join the story of its first.
False merges: share of all texts that join a story of another label. Cost is CPU of this process, held against the
extraction of some of the PAGES in the same run. Memory is what 50,000 made-up sketches of one week take.
"""

import argparse
import gzip
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

from bench_extract import page

from worker.adapters.embedded_server import EmbeddedServer
from worker.adapters.redis_fingerprints import RedisFingerprints
from worker.adapters.redis_link import RedisLink
from worker.dedup.service import place
from worker.dedup.sketch import BANDS, VERSION
from worker.extract.service import read, warm
from worker.identity import digest, text_hash
from worker.ports import Kind, Stored

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SAMPLE_PAGES = 40
SKETCHES = 50_000
"""A week at 7,000 articles a day."""
OUT_OF_REACH = "words 25 %"


class Articles:
    """The part of a result store that ``place`` reads: article documents by id."""

    def __init__(self) -> None:
        self.documents: dict[str, Stored] = {}

    def get(self, kind: Kind, ids: Sequence[str]) -> dict[str, Stored]:
        """Return the articles that were kept."""
        return {one: self.documents[one] for one in ids if kind is Kind.ARTICLES and one in self.documents}

    def keep(self, article_id: str, text: str, story_id: str) -> None:
        """Keep an article as the index stage would."""
        document = {"article": {"text": text, "revision": 1}, "story": {"id": story_id}}
        self.documents[article_id] = Stored(id=article_id, document=document, token="1")  # noqa: S106 - a sequence


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("pages", type=Path)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.set.read_text("utf-8").splitlines()]
    with server() as url:
        link = RedisLink(url, f"bench-{uuid4().hex[:8]}")
        prints = RedisFingerprints(link, version=VERSION, bands=BANDS)
        placed, cost = run(rows, prints)
        report(rows, placed)
        share = cost / len(rows) / extraction_cost(options.pages)
        print(f"{1000 * cost / len(rows):.2f} ms CPU a text, {100 * share:.0f} % of extraction")
        before = used(link)
        fill(prints)
        print(f"{(used(link) - before) / SKETCHES:.0f} bytes of Redis a text, over {SKETCHES} texts of one week")
        link.close()


def extraction_cost(pages: Path) -> float:
    """Return the CPU seconds of extracting a page."""
    warm()
    bodies = [gzip.decompress(path.read_bytes()) for path in sorted((pages / "html").glob("*.gz"))[:SAMPLE_PAGES]]
    start = time.process_time()
    for number, body in enumerate(bodies):
        read(page(str(number), body))
    return (time.process_time() - start) / len(bodies)


def fill(prints: RedisFingerprints) -> None:
    """Enter sketches that are like nothing else."""
    later = NOW + timedelta(days=70)
    for number in range(SKETCHES):
        signature = b"".join(sha256(f"{number}/{part}".encode()).digest() for part in range(4))
        one = digest("fill", str(number))
        prints.claim(one, one, signature, 500, now=later)


def run(rows: Sequence[dict[str, str]], fingerprints: RedisFingerprints) -> tuple[list[str], float]:
    """Return the story that each text was placed in, by the id of its first text, and the CPU seconds of all."""
    articles, placed, cost = Articles(), [], 0.0
    for number, row in enumerate(rows):
        one = digest("bench", str(number))
        article = SimpleNamespace(
            article_id=one, title="", text=row["text"], text_hash=text_hash(row["text"]), extractor_version="1"
        )
        start = time.process_time()
        found = place(article, store=articles, fingerprints=fingerprints, now=NOW)  # type: ignore[arg-type] # as read
        cost += time.process_time() - start
        articles.keep(one, row["text"], found.story_id)
        placed.append(found.story_id)
    return placed, cost


def report(rows: Sequence[dict[str, str]], placed: Sequence[str]) -> None:
    """Print recall by kind and false merges by kind."""
    label_of = {digest("bench", str(number)): row["story"] for number, row in enumerate(rows)}
    seen: set[str] = set()
    later: Counter[str] = Counter()
    linked: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for number, (row, story) in enumerate(zip(rows, placed, strict=True)):
        joined = story != digest("bench", str(number))
        if joined and label_of[story] != row["story"]:
            wrong[row["kind"]] += 1
        if row["story"] in seen:
            later[row["kind"]] += 1
            linked[row["kind"]] += joined and label_of[story] == row["story"]
        seen.add(row["story"])
    for kind, count in sorted(later.items(), key=lambda pair: -linked[pair[0]] / pair[1]):
        print(f"{kind:16} {linked[kind] / count:.3f} of {count}")
    within = {kind: count for kind, count in later.items() if kind != OUT_OF_REACH}
    print(f"link recall {sum(linked[kind] for kind in within) / sum(within.values()):.3f} without {OUT_OF_REACH!r}")
    print(f"false merges {100 * wrong.total() / len(rows):.2f} % of {len(rows)} texts {dict(wrong) or ''}")


def used(link: RedisLink) -> int:
    """Return the bytes that the server's data takes."""
    return int(link.client.info("memory")["used_memory_dataset"])


@contextmanager
def server() -> Iterator[str]:
    """Yield a Redis: the one given, or one of our own."""
    given = os.environ.get("REDIS_URL")  # noqa: TID251 - a script's own switch
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="sw-bench-") as folder:
        embedded = EmbeddedServer(Path(folder), fsync="no", max_memory_mb=512)
        try:
            yield embedded.start()
        finally:
            embedded.stop()


if __name__ == "__main__":
    main()
