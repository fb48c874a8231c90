"""How commands speak: tables for people, JSON lines for machines, progress only where somebody looks."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from worker.text import clean, clean_line

Row = Mapping[str, Any]

_CELL_CHARS = 300
_LINE_CHARS = 10_000
PIPE_WIDTH = 2_000
"""A pipe has no edge to wrap at."""


def out() -> Console:
    """Return the console for results; made anew each time, so that it follows a redirected stdout."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(file=sys.stdout, highlight=False, width=width, soft_wrap=width is not None)


def say(line: str) -> None:
    """Print one line of result; nothing in it is read as markup and no control character gets through."""
    out().print(Text(_one_line(line)))


def live_line(line: str) -> None:
    """Write one line over the last one on stderr, cut to the terminal."""
    width = Console(file=sys.stderr).width - 1
    sys.stderr.write(f"\r\x1b[2K{clean_line(line, limit=width)}")
    sys.stderr.flush()


def complain(line: str) -> None:
    """Print one line to stderr."""
    Console(file=sys.stderr, highlight=False, soft_wrap=True).print(Text(_one_line(line)), style="red")


def _one_line(line: str) -> str:
    """Return the line with its indentation and without anything that could move the cursor."""
    return clean(line, limit=_LINE_CHARS).replace("\n", " ")


def show(rows: Iterable[Row], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """Print rows as JSON lines (all their keys) or as a table of the columns named; ``empty`` stands for no rows."""
    if as_json:
        show_json(rows)
        return
    table = Table(*[escape(name.replace("_", " ")) for name in columns], box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*[Text(_cell(row.get(name))) for name in columns])
    if table.row_count:
        out().print(table)
    else:
        say(empty)


def show_json(rows: Iterable[Any]) -> None:
    """Print each row as one line of JSON."""
    for row in rows:
        sys.stdout.write(json.dumps(row, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return dict(value) if isinstance(value, Mapping) else str(value)


def _cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, float):
        return f"{value:.2f}"
    return clean_line(str(value), limit=_CELL_CHARS)


class Meter(Protocol):
    """Counts along."""

    def advance(self, amount: int = 1) -> None:
        """Say that so many more are done."""
        ...


class _Silent:
    def advance(self, amount: int = 1) -> None:
        """Nobody looks."""


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Meter]:
    """Show a bar on stderr while the block runs, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(label, total=total)

        class Bar:
            def advance(self, amount: int = 1) -> None:
                bar.advance(task, amount)

        yield Bar()
