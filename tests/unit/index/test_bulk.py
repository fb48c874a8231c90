import json

import pytest

from worker.index.bulk import classify, lines, requests, results, token
from worker.ports import CREATE, Kind, Write, WriteStatus

OK, CONFLICT, LATER, REJECTED = WriteStatus.OK, WriteStatus.CONFLICT, WriteStatus.LATER, WriteStatus.REJECTED


@pytest.mark.parametrize(
    ("status", "error", "meaning"),
    [
        (200, "", OK),
        (201, "", OK),
        (409, "version_conflict_engine_exception", CONFLICT),
        (400, "document_parsing_exception", REJECTED),
        (400, "strict_dynamic_mapping_exception", REJECTED),
        (400, "mapper_parsing_exception", REJECTED),
        (413, "", REJECTED),
        (429, "es_rejected_execution_exception", LATER),
        (429, "circuit_breaking_exception", LATER),
        (429, "cluster_block_exception", LATER),
        (403, "cluster_block_exception", LATER),
        (403, "security_exception", LATER),
        (401, "security_exception", LATER),
        (404, "index_not_found_exception", LATER),
        (400, "index_closed_exception", LATER),
        (500, "illegal_state_exception", LATER),
        (503, "unavailable_shards_exception", LATER),
        (504, "", LATER),
    ],
)
def test_an_answer_means(status, error, meaning):
    assert classify(status, error) is meaning


def test_deleting_what_is_not_there_is_done():
    assert classify(404, "", is_delete=True) is OK
    assert classify(404, "index_not_found_exception", is_delete=True) is LATER


@pytest.mark.parametrize(
    ("write", "head"),
    [
        (
            Write(kind=Kind.STATE, id="a", document={}, token=CREATE),
            {"create": {"_index": "x", "_id": "a", "require_alias": True}},
        ),
        (Write(kind=Kind.STATE, id="a", document={}), {"index": {"_index": "x", "_id": "a", "require_alias": True}}),
        (Write(kind=Kind.STATE, id="a", document=None), {"delete": {"_index": "x", "_id": "a", "require_alias": True}}),
        (
            Write(kind=Kind.STATE, id="a", document={}, token=token(7, 2, "x-v3")),
            {"index": {"_index": "x-v3", "_id": "a", "if_seq_no": 7, "if_primary_term": 2}},
        ),
    ],
)
def test_a_write_asks_for(write, head):
    first, *rest = lines(write, "x").splitlines()
    assert json.loads(first) == head
    assert [json.loads(line) for line in rest] == ([] if write.document is None else [{"document_id": "a"}])


def test_requests_are_cut_by_size_and_a_giant_goes_alone():
    sizes = [40, 40, 40, 500, 10, 10]
    parts = list(requests([b"x" * size for size in sizes], most=100))
    assert [sizes[part] for part in parts] == [[40, 40], [40], [500], [10, 10]]
    assert list(requests([])) == []


def test_each_item_answers_its_own_write():
    writes = [Write(kind=Kind.STATE, id=name, document={}) for name in "ab"]
    error = {"type": "document_parsing_exception", "reason": "no", "caused_by": {"reason": "bad date"}}
    items = [
        {"index": {"_id": "a", "_index": "x-v1", "status": 201, "_seq_no": 4, "_primary_term": 1}},
        {"index": {"_id": "b", "_index": "x-v1", "status": 400, "error": error}},
    ]
    first, second = results(writes, {"items": items})
    assert (first.status, first.token) == (OK, "4.1.x-v1")
    assert (second.status, second.reason) == (REJECTED, "document_parsing_exception: no bad date")
