"""What ``make bombs`` prints stays under its bars."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads and resets its peak of memory in /proc")
@pytest.mark.timeout(300)
def test_no_bomb_takes_a_fetch_process_or_a_child_over_its_bar() -> None:
    command = [sys.executable, str(Path(__file__).with_name("measure_bombs.py"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
