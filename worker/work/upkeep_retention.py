"""What goes because of its age: a little at every upkeep, so that none takes longer than a task may."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from worker.index.upkeep import delete_older
from worker.log import logger
from worker.ports import SWEEP_PARTS, BlobStore, Kind, ResultStore

log = logger(__name__)

AT_ONCE = 2_000
"""Documents of a kind that one upkeep removes: 2.9 million a day, more than comes in."""
A_PART_EVERY_S = 60


def age_out(store: ResultStore, keep: Mapping[Kind, timedelta], *, now: datetime) -> dict[Kind, int]:
    """Delete documents that came in longer ago than they are kept; return how many of each kind.

    Histories of claims, alerts and stories have no age.
    """
    removed = {kind: delete_older(store, kind, before=now - age, limit=AT_ONCE) for kind, age in keep.items()}
    if any(removed.values()):
        log.info("documents_aged_out", **{kind.value: count for kind, count in removed.items()})
    return removed


def sweep(blobs: BlobStore, keep: timedelta, *, now: datetime) -> int:
    """Remove old pages from the part of the store whose turn it is; each part has five turns a day.

    The turn follows from the time alone: nothing need be remembered, and one that is missed comes again.
    """
    turn = int(now.timestamp()) // A_PART_EVERY_S % SWEEP_PARTS
    removed = blobs.sweep(turn, before=now - keep)
    if removed:
        log.info("blobs_swept", part=turn, removed=removed)
    return removed
