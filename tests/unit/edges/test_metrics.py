"""The text that Prometheus reads."""

from prometheus_client.parser import text_string_to_metric_families

from worker.adapters.metrics import render_metrics

COUNTERS = {
    'items_total{outcome="indexed"}': 12.0,
    'items_total{outcome="not_found"}': 1.0,
    "items_created_total": 14.0,
    'published_to_indexed_seconds_bucket{le="5"}': 1.0,
    'published_to_indexed_seconds_bucket{le="10"}': 3.0,
    'published_to_indexed_seconds_bucket{le="+Inf"}': 4.0,
    "published_to_indexed_seconds_sum": 61.5,
    "published_to_indexed_seconds_count": 4.0,
}
GAUGES = {'ledger_items{stage="queued"}': 3.0, 'oldest_due_seconds{stage="queued"}': 1.5}


def test_counters_histograms_and_gauges_are_told_apart() -> None:
    families = {family.name: family for family in text_string_to_metric_families(render_metrics(COUNTERS, GAUGES))}

    assert {name: family.type for name, family in families.items()} == {
        "stancewatch_items_created": "counter",
        "stancewatch_items": "counter",
        "stancewatch_published_to_indexed_seconds": "histogram",
        "stancewatch_ledger_items": "gauge",
        "stancewatch_oldest_due_seconds": "gauge",
    }


def test_values_and_labels_are_kept_and_buckets_are_in_order() -> None:
    lines = [line for line in render_metrics(COUNTERS, GAUGES).splitlines() if not line.startswith("#")]

    assert 'stancewatch_items_total{outcome="indexed"} 12.0' in lines
    assert [line for line in lines if "_bucket" in line] == [
        'stancewatch_published_to_indexed_seconds_bucket{le="5"} 1.0',
        'stancewatch_published_to_indexed_seconds_bucket{le="10"} 3.0',
        'stancewatch_published_to_indexed_seconds_bucket{le="+Inf"} 4.0',
    ]


def test_every_known_name_is_explained() -> None:
    text = render_metrics(COUNTERS, GAUGES)
    assert "# HELP stancewatch_items_total items that ended, by outcome" in text


def test_no_numbers_are_no_text() -> None:
    assert render_metrics({}, {}) == ""


def test_what_is_no_series_is_left_out() -> None:
    assert render_metrics({"not a series": 1.0}, {}) == ""
