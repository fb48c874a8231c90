"""Bulk requests to Elasticsearch: how they are cut, and what each line of the answer means. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.index.mapping import DOCUMENT_ID
from worker.ports import CREATE, Kind, Write, WriteResult, WriteStatus

BULK_BYTES = 5_000_000
"""Largest request; a larger single document goes alone."""

_NOT_NOW = frozenset({408, 429, 502, 503, 504})
_STORE_AT_FAULT = frozenset(
    {
        "cluster_block_exception",  # disk full, read-only, blocked by hand: any status
        "es_rejected_execution_exception",
        "circuit_breaking_exception",
        "unavailable_shards_exception",
        "index_not_found_exception",
        "index_closed_exception",
        "security_exception",
    }
)

STRICT = "strict_dynamic_mapping_exception"
"""What a field is answered with that the index does not know."""


def token(seq_no: int, primary_term: int, index: str) -> str:
    """Return what a compare-and-set must name. The index is part of it: a new one counts from nought again."""
    return f"{seq_no}.{primary_term}.{index}"


def lines(write: Write, alias: str) -> bytes:
    """Return the lines of one write in a bulk request; ValueError or TypeError if the document is not JSON."""
    action = "delete" if write.document is None else "create" if write.token == CREATE else "index"
    head: dict[str, Any] = {"_index": alias, "_id": write.id}
    if write.token not in {None, CREATE}:
        seq_no, term, index = str(write.token).split(".", 2)
        head |= {"if_seq_no": int(seq_no), "if_primary_term": int(term), "_index": index}
    else:
        head["require_alias"] = True
    said: list[Mapping[str, Any]] = [{action: head}]
    if write.document is not None:
        said.append({**write.document, DOCUMENT_ID: write.id})
    return b"\n".join(_json(each) for each in said)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def requests(prepared: Sequence[bytes], *, most: int = BULK_BYTES) -> Iterator[slice]:
    """Yield the consecutive parts that fit into one request each."""
    start = size = 0
    for at, each in enumerate(prepared):
        if size and size + len(each) > most:
            yield slice(start, at)
            start, size = at, 0
        size += len(each) + 1
    if size:
        yield slice(start, len(prepared))


def results(writes: Sequence[Write], answer: Mapping[str, Any]) -> list[WriteResult]:
    """Return what became of each write; the items of an answer come in the order of the request."""
    return [_result(write, item) for write, item in zip(writes, answer["items"], strict=True)]


def _result(write: Write, item: Mapping[str, Any]) -> WriteResult:
    (body,) = item.values()
    error = body.get("error") or {}
    status = classify(int(body["status"]), str(error.get("type", "")), is_delete=write.document is None)
    if status is WriteStatus.OK:
        made = None if write.document is None else token(body["_seq_no"], body["_primary_term"], body["_index"])
        return WriteResult(id=write.id, status=status, token=made)
    cause = error.get("caused_by") or {}
    said = " ".join(str(part) for part in (error.get("reason"), cause.get("reason")) if part)
    return WriteResult(id=write.id, status=status, reason=f"{error.get('type', body['status'])}: {said}"[:500])


def classify(status: int, error: str, *, is_delete: bool = False) -> WriteStatus:
    """Return the meaning of one item's status and error type.

    What speaks of the store and not of the document is LATER whatever its status, so that nothing is ever given up
    for a full disk, a wrong key or a missing index.
    """
    if status < 300 or (is_delete and status == 404 and not error):  # noqa: PLR2004 - HTTP
        return WriteStatus.OK
    if error in _STORE_AT_FAULT or status in _NOT_NOW or status >= 500:  # noqa: PLR2004 - HTTP
        return WriteStatus.LATER
    return WriteStatus.CONFLICT if status == 409 else WriteStatus.REJECTED  # noqa: PLR2004 - HTTP


def index_name(prefix: str, kind: Kind, version: int) -> str:
    """Return the name of the index behind an alias."""
    return f"{prefix}-{kind}-v{version}"


def alias_name(prefix: str, kind: Kind) -> str:
    """Return the name that everybody uses."""
    return f"{prefix}-{kind}"
