"""Counters and histograms over all processes, in one Redis hash beside the ledger's own."""

import re
from collections.abc import Mapping

from worker.adapters.redis_link import RedisLink, store_errors

BUCKETS_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0)
"""From a store request to the lag between a publisher's clock and our alert."""

_BUCKET = re.compile(r'le="[^"]*"')


class RedisCounters:
    """``Counters`` in Redis. The outcome of an item is counted by the ledger, in the step that settles it."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._key = f"{link.prefix}counters"

    def add(self, name: str, labels: Mapping[str, str], amount: float = 1) -> None:
        """Raise a counter."""
        with store_errors():
            self._link.client.hincrbyfloat(self._key, series(name, labels), amount)

    def observe(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Add a value to a histogram: its bucket, sum and count in one round trip."""
        bucket = next((f"{edge:g}" for edge in BUCKETS_S if value <= edge), "+Inf")
        with store_errors():
            pipe = self._link.client.pipeline(transaction=True)
            pipe.hincrby(self._key, series(f"{name}_bucket", {**labels, "le": bucket}), 1)
            pipe.hincrbyfloat(self._key, series(f"{name}_sum", labels), value)
            pipe.hincrby(self._key, series(f"{name}_count", labels), 1)
            pipe.execute()

    def read(self) -> Mapping[str, float]:
        """Return every series; the buckets of a histogram are cumulative, as Prometheus wants them."""
        with store_errors():
            found = self._link.client.hgetall(self._key)
        return cumulated({name: float(number) for name, number in found.items()})


def series(name: str, labels: Mapping[str, str]) -> str:
    """Return ``name{a="x",b="y"}``, labels in the order of their names."""
    inside = ",".join(f'{label}="{labels[label]}"' for label in sorted(labels))
    return f"{name}{{{inside}}}" if inside else name


def cumulated(stored: Mapping[str, float]) -> dict[str, float]:
    """Return the series with each histogram's buckets added up and none left out.

    Stored is the number that fell into each bucket alone, so that an observation raises one field, not fourteen.
    """
    plain = {name: number for name, number in stored.items() if "_bucket{" not in name}
    edges = [*(f"{edge:g}" for edge in BUCKETS_S), "+Inf"]
    for around in {_BUCKET.sub("{}", name) for name in stored if "_bucket{" in name}:
        total = 0.0
        for edge in edges:
            name = around.replace("{}", f'le="{edge}"')
            total += stored.get(name, 0.0)
            plain[name] = total
    return plain
