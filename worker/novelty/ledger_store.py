"""The claims ledger in the result store: read by id, changed by compare-and-set, never searched."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from worker.errors import StoreRejected, StoreUnavailable
from worker.model import Level
from worker.novelty.history import Entry, History, added, claim_document, history_from, marked, without
from worker.novelty.renames import Renames, current_id, current_key, keys_of_position
from worker.ports import CREATE, Kind, ResultStore, Stored, Write, WriteResult, WriteStatus

TRIES = 25
"""Each lost race means that another writer won; with the workers of one installation ten in a row are unheard of."""

Change = Callable[[History], History]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A claim at work: what it holds now, what was read (None: it did not exist), and the token to change it."""

    history: History
    stored: History | None
    token: str


def read_positions(
    store: ResultStore, positions: Iterable[tuple[str, str, str]], renames: Renames
) -> dict[tuple[str, str, str], list[Held]]:
    """Return every claim document of each (topic, party, issue), entries under the ids that are in force."""
    keys = {position: list(keys_of_position(*position, renames)) for position in positions}
    stored = store.get(Kind.CLAIMS, sorted({key for each in keys.values() for key in each}))
    return {position: [_held(stored[key], renames) for key in each if key in stored] for position, each in keys.items()}


def _held(stored: Stored, renames: Renames) -> Held:
    history = history_from(stored.id, stored.document)
    names = renames.get(stored.id.split("/", 1)[0])
    if names:
        history = replace(history, entries=tuple(_renamed(entry, names) for entry in history.entries))
    return Held(history=history, stored=history, token=stored.token)


def with_entries(held: Sequence[Held], entries: Iterable[Entry]) -> list[Held]:
    """Return the claims of a position with the entries in them, nothing written yet."""
    by_key = {each.history.key: each for each in held}
    for entry in entries:
        key = entry.claim_key
        before = by_key.get(key) or Held(history=History(key=key), stored=None, token=CREATE)
        by_key[key] = replace(before, history=added(before.history, [entry]))
    return list(by_key.values())


def _renamed(entry: Entry, names: Mapping[str, str]) -> Entry:
    target = current_id(entry.target, names) if entry.target else None
    now = replace(entry, party=current_id(entry.party, names), issue=current_id(entry.issue, names), target=target)
    # An entry of an old key came before whatever the new key has; the numberings of two keys cannot be compared.
    return now if now.claim_key == entry.claim_key else replace(now, sequence=0)


def enter(store: ResultStore, entries: Iterable[Entry]) -> None:
    """Put the entries into their claims; those already there with the same content cost one read."""
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        by_key.setdefault(entry.claim_key, []).append(entry)
    change(store, {key: _adding(own) for key, own in by_key.items()})


def _adding(entries: Sequence[Entry]) -> Change:
    return lambda history: added(history, entries)


def take_out(store: ResultStore, keys: Iterable[str], statement_ids: Sequence[str]) -> None:
    """Remove the statements from the claims."""
    change(store, dict.fromkeys(keys, lambda history: without(history, statement_ids)))


def change(store: ResultStore, changes: Mapping[str, Change]) -> None:
    """Apply each change to its claim by compare-and-set, again from the new state whenever another writer was faster.

    Raises StoreUnavailable when the race is lost ``TRIES`` times or the store asks for patience.
    """
    open_keys = sorted(changes)
    for _ in range(TRIES):
        stored = store.get(Kind.CLAIMS, open_keys)
        writes = [write for key in open_keys if (write := _changed(key, stored.get(key), changes[key]))]
        open_keys = [result.id for result in write_all(store, writes) if result.status is WriteStatus.CONFLICT]
        if not open_keys:
            return
    raise StoreUnavailable(f"claim {open_keys[0]} is changed by others faster than it can be read")


def _changed(key: str, stored: Stored | None, apply: Change) -> Write | None:
    before = history_from(key, stored.document if stored else None)
    after = apply(before)
    if after == before:
        return None
    token = stored.token if stored else CREATE
    return Write(kind=Kind.CLAIMS, id=key, document=claim_document(after), token=token)


def write_all(store: ResultStore, writes: Sequence[Write]) -> list[WriteResult]:
    """Carry out the writes; return the answers, which are OK or CONFLICT. Anything else raises."""
    results = store.write(writes) if writes else []
    for result in results:
        if result.status is WriteStatus.LATER:
            raise StoreUnavailable(f"the store has no room for {result.id} now: {result.reason}")
        if result.status is WriteStatus.REJECTED:
            raise StoreRejected(f"{result.id}: {result.reason}", reason="store_rejected")
    return results


def is_unchanged(
    store: ResultStore, positions: Iterable[tuple[str, str, str]], renames: Renames, tokens: Mapping[str, str]
) -> bool:
    """Return True if the positions have just these claims, with these tokens."""
    keys = sorted({key for position in positions for key in keys_of_position(*position, renames)})
    return {key: each.token for key, each in store.get(Kind.CLAIMS, keys).items()} == tokens


def write_levels(
    store: ResultStore, held: Sequence[Held], levels: Mapping[str, Level], *, projected: Collection[str]
) -> dict[str, str] | None:
    """Write the claims, with levels, and the levels into the documents of the ``projected`` statements.

    Returns the claims' tokens, or None if one of the documents has changed since: read again and grade again.
    """
    stored = store.get(Kind.STATEMENTS, sorted(projected))
    to_statements = [w for each in stored.values() if (w := _with_level(each, levels[each.id])) is not None]
    to_claims = [write for each in held if (write := _marked(each, levels)) is not None]
    results = write_all(store, [*to_statements, *to_claims])
    if any(result.status is WriteStatus.CONFLICT for result in results):
        return None
    after = {result.id: result.token for result in results[len(to_statements) :]}
    return {each.history.key: after.get(each.history.key) or each.token for each in held}


def _marked(held: Held, levels: Mapping[str, Level]) -> Write | None:
    after = marked(held.history, levels)
    if after == held.stored:
        return None
    return Write(kind=Kind.CLAIMS, id=held.history.key, document=claim_document(after), token=held.token)


def _with_level(stored: Stored, level: Level) -> Write | None:
    claim = dict(stored.document.get("claim", {}))
    if claim.get("level") == level:
        return None
    document = {**stored.document, "claim": {**claim, "level": str(level)}}
    return Write(kind=Kind.STATEMENTS, id=stored.id, document=document, token=stored.token)


def migrate(store: ResultStore, keys: Iterable[str], renames: Renames) -> list[tuple[str, str]]:
    """Move the claims that stand under an old key to the one in force; return (old, new) of each that moved.

    May be run at any time and twice: entries arrive at the new key before they leave the old one.
    """
    moved = []
    for key in keys:
        new = current_key(key, renames)
        stored = store.get(Kind.CLAIMS, [key]).get(key)
        if new == key or stored is None:
            continue
        enter(store, _held(stored, renames).history.entries)
        gone = Write(kind=Kind.CLAIMS, id=key, document=None, token=stored.token)
        if all(result.status is WriteStatus.OK for result in write_all(store, [gone])):
            moved.append((key, new))
    return moved
