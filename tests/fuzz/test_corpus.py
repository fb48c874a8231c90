"""Everything the fuzzer begins with, or ever failed on, keeps the promises."""

from pathlib import Path

import pytest
from fuzz_targets import TARGETS

INPUTS = sorted((Path(__file__).parent / "corpus").glob("*/*"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_the_fuzzer_knows_breaks_no_promise(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in INPUTS} == set(TARGETS)
