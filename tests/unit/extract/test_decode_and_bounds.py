"""Character sets and the bounds that stand before every parser."""

import time

import pytest
from page_samples import PARAGRAPHS, html, raw

from worker.extract.bounds import MAX_INLINE_TAGS, MAX_TAGS, PAGE_BYTES, refusal
from worker.extract.decode import decode_page
from worker.extract.page import parse
from worker.extract.service import Refusal, extract
from worker.model import Article
from worker.outcomes import Outcome

SECONDS = 20.0
"""Under the 25 s after which the child is killed, on a machine that does other work too."""
P = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Köln".encode(), "", "Köln"),
        ("Köln".encode("utf-8-sig"), "text/html; charset=iso-8859-1", "Köln"),
        ("Köln".encode("latin-1"), "text/html; charset=ISO-8859-1", "Köln"),
        ("“Köln”".encode("cp1252"), "text/html; charset=latin-1", "“Köln”"),
        ("Київ".encode("cp1251"), "text/html; charset=windows-1251", "Київ"),
        (b"<meta charset=koi8-u>" + "Київ".encode("koi8-u"), "", "<meta charset=koi8-u>Київ"),
        (b'<meta http-equiv=x content="text/html; charset=cp1251">' + "Москва".encode("cp1251"), "", None),
        ("İzmir".encode("iso8859-9"), "text/html; charset=iso-8859-9", "İzmir"),
        ("東京".encode("shift_jis"), "text/html; charset=shift_jis", "東京"),
        ("北京".encode("gb2312"), "text/html; charset=gb2312", "北京"),
        ("서울".encode("euc_kr"), "text/html; charset=euc-kr", "서울"),
        ("Aldmark".encode("utf-16"), "", "Aldmark"),
        ("Köln".encode(), "text/html; charset=utf-16", "Köln"),
        ("Köln".encode(), "text/html; charset=punycode", "Köln"),
        ("Köln".encode(), "text/html; charset=zlib_codec", "Köln"),
        ("Köln".encode(), "text/html; charset=\r\nx", "Köln"),
        (b"", "", ""),
    ],
)
def test_a_page_is_read_in_the_character_set_that_its_bytes_are_in(body, content_type, text):
    found = decode_page(body, content_type)
    assert found.endswith("Москва") if text is None else found == text


@pytest.mark.parametrize("body", [b"\xff\xfe\xfd", b"\x80" * 500, bytes(range(256)), b"\xed\xa0\x80 lone"])
def test_bytes_of_no_character_set_still_become_text(body):
    assert isinstance(decode_page(body, "text/html; charset=utf-8"), str)


def test_one_broken_byte_does_not_turn_a_page_into_another_script():
    found = decode_page("Міністерство ".encode() + b"\xff" + " сказало".encode(), "text/html; charset=utf-8")
    assert found == "Міністерство \ufffd сказало"


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (b"x" * (PAGE_BYTES + 1), "bytes"),
        (b"<p>" * (MAX_TAGS + 1), "tags"),
        (b"<span>a</span>" * (MAX_INLINE_TAGS + 1), "inline"),
        (b"<SPAN>a</SPAN>" * (MAX_INLINE_TAGS + 1), "inline"),
        (b"<div>" * 5_000, "unclosed div"),
        (b"<p title='" + b"x" * 5_000_000 + b"'>", "attribute"),
        (b"<p title=" + b"x" * 5_000_000 + b">", "tag of over"),
        ((b"<p title='" + b"x" * 250_000 + b"'>") * 30, "attributes"),
        (b"<" * 5_000_000, "signs"),
        (b"&" * 5_000_000, "signs"),
        (b"<!--" * 500_000, "signs"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><p>x</p>", "entity"),
        (b"<!doctype a [\n%remote;]><p>x</p>", "entity"),
        (b"<html><!entity b 'c'><p>x</p>", "entity"),
    ],
)
def test_markup_built_to_exhaust_a_parser_is_refused_before_any_parser_sees_it(page, why):
    start = time.process_time()
    assert why in refusal(page)
    assert time.process_time() - start < 2.0


def test_an_ordinary_page_is_not_refused():
    assert refusal(html().encode()) is None


@pytest.mark.parametrize(
    "body",
    [
        P + "<p>" + "<span>a b</span>" * 14_000 + "</p>",
        P + "<br>" * 14_000,
        P + "".join(f"<p><a href='/{n}'>a link of words</a></p>" for n in range(7_000)),
        "<ul>" + "<li>short words in it" * 10_000 + "</ul>",
        "<table><tr>" + "<td>short words" * 10_000 + "</table>",
        P + "<p>" + "w" * 2_000_000,
        P + "<script type='application/ld+json'>" + "[" * 100_000 + "</script>",
        P + "<script type='application/ld+json'>" + '{"@graph":' * 20_000 + "</script>",
        "<form>" * 20_000 + P,
        "<select>" * 20_000 + P,
        "=" * 1_000_000 + P,
        ("=" + " " * 1_000) * 1_000 + P,
        "<time datetime='99999-99-99'>x</time>" * 5_000 + P,
        P + "&#xD800;&#99999999999999999999;&#0;" * 1_000,
    ],
)
def test_a_hostile_page_within_the_bounds_ends_in_time_as_text_or_refusal(body):
    start = time.process_time()
    found = extract(raw(html(body=body)), None)
    assert isinstance(found, (Article, Refusal))
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("mark", ["\x00", "\u202e", "\u2066", "\x1b", "\ufeff", "\x85", "\ufffe"])
def test_no_control_or_direction_mark_of_a_page_reaches_the_article(mark):
    page = html(body=P.replace(" ", f"{mark} "), title=f"Bridge{mark} to reopen")
    found = extract(raw(page), None)
    assert isinstance(found, Article)
    assert all(char not in found.text + found.title for char in "\x00\u202e\u2066\x1b\ufeff\ud800\ufffe")
    assert "reopen the eastern bridge" in found.text
    found.text.encode("utf-8")


@pytest.mark.parametrize(
    "body",
    [b"%PDF-1.7\n<p>", b"PK\x03\x04<p>", b"\x89PNG\r\n", b"GIF89a<p>", b"plain words only", b"", b"{}", b"\x00" * 99],
)
def test_what_is_no_page_is_named_as_such(body):
    found = extract(raw(body), None)
    assert isinstance(found, Refusal)
    assert found.outcome is Outcome.NOT_HTML


def test_a_fragment_is_read_as_a_browser_would():
    found = extract(raw(f"<article>{P}</article>"), None)
    assert isinstance(found, Article)
    assert found.text == "\n\n".join(PARAGRAPHS)


def test_a_broken_doctype_does_not_hide_the_page():
    tree = parse("<!DOCTYPE html PUBLIC '-//x' ><html><body><p>Here.</p></body></html>")
    assert tree is not None
    assert tree.findtext(".//p") == "Here."


def test_nothing_behind_a_nul_is_lost():
    tree = parse("<html><body><p>One\x00 two.</p><p>Three.</p></body></html>")
    assert [node.text for node in tree.iter("p")] == ["One two.", "Three."]
