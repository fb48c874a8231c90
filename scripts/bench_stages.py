"""Measures what an article costs, stage by stage, in CPU time of one process; Redis and SQLite are real.

    python scripts/bench_stages.py PAGES [--topic russia-ukraine] [--tagger rules:light]

PAGES holds ``html/*.html.gz``. Every page goes the whole way: extract, dedup, tag, index, novelty, alert. The floor is
trafilatura over the same bytes, parsing included, with the same switches: what nobody who extracts can avoid. The
servers' own CPU is not in it; SQLite runs in our process and is.
"""

import argparse
import gzip
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from trafilatura import bare_extraction

from worker.adapters.embedded_server import EmbeddedServer
from worker.alert import service as alerting
from worker.dedup import service as dedup
from worker.extract.service import extract
from worker.index import service as indexing
from worker.log import configure
from worker.model import Article, Capture, FeedEntry, RawPage
from worker.novelty import service as novelty
from worker.settings import load_settings
from worker.wiring import Services
from worker.work.process_item import tag

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
Result = TypeVar("Result")


def main() -> None:
    """Print milliseconds of CPU an article by stage, their sum, the floor and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--topic", default="russia-ukraine")
    parser.add_argument("--tagger", default="rules")
    options = parser.parse_args()
    configure(level="ERROR")
    bodies = [gzip.decompress(path.read_bytes()) for path in sorted((options.pages / "html").glob("*.html.gz"))]
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder) / "redis")
        env = {
            "REDIS_URL": server.start(),
            "STANCEWATCH_DATA_DIR": folder,
            "STANCEWATCH_WARM_UP_H": "0",
            "STANCEWATCH_TAGGER": options.tagger,
        }
        services = Services(load_settings(ROOT / "config", env=env), ROOT / "config")
        services.begin()
        services.warm()
        meter = Meter()
        articles = sum(walk(body, options.topic, services, meter) for body in bodies)
        services.link.close()
        services.results.close()
        server.stop()
    report(meter, pages=len(bodies), articles=articles)


class Meter:
    """CPU seconds by name."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def run(self, name: str, work: Callable[[], Result]) -> Result:
        """Return what the work returns and add what it cost."""
        start = time.process_time()
        try:
            return work()
        finally:
            self.spent[name] += time.process_time() - start


def walk(body: bytes, topic: str, services: Services, meter: Meter) -> bool:
    """Take one page the whole way; False if it holds no article."""
    raw = _raw(body, topic)
    meter.run("floor", lambda: bare_extraction(body, fast=True, favor_recall=True, include_comments=False))
    article = meter.run("extract", lambda: extract(raw, None))
    if not isinstance(article, Article):
        return False
    _publish(article, services, meter)
    return True


def _publish(article: Article, services: Services, meter: Meter) -> None:
    desk, store = services.desk(), services.results
    placement = meter.run(
        "dedup", lambda: dedup.place(article, store=store, fingerprints=services.fingerprints, now=NOW)
    )
    reads = article.language in services.tagger.languages
    tagged = meter.run("tag", lambda: tag(article, desk.topics, services.tagger) if reads else [])
    meter.run("index", lambda: indexing.write_article(store, article, placement, tagged, entry_hash="bench", now=NOW))
    grading = meter.run(
        "novelty", lambda: novelty.grade_article(store, tagged, article, placement, policy=desk.policy, now=NOW)
    )
    meter.run("alert", lambda: alerting.enqueue(store, grading, article, desk.rules, now=NOW))


def _raw(body: bytes, topic: str) -> RawPage:
    key = sha256(body).hexdigest()[:32]
    url = f"https://page{key}.example/{key}"
    capture = Capture(
        item_id=key, feed_id="bench", entry=FeedEntry(identity=url, url=url), chain=(url,), status=200, headers={},
        fetched_at=NOW, body_hash=key, topics=(topic,),
    )  # fmt: skip
    return RawPage(capture=capture, body=body)


def report(meter: Meter, *, pages: int, articles: int) -> None:
    """Print the table."""
    print(f"{pages} pages, {articles} articles, load {os.getloadavg()[0]:.1f}; ms of CPU an article")
    stages = ("extract", "dedup", "tag", "index", "novelty", "alert")
    for name in stages:
        print(f"  {name:8} {1000 * meter.spent[name] / articles:7.1f}")
    whole = sum(meter.spent[name] for name in stages)
    print(f"  {'all':8} {1000 * whole / articles:7.1f}")
    print(f"  {'floor':8} {1000 * meter.spent['floor'] / articles:7.1f}  trafilatura and parse alone")
    print(f"  ratio    {whole / meter.spent['floor']:7.2f}")


if __name__ == "__main__":
    main()
