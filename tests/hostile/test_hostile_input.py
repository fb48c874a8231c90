"""A small attack on the real service at every run; ``make hostile N=…`` is the large one."""

from pathlib import Path

import pytest
from hostile_run import attack

COUNT = 8


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_hostile_feeds_and_pages_cost_no_good_article(shared: Path, tmp_path: Path) -> None:
    done = attack(COUNT, seed=7, shared=shared, within_s=420, keep=tmp_path)
    assert done.missed() == []
    assert done.findings.good_indexed == COUNT
    assert sum(done.findings.feeds.values()) == COUNT
