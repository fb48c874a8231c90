"""``status``: how it is going, in one screen; the same numbers that ``/metrics`` and the page show."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.feeds import health_rows
from worker.cli.program import AsJson, Program, program
from worker.cli.search import statement_lines
from worker.cli.terminal import say, show_json

if TYPE_CHECKING:
    from worker.wiring import Services

_LOOK_EVERY_S = 0.25
TICKS = "ticks_total"


class Process(StrEnum):
    """Processes whose life can be asked for."""

    FETCH = "fetch"
    PROCESS = "process"
    BEAT = "beat"


def status(
    context: typer.Context,
    *,
    alive: Annotated[
        Process | None,
        typer.Option(help="Ask only whether this machine's worker, or beat, works: send it a task and wait for it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show feeds healthy of feeds expected, items by stage and outcome, what waits longest, the last statement."""
    one = program(context)
    if alive:
        _ask_process(one, alive)
        return
    found = overview(one.services)
    if as_json:
        show_json([found])
        return
    say(f"feeds       {found['feeds_healthy']} of {found['feeds']} healthy")
    say(f"items       {_counted(found['items']) or 'none yet'}")
    say(f"ended       {_counted(found['outcomes']) or 'none yet'}")
    say(
        f"waiting     {found['waiting_s']:.0f} s the longest"
        if found["waiting_s"] is not None
        else "waiting     nothing"
    )
    say(f"alerts      {_counted(found['alerts']) or 'none yet'}")
    for line in statement_lines(found["last_statement"]) if found["last_statement"] else ["no statement yet"]:
        say(line)


def overview(services: "Services") -> dict[str, Any]:
    """Return what ``status`` shows. ``waiting_s`` is None where nothing is due."""
    counts = services.ledger.counts()
    rows = list(health_rows(services))
    return {
        "feeds": len(rows),
        "feeds_healthy": sum(row["is_healthy"] for row in rows),
        "items": {word: n for word, n in counts.items() if not word.startswith("outcome:")},
        "outcomes": {word.removeprefix("outcome:"): n for word, n in counts.items() if word.startswith("outcome:")},
        "waiting_s": _waiting_s(services, services.clock.now()),
        "alerts": _alerts(services),
        "last_statement": _last_statement(services),
    }


def short_line(services: "Services") -> str:
    """Return the live line of ``run``: feeds healthy, items by stage and outcome, the last statement."""
    counts = services.ledger.counts()
    rows = list(health_rows(services))
    healthy = sum(row["is_healthy"] for row in rows)
    work = _counted({word: n for word, n in counts.items() if word in {"queued", "fetched", "parked"}})
    ended = _counted({word.removeprefix("outcome:"): n for word, n in counts.items() if word.startswith("outcome:")})
    last = _last_statement(services)
    said = statement_lines(last)[0] if last else "no statement yet"
    return f"{healthy}/{len(rows)} feeds · {work or 'nothing waits'} · {ended or 'nothing ended'} · {said}"


def _waiting_s(services: "Services", now: datetime) -> float | None:
    from worker.ledger import Stage

    since = [due for stage in (Stage.QUEUED, Stage.FETCHED) if (due := services.ledger.oldest_due(stage))]
    late = now - min(since) if since else timedelta(0)
    return late.total_seconds() if late > timedelta(0) else None


def _alerts(services: "Services") -> dict[str, int]:
    from worker.ports import Kind, Query

    page = services.results.search(Query(kind=Kind.ALERTS, size=1, facets=("state",)))
    return dict(page.facets.get("state", ()))


def _last_statement(services: "Services") -> Mapping[str, Any] | None:
    from worker.ports import Kind, Query

    page = services.results.search(Query(kind=Kind.STATEMENTS, size=1))
    return page.hits[0].document if page.hits else None


def _counted(words: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {word}" for word, n in sorted(words.items(), key=lambda pair: -pair[1]) if n)


def _ask_process(one: Program, process: Process) -> None:
    """Wait until the process is seen to work; exit 1 if it is not in time."""
    from worker.liveness import CATATONIC_AFTER_S

    is_beat = process is Process.BEAT
    within_s = CATATONIC_AFTER_S + (one.settings.tick_s if is_beat else 0)
    works = _within(within_s, _beat_works(one) if is_beat else _worker_works(one, process))
    say(f"{process} works" if works else f"{process} did nothing in {within_s:.0f} s")
    if not works:
        raise typer.Exit(1)


def _worker_works(one: Program, process: Process) -> Callable[[], bool]:
    """Send this machine's worker a canary; return what tells whether it has started something since."""
    from worker.adapters.celery_app import node_name
    from worker.adapters.celery_bell import WorkerLifeline

    services, node = one.services, node_name(process)
    lifeline = WorkerLifeline(services.bell, services.vitals)
    before = lifeline.read(node).started
    lifeline.send_canary(node)
    return lambda: lifeline.read(node).started > before


def _beat_works(one: Program) -> Callable[[], bool]:
    """Return what tells whether one more tick was carried out than by now."""
    counters = one.services.counters
    before = counters.read().get(TICKS, 0)
    return lambda: counters.read().get(TICKS, 0) > before


def _within(seconds: float, is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(_LOOK_EVERY_S)
    return False
