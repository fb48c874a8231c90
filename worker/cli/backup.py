"""``backup`` and ``restore``: copies of the embedded stores, taken while the service runs."""

from pathlib import Path
from typing import Annotated

import typer

from worker.cli.program import program
from worker.cli.terminal import say

_MEGA = 1_000_000


def backup(context: typer.Context, folder: Annotated[Path, typer.Argument(help="A new folder for the copy.")]) -> None:
    """Copy ledger, results and bodies of the data folder; the service may run meanwhile.

    Elasticsearch and a Redis of your own have their own ways: ops/runbooks/backup.md.
    """
    from worker.adapters.backup import backup as copy

    one = program(context)
    made = copy(one.settings.data_dir, folder, now=one.services.clock.now())
    say(f"copied {', '.join(made.parts)} to {folder}: {made.bytes / _MEGA:.1f} MB")


def restore(context: typer.Context, folder: Annotated[Path, typer.Argument(help="A folder that backup made.")]) -> None:
    """Put a backup into the data folder, which must hold no stores; the service must not run."""
    from worker.adapters.backup import restore as put_back

    data_dir = program(context).settings.data_dir
    made = put_back(folder, data_dir)
    say(f"restored {', '.join(made.parts)} of {made.made_at} into {data_dir}")
