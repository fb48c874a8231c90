"""Which addresses a fetch may connect to: global unicast by our own table, and nothing else.

``ipaddress.is_global`` of Python 3.11 calls a dozen ranges global that lead inside: NAT64, 6to4, IPv4 embedded in
IPv6, site-local and multicast. So IPv4 has a table of what is refused, from the IANA special-purpose registry
(RFC 6890 and updates), and IPv6 is refused unless it lies in 2000::/3, the only range IANA has given out for global
unicast, and outside the special blocks in it. Every prefix that embeds an IPv4 address is refused as a whole.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_REFUSED_4 = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "the host agent of a cloud"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112 service"),
        ("192.52.193.0/24", "multicast tunnelling"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112 service"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("2001::/23", "protocol assignments, Teredo among them"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4, which embeds an IPv4 address"),
        ("2620:4f:8000::/48", "AS112 service"),
        ("3fff::/20", "documentation"),
    )
)


@lru_cache(maxsize=4096)
def refusal_of(address: str) -> str | None:
    """Return why nothing may connect to the IP address, or None if it is global unicast.

    Only the plain forms are addresses: dotted quad without leading zeros, and IPv6 without brackets or zone.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "not an IP address"
    return _refusal_4(parsed) if isinstance(parsed, IPv4Address) else _refusal_6(parsed)


def _refusal_4(address: IPv4Address) -> str | None:
    return next((why for network, why in _REFUSED_4 if address in network), None)


def _refusal_6(address: IPv6Address) -> str | None:
    if address.scope_id is not None:
        return "has a zone"
    if address not in _GLOBAL_6:
        return "outside global unicast"
    return next((why for network, why in _REFUSED_6 if address in network), None)
