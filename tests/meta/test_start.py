"""The command starts quickly, and with what a runtime installation has."""

import os
import subprocess
import sys
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


def test_help_takes_less_than_half_a_second_of_processor_time() -> None:
    script = Path(sys.executable).with_name("stancewatch")
    spent = []
    for _ in range(3):
        before = os.times()
        subprocess.run([script, "--help"], capture_output=True, check=True)
        after = os.times()
        spent.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(spent) < 0.5


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
