"""Near-duplicate buckets in memory."""

from datetime import datetime

from worker.dedup.sketch import BANDS
from worker.ports import Neighbour


class FakeFingerprints:
    """Keeps the port's promises without ever forgetting."""

    def __init__(self) -> None:
        self.records: dict[str, Neighbour] = {}
        self._owners: dict[tuple[int, bytes], str] = {}

    def claim(
        self, article_id: str, story_id: str, signature: bytes, shingles: int, *, now: datetime
    ) -> list[Neighbour]:
        self.records.setdefault(
            article_id,
            Neighbour(article_id=article_id, story_id=story_id, signature=signature, shingles=shingles),
        )
        width = len(signature) // BANDS
        keys = [(band, signature[band * width : (band + 1) * width]) for band in range(BANDS)]
        owners = dict.fromkeys(self._owners.setdefault(key, article_id) for key in keys)
        return [self.records[owner] for owner in owners if owner != article_id]

    def assign(self, article_id: str, story_id: str, *, now: datetime) -> None:
        old = self.records[article_id]
        self.records[article_id] = Neighbour(
            article_id=article_id, story_id=story_id, signature=old.signature, shingles=old.shingles
        )
