"""The declared time after an empty start in which what is found fills the ledger and wakes nobody."""

from datetime import datetime, timedelta

from worker.ports import CREATE, Kind, Query, ResultStore, Write

WARM_UP = "warm-up"


def begin_warm_up(store: ResultStore, *, now: datetime, length: timedelta) -> datetime | None:
    """Declare a warm-up if the ledger is empty and none was declared yet; return the end of the one in force.

    Call it at every start: the document in the store remembers, so a restart prolongs nothing.
    """
    end = warm_up_end(store)
    if end is not None:
        return end
    is_empty = store.search(Query(kind=Kind.CLAIMS, size=1, sort=())).total == 0
    end = now + length if is_empty else now
    document = {"id": WARM_UP, "declared": now.isoformat(), "until": end.isoformat()}
    store.write([Write(kind=Kind.STATE, id=WARM_UP, document=document, token=CREATE)])
    return warm_up_end(store)


def warm_up_end(store: ResultStore) -> datetime | None:
    """Return when the declared warm-up ends or ended; None if none was declared, and everything pages."""
    stored = store.get(Kind.STATE, [WARM_UP]).get(WARM_UP)
    return datetime.fromisoformat(stored.document["until"]) if stored else None
