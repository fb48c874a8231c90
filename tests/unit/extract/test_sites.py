"""Rules for single sites, and the sign of a badly cut page."""

import pytest
from page_samples import PARAGRAPHS, TEXT, html, raw

from worker.extract.agreement import agreement
from worker.extract.service import extract
from worker.extract.sites import site_of
from worker.model import Site

SITES = {
    "courier.example": Site(domain="courier.example", body=("//div[@id='story']",), drop=("//b",), title=("//h1",)),
    "local.courier.example": Site(domain="local.courier.example"),
}


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("courier.example", "courier.example"),
        ("www.courier.example", "courier.example"),
        ("world.courier.example", "courier.example"),
        ("a.local.courier.example", "local.courier.example"),
        ("notcourier.example", None),
        ("example", None),
    ],
)
def test_a_rule_holds_for_its_domain_and_those_below_and_the_nearest_counts(host, domain):
    found = site_of(host, SITES)
    assert (found.domain if found else None) == domain


def test_the_rule_says_where_the_text_is_and_what_is_none_of_it():
    inner = "".join(f"<p>{one} <b>Buy now!</b></p>" for one in PARAGRAPHS[:3])
    page = html(body=f"<p>{PARAGRAPHS[3]}</p><div id=story>{inner}</div>")
    assert extract(raw(page), None, SITES).text == "\n\n".join(PARAGRAPHS[:3])


def test_a_rule_that_finds_nothing_leaves_the_page_to_the_general_way():
    assert extract(raw(html()), None, SITES).text == TEXT


def test_text_of_a_rule_without_paragraphs_is_still_text():
    page = html(body=f"<div id=story>{' '.join(PARAGRAPHS)}</div>")
    assert extract(raw(page), None, SITES).text == " ".join(PARAGRAPHS)


def test_two_readings_that_agree_say_so():
    assert extract(raw(html()), None).agreement == pytest.approx(1.0, abs=0.02)


def test_a_page_cut_badly_shows_in_the_agreement():
    assert agreement(PARAGRAPHS[0], list(PARAGRAPHS)) == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize(("text", "lines"), [("", ["x"]), ("x", [])])
def test_where_there_is_nothing_to_compare_nothing_is_said(text, lines):
    assert agreement(text, lines) is None
