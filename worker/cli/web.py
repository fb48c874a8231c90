"""``web``: health, metrics and the reading room."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from worker.cli.feeds import health_rows
from worker.cli.program import program

if TYPE_CHECKING:
    from worker.web.desk import Configured, Room
    from worker.wiring import Services

SECRET_FILE = "web.secret"  # noqa: S105 - a file's name


def web(context: typer.Context) -> None:
    """Serve health, metrics and the reading room until told to stop."""
    import uvicorn

    from worker.web.app import create_web

    one = program(context)
    settings = one.settings
    token = settings.web_token.get_secret_value() if settings.web_token else None
    uvicorn.run(
        create_web(room_of(one.services), token=token),
        host=settings.web_host,
        port=settings.web_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


def room_of(services: "Services") -> "Room":
    """Return what the reading room needs of the services."""
    from worker.adapters.store_templates import read_templates
    from worker.web.board import Board
    from worker.web.desk import Room
    from worker.web.health import Probe

    return Room(
        store=services.results,
        ledger=services.ledger,
        states=services.states,
        counters=services.counters,
        clock=services.clock,
        configured=lambda: _configured(services),
        metrics=lambda: _metrics(services),
        probes=(
            Probe("result store", services.results.check),
            Probe("work ledger", lambda: [] if services.ledger.counts() is not None else ["no answer"]),
        ),
        keep_verdict=services.keep_verdict,
        secret=_secret(services.settings.data_dir),
        mappings=read_templates(services.config_dir / "elasticsearch").mappings,
        board=Board(services.results, services.clock),
        address=services.settings.public_url or "",
    )


def _configured(services: "Services") -> "Configured":
    from worker.web.desk import Configured

    services.follow_configuration()
    found = services.catalogue
    return Configured(feeds=found.feeds, topics=found.topics, rules=found.rules.rules)


def _metrics(services: "Services") -> str:
    from worker.adapters.metrics import render_metrics
    from worker.ledger import Stage

    counts, now = services.ledger.counts(), services.clock.now()
    rows = list(health_rows(services))
    healthy = sum(row["is_healthy"] for row in rows)
    gauges: dict[str, float] = {
        'feeds{health="healthy"}': healthy,
        'feeds{health="unhealthy"}': len(rows) - healthy,
    }
    gauges |= {f'ledger_items{{stage="{word}"}}': n for word, n in counts.items() if ":" not in word}
    for stage in (Stage.QUEUED, Stage.FETCHED):
        due = services.ledger.oldest_due(stage)
        gauges[f'oldest_due_seconds{{stage="{stage}"}}'] = max(0.0, (now - due).total_seconds()) if due else 0.0
    return render_metrics(services.counters.read(), gauges)


def _secret(data_dir: Path) -> str:
    """Return what signs the page's forms; made once for this data folder, readable by its owner alone."""
    path = data_dir / SECRET_FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    made = secrets.token_hex(32)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
    return made
