"""``delete``: an article out of every store, because somebody has the right to ask for it."""

import re
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.program import AsJson, program
from worker.cli.terminal import say, show_json
from worker.errors import StoreUnavailable

if TYPE_CHECKING:
    from worker.work.delete_article import Deleter, Deletion

_ADDRESS = re.compile(r"https?://\S+|[0-9a-f]{32}")
_WAIT_S = 50.0
"""A worker that is at the article has ended by then, or its lease has."""
_LOOK_EVERY_S = 1.0


def delete(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Address of an article, or an article id.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete an article for good: text, statements, claims' entries, alerts, pages. It is never taken in again.

    Claims are graded anew without it, which alerts nobody. Messages that were sent are out of reach, and so are
    backups and snapshots.
    """
    if not _ADDRESS.fullmatch(url):
        raise typer.BadParameter("give an http:// or https:// address, or an article id of 32 hexadecimal digits")
    if not yes:
        _confirm(url)
    services = program(context).services
    done = _deleted(url, services.deleter())
    if as_json:
        show_json([done])
        return
    for line in lines(done):
        say(line)


def lines(done: "Deletion") -> list[str]:
    """Return what was done, in words."""
    found = [f"{count} {kind}" for kind, count in sorted(done.documents.items()) if count]
    told = [f"deleted: {', '.join(found)}" if found else "nothing of it was stored; it will not be taken in"]
    if done.bodies:
        told.append(f"removed from the pages kept: {done.bodies}")
    if done.messages:
        told.append(f"blanked in messages about other articles: {done.messages}")
    if done.regraded:
        told.append(f"statements of others with another level now: {done.regraded}")
    if done.others:
        told.append(f"copies by other outlets stay: {' '.join(done.others)}")
    return told


def _confirm(url: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to ask: give --yes")
    if not typer.confirm(f"delete {url} for good?", err=True):
        raise typer.Exit(1)


def _deleted(url: str, ports: "Deleter") -> "Deletion":
    from worker.work.delete_article import delete_article

    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        done = delete_article(url, ports)
        if done is not None:
            return done
        time.sleep(_LOOK_EVERY_S)
    raise StoreUnavailable(f"a worker is at {url} all the time; it is taken in no more, run this again")
