"""Elasticsearch is fetched once, however many test processes ask for it at once, and never seen half unpacked."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

Ask = Callable[[], subprocess.Popen[str]]
SCRIPT = Path(__file__).parents[2] / "scripts/fetch_elasticsearch.py"
VERSION = "0.0.1"
HOME = f"elasticsearch-{VERSION}"
FILES = 300
MVN = """#!/bin/sh
echo called >> "{folder}/calls"
for word in "$@"; do case "$word" in -DoutputDirectory=*) target="${{word#*=}}";; esac; done
sleep 0.5
cp "{folder}/server.zip" "$target/{home}.zip"
"""
FETCH = """
import runpy, sys
from pathlib import Path
fetch = runpy.run_path(sys.argv[1])["fetch"]
home = fetch(sys.argv[2], Path(sys.argv[3]))
print(sum(1 for _ in home.glob("lib/*")), (home / "bin/run").stat().st_mode & 0o777 == 0o755)
"""


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Return what starts a process that fetches a small server into ``cache``, by an mvn that counts its calls."""
    with zipfile.ZipFile(tmp_path / "server.zip", "w") as packed:
        for number in range(FILES):
            packed.writestr(f"{HOME}/lib/{number}", "x" * 1000)
        script = zipfile.ZipInfo(f"{HOME}/bin/run")
        script.external_attr = 0o100755 << 16
        packed.writestr(script, "#!/bin/sh\n")
    (tmp_path / "path").mkdir()
    mvn = tmp_path / "path/mvn"
    mvn.write_text(MVN.format(folder=tmp_path, home=HOME))
    mvn.chmod(0o755)
    environment = {**os.environ, "PATH": f"{mvn.parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-c", FETCH, str(SCRIPT), VERSION, str(tmp_path / "cache")]
    return lambda: subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=60)[0].strip()


def entries(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_two_processes_fetch_it_once_and_both_see_all_of_it(ask: Ask, tmp_path: Path) -> None:
    both = [ask(), ask()]
    assert [said(each) for each in both] == [f"{FILES} True"] * 2
    assert (tmp_path / "calls").read_text() == "called\n"
    assert entries(tmp_path / "cache") == {HOME, f"{HOME}.lock"}


def test_what_a_killed_process_left_is_cleared_away(ask: Ask, tmp_path: Path) -> None:
    for left in (f"{HOME}.part-abc/{HOME}", HOME):
        (tmp_path / "cache" / left).mkdir(parents=True)
        (tmp_path / "cache" / left / "half").touch()
    assert said(ask()) == f"{FILES} True"
    assert entries(tmp_path / "cache") == {HOME, f"{HOME}.lock"}
    assert "half" not in entries(tmp_path / "cache" / HOME)


def test_what_is_there_is_not_fetched_again(ask: Ask, tmp_path: Path) -> None:
    assert said(ask()) == said(ask()) == f"{FILES} True"
    assert (tmp_path / "calls").read_text() == "called\n"
