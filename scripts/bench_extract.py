"""Measures extraction on labelled news pages: 4-gram F1 and CPU, ours against trafilatura's default, page by page.

    python scripts/bench_extract.py PAGES [--worst 10]

PAGES holds ``ground-truth.json`` and ``html/*.html.gz`` (the article-extraction-benchmark's layout). Costs are process
CPU time, the best of three, both variants on the same page; the ratio is of the sums. Scores are the benchmark's own:
precision and recall of 4-word shingles, averaged over pages.
"""

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from trafilatura import extract as trafilatura_extract

from worker.extract.service import Refusal, read
from worker.model import Capture, FeedEntry, RawPage

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
WORD = re.compile(r"\w+", re.UNICODE)


def main() -> None:
    """Print the two rows and, if asked, the worst pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--worst", type=int, default=0)
    options = parser.parse_args()
    truth = json.loads((options.pages / "ground-truth.json").read_text("utf-8"))
    bodies = {key: gzip.decompress((options.pages / "html" / f"{key}.html.gz").read_bytes()) for key in truth}
    variants = {"stancewatch": lambda key: ours(key, bodies[key]), "trafilatura": lambda key: peer(bodies[key])}
    costs = {}
    for name, run in variants.items():
        texts, costs[name] = timed(run, list(truth))
        scores = {key: shingle_scores(texts[key], truth[key]["articleBody"]) for key in truth}
        precision, recall = (sum(s[i] for s in scores.values()) / len(scores) for i in (0, 1))
        f1 = 2 * precision * recall / (precision + recall)
        print(
            f"{name:12} F1 {f1:.3f}  P {precision:.3f}  R {recall:.3f}  {1000 * costs[name] / len(truth):.1f} ms a page"
        )
        for key in sorted(scores, key=lambda one: sum(scores[one]))[: options.worst if name == "stancewatch" else 0]:
            print("   ", key[:12], *(f"{value:.2f}" for value in scores[key]), truth[key].get("url", ""))
    print(
        f"CPU ratio {costs['stancewatch'] / costs['trafilatura']:.2f} over {len(truth)} pages, metadata included in ours"
    )


def ours(key: str, body: bytes) -> str:
    """Return the text that the extract stage reads, paywalled pages and very short ones included."""
    url = f"https://page.example/{key}"
    entry = FeedEntry(identity=key, url=url)
    capture = Capture(
        item_id=key, feed_id="bench", entry=entry, chain=(url,), status=200, headers={}, fetched_at=FETCHED,
        body_hash=sha256(body).hexdigest(),
    )  # fmt: skip
    found = read(RawPage(capture=capture, body=body))
    return "" if isinstance(found, Refusal) else found.text


def peer(body: bytes) -> str:
    """Return trafilatura's default text, comments off."""
    return trafilatura_extract(body, include_comments=False) or ""


def timed(run: Callable[[str], str], keys: list[str]) -> tuple[dict[str, str], float]:
    """Return the texts and the sum over pages of the best CPU time of three."""
    texts, total = {}, 0.0
    run(keys[0])  # warm: tables and models load once a process
    for key in keys:
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            texts[key] = run(key)
            best = min(best, time.process_time() - start)
        total += best
    return texts, total


def shingle_scores(found: str, truth: str) -> tuple[float, float]:
    """Return precision and recall of 4-word shingles, as the benchmark counts them."""
    got, wanted = shingles(found), shingles(truth)
    hits = sum((got & wanted).values())
    precision = hits / sum(got.values()) if got else float(not wanted)
    recall = hits / sum(wanted.values()) if wanted else 1.0
    return precision, recall


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the 4-word shingles of a text; a shorter text is one shingle."""
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


if __name__ == "__main__":
    main()
