"""The processes: all of them in one group (``run``), or each by itself (``worker``, ``beat``, ``web``)."""

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.program import Program, program
from worker.cli.terminal import complain, live_line, say

if TYPE_CHECKING:
    from worker.adapters.embedded_server import EmbeddedServer
    from worker.supervisor import Program as RunProgram

CONFIG_VARIABLE = "STANCEWATCH_CONFIG"


class Queue(StrEnum):
    """Workers that can be started."""

    FETCH = "fetch"
    PROCESS = "process"


def run(context: typer.Context) -> None:
    """Start the whole service in one process group and keep it running; Ctrl-C stops it clean.

    Starts a Redis of its own unless one is set, prepares the stores, then fetch worker, process worker, beat and page.
    """
    from worker.adapters.celery_bell import WorkerLifeline
    from worker.adapters.processes import FolderLock
    from worker.supervisor import Supervisor, programs

    one = program(context)
    _prepare_environment(one)
    settings, services = one.settings, one.services
    found = services.catalogue  # a bad configuration stops here
    lock = FolderLock(settings.data_dir)
    lock.take()
    server = _server(one)
    try:
        for line in services.begin():
            say(line)
        services.states.sync([feed.id for feed in found.feeds], now=services.clock.now())
        web = (sys.executable, "-m", "worker", "--config", str(one.config_dir), "web")
        group = programs(fetch_threads=settings.fetch_threads, process_children=settings.process_children, web=web)
        say(f"following {len(found.feeds)} feeds on {', '.join(sorted(found.topics))}; page on {_page(one)}")
        lifeline = WorkerLifeline(services.bell, services.vitals)
        Supervisor(group, lifeline, server=server, tell=_teller(one)).run()
    finally:
        if server:
            server.stop()
        lock.release()


def worker(
    context: typer.Context, queue: Annotated[Queue, typer.Argument(help="fetch moves bytes, process reads them.")]
) -> None:
    """Run one worker until it is told to stop; it is restarted if it dies or consumes nothing."""
    from worker.adapters.celery_bell import WorkerLifeline
    from worker.supervisor import Supervisor

    one = program(context)
    _prepare_environment(one)
    found = _program(one, f"worker {queue}")
    for fault in one.services.results.check():  # said, not refused: the work waits in the ledger until it is mended
        complain(fault)
    Supervisor([found], WorkerLifeline(one.services.bell, one.services.vitals)).run()


def beat(context: typer.Context) -> None:
    """Run the clock that rings every few seconds; it decides nothing, and two of them do no harm."""
    one = program(context)
    _prepare_environment(one)
    found = _program(one, "beat")
    os.execve(found.command[0], found.command, {**os.environ, **found.env})  # noqa: S606, TID251 - our own interpreter


def setup(
    context: typer.Context,
    kibana: Annotated[
        str, typer.Option("--kibana", metavar="URL", help="Also put data views, searches and dashboards there.")
    ] = "",
) -> None:
    """Create or upgrade what the result store needs; safe to run again."""
    from worker.cli.kibana import desk_for

    one = program(context)
    desk = desk_for(one, kibana) if kibana else None  # what is wrong with the request stops it before anything changes
    changes = one.services.begin()
    for line in changes:
        say(line)
    say("the store is ready" if changes else "the store was ready already")
    if desk:
        say(desk.put())


def _prepare_environment(one: Program) -> None:
    """Hand the configuration's place to the processes; before a person at a terminal, log only what went wrong."""
    os.environ[CONFIG_VARIABLE] = str(one.config_dir)  # noqa: TID251 - handed to the processes that are started
    if sys.stderr.isatty():
        os.environ.setdefault("STANCEWATCH_LOG_LEVEL", "WARNING")  # noqa: TID251 - the same
        os.environ.setdefault("STANCEWATCH_LOG_JSON", "false")  # noqa: TID251 - the same


def _server(one: Program) -> "EmbeddedServer | None":
    if one.settings.redis_url is not None:
        return None
    from worker.adapters.embedded_server import EmbeddedServer

    server = EmbeddedServer(one.settings.data_dir / "redis")
    server.start()
    return server


def _page(one: Program) -> str:
    port = one.settings.web_port
    return f"http://{one.settings.web_host}:{port}" if port else "a free port, named in the log"


def _teller(one: Program) -> Callable[[], None]:
    """Return what shows the live line: on a terminal every second, elsewhere nothing."""
    from worker.cli.status import short_line
    from worker.errors import StancewatchError

    if not sys.stderr.isatty():
        return lambda: None

    def tell() -> None:
        try:
            live_line(short_line(one.services))
        except StancewatchError as error:
            live_line(str(error))

    return tell


def _program(one: Program, name: str) -> "RunProgram":
    """Return a program of the service by its name; a bad configuration stops here, before Celery starts."""
    from worker.supervisor import programs

    settings, _ = one.settings, one.services.catalogue
    known = programs(fetch_threads=settings.fetch_threads, process_children=settings.process_children)
    return next(each for each in known if each.name == name)
