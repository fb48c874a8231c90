"""Write docs/reference/{settings,commands,outcomes}.md from the code, so that none of them can be out of date.

python scripts/write_reference.py            write the pages
python scripts/write_reference.py --check    fail if a page differs from what would be written
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import typer.main
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from worker.cli.main import app
from worker.outcomes import MEANINGS, PARK_MEANINGS, POLL_MEANINGS
from worker.settings.load import SECRET_KEYS
from worker.settings.values import GROUPS, Settings

Command = Parameter = Any
"""Typer names no public types for these."""

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- Written by scripts/write_reference.py from the code: edit there. -->\n"

KINDS = {"tuple": "list", "Path": "path", "bool": "true or false", "float": "number", "int": "whole number"}
"""Part of a type's name → what people call it; the first that fits counts."""

SETTINGS_HEAD = """\
# Settings

A key stands in `config/settings.yml`, or as `STANCEWATCH_<KEY>` in `.env` (beside `config/`) or in the environment.
The environment goes before `.env`, `.env` before the file, the file before the default. Lists in variables are parted
by commas. An unknown key, a bad value or an unreadable file stops the start; all faults are named in one go.

Keys marked *secret* never stand in `settings.yml`. Give them as a variable, or name a file that holds them: as
`STANCEWATCH_<KEY>_FILE`, or as `<key>_file` in `settings.yml`. Secrets that `feeds.yml` or `alerts.yml` refer to by
name come from `STANCEWATCH_SECRET_<NAME>` or `STANCEWATCH_SECRET_<NAME>_FILE`. No command, log or error prints one.

Relative paths begin in the folder that holds `config/`. `STANCEWATCH_CONFIG` names another `config/`.
"""

COMMANDS_HEAD = """\
# Commands

`stancewatch [--config DIR] [--debug] COMMAND …`. Results go to stdout, complaints and progress to stderr.
`--json` prints one JSON object a line. Exit codes: 0 done, 1 failed, 2 wrong use or a bad configuration, 3 a
dependency is missing or unreachable.
"""

OUTCOMES_HEAD = """\
# Outcomes

The words below are metric labels and stored values; numbers in equal outcomes out.
"""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def settings_page() -> str:
    """Return the page of all settings, group by group."""
    parts = [SETTINGS_HEAD]
    for group in GROUPS:
        title, _, about = (group.__doc__ or "").partition(":")
        rows = [_setting_row(key, Settings.model_fields[key]) for key in group.model_fields]
        parts.append(
            f"## {title}\n\n{about.strip().capitalize()}\n\n{table(['key', 'value', 'default', 'meaning'], rows)}"
        )
    return NOTE + "\n".join(parts)


def _setting_row(key: str, field: FieldInfo) -> list[str]:
    default = field.default
    shown = "–" if default in (None, "", ()) or isinstance(default, SecretStr) else _shown(default)
    return [f"`{key}`", _kind(key, field), shown, str(field.description)]


def _shown(default: object) -> str:
    text = ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)
    return f"`{text.lower() if isinstance(default, bool) else text}`"


def _kind(key: str, field: FieldInfo) -> str:
    if key in SECRET_KEYS:
        return "*secret*"
    annotation = str(field.annotation)
    if "Literal" in annotation:
        return "one of " + ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    words = next((word for part, word in KINDS.items() if part in annotation), "text")
    return f"{words}{_bounds(field.metadata) if words.endswith('number') else ''}"


def _bounds(metadata: Iterable[Any]) -> str:
    found = {name: getattr(part, name) for part in metadata for name in ("ge", "le") if hasattr(part, name)}
    low, high = found.get("ge"), found.get("le")
    if low is None and high is None:
        return ""
    return f", {low:,} to {high:,}" if high is not None else f", from {low:,}"


def commands_page() -> str:
    """Return the page of all commands with arguments and options."""
    return NOTE + COMMANDS_HEAD + "".join(_command_parts(typer.main.get_command(app), "stancewatch"))


def _command_parts(command: Command, name: str) -> Iterator[str]:
    for word, inner in sorted(getattr(command, "commands", {}).items()):
        full = f"{name} {word}"
        if getattr(inner, "commands", None):
            yield from _command_parts(inner, full)
            if not inner.invoke_without_command:
                continue
        rows = [[_parameter(one), one.help or ""] for one in inner.params if one.name != "help"]
        yield f"\n## {full}\n\n{_paragraphs(inner.help)}\n"
        if rows:
            yield "\n" + table(["argument or option", "meaning"], rows)


def _parameter(parameter: Parameter) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    return f"`{' / '.join(parameter.opts)}`"


def _paragraphs(text: str | None) -> str:
    return re.sub(r"(?<!\n)\n(?!\n)", " ", (text or "").strip())


def outcomes_page() -> str:
    """Return the page of all outcomes."""
    return (
        NOTE
        + OUTCOMES_HEAD
        + "".join(
            f"\n## {title}\n\n{about}\n\n{table(['word', 'meaning'], rows)}"
            for title, about, rows in (
                ("Of an item", "Every item ends in exactly one.", _meanings(MEANINGS)),
                ("Of a poll", "Every poll of a feed ends in exactly one.", _meanings(POLL_MEANINGS)),
                (
                    "Reasons for quarantine",
                    "After the third failed attempt an item waits for a person: `stancewatch parked`.",
                    _meanings(PARK_MEANINGS),
                ),
            )
        )
    )


def _meanings(words: Mapping[Any, str]) -> list[list[str]]:
    return [[f"`{word}`", meaning] for word, meaning in words.items()]


PAGES = {"settings.md": settings_page, "commands.md": commands_page, "outcomes.md": outcomes_page}


def main(arguments: list[str]) -> int:
    """Write or check all pages; return 1 if a checked page differs."""
    stale = 0
    for name, build in PAGES.items():
        path, text = REFERENCE / name, build()
        if "--check" not in arguments:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"docs/reference/{name} is out of date: run python scripts/write_reference.py")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
