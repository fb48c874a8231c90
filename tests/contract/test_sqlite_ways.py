"""SQLite has several ways to the same page; whichever it takes, the page is the same."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from results_corpus import writes

from worker.adapters import sqlite_search
from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.ports import Kind, Query

TEMPLATES = read_templates(Path(__file__).parents[2] / "config" / "elasticsearch")
MARCH = {"since": datetime(2026, 3, 2, tzinfo=UTC), "until": datetime(2026, 3, 8, tzinfo=UTC)}
QUERIES = [
    "",
    "stance.act: demand",
    "ceasefire",
    "ceasefire and talks",
    "valley and not stance.evidence: April",
    "(ceasefire or valley) and stance.party: (borduria or arvenia)",
    'stance.evidence: "the valley" and article.title: talks',
    "borduria and wants and talks",
    "stance.terms: *",
]
SORTS = [(("@timestamp", "desc"),), (("stance.confidence", "asc"),), (("stance.retracted_at", "asc"),)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    found = SqliteStore(tmp_path_factory.mktemp("ways") / "results.sqlite", TEMPLATES)
    found.setup()
    found.write(writes())
    yield found
    found.close()


def all_pages(store, query):
    """Return ids, totals and facets over all pages."""
    pages = [store.search(query)]
    while pages[-1].next:
        pages.append(store.search(replace(query, after=pages[-1].next)))
    return [([hit.id for hit in page.hits], page.total, page.facets) for page in pages]


@pytest.mark.parametrize("kql", QUERIES)
@pytest.mark.parametrize("span", [{}, MARCH], ids=["any-time", "march"])
@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort[0][0])
def test_every_way_leads_to_the_same_pages(store, monkeypatch, kql, span, sort):
    query = Query(kind=Kind.STATEMENTS, kql=kql, size=2, sort=sort, facets=("stance.party", "stance.terms"), **span)
    found = []
    for in_span, sorted_ in ((0, 0), (0, 10**6), (10**6, 0), (10**6, 10**6)):
        monkeypatch.setattr(sqlite_search, "MOST_IN_SPAN", in_span)
        monkeypatch.setattr(sqlite_search, "MOST_SORTED", sorted_)
        found.append(all_pages(store, query))
    assert found[1:] == found[:1] * 3


def test_facets_are_left_out_only_where_more_hits_match(store):
    query = Query(kind=Kind.STATEMENTS, facets=("stance.party",))
    assert store.search(query).total == 9
    assert store.search(replace(query, facets_within=8)).facets == {}
    assert store.search(replace(query, facets_within=9)).facets["stance.party"][0] == ("arvenia", 4)


def test_what_one_search_keeps_for_itself_does_not_reach_the_next(store):
    for kql, total in (("ceasefire", 2), ("valley", 5), ("ceasefire", 2)):
        assert store.search(Query(kind=Kind.STATEMENTS, kql=kql)).total == total
