from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.adapters.store_templates import read_templates
from worker.errors import QueryRefused
from worker.index.compile_sqlite import compile_tree
from worker.index.kql import parse
from worker.ports import Kind

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
MAPPING = read_templates(Path(__file__).parents[3] / "config" / "elasticsearch").mappings[Kind.STATEMENTS]


def tree(kql: str):
    return parse(kql, MAPPING, now=NOW)


@pytest.mark.parametrize(
    ("kql", "expected"),
    [
        ("", {"match_all": {}}),
        ("*", {"match_all": {}}),
        ("stance.act: demand", {"term": {"stance.act": {"value": "demand"}}}),
        ('stance.act: "demand"', {"term": {"stance.act": {"value": "demand"}}}),
        ("stance.speaker: the envoy", {"term": {"stance.speaker": {"value": "the envoy"}}}),
        ("stance.party: ru*", {"prefix": {"stance.party": {"value": "ru"}}}),
        (r"stance.party: ru\*", {"term": {"stance.party": {"value": "ru*"}}}),
        ('stance.party: "ru*"', {"term": {"stance.party": {"value": "ru*"}}}),
        ("stance.party: r*s*a", {"wildcard": {"stance.party": {"value": "r*s*a"}}}),
        (r"stance.party: *\?", {"wildcard": {"stance.party": {"value": r"*\?"}}}),
        ("stance.target: *", {"exists": {"field": "stance.target"}}),
        ("stance.evidence: cease fire", {"match": {"stance.evidence": {"query": "cease fire"}}}),
        ('stance.evidence: "cease fire"', {"match_phrase": {"stance.evidence": {"query": "cease fire"}}}),
        ("stance.confidence > 0.5", {"range": {"stance.confidence": {"gt": 0.5}}}),
        ("@timestamp >= now-7d", {"range": {"@timestamp": {"gte": "2026-03-03T18:00:00.000Z"}}}),
        ('@timestamp >= "2026-03-01"', {"range": {"@timestamp": {"gte": "2026-03-01T00:00:00.000Z"}}}),
        ("@timestamp > 2026-03-01", {"range": {"@timestamp": {"gt": "2026-03-01T23:59:59.999Z"}}}),
        ("@timestamp < 2026-03-01", {"range": {"@timestamp": {"lt": "2026-03-01T00:00:00.000Z"}}}),
        ("stance.conditional: True", {"term": {"stance.conditional": {"value": True}}}),
        ("STANCE.ACT: demand", None),
    ],
)
def test_a_query_means(kql, expected):
    if expected is None:
        with pytest.raises(QueryRefused):
            tree(kql)
    else:
        assert tree(kql) == expected


def test_and_binds_tighter_than_or():
    a, b, c = ({"term": {"topic": {"value": value}}} for value in "abc")
    both = {"bool": {"filter": [b, c]}}
    assert tree("topic: a or topic: b and topic: c") == {"bool": {"should": [a, both], "minimum_should_match": 1}}


def test_words_without_a_field_are_looked_for_in_the_texts():
    fields = ["stance.evidence", "article.title"]
    assert tree("cease fire") == {"multi_match": {"query": "cease fire", "type": "best_fields", "fields": fields}}
    assert tree('"cease fire"') == {"multi_match": {"query": "cease fire", "type": "phrase", "fields": fields}}


WORDS = [*'ab:*()<>="\\ {}.-', "stance.act", " and ", " or ", " not ", "@timestamp"]


@given(st.lists(st.sampled_from(WORDS), max_size=20).map("".join))
def test_whatever_is_typed_becomes_a_query_for_both_stores_or_is_refused(kql):
    try:
        found = tree(kql)
    except QueryRefused:
        return
    assert compile_tree(found, MAPPING).sql


def test_values_of_one_field_are_looked_up_as_one_list():
    compiled = compile_tree(tree("stance.act: (demand or Offer)"), MAPPING)
    assert (compiled.sql, compiled.parameters) == ('f."stance.act" IN (?, ?)', ("demand", "offer"))


def test_values_reach_sqlite_as_parameters_only():
    compiled = compile_tree(tree('stance.party: "x\' OR 1=1 --" and stance.evidence: "a\' NEAR b"'), MAPPING)
    assert "1=1" not in compiled.sql
    assert "NEAR" not in compiled.sql
    assert "x' or 1=1 --" in compiled.parameters
