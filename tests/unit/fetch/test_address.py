"""Only global unicast addresses may be connected to."""

# ruff: noqa: SIM905 - a table of words is easier to read than a list of quotes

from ipaddress import IPv4Address, IPv6Address

import pytest
from address_forms import INNER_4, INNER_6
from hypothesis import given
from hypothesis import strategies as st

from worker.fetch.address import refusal_of

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 168.63.129.15
168.63.129.17 169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255
198.20.0.0 223.255.255.255 2000::1 2001:200::1 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001::1
2003::1 3ffe::1 2400:cb00::1
""".split()


@pytest.mark.parametrize("address", INNER_4 + INNER_6)
def test_an_address_that_is_not_public_is_refused_with_a_reason(address: str) -> None:
    assert refusal_of(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    assert refusal_of(address) is None


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "127.1", "0177.0.0.1", "2130706433", "1.2.3.4 ", "[::1]", "1.2.3.4:80", "::1/128", "٠.٠.٠.٠"],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    assert refusal_of(text) == "not an IP address"


def test_an_address_with_a_zone_is_refused() -> None:
    assert refusal_of("2606:4700::1%eth0") == "has a zone"


@given(st.integers(0, 2**32 - 1))
def test_no_ipv4_address_passes_that_python_calls_private_or_multicast(number: int) -> None:
    address = IPv4Address(number)
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert refusal_of(str(address))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["::", "::ffff:0:0", "64:ff9b::", "2002::", "::ffff:0:0:0"]))
def test_no_ipv4_address_passes_inside_an_ipv6_address(number: int, prefix: str) -> None:
    shift = 80 if prefix == "2002::" else 0
    assert refusal_of(str(IPv6Address(int(IPv6Address(prefix)) | number << shift)))
