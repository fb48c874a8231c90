"""Times grading one article against a ledger of a million claims, in SQLite.

    python scripts/bench_novelty.py [--claims 1000000]

Prints the median and the 95th percentile of one article with five statements, one of them on a claim as full as claims
get: all reads by id, the compare-and-set write and its fsync included. The CPU time beside it is what remains on a
machine with other work. The ledger is written through the store's own port, so the set-up takes a while.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from stories import article, entry, moment, placement, statement, tagged  # noqa: E402 - the path comes first

from worker.adapters.sqlite_store import SqliteStore  # noqa: E402
from worker.adapters.store_templates import read_templates  # noqa: E402
from worker.model import Act  # noqa: E402
from worker.novelty.history import History, added, claim_document  # noqa: E402
from worker.novelty.service import Policy, grade_article  # noqa: E402
from worker.ports import Kind, ResultStore, Write  # noqa: E402

BATCH = 5_000
ENTRIES = 3
ROUNDS = 200
BUSY_ENTRIES = 96
"""A claim as full as one gets, for each round's fifth statement."""


def main() -> None:
    """Build the ledger and time the grading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "results.sqlite", read_templates(ROOT / "config" / "elasticsearch"))
        store.setup()
        fill(store, wanted.claims)
        begun = time.process_time()
        times = sorted(timed(store, number, wanted.claims) for number in range(ROUNDS))
        cpu = (time.process_time() - begun) / ROUNDS * 1000
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e9
        store.close()
    print(
        f"{wanted.claims} claims ({size:.1f} GB): one article of 5 statements "
        f"median {statistics.median(times):.1f} ms, p95 {times[int(ROUNDS * 0.95)]:.1f} ms, CPU {cpu:.1f} ms"
    )


def fill(store: ResultStore, claims: int) -> None:
    """Write the claims, three entries each, and one busy one."""
    sample = added(History(key="x/y/demand/z"), entries(ENTRIES))
    document = claim_document(sample)
    acts = list(Act)
    for start in range(0, claims, BATCH):
        writes = []
        for number in range(start, min(start + BATCH, claims)):
            party, act, issue = f"party-{number // 700}", acts[number % 7], f"issue-{number // 7 % 100}"
            key = f"vesmar-ostrania/{party}/{act}/{issue}"
            owned = [{**each, "party": party, "act": str(act), "issue": issue} for each in document["entries"]]
            fields = {"key": key, "party": party, "act": str(act), "issue": issue, "entries": owned}
            writes.append(Write(kind=Kind.CLAIMS, id=key, document={**document, **fields}))
        store.write(writes)
    busy = added(History(key="vesmar-ostrania/vesmar/demand/busy"), entries(BUSY_ENTRIES))
    store.write([Write(kind=Kind.CLAIMS, id=busy.key, document=claim_document(busy))])


def entries(count: int) -> Iterator[object]:
    """Yield entries of one busy claim, a day apart."""
    for number in range(count):
        said = f"Vesmar demanded on day {number} that the garrison leave the valley, the spokesman said at noon."
        yield replace(
            entry(f"old-{number}", "demand", said, days=number, issue="busy"), url="https://kell.example/" + "x" * 60
        )


def timed(store: ResultStore, number: int, claims: int) -> float:
    """Return the milliseconds for one article: four claims here and there in the ledger, and the busy one."""
    name = f"new-{number}"
    text = article(name, days=200 + number)
    party = f"party-{(number * 37) % max(1, claims // 700)}"
    said = [
        statement("demand", f"issue-{(number + at) % 100}", f"In round {number} it asked for {at} more.", party=party)
        for at in range(4)
    ]
    said.append(statement("demand", "busy", f"Once more, on day {number}, Vesmar wants them out.", start=300))
    found = [tagged(each, name) for each in said]
    begun = time.perf_counter()
    grade_article(store, found, text, placement(name), now=moment(200 + number), policy=Policy())
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
