"""Sites with rules of their own are read as their golden pages say."""

import sys
from pathlib import Path
from subprocess import run

ROOT = Path(__file__).parents[2]


def test_every_site_has_a_golden_page_and_every_page_is_read_as_it_stands_there():
    script = ROOT / "scripts" / "make_golden_pages.py"
    done = run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
