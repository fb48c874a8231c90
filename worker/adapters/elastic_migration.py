"""A new index in place of an old one, while others go on writing to the old one.

Most is copied while the old index takes writes, then what has changed meanwhile, again and again until little is
left. Only for the last of it is the old index closed to writers, who hear "later" and come again. Then one request
moves the alias. A failure before that removes the new index and opens the old one again: nothing has happened.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch

from worker.errors import StoreUnavailable
from worker.index.mapping import DOCUMENT_ID

PAGE = 500
LITTLE = 1_000
"""Documents that may be left to copy when writers are told to wait."""
MOST_PASSES = 20
_OPEN_MS = "5m"


def migrate(client: Elasticsearch, *, alias: str, old: str, new: str) -> str:
    """Move everything from ``old`` to ``new`` and the alias with it; return a line that says so."""
    client.indices.delete(index=new, ignore_unavailable=True)  # left over from a migration that was killed
    client.indices.create(index=new, settings={"index": {"refresh_interval": "-1"}})
    try:
        reached = dict.fromkeys(range(_shards(client, old)), -1)
        _copy_while_open(client, old, new, reached)
        client.indices.put_settings(index=old, settings={"index.blocks.write": True})
        _copy_since(client, old, new, reached)
        count = _reconcile(client, old, new)
        client.indices.put_settings(index=new, settings={"index.refresh_interval": None})
        client.indices.update_aliases(
            actions=[
                {"add": {"index": new, "alias": alias, "is_write_index": True}},
                {"remove_index": {"index": old}},
            ]
        )
    except BaseException:
        client.indices.delete(index=new, ignore_unavailable=True)
        client.indices.put_settings(index=old, settings={"index.blocks.write": None})
        raise
    return f"index {new}: {count} documents moved from {old}, {alias} points to it"


def _shards(client: Elasticsearch, index: str) -> int:
    answer = client.indices.get_settings(index=index, name="index.number_of_shards", flat_settings=True)
    return int(answer[index]["settings"]["index.number_of_shards"])


def _copy_while_open(client: Elasticsearch, old: str, new: str, reached: dict[int, int]) -> None:
    for _ in range(MOST_PASSES):
        if _copy_since(client, old, new, reached) <= LITTLE:
            return


def _copy_since(client: Elasticsearch, old: str, new: str, reached: dict[int, int]) -> int:
    """Copy what was written since and return how much that was.

    ``reached`` holds the highest sequence number met in each shard, and is carried on: every shard counts for itself.
    """
    client.indices.refresh(index=old)
    copied = 0
    for shard, since in reached.items():
        for page in _pages(client, old, {"range": {"_seq_no": {"gt": since}}}, preference=f"_shards:{shard}"):
            _put(client, new, page)
            reached[shard] = max(reached[shard], *(hit["_seq_no"] for hit in page))
            copied += len(page)
    return copied


def _pages(
    client: Elasticsearch, index: str, query: Mapping[str, Any], *, preference: str | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Yield hits page by page out of one frozen view of the index, or of the shard that ``preference`` names."""
    pit = client.open_point_in_time(index=index, keep_alive=_OPEN_MS, preference=preference)["id"]
    after: list[Any] | None = None
    try:
        while True:
            body: dict[str, Any] = {
                "query": query,
                "size": PAGE,
                "pit": {"id": pit, "keep_alive": _OPEN_MS},
                "sort": ["_shard_doc"],
                "seq_no_primary_term": True,
                "track_total_hits": False,
            }
            hits = client.search(body=body | ({"search_after": after} if after else {}))["hits"]["hits"]
            if not hits:
                return
            yield hits
            after = hits[-1]["sort"]
    finally:
        client.close_point_in_time(id=pit)


def _put(client: Elasticsearch, new: str, hits: list[dict[str, Any]]) -> None:
    """Write copies whose version is the old sequence number, so that an older copy never follows a newer one."""
    operations: list[dict[str, Any]] = []
    for hit in hits:
        version = hit["_seq_no"] + 1
        head = {"_index": new, "_id": hit["_id"], "version": version, "version_type": "external_gte"}
        operations += [{"index": head}, {**hit["_source"], DOCUMENT_ID: hit["_id"]}]
    answer = client.bulk(operations=operations)
    failed = [item["index"] for item in answer["items"] if item["index"]["status"] not in {200, 201, 409}]
    if failed:
        reason = failed[0]["error"].get("reason", "")
        raise StoreUnavailable(f"migration to {new} stopped, {failed[0]['_id']} does not fit: {reason}")


def _reconcile(client: Elasticsearch, old: str, new: str) -> int:
    """Take out of ``new`` what was deleted from ``old`` meanwhile, and prove that both hold the same ids."""
    client.indices.refresh(index=[old, new])
    before, after = _count(client, old), _count(client, new)
    if before != after:
        gone = _ids(client, new) - _ids(client, old)
        if gone:
            client.bulk(operations=[{"delete": {"_index": new, "_id": each}} for each in sorted(gone)], refresh=True)
        after = _count(client, new)
    if before != after:
        raise StoreUnavailable(f"migration to {new} stopped: {after} documents instead of {before}")
    return before


def _count(client: Elasticsearch, index: str) -> int:
    return int(client.count(index=index)["count"])


def _ids(client: Elasticsearch, index: str) -> set[str]:
    return {hit["_id"] for page in _pages(client, index, {"match_all": {}}) for hit in page}
