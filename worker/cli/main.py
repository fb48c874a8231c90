"""The command line: which commands there are, and what a failure looks like from outside.

Exit codes: 0 done, 1 failed, 2 wrong use (a bad option or a bad configuration), 3 a dependency is missing or
unreachable.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from worker.cli import (
    alerts,
    backup,
    check,
    delete,
    demo,
    feeds,
    ingest,
    move,
    parked,
    positions,
    processes,
    search,
    status,
    tagging,
    web,
    why,
)
from worker.cli.program import ConfigDir, Debug, Program
from worker.cli.terminal import complain
from worker.errors import ConfigurationError, DependencyMissing, QueryRefused, StancewatchError, StoreUnavailable

FAILED, WRONG_USE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130

app = typer.Typer(
    name="stancewatch",
    help="Follows a conflict's diplomacy: who demands, rejects, offers what, with the sentence as proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
PANELS = {
    "Run": (
        processes.run,
        demo.demo,
        check.check,
        status.status,
        processes.setup,
        processes.worker,
        processes.beat,
        web.web,
    ),
    "Ask": (search.search, positions.timeline, why.why),
    "Tag": (tagging.tag, tagging.evaluate),
    "Look after": (ingest.ingest, ingest.replay, backup.backup, backup.restore, move.move, delete.delete),
}
GROUPS = {"Ask": (positions.app, alerts.app), "Look after": (feeds.app, parked.app)}
for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
for panel, groups in GROUPS.items():
    for group in groups:
        app.add_typer(group, rich_help_panel=panel)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"stancewatch {version('stancewatch')}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: ConfigDir = Path("config"),
    *,
    debug: Debug = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Keep what stands before the command."""
    context.obj = Program(config_dir=config.resolve(), debug=debug)
    context.call_on_close(context.obj.close)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an expected failure is one clear line (or one a fault), no trace."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(words, prog_name="stancewatch")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except StancewatchError as error:
        return _failure(error)
    except Exception as error:
        if "--debug" in words:
            raise
        complain(
            f"unexpected {type(error).__name__}: {error} (a bug of ours; --debug before the command shows the trace)"
        )
        return FAILED
    return 0


def _failure(error: StancewatchError) -> int:
    for line in error.faults if isinstance(error, ConfigurationError) else [str(error)]:
        complain(line)
    if isinstance(error, DependencyMissing | StoreUnavailable):
        return UNREACHABLE
    return WRONG_USE if isinstance(error, ConfigurationError | QueryRefused) else FAILED
