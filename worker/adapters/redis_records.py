"""How the ledger's values are written in Redis: short field names, nothing stored that is empty. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from worker.ledger import ItemEvent, ItemRecord, NewItem, Stage
from worker.model import FeedEntry
from worker.outcomes import Outcome

_TIMES = ("published", "updated")
_LINES = ("title", "summary", "language", "source_name", "source_url")


def to_ms(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_ms(number: str | float) -> datetime:
    """Return the moment, aware, in UTC."""
    return datetime.fromtimestamp(float(number) / 1000, UTC)


def write_entry(entry: FeedEntry, *, given: bool = True) -> str:
    """Return the entry as JSON; without ``given`` where the capture holds that already."""
    fields: dict[str, object] = {"url": entry.url}
    if entry.identity != entry.url:
        fields["identity"] = entry.identity
    fields |= {name: value for name in _LINES if (value := getattr(entry, name))}
    fields |= {name: moment.isoformat() for name in _TIMES if (moment := getattr(entry, name))}
    if entry.authors:
        fields["authors"] = entry.authors
    if given and entry.given is not None:
        fields["given"] = dict(entry.given)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def write_settled_entry(entry: FeedEntry) -> str:
    """Return what a settled record keeps of its entry: by what it is known and where it stands."""
    return write_entry(FeedEntry(identity=entry.identity, url=entry.url))


def read_entry(text: str) -> FeedEntry:
    """Return the entry that ``write_entry`` wrote."""
    fields = json.loads(text)
    for name in _TIMES:
        if name in fields:
            fields[name] = datetime.fromisoformat(fields[name])
    fields["authors"] = tuple(fields.get("authors", ()))
    return FeedEntry(**{"identity": fields["url"], **fields})


def write_item(item: NewItem) -> list[str]:
    """Return the item as the eight arguments that ``ledger.lua`` reads."""
    entry = write_entry(item.entry, given=item.capture_id is None)
    topics = ",".join(item.topics)
    where = [item.item_id, item.feed_id, item.entry_hash, entry]
    return [*where, topics, item.origin, item.stage.value, item.capture_id or ""]


def read_record(item_id: str, fields: Mapping[str, str], at: str | None) -> ItemRecord:
    """Return the record; ``at`` is the time that it waits for: the end of its lease, or when it is due."""
    waits_for = from_ms(at) if at else None
    owner = fields.get("l")
    return ItemRecord(
        item_id=item_id,
        feed_id=fields["f"],
        entry=read_entry(fields["e"]),
        entry_hash=fields["h"],
        topics=tuple(filter(None, fields.get("t", "").split(","))),
        origin=fields["o"],
        stage=Stage(fields["s"]),
        version=int(fields["v"]),
        attempts=int(fields.get("a", 0)),
        created_at=from_ms(fields["c"]),
        updated_at=from_ms(fields["u"]),
        due_at=None if owner else waits_for,
        lease_owner=owner,
        lease_until=waits_for if owner else None,
        capture_id=fields.get("b"),
        article_id=fields.get("A"),
        outcome=Outcome(fields["O"]) if "O" in fields else None,
        reason=fields.get("R", ""),
        trace=fields.get("T", ""),
        input_hash=fields.get("H", ""),
        parked_from=Stage(fields["p"]) if "p" in fields else None,
        history=read_history(fields.get("y", "")),
    )


def read_history(lines: str) -> tuple[ItemEvent, ...]:
    """Return the item's story, oldest first."""
    parts = (line.split("|", 2) for line in lines.splitlines())
    return tuple(ItemEvent(at=from_ms(at), what=what, detail=detail) for at, what, detail in parts)


def fields_of(flat: Sequence[str]) -> dict[str, str]:
    """Return the mapping that HGETALL inside a script gives as a flat list."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
