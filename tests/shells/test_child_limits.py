"""What a child that parses hostile bytes may use."""

import json
import multiprocessing
import sys
from multiprocessing.connection import Connection

from worker.adapters import child_limits


def _parse_nested(answer: Connection) -> None:
    sys.setrecursionlimit(1_000_000)
    child_limits.begin(memory_mb=512)
    try:
        json.loads("[" * 500_000)
    except RecursionError:
        answer.send("refused")


def test_nested_input_ends_in_an_error_though_a_library_raised_the_depth_of_calls() -> None:
    context = multiprocessing.get_context("spawn")  # a fork of a large test process would begin over the cap
    ours, theirs = context.Pipe()
    child = context.Process(target=_parse_nested, args=(theirs,))
    child.start()
    theirs.close()
    child.join(30)
    assert child.exitcode == 0
    assert ours.recv() == "refused"
