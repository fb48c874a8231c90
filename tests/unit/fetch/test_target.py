"""A URL is read in one way or refused."""

import pytest
from address_forms import URL_FORMS
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Refused
from worker.fetch.address import refusal_of
from worker.fetch.target import target_of
from worker.outcomes import Outcome


@pytest.mark.parametrize("url", URL_FORMS)
def test_an_inner_or_ambiguous_url_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        target_of(url)
    assert refused.value.reason in {Outcome.BAD_URL, Outcome.ADDRESS_REFUSED}


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://news.example", "http://news.example/"),
        ("HTTPS://News.Example/A?b=C#d", "https://news.example/A?b=C"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("http://news.example:443/a", "http://news.example:443/a"),
        ("http://news.example./a", "http://news.example/a"),
        ("http://bücher.example/ü?q=ü", "http://xn--bcher-kva.example/%C3%BC?q=%C3%BC"),
        ("http://новини.example/", "http://xn--b1amarcd.example/"),
        ("http://news.example/a%20b%zz", "http://news.example/a%20b%zz"),
        ("http://news.example/a;b=c", "http://news.example/a;b=c"),
        ("http://news.example?x=1", "http://news.example/?x=1"),
        ("http://a_b.news.example/", "http://a_b.news.example/"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700:4700::1111]/", "http://[2606:4700:4700::1111]/"),
        ("http://[2606:4700:4700:0:0:0:0:1111]/", "http://[2606:4700:4700::1111]/"),
        ("http://3com.example/", "http://3com.example/"),
    ],
)
def test_a_plain_url_is_asked_in_its_plain_form(url: str, asked: str) -> None:
    assert target_of(url).url == asked


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.1:8080"])
def test_a_host_that_the_operator_allows_may_be_inner_and_have_any_port(allowed: str) -> None:
    target = target_of("http://127.0.0.1:8080/feed", allow_hosts=frozenset({allowed}))
    assert (target.host, target.port, target.path) == ("127.0.0.1", 8080, "/feed")


def test_a_host_allowed_with_its_port_is_not_allowed_with_another() -> None:
    with pytest.raises(Refused):
        target_of("http://127.0.0.1:6379/", allow_hosts=frozenset({"127.0.0.1:8080"}))


def test_an_allowed_port_is_no_allowed_address() -> None:
    with pytest.raises(Refused) as refused:
        target_of("http://127.0.0.1:8080/", ports=frozenset({80, 8080}))
    assert refused.value.reason == Outcome.ADDRESS_REFUSED


def test_an_endless_url_is_refused() -> None:
    with pytest.raises(Refused):
        target_of("http://news.example/" + "a" * 5000)


@given(st.text(max_size=60))
def test_any_text_is_a_target_with_a_public_host_or_is_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}@news.example/", f"http://news.example/{text}"):
        try:
            target = target_of(url)
        except Refused:
            continue
        assert target.url.isascii()
        assert target_of(target.url) == target
        assert "." in target.host or refusal_of(target.host) is None
