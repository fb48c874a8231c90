"""Near-duplicate buckets in Redis: one call an article, under 450 bytes an article, two weeks deep.

A cache: what is lost here is entered again from the result store (``dedup.rebuild``), or missed once.
"""

import struct
from datetime import datetime
from hashlib import blake2b
from typing import Any

from worker.adapters.redis_link import RedisLink, store_errors
from worker.ports import Neighbour

WEEK_S = 7 * 86_400
_SHARDS = 1_024
"""At 10,000 articles a day a shard holds 70 fields: few enough to stay in one block of memory."""
_TTL_S = 2 * WEEK_S + 86_400
_ID_BYTES = 16
_DOC_BYTES = 6
_BUCKET_BYTES = 4
_SIZE = struct.Struct(">H")


class RedisFingerprints:
    """``FingerprintStore`` in Redis. ``version`` names the make of the sketch; ``bands`` cuts a signature."""

    def __init__(self, link: RedisLink, *, version: str, bands: int) -> None:
        self._prefix = f"{link.prefix}{version}:"
        self._script = link.script("fingerprints")
        self._bands = bands

    def claim(
        self, article_id: str, story_id: str, signature: bytes, shingles: int, *, now: datetime
    ) -> list[Neighbour]:
        """Enter the sketch and return the others in its buckets."""
        record = bytes.fromhex(article_id) + bytes.fromhex(story_id) + _SIZE.pack(shingles) + signature
        answer = self._run("claim", article_id, record, now, *self._buckets(signature))
        return [_neighbour(bytes.fromhex(found)) for found in answer]

    def assign(self, article_id: str, story_id: str, *, now: datetime) -> None:
        """Record the article's story."""
        self._run("assign", article_id, bytes.fromhex(story_id), now)

    def _run(self, operation: str, article_id: str, record: bytes, now: datetime, *buckets: bytes | int) -> Any:  # noqa: ANN401 - as the script answers
        week = int(now.timestamp()) // WEEK_S
        doc = bytes.fromhex(article_id)[:_DOC_BYTES]
        shard = int.from_bytes(doc[:2], "big") % _SHARDS
        with store_errors():
            return self._script(args=[self._prefix, operation, week, week - 1, _TTL_S, doc, shard, record, *buckets])

    def _buckets(self, signature: bytes) -> list[bytes | int]:
        """Return bucket and shard of each band in turn."""
        width = len(signature) // self._bands
        hashed = (
            blake2b(signature[start : start + width], digest_size=_BUCKET_BYTES + 2).digest()
            for start in range(0, len(signature), width)
        )
        parts = ((one[:_BUCKET_BYTES], int.from_bytes(one[_BUCKET_BYTES:], "big") % _SHARDS) for one in hashed)
        return [value for part in parts for value in part]


def _neighbour(record: bytes) -> Neighbour:
    article, story, rest = record[:_ID_BYTES], record[_ID_BYTES : 2 * _ID_BYTES], record[2 * _ID_BYTES :]
    (shingles,) = _SIZE.unpack(rest[: _SIZE.size])
    return Neighbour(article_id=article.hex(), story_id=story.hex(), signature=rest[_SIZE.size :], shingles=shingles)
