"""Measures extraction on labelled news pages: 4-gram F1 and CPU, ours against trafilatura's default, page by page.

    python scripts/bench_extract.py PAGES [--worst 10]

PAGES holds ``ground-truth.json`` and ``html/*.html.gz`` (the article-extraction-benchmark's layout). Costs are process
CPU time, the best of three, both variants on the same page in turn; the ratio is of the sums. Scores are the
benchmark's own: precision and recall of 4-word shingles, averaged over pages. Date, title and author are held against
``tests/data/page-labels.json``, made by reading 75 of the pages; titles are kept as hashes of their normal form, so
only an exact title counts.
"""

import argparse
import gzip
import json
import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from trafilatura import extract as trafilatura_extract

from worker.extract.service import Reading, Refusal, read, warm
from worker.identity import normalised
from worker.model import Capture, FeedEntry, RawPage

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
LABELS = Path(__file__).parents[1] / "tests/data/page-labels.json"
WORD = re.compile(r"\w+", re.UNICODE)
Found = TypeVar("Found")


def main() -> None:
    """Print the two rows and, if asked, the worst pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--worst", type=int, default=0)
    options = parser.parse_args()
    truth = json.loads((options.pages / "ground-truth.json").read_text("utf-8"))
    bodies = {key: gzip.decompress((options.pages / "html" / f"{key}.html.gz").read_bytes()) for key in truth}
    readings, costs = measured(bodies)
    for name, texts in (("stancewatch", [text_of(found) for found in readings[0]]), ("trafilatura", readings[1])):
        scores = {key: shingle_scores(text, truth[key]["articleBody"]) for key, text in zip(bodies, texts, strict=True)}
        precision, recall = (sum(score[i] for score in scores.values()) / len(scores) for i in (0, 1))
        cost = 1000 * sum(costs[name]) / len(bodies)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{name:12} F1 {f1:.3f}  P {precision:.3f}  R {recall:.3f}  {cost:.1f} ms a page")
        for key in sorted(scores, key=lambda one: sum(scores[one]))[: options.worst if name == "stancewatch" else 0]:
            print("   ", key[:12], *(f"{value:.2f}" for value in scores[key]), truth[key].get("url", ""))
    print_agreement(readings[0], bodies, truth)
    pairs = [one / other for one, other in zip(costs["stancewatch"], costs["trafilatura"], strict=True)]
    ratio = sum(costs["stancewatch"]) / sum(costs["trafilatura"])
    print(f"CPU ratio {ratio:.2f} of the sums, {median(pairs):.2f} the median page; metadata is included in ours")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"peak memory {peak:.0f} MB over {len(bodies)} pages, the largest {max(map(len, bodies.values())) / 1e6:.1f} MB"
    )
    report_facts(dict(zip(bodies, readings[0], strict=True)), misses=bool(options.worst))


def report_facts(readings: Mapping[str, Reading | Refusal], *, misses: bool) -> None:
    """Print how often date, title and authors are as labelled by hand, and which are not if asked."""
    labels = json.loads(LABELS.read_text("utf-8"))
    checks = {"date within a day": is_date, "title exact": is_title, "authors": are_authors}
    known = {key: label for key, label in labels.items() if key in readings}
    for name, check in checks.items():
        wrong = [key for key, label in known.items() if not check(readings[key], label)]
        print(f"{name}: {1 - len(wrong) / len(known):.3f} of {len(known)}")
        for key in wrong if misses else []:
            found = readings[key]
            said = (
                found.detail
                if isinstance(found, Refusal)
                else (found.published, found.facts.title, found.facts.authors)
            )
            print("   ", key[:12], said, known[key]["date"], known[key]["authors"])


def is_date(found: Reading | Refusal, label: Mapping[str, Any]) -> bool:
    """Return True if the day found is the labelled one or its neighbour: labels are in the outlet's own time."""
    if isinstance(found, Refusal) or found.published is None:
        return False
    return abs(found.published.date() - date.fromisoformat(label["date"])) <= timedelta(days=1)


def is_title(found: Reading | Refusal, label: Mapping[str, Any]) -> bool:
    """Return True for the labelled title, typography apart."""
    title = "" if isinstance(found, Refusal) else found.facts.title
    return sha256(normalised(title).encode()).hexdigest() == label["title_sha256"]


def are_authors(found: Reading | Refusal, label: Mapping[str, Any]) -> bool:
    """Return True for exactly the labelled names, in any order."""
    names = () if isinstance(found, Refusal) else found.facts.authors
    return {normalised(name) for name in names} == {normalised(name) for name in label["authors"]}


def print_agreement(readings: list[Reading | Refusal], bodies: Mapping[str, bytes], truth: Mapping[str, Any]) -> None:
    """Print how good the pages are on which a second reading agrees and those on which it does not."""
    groups: dict[str, list[float]] = {"under .5": [], ".5 and over": []}
    for key, found in zip(bodies, readings, strict=True):
        if isinstance(found, Reading) and found.agreement is not None:
            precision, recall = shingle_scores(found.text, truth[key]["articleBody"])
            f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
            groups["under .5" if found.agreement < 0.5 else ".5 and over"].append(f1)  # noqa: PLR2004 - as said
    for name, scores in groups.items():
        mean = sum(scores) / len(scores) if scores else 0.0
        print(f"agreement {name}: {len(scores)} pages, mean F1 {mean:.3f}, {sum(one < 0.9 for one in scores)} under .9")  # noqa: PLR2004


def measured(bodies: Mapping[str, bytes]) -> tuple[tuple[list[Reading | Refusal], list[str]], dict[str, list[float]]]:
    """Return what both variants read and what each page cost them, page by page in turn."""
    warm()
    peer(next(iter(bodies.values())))
    found: list[Reading | Refusal] = []
    texts: list[str] = []
    costs: dict[str, list[float]] = {"stancewatch": [], "trafilatura": []}
    for key, body in bodies.items():
        raw = page(key, body)
        reading, seconds = cheapest(lambda raw=raw: read(raw))
        found.append(reading)
        costs["stancewatch"].append(seconds)
        text, seconds = cheapest(lambda body=body: peer(body))
        texts.append(text)
        costs["trafilatura"].append(seconds)
    return (found, texts), costs


def cheapest(run: Callable[[], Found]) -> tuple[Found, float]:
    """Return what ``run`` gives, and its best CPU time of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        found = run()
        best = min(best, time.process_time() - start)
    return found, best


def page(key: str, body: bytes) -> RawPage:
    """Return the bytes as the fetch stage would hand them on."""
    url = f"https://page.example/{key}"
    capture = Capture(
        item_id=key, feed_id="bench", entry=FeedEntry(identity=key, url=url), chain=(url,), status=200, headers={},
        fetched_at=FETCHED, body_hash=sha256(body).hexdigest(),
    )  # fmt: skip
    return RawPage(capture=capture, body=body)


def text_of(found: Reading | Refusal) -> str:
    """Return the text, that of paywalled pages and very short ones included."""
    return "" if isinstance(found, Refusal) else found.text


def peer(body: bytes) -> str:
    """Return trafilatura's default text, comments off."""
    return trafilatura_extract(body, include_comments=False) or ""


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
