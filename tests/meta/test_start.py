"""The command starts quickly, and with what a runtime installation has."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from worker.cli.main import main

HEAVY = [
    "celery",
    "elasticsearch",
    "httpx",
    "trafilatura",
    "lxml",
    "apprise",
    "redis",
    "feedparser",
    "pydantic",
    "starlette",
]
DEV_ONLY = ["pytest", "hypothesis", "playwright", "mypy", "sklearn", "aiosmtpd"]


def test_help_is_quick() -> None:
    script = Path(sys.executable).with_name("stancewatch")
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([script, "--help"], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5


def test_help_loads_no_library_that_only_a_command_needs() -> None:
    code = f"import sys, worker.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_of_ours_needs_what_only_development_installs() -> None:
    code = f"""
import importlib, pkgutil, sys
for name in {DEV_ONLY!r}:
    sys.modules[name] = None
import worker
for module in pkgutil.walk_packages(worker.__path__, "worker."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "stancewatch 0.1.0\n"
