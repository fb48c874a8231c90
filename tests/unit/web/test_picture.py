from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from worker.web.picture import Dot, standing_svg, timeline_png, timeline_svg

START = datetime(2026, 1, 1, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>\"'&"


def dot(days, lane="demand", *, turned=False, title="said"):
    return Dot(when=START + timedelta(days=days), lane=lane, turned=turned, title=title)


def drawn(svg):
    return ET.fromstring(str(svg))  # noqa: S314 - our own


def test_the_first_and_the_last_dot_stand_at_the_ends_of_the_axis():
    circles = drawn(timeline_svg([dot(0), dot(5), dot(10)])).findall(f"{SVG}circle")
    left, middle, right = (float(circle.get("cx")) for circle in circles)
    assert right == 870.0
    assert middle == (left + right) / 2


def test_lanes_come_in_the_order_of_their_first_dot_and_turns_are_large():
    picture = drawn(timeline_svg([dot(0, "reject", turned=True), dot(1, "offer"), dot(2, "reject")]))
    assert [(c.get("cy"), c.get("r")) for c in picture.findall(f"{SVG}circle")] == [
        ("24", "8"),
        ("56", "5"),
        ("24", "5"),
    ]
    assert [text.text for text in picture.findall(f"{SVG}text")][:2] == ["reject", "offer"]


def test_the_axis_names_days_or_within_a_few_days_hours():
    days = [text.text for text in drawn(timeline_svg([dot(0), dot(100)])).findall(f"{SVG}text")][1:]
    hours = [text.text for text in drawn(timeline_svg([dot(0), dot(1)])).findall(f"{SVG}text")][1:]
    assert days == ["1 Jan 2026", "26 Jan 2026", "20 Feb 2026", "17 Mar 2026", "11 Apr 2026"]
    assert hours == ["1 Jan, 00:00", "1 Jan, 06:00", "1 Jan, 12:00", "1 Jan, 18:00", "2 Jan, 00:00"]


def test_one_statement_is_a_picture_too():
    picture = drawn(timeline_svg([dot(0)]))
    assert picture.get("aria-label") == "1 statement from 1 Jan 2026 to 1 Jan 2026"
    assert len(picture.findall(f"{SVG}circle")) == 1


@pytest.mark.parametrize("make", [timeline_svg, lambda dots: standing_svg(dots, title=HOSTILE, note=HOSTILE)])
def test_hostile_words_stay_words(make):
    picture = drawn(make([dot(0, HOSTILE, title=HOSTILE)]))
    assert list(picture.iter(f"{SVG}script")) == []
    assert any(title.text == HOSTILE for title in picture.iter(f"{SVG}title"))


def test_a_picture_of_its_own_has_title_note_size_and_paper():
    picture = drawn(standing_svg([dot(0)], title="Vesmar on the bridge", note="Seen today."))
    words = [text.text for text in picture.findall(f"{SVG}text")]
    assert words == ["Vesmar on the bridge", "Seen today."]
    assert (picture.get("width"), picture.get("height")) == ("900", "150")
    assert picture.find(f"{SVG}rect").get("fill") == "#ffffff"


def test_a_png_is_half_as_wide_again_and_has_letters_without_any_font_of_the_system():
    plain = timeline_png(str(standing_svg([dot(0)], title="", note="")))
    lettered = timeline_png(str(standing_svg([dot(0)], title="Мир means peace", note="")))
    assert lettered.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(lettered[16:20], "big") == 1350
    assert len(lettered) > len(plain) + 500
