"""Documents say what is there: no dead path, no command that does not exist, no stale reference."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from worker.cli.main import app
from worker.pipeline import STEPS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ops").rglob("*.md"))
    if path.name != "CHANGELOG.md"
]
OURS = re.compile(
    r"`((?:worker|config|tests|docs|ops|scripts|requirements)/[\w./*@-]*"
    r"|(?:docker-compose\.yml|pyproject\.toml|Makefile|Dockerfile|\.env\.example|\.ci/run))`"
)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
COMMAND = re.compile(r"(?:`|^\s*(?:\$ )?|&& )stancewatch ([a-z]+)(?: ([a-z]+)\b)?", re.MULTILINE)
TARGET = re.compile(r"`make ([a-z]+)")


def commands() -> dict[str, set[str]]:
    """Return the commands, and under each the commands inside it."""
    top = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return {name: set(getattr(command, "commands", {})) for name, command in top.items()}


def lines(document: Path) -> Iterator[tuple[int, str]]:
    yield from enumerate(document.read_text().splitlines(), 1)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_in_a_document_exists(document: Path) -> None:
    dead = [
        f"{document.name}:{number}: {path}"
        for number, line in lines(document)
        for path in (match[1].rstrip("/") for match in OURS.finditer(line))
        if not list(ROOT.glob(path))
    ]
    linked = [
        f"{document.name}:{number}: {path}"
        for number, line in lines(document)
        for path in LINK.findall(line)
        if not (document.parent / path).exists()
    ]
    assert dead + linked == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_and_target_in_a_document_exists(document: Path) -> None:
    known = commands()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = document.read_text()
    missing = [
        f"stancewatch {first} {second}".strip()
        for first, second in COMMAND.findall(text)
        if first not in known or (second and known[first] and second not in known[first])
    ]
    missing += [f"make {target}" for target in TARGET.findall(text) if target not in targets]
    assert missing == []


def test_the_reference_pages_are_what_the_code_says() -> None:
    script = ROOT / "scripts" / "write_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_stage_of_the_pipeline_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert [step.folder for step in STEPS if f"`worker/{step.folder}/`" not in text] == []
