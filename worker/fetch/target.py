"""The check of a URL before anything is asked: where exactly it leads, read in one way only.

Two parsers that read one URL differently are how guards are passed by. So whatever could be read in two ways
(backslash, user part, control characters, numbers that are addresses in disguise) is refused, and the URL that is
asked is put together anew from the parts that were checked.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

import idna

from worker.errors import Refused
from worker.fetch.address import refusal_of
from worker.outcomes import Outcome

MAX_URL_CHARS = 4096
DEFAULT_PORTS = {"http": 80, "https": 443}
WEB_PORTS = frozenset({80, 443})

_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?")
_SAFE = "!$%&'()*+,/:;=?@[]~"
_INNER_SUFFIXES = (".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a URL leads. ``host`` is ASCII in lower case, without brackets; ``path`` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return what the header ``Host`` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the URL that is asked: no fragment, no default port, nothing but ASCII."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Return what must be the same for credentials to be sent."""
        return self.scheme, self.host, self.port


def target_of(url: str, *, ports: AbstractSet[int] = WEB_PORTS, allow_hosts: AbstractSet[str] = frozenset()) -> Target:
    """Return where the URL leads.

    Raises Refused: ``bad_url`` for what is no plain web address, ``address_refused`` for an address, an inner name
    or a port that must not be asked. ``allow_hosts`` holds ``host`` or ``host:port``; such a host may be inner and
    have any port.
    """
    if len(url) > MAX_URL_CHARS:
        raise _bad(f"longer than {MAX_URL_CHARS} characters")
    if _AMBIGUOUS.search(url):
        raise _bad("has a space, a backslash or a control character")
    target = _parsed(url)
    if not is_allowed(target.host, target.port, allow_hosts):
        _require_public(target, ports)
    return target


def is_allowed(host: str, port: int, allow_hosts: AbstractSet[str]) -> bool:
    """Return whether an operator allowed the host by name."""
    return host in allow_hosts or f"{host}:{port}" in allow_hosts or f"[{host}]:{port}" in allow_hosts


def ascii_host(host: str) -> str:
    """Return the host as DNS knows it; Refused if it is none, or a number that some resolvers take for an address."""
    lowered = unicodedata.normalize("NFKC", host).lower()
    if not lowered.isascii():
        try:
            lowered = idna.encode(lowered, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise _bad("host is no valid international name") from error
    if _is_address(lowered):
        return lowered
    if len(lowered) > 253 or not _HOST.fullmatch(lowered):  # noqa: PLR2004 - RFC 1035: 253 characters
        raise _bad("host is no valid name")
    if _NUMBER.fullmatch(lowered.removesuffix(".").rpartition(".")[2]):
        raise Refused("host is a number, not a plain address", reason=Outcome.ADDRESS_REFUSED)
    return lowered.removesuffix(".")


def _parsed(url: str) -> Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad("host or port cannot be read") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise _bad("neither http nor https")
    if "@" in parts.netloc:
        raise _bad("names a user")
    if not parts.hostname:
        raise _bad("has no host")
    host = _bracketed_host(parts.hostname) if parts.netloc.startswith("[") else ascii_host(parts.hostname)
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(
        scheme=parts.scheme, host=host, port=DEFAULT_PORTS[parts.scheme] if port is None else port, path=path + query
    )


def _bracketed_host(host: str) -> str:
    try:
        return str(IPv6Address(host))
    except AddressValueError as error:
        raise _bad("host in brackets is no IPv6 address") from error


def _is_address(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def _require_public(target: Target, ports: AbstractSet[int]) -> None:
    if target.port not in ports:
        raise Refused(f"port {target.port} is not allowed", reason=Outcome.ADDRESS_REFUSED)
    if ":" in target.host or _is_address(target.host):
        why = refusal_of(target.host)
        if why:
            raise Refused(f"address {target.host} is refused: {why}", reason=Outcome.ADDRESS_REFUSED)
    elif "." not in target.host or target.host.endswith(_INNER_SUFFIXES):
        raise Refused(f"{target.host} is a name of an inner network", reason=Outcome.ADDRESS_REFUSED)


def _bad(why: str) -> Refused:
    return Refused(f"not a URL that can be fetched: {why}", reason=Outcome.BAD_URL)
