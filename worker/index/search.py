"""What both stores do with a ``Query`` before they differ: the tree, the sort, the page token. Pure."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.index.kql import Tree, known_field, parse, refuse
from worker.index.mapping import DOCUMENT_ID, FieldType, KindMapping, iso, milliseconds
from worker.ports import Query

LARGEST_PAGE = 10_000
"""Elasticsearch's ``max_result_window``."""

SortValue = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A checked query. ``sort`` ends with the document's id, so that the order is total. ``after`` fits ``sort``."""

    tree: Tree
    sort: tuple[tuple[str, bool], ...]
    """(field, is descending)."""
    after: tuple[SortValue, ...] | None


def plan(query: Query, mapping: KindMapping, *, now: datetime) -> Plan:
    """Return the plan of a search; QueryRefused names what cannot be done."""
    if not 0 <= query.size <= LARGEST_PAGE:
        refuse(f"size must be between 0 and {LARGEST_PAGE}, not {query.size}: take more pages")
    sort = (*(_sorted_by(mapping, path, order) for path, order in query.sort), (DOCUMENT_ID, False))
    for path in query.facets:
        if known_field(mapping, path).type not in {FieldType.KEYWORD, FieldType.BOOLEAN}:
            refuse(f"{path} cannot be counted by value: it is a {mapping.fields[path].type}")
    return Plan(tree=_tree(query, mapping, now), sort=sort, after=_cursor(query.after, len(sort)))


def _tree(query: Query, mapping: KindMapping, now: datetime) -> Tree:
    asked = parse(query.kql, mapping, now=now)
    bounds = {op: iso(milliseconds(at.isoformat())) for op, at in (("gte", query.since), ("lt", query.until)) if at}
    if not bounds:
        return asked
    if known_field(mapping, query.time_field).type is not FieldType.DATE:
        refuse(f"{query.time_field} is no date")
    return {"bool": {"filter": [asked, {"range": {query.time_field: bounds}}]}}


def _sorted_by(mapping: KindMapping, path: str, order: str) -> tuple[str, bool]:
    field = known_field(mapping, path)
    if field.type is FieldType.TEXT or field.many:
        raw = f"{path}.raw"
        refuse(f"cannot sort by {path}" + (f": sort by {raw}" if raw in mapping.fields else ""))
    if order not in {"asc", "desc"}:
        refuse(f"sort order is asc or desc, not {order}")
    return path, order == "desc"


def token(values: Sequence[SortValue]) -> str:
    """Return the opaque ``Page.next`` for the sort values of a page's last hit."""
    return base64.urlsafe_b64encode(json.dumps(list(values), ensure_ascii=False).encode()).decode()


def _cursor(after: str | None, length: int) -> tuple[SortValue, ...] | None:
    if after is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(after.encode()))
    except (binascii.Error, ValueError):
        values = None
    fits = isinstance(values, list) and len(values) == length
    if not fits or not all(each is None or isinstance(each, str | int | float) for each in values):
        refuse("the page token is not one of this search's: start at the first page")
    return tuple(values)
