"""Claims whose party or issue has another id by now: a pure mapping of keys, used whenever claims are read."""

from collections.abc import Iterator, Mapping
from itertools import product

from worker.identity import claim_key
from worker.model import Act

LONGEST_CHAIN = 10
"""A renames b renames c …; more steps than this can only be a circle."""

Renames = Mapping[str, Mapping[str, str]]
"""Topic → old party or issue id → the id that carries its claims on (``Topic.renames``)."""


def current_id(old: str, renames: Mapping[str, str]) -> str:
    """Return the id that is in force, through any number of renames; a circle ends where it began to turn."""
    for _ in range(LONGEST_CHAIN):
        if old not in renames:
            break
        old = renames[old]
    return old


def current_key(key: str, renames: Renames) -> str:
    """Return the claim key under the ids that are in force."""
    topic, party, act, issue = key.split("/", 3)
    names = renames.get(topic, {})
    return f"{topic}/{current_id(party, names)}/{act}/{current_id(issue, names)}"


def keys_of_position(topic: str, party: str, issue: str, renames: Renames) -> Iterator[str]:
    """Yield the keys of every document that can hold a part of the position, old ids included."""
    names = renames.get(topic, {})
    parties, issues = (_ids(current, names) for current in (party, issue))
    for one_party, one_issue, act in product(parties, issues, Act):
        yield claim_key(topic, one_party, act, one_issue)


def _ids(current: str, names: Mapping[str, str]) -> list[str]:
    return [current, *sorted(old for old in names if current_id(old, names) == current and old != current)]
