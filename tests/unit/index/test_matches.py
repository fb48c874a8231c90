from pathlib import Path

import pytest

from worker.adapters.store_templates import read_templates
from worker.errors import QueryRefused
from worker.index.matches import matcher
from worker.ports import Kind

MAPPING = read_templates(Path(__file__).parents[3] / "config/elasticsearch").mappings[Kind.STATEMENTS]
DOCUMENT = {
    "@timestamp": "2026-03-01T10:00:00+00:00",
    "topic": "river-dispute",
    "stance": {
        "party": "Aldmark",
        "act": "demand",
        "issue": "border-crossing",
        "conditional": True,
        "confidence": 0.82,
        "evidence": "Aldmark demanded that the eastern bridge be opened to lorries by Friday.",
    },
    "article": {"title": "Ministry wants the bridge opened"},
}


@pytest.mark.parametrize(
    ("kql", "fits"),
    [
        ("stance.act: demand", True),
        ("stance.act: Demand", True),
        ("stance.act: reject", False),
        ("stance.party: aldmark and stance.issue: border-crossing", True),
        ("stance.party: (verenia or aldmark)", True),
        ("not stance.party: verenia", True),
        ("not stance.party: aldmark", False),
        ("stance.act: demand and not stance.issue: border*", False),
        ("stance.issue: border*", True),
        ("stance.issue: *crossing", True),
        ("stance.issue: customs*", False),
        ("stance.confidence >= 0.8", True),
        ("stance.confidence > 0.82", False),
        ("stance.confidence < 0.9", True),
        ("stance.confidence <= 0.5", False),
        ("stance.conditional: true", True),
        ("stance.conditional: false", False),
        ("stance.target: *", False),
        ("stance.party: *", True),
        ("bridge", True),
        ("ferry", False),
        ('"eastern bridge"', True),
        ('"bridge eastern"', False),
        ('stance.evidence: "opened to lorries"', True),
        ("stance.evidence: ferry lorries", True),
        ('@timestamp >= "2026-01-01"', True),
        ('@timestamp < "2026-01-01"', False),
        ("", True),
    ],
)
def test_a_rule_reads_kql_as_the_stores_do(kql, fits):
    assert matcher(kql, MAPPING)(DOCUMENT) is fits


@pytest.mark.parametrize("kql", ["stance.akt: demand", "stance.act:", "@timestamp >= now-7d", "((("])
def test_what_cannot_be_done_is_refused_by_name(kql):
    with pytest.raises(QueryRefused):
        matcher(kql, MAPPING)
