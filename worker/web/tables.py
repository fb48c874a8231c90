"""The plain tables: sources, pipeline, verdicts, addresses."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.feeds.health import FeedHealth
from worker.ledger import ItemRecord
from worker.model import Feed
from worker.outcomes import MEANINGS, Outcome
from worker.ports import WorkLedger
from worker.web.desk import Room
from worker.web.openapi import Endpoint
from worker.web.views import safe_link
from worker.work.feed_health import Yield, healths, yields
from worker.work.verdict_report import Judged, Precision, precision

MOST_GROUPS = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, linked where ``href`` is not empty."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``empty`` is said where there are no rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    empty: str


def sources(room: Room) -> Table:
    """Return every feed with its health."""
    feeds = room.feeds
    found, gave = healths(feeds, room.states, now=room.clock.now()), yields(feeds, room.store, room.counters)
    return Table(
        title="Feeds",
        columns=(
            "Feed",
            "Publisher",
            "Health",
            "Last new",
            "New a day",
            "Known at last poll",
            "Gaps",
            "Lag p50 / p95",
            "Pages read",
            "First to report",
            "Advice",
        ),
        rows=[_source(feed, found[feed.id], gave[feed.id]) for feed in feeds],
        empty="No feed is configured.",
    )


def _source(feed: Feed, health: FeedHealth, gave: Yield) -> list[Cell]:
    return [
        Cell(feed.id, safe_link(feed.url)),
        Cell(feed.publisher),
        Cell("healthy" if health.is_healthy else health.state.replace("_", " ")),
        Cell(f"{health.last_new:%-d %b %Y, %H:%M}" if health.last_new else ""),
        Cell(f"{health.habit_per_day:g}"),
        Cell("" if health.overlap is None else f"{health.overlap:.0%}"),
        Cell(str(health.gaps or "")),
        Cell("" if health.lag_p50_s is None else f"{health.lag_p50_s} s / {health.lag_p95_s} s"),
        Cell("" if gave.readable is None else f"{gave.readable:.0%}"),
        Cell(str(gave.first_reports or "")),
        Cell(health.advice),
    ]


def pipeline(ledger: WorkLedger) -> list[Table]:
    """Return items by stage, by outcome, and the quarantine."""
    counts = ledger.counts()
    stages = [[Cell(name), Cell(str(number))] for name, number in counts.items() if ":" not in name]
    outcomes = [_outcome(name.removeprefix("outcome:"), number) for name, number in counts.items() if ":" in name]
    return [
        Table(title="Items by stage", columns=("Stage", "Items"), rows=stages, empty="No item was seen yet."),
        Table(
            title="How items ended",
            columns=("Outcome", "Items", "Meaning"),
            rows=outcomes,
            empty="No item has ended yet.",
        ),
        Table(
            title="Quarantine",
            columns=("Item", "Since", "Reason", "Trace"),
            rows=[_parked(record) for record in ledger.parked(limit=100)],
            empty="Nothing is parked.",
        ),
    ]


def verdicts(found: Sequence[Judged]) -> list[Table]:
    """Return precision by everything that it is counted by."""
    return [_precision(name, rows) for name, rows in precision(found).items()]


def _precision(name: str, rows: Sequence[Precision]) -> Table:
    return Table(
        title=f"By {name}",
        columns=(name.capitalize(), "Right", "Wrong", "Precision", "95 % interval"),
        rows=[
            [
                Cell(each.value),
                Cell(str(each.right)),
                Cell(str(each.wrong)),
                Cell(f"{each.share:.0%}"),
                Cell(f"{each.low:.0%} to {each.high:.0%}"),
            ]
            for each in rows[:MOST_GROUPS]
        ],
        empty="No statement was judged yet.",
    )


def endpoints(known: Sequence[Endpoint]) -> Table:
    """Return every address for programs."""
    rows = [
        [
            Cell(one.path, "" if "{" in one.path else one.path),
            Cell(one.summary),
            Cell(", ".join(each.name for each in one.parameters)),
            Cell(one.media_type),
        ]
        for one in known
    ]
    return Table(title="Addresses", columns=("Address", "Gives", "Takes", "As"), rows=rows, empty="")


def _outcome(word: str, number: int) -> list[Cell]:
    return [Cell(word), Cell(str(number)), Cell(MEANINGS[Outcome(word)])]


def _parked(record: ItemRecord) -> list[Cell]:
    last_line = record.trace.strip().splitlines()[-1:] or [""]
    return [
        Cell(record.entry.url, safe_link(record.entry.url)),
        Cell(f"{record.updated_at:%-d %b %Y, %H:%M}"),
        Cell(record.reason),
        Cell(last_line[0]),
    ]
