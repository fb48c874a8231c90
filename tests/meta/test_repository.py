"""The repository keeps its own promises: locks, documents, entry points."""

import re
import subprocess
import sys
from pathlib import Path

from worker.settings.load import KEYS

ROOT = Path(__file__).parents[2]


def test_every_requirement_is_locked_and_no_registry_is_named() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "check_locks.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_make_target_explains_itself_and_refers_to_files_that_exist() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    explained = set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE))
    assert targets == explained
    for script in re.findall(r"scripts/\w+\.py", text):
        assert (ROOT / script).exists(), script


def test_every_setting_is_read_somewhere() -> None:
    used_by_properties = {"blob_url"}
    code = "\n".join(
        path.read_text() for path in (ROOT / "worker").rglob("*.py") if "settings" not in path.relative_to(ROOT).parts
    )
    assert {key for key in KEYS if not re.search(rf"\b{key}\b", code)} == used_by_properties
