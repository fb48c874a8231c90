"""The import contracts of pyproject.toml hold, and catch what they are there to catch."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTED = {
    "a stage that talks to Redis": ("tag/planted.py", "import redis\n", "worker.tag.planted -> redis"),
    "a stage that opens sockets": ("tag/planted.py", "import socket\n", "worker.tag.planted -> socket"),
    "a use case that knows the HTTP library": ("work/planted.py", "import httpx\n", "worker.work.planted -> httpx"),
    "a stage that imports an adapter": (
        "tag/planted.py",
        "import worker.adapters\n",
        "worker.tag is not allowed to import worker.adapters",
    ),
    "a stage that imports its neighbour": (
        "tag/planted.py",
        "import worker.novelty\n",
        "worker.tag is not allowed to import worker.novelty",
    ),
    "a shared module that imports a stage": (
        "text.py",
        "import worker.tag\n",
        "worker.text is not allowed to import worker.tag",
    ),
    "a module that has no place": ("misc.py", "", "worker.misc"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "worker", tmp_path / "worker", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("adapters", "novelty"):
        (tmp_path / "worker" / package).mkdir(exist_ok=True)
        (tmp_path / "worker" / package / "__init__.py").touch()
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("place", "line", "finding"), PLANTED.values(), ids=PLANTED)
def test_the_contracts_catch(copy: Path, place: str, line: str, finding: str) -> None:
    path = copy / "worker" / place
    path.write_text((path.read_text() if path.exists() else "") + line)
    done = lint(copy)
    assert done.returncode == 1
    assert finding in done.stdout
