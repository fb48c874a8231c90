from datetime import UTC, datetime, timedelta

import pytest

from worker.web.questions import now_words
from worker.web.visits import visit

NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)


def later(**time):
    return NOW + timedelta(**time)


def test_the_first_visit_has_none_before_it():
    assert visit("", now=NOW).before is None


def test_reloading_within_a_visit_does_not_move_its_begin():
    first = visit("", now=NOW)
    again = visit(first.cookie, now=later(minutes=20))
    assert again.before is None
    assert visit(again.cookie, now=later(minutes=45)).before is None


def test_the_next_visit_begins_where_the_last_one_ended():
    first = visit(visit("", now=NOW).cookie, now=later(minutes=10))
    second = visit(first.cookie, now=later(hours=24))
    assert second.before == later(minutes=10)
    assert visit(second.cookie, now=later(hours=24, minutes=5)).before == later(minutes=10)


@pytest.mark.parametrize(
    "cookie", ["x", "1.2.3", "-5.-5", "9" * 400, "99999999999.99999999999", "٣.٣", "0.0", ".", "<a>"]
)
def test_a_cookie_that_is_not_ours_counts_as_none(cookie):
    assert visit(cookie, now=NOW).before is None


def test_a_typed_time_goes_before_a_span_and_a_span_before_the_last_visit():
    assert now_words({}, None)["since"] == "day"
    assert now_words({}, NOW)["since"] == "visit"
    assert now_words({"since": "week"}, NOW)["since"] == "week"
    assert now_words({"since": "visit"}, None)["since"] == "day"
    assert now_words({"since": "week", "from": "2026-01-31T06:00"}, NOW)["since"] == "2026-01-31T06:00"
