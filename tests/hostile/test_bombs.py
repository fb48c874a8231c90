"""What ``make bombs`` prints stays under its bars."""

import sys

import measure_bombs
import pytest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads and resets its peak of memory in /proc")
@pytest.mark.timeout(300)
def test_no_bomb_takes_a_fetch_process_or_a_child_over_its_bar() -> None:
    assert measure_bombs.print_fetching() == []
    assert measure_bombs.print_parsing() == []
