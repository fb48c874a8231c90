"""Read by every interpreter of the service under test: writes down how long each task took, one line a task."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from celery import Task, signals

_TIMES = Path(os.environ["HOSTILE_TIMES"])
_began: dict[str, float] = {}


def _begin(task_id: str, **_: object) -> None:
    _began[task_id] = time.monotonic()


def _end(task_id: str, task: Task, args: Sequence[object], **_: object) -> None:
    words = [task.name, f"{time.monotonic() - _began.pop(task_id):.3f}", *map(str, args[:1])]
    with _TIMES.open("a", encoding="utf-8") as times:
        times.write(f"{' '.join(words)}\n")


signals.task_prerun.connect(_begin, weak=False)
signals.task_postrun.connect(_end, weak=False)
