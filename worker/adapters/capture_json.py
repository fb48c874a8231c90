"""Captures as JSON. A field that a later version adds must have a default: old captures are read for ever."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from worker.model import Capture, FeedEntry

_ENTRY_TIMES = ("published", "updated")


def capture_to_json(capture: Capture) -> dict[str, Any]:
    """Return the capture as plain JSON values."""
    plain = asdict(capture)
    plain["fetched_at"] = capture.fetched_at.isoformat()
    for name in _ENTRY_TIMES:
        moment = plain["entry"][name]
        plain["entry"][name] = moment.isoformat() if moment else None
    return plain


def capture_from_json(plain: Mapping[str, Any]) -> Capture:
    """Return the capture that ``capture_to_json`` wrote."""
    entry = dict(plain["entry"])
    for name in _ENTRY_TIMES:
        entry[name] = datetime.fromisoformat(entry[name]) if entry[name] else None
    entry["authors"] = tuple(entry["authors"])
    changed = {
        "entry": FeedEntry(**entry),
        "fetched_at": datetime.fromisoformat(plain["fetched_at"]),
        "chain": tuple(plain["chain"]),
        "topics": tuple(plain["topics"]),
    }
    return Capture(**{**plain, **changed})
