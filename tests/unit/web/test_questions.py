from datetime import UTC, datetime, timedelta

import pytest
from stories import entry

from worker.errors import QueryRefused
from worker.ports import Hit, Kind, Page
from worker.web.questions import arrivals_query, counts_query, news_query, quoted, search_query
from worker.web.timelines import MOST, shown

NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
HIT = Hit(id="s1", document={"@timestamp": "2026-03-09T00:00:00+00:00"})


def counted(words, *, total, hits=(HIT,)):
    return counts_query(search_query(words, now=NOW), Page(hits=hits, total=total, next=None))


def test_a_small_result_is_counted_whole_with_the_page_itself():
    assert search_query({"q": "stance.act: demand"}, now=NOW).facets[0] == "stance.party"
    assert counted({"q": "stance.act: demand"}, total=20_000) is None


def test_of_a_large_result_the_newest_week_is_counted():
    assert counted({}, total=20_001).since == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_span_that_was_asked_for_and_is_shorter_stays():
    assert counted({"since": "day"}, total=50_000).since == NOW - timedelta(days=1)
    assert counted({"since": "month"}, total=50_000).since == datetime(2026, 3, 2, tzinfo=UTC)


def test_later_pages_and_empty_results_count_nothing():
    assert search_query({"after": "x"}, now=NOW).facets == ()
    assert counted({"after": "x"}, total=50_000) is None
    assert counted({}, total=0, hits=()) is None


def test_arrivals_are_asked_for_oldest_first():
    query = arrivals_query(Kind.STATEMENTS, {"since": "day", "limit": "7"}, now=NOW)
    assert (query.sort, query.time_field, query.size) == ((("event.ingested", "asc"),), "event.ingested", 7)
    assert arrivals_query(Kind.ALERTS, {}, now=NOW).sort == (("@timestamp", "asc"),)


@pytest.mark.parametrize("limit", ["0", "501", "-1", "1e3", "٣", "x" * 99])
def test_a_limit_that_is_none_is_refused_by_name(limit):
    with pytest.raises(QueryRefused, match="limit: a number from 1 to 500"):
        arrivals_query(Kind.STATEMENTS, {"limit": limit}, now=NOW)


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "x" * 5_000])
def test_a_time_that_is_none_is_refused_briefly(since):
    with pytest.raises(QueryRefused) as refused:
        news_query({"since": since}, now=NOW)
    assert len(str(refused.value)) < 120


def test_a_value_cannot_leave_its_quotes():
    assert quoted('a" or topic: *') == 'a\\" or topic: *'
    assert quoted("a\\") == "a\\\\"


def test_a_long_timeline_keeps_its_turns_and_the_newest_of_the_rest():
    entries = [entry(f"a{n:03d}", "demand", f"The {n}th time.", days=n) for n in range(MOST + 50)]
    turns = frozenset({entries[0].statement_id, entries[10].statement_id})
    kept = shown(entries, turns)
    assert len(kept) == MOST
    assert kept[:3] == [entries[0], entries[10], entries[52]]
    assert kept[-1] == entries[-1]
