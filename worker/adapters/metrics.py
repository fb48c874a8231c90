"""The text that Prometheus reads, made of the counters of all processes and of what is true at this moment."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

MEANINGS: dict[str, str] = {
    "items_created_total": "items that polls and ingest brought in",
    "items_reopened_total": "items fetched again because their entry changed",
    "items_total": "items that ended, by outcome; each item counts once for each time it was worked on",
    "ticks_total": "ticks carried out; beat lives while this rises",
    "polls_total": "polls of feeds, by outcome",
    "entries_total": "entries of polled feeds, by whether they were known",
    "feed_items_total": "items of each feed that ended, by whether their pages gave an article",
    "statements_total": "statements found",
    "published_to_indexed_seconds": "from the publisher's time to the index",
    "ledger_items": "items in the work ledger, by stage",
    "oldest_due_seconds": "how long the item that waits longest has been due, by stage",
    "feeds": "feeds, by health",
}
"""Name without our prefix → help text. A series of another name is shown too, without a text."""

_SERIES = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})?$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_PARTS = ("_bucket", "_sum", "_count")
_PREFIX = "stancewatch_"

Sample = tuple[str, dict[str, str], float]
"""Name, labels, value."""


def render_metrics(counters: Mapping[str, float], gauges: Mapping[str, float]) -> str:
    """Return the exposition text. Keys are ``name{label="value"}`` as ``Counters.read`` gives them.

    ``counters`` may hold histograms as cumulative buckets, sum and count; ``gauges`` are what the caller looked up.
    """
    registry = CollectorRegistry()
    registry.register(_Given([*_counter_families(counters), *_gauge_families(gauges)]))
    return generate_latest(registry).decode("utf-8")


class _Given:
    """A collector of families that are there already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _counter_families(series: Mapping[str, float]) -> Iterator[Metric]:
    histograms = {name.removesuffix("_bucket") for name, _, _ in _samples(series) if name.endswith("_bucket")}
    plain = [sample for sample in _samples(series) if _stem(sample[0]) not in histograms]
    for name, samples in groupby(plain, key=lambda sample: sample[0]):
        family: Metric = CounterMetricFamily(_PREFIX + name, MEANINGS.get(name, ""))
        for _, labels, value in samples:
            family.add_sample(_PREFIX + name.removesuffix("_total") + "_total", labels, value)
        yield family
    for name in sorted(histograms):
        yield _histogram(name, series)


def _histogram(name: str, series: Mapping[str, float]) -> Metric:
    family: Metric = HistogramMetricFamily(_PREFIX + name, MEANINGS.get(name, ""))
    found = [sample for sample in _samples(series) if _stem(sample[0]) == name]
    for part, labels, value in sorted(found, key=_edge):
        family.add_sample(_PREFIX + part, labels, value)
    return family


def _gauge_families(series: Mapping[str, float]) -> Iterator[Metric]:
    for name, samples in groupby(_samples(series), key=lambda sample: sample[0]):
        family: Metric = GaugeMetricFamily(_PREFIX + name, MEANINGS.get(name, ""))
        for _, labels, value in samples:
            family.add_sample(_PREFIX + name, labels, value)
        yield family


def _samples(series: Mapping[str, float]) -> list[Sample]:
    """Return (name, labels, value) in the order of the names; what is no series is left out."""
    found = [(match, value) for text, value in series.items() if (match := _SERIES.match(text))]
    samples = [(m["name"], dict(_LABEL.findall(m["labels"] or "")), value) for m, value in found]
    return sorted(samples, key=lambda sample: (sample[0], sorted(sample[1].items())))


def _stem(name: str) -> str:
    return next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)


def _edge(sample: Sample) -> tuple[str, list[tuple[str, str]], float]:
    """Return the order within a histogram: series by series, buckets from the narrowest."""
    name, labels, _ = sample
    others = sorted((label, value) for label, value in labels.items() if label != "le")
    return name, others, float(labels.get("le", "inf").replace("+Inf", "inf"))
