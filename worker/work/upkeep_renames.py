"""After an edit of a topic gave a party or an issue another id: its claims move to the key that is in force."""

from collections.abc import Iterator

from worker.index.upkeep import PAGE, pages
from worker.log import logger
from worker.novelty.ledger_store import migrate
from worker.novelty.renames import Renames
from worker.novelty.service import Policy, regrade_positions
from worker.ports import Kind, Query, ResultStore

log = logger(__name__)


def move_renamed(store: ResultStore, policy: Policy) -> list[tuple[str, str]]:
    """Move the claims that stand under ids no longer in force; return (old, new) key of each. Nothing of it pages.

    Claims are read under old ids as well, so it does not matter how long after the edit this runs. Two issues that
    became one are graded as one.
    """
    moved = migrate(store, list(_old_keys(store, policy.renames)), policy.renames)
    parts = [new.split("/", 3) for _, new in moved]
    regrade_positions(store, sorted({(topic, party, issue) for topic, party, _, issue in parts}), policy=policy)
    if moved:
        log.info("claims_moved", keys=[f"{old} → {new}" for old, new in moved[:10]], count=len(moved))
    return moved


def _old_keys(store: ResultStore, renames: Renames) -> Iterator[str]:
    for topic, names in renames.items():
        for old in names:
            kql = f'topic: "{topic}" and (party: "{old}" or issue: "{old}")'
            for hits in pages(store, Query(kind=Kind.CLAIMS, kql=kql, sort=(), size=PAGE, fields=("key",))):
                yield from (hit.id for hit in hits)
