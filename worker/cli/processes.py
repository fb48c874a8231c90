"""The processes of a deployment: ``worker``, ``beat``, ``web``; and ``setup``, which makes their stores ready."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from worker.cli.program import Program, program
from worker.cli.terminal import say


class Queue(StrEnum):
    """Workers that can be started."""

    FETCH = "fetch"
    PROCESS = "process"


def worker(
    context: typer.Context, queue: Annotated[Queue, typer.Argument(help="fetch moves bytes, process reads them.")]
) -> None:
    """Run one worker until it is told to stop."""
    _become(program(context), f"worker {queue}")


def beat(context: typer.Context) -> None:
    """Run the clock that rings every few seconds; it decides nothing, and two of them do no harm."""
    _become(program(context), "beat")


def setup(context: typer.Context) -> None:
    """Create or upgrade what the result store needs; safe to run again."""
    changes = program(context).services.results.setup()
    for line in changes:
        say(line)
    say("the store is ready" if changes else "the store was ready already")


def _become(one: Program, name: str) -> None:
    """Replace this process by the program, so that signals reach it and nothing stands in between."""
    from worker.supervisor import programs

    settings = one.settings
    _ = one.services.catalogue  # a bad configuration stops here, before Celery starts
    known = programs(fetch_threads=settings.fetch_threads, process_children=settings.process_children)
    found = next(each for each in known if each.name == name)
    environment = {**os.environ, **found.env, "STANCEWATCH_CONFIG": str(one.config_dir)}  # noqa: TID251 - handed on
    os.execve(found.command[0], found.command, environment)  # noqa: S606 - our own interpreter, our own arguments
