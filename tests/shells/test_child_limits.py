"""What a child that parses hostile bytes may use."""

import json
import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from worker.adapters import child_limits

ROOT = Path(__file__).parents[2]


def _parse_nested(answer: Connection) -> None:
    sys.setrecursionlimit(1_000_000)
    child_limits.begin(memory_mb=512)
    try:
        json.loads("[" * 500_000)
    except RecursionError:
        answer.send("refused")


def _told_by(target: Callable[[Connection], None]) -> object:
    """Return what a process of its own told, once it has ended well."""
    context = multiprocessing.get_context("spawn")  # a fork of a large test process would begin over the cap
    ours, theirs = context.Pipe()
    child = context.Process(target=target, args=(theirs,))
    child.start()
    theirs.close()
    child.join(90)
    assert child.exitcode == 0
    return ours.recv()


def test_nested_input_ends_in_an_error_though_a_library_raised_the_depth_of_calls() -> None:
    assert _told_by(_parse_nested) == "refused"


def _tag_and_take_memory(answer: Connection) -> None:
    from worker.extract.service import warm  # noqa: PLC0415 - as in a child: its parent loads this, then it begins

    warm()
    child_limits.begin(memory_mb=1_024)
    from worker.dedup import sketch  # noqa: F401, PLC0415 - rensa's allocator reserves a gigabyte
    from worker.ports import TaggerInput  # noqa: PLC0415
    from worker.settings.yaml_source import read_yaml  # noqa: PLC0415
    from worker.tag.rules import RuleTagger  # noqa: PLC0415
    from worker.topic_mapping import topic_from_mapping  # noqa: PLC0415

    topic = topic_from_mapping(read_yaml(ROOT / "config" / "topics" / "serbia-kosovo.yml", "topic").value)
    text = "Serbia demands that Kosovo open the bridge. Kosovo rejects any talks with Serbia about the bridge."
    found = RuleTagger().tag(TaggerInput(text=text), topic).statements
    page = bytearray(512 * 1024 * 1024)
    answer.send("room" if found and page else "no statement")


def test_a_child_that_has_tagged_has_room_for_a_large_page() -> None:
    assert _told_by(_tag_and_take_memory) == "room"
