from datetime import UTC, datetime, timedelta

from worker.cli.chart import Mark, timeline_chart

START = datetime(2026, 1, 1, tzinfo=UTC)


def mark(days, lane="demand", *, turned=False):
    return Mark(when=START + timedelta(days=days), lane=lane, turned=turned)


def test_lanes_stand_below_one_another_with_time_from_left_to_right():
    drawn = timeline_chart([mark(0, "demand", turned=True), mark(10, "offer"), mark(20, "demand")], width=42)
    assert drawn == [
        "demand  ●────────────────────────────────·",
        " offer  ────────────────·─────────────────",
        "        1 Jan 2026             21 Jan 2026",
    ]


def test_a_turn_covers_a_repeat_on_the_same_place():
    (lane, _) = timeline_chart([mark(0, turned=True), mark(0)], width=40)
    assert (lane.count("●"), lane.count("·")) == (1, 0)


def test_one_moment_stands_in_the_middle_under_one_date():
    lane, axis = timeline_chart([mark(0)], width=38)
    assert lane.index("·") == len("demand  ") + 15
    assert axis.split() == ["1", "Jan", "2026"]


def test_nothing_is_drawn_of_nothing_and_nothing_is_wider_than_the_terminal():
    assert timeline_chart([], width=80) == []
    assert max(map(len, timeline_chart([mark(0, "x" * 90), mark(5)], width=60))) <= 60
