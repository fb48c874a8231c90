"""The one way out to the web (port ``HttpClient``): httpcore over a network backend of ours.

httpcore, not the httpx above it: httpx has no public place for a backend, and what it adds (redirects, proxies and
netrc from the environment, cookies, more codings, unbounded reads) is what must not happen here.
"""

import base64
import ssl
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

import certifi
import httpcore

from worker.adapters.http_body import ByteBudget, Reservation, read_body, return_large_blocks
from worker.adapters.http_guard import GuardedBackend, Resolver, deadline, resolve
from worker.errors import ConfigurationError, HostUnavailable, Refused
from worker.fetch.target import WEB_PORTS, Target, target_of
from worker.outcomes import Outcome
from worker.ports import HttpRequest, HttpResponse
from worker.text import clean_line

MAX_HEADERS = 200
MAX_HEADER_BYTES = 65_536
MAX_CONNECTIONS = 64
IDLE_S = 15.0
SAFE_METHODS = frozenset({"GET", "HEAD"})

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_BODILESS = frozenset({204, 304})
_ERRORS_FROM = 400
_FOR_NOW = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    ssl.SSLError,
)
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Credential:
    """A header that proves who asks; for ``Cookie`` and ``Authorization`` alike."""

    name: str
    value: str = field(repr=False)


def credential_of(line: str) -> Credential:
    """Return the credential of a secret: ``Header: value``, or ``basic user:password``."""
    word, _, rest = line.strip().partition(" ")
    if word.lower() == "basic" and ":" in rest:
        return Credential("Authorization", "Basic " + base64.b64encode(rest.strip().encode()).decode("ascii"))
    name, colon, value = line.strip().partition(":")
    if not colon or not name or not _TOKEN.issuperset(name) or not value.strip().isprintable():
        raise ConfigurationError(["a secret for a feed must read 'Header: value' or 'basic user:password'"])
    return Credential(name, value.strip())


def user_agent(version: str, contact: str) -> str:
    """Return how we name ourselves: product, version and where to complain."""
    return f"Stancewatch/{version} (+{contact})" if contact else f"Stancewatch/{version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """What one client allows itself. ``allow_hosts`` are reached although they are not public."""

    ports: AbstractSet[int] = WEB_PORTS
    allow_hosts: AbstractSet[str] = frozenset()
    bytes_in_flight: int = 64_000_000


class GuardedHttpClient:
    """Fulfils ``HttpClient``; one for the whole process, used by all its threads."""

    def __init__(
        self,
        *,
        agent: str,
        limits: HttpLimits = HttpLimits(),
        credentials: Mapping[str, Credential] | None = None,
        proxy: str | None = None,
        resolver: Resolver = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._agent = agent
        self._limits = limits
        self._credentials = dict(credentials or {})
        self._budget = ByteBudget(limits.bytes_in_flight)
        return_large_blocks()
        self._pool = _pool(limits, proxy=proxy, resolver=resolver, tls=tls or _verifying_tls())

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the answer. Raises HostUnavailable or Refused, as the port says."""
        with deadline(request.deadline_s), _translated(request.url):
            return self._follow(request)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def _follow(self, request: HttpRequest) -> HttpResponse:
        target = self._target(request.url)
        first, chain, permanent = target, [target.url], True
        while True:
            answer = self._ask(request, target, with_credentials=target.origin == first.origin)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location or not self._follows(request):
                break
            permanent = permanent and answer.status in _PERMANENT
            target = self._next_target(target, location, chain, request.max_redirects)
            chain.append(target.url)
        return HttpResponse(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            chain=tuple(chain),
            permanent=permanent and len(chain) > 1,
        )

    def _follows(self, request: HttpRequest) -> bool:
        return request.max_redirects > 0 and request.method in SAFE_METHODS

    def _next_target(self, target: Target, location: str, chain: list[str], most: int) -> Target:
        if len(chain) > most:
            raise Refused(f"more than {most} redirects", reason=Outcome.REDIRECT_REFUSED)
        try:
            following = self._target(urljoin(target.url, location.strip(" \t")))
        except (Refused, ValueError) as error:
            raise Refused(f"redirected to a place that is refused: {error}", reason=Outcome.REDIRECT_REFUSED) from error
        if following.url in chain:
            raise Refused("redirected in a circle", reason=Outcome.REDIRECT_REFUSED)
        return following

    def _target(self, url: str) -> Target:
        return target_of(url, ports=self._limits.ports, allow_hosts=self._limits.allow_hosts)

    def _ask(self, request: HttpRequest, target: Target, *, with_credentials: bool) -> HttpResponse:
        reservation = Reservation(self._budget)
        try:
            with self._pool.stream(
                request.method,
                target.url,
                headers=self._headers(request, target, with_credentials=with_credentials),
                content=request.body,
                extensions={"timeout": {"pool": request.deadline_s}},
            ) as answer:
                headers = _plain_headers(answer.headers)
                body = self._body(request, answer, headers, reservation)
        except BaseException:
            reservation.release()
            raise
        return HttpResponse(status=answer.status, headers=headers, body=body, chain=(target.url,))

    def _body(
        self, request: HttpRequest, answer: httpcore.Response, headers: Mapping[str, str], reservation: Reservation
    ) -> bytes:
        if answer.status in _REDIRECTS and self._follows(request):
            return b""
        has_body = request.method != "HEAD" and answer.status not in _BODILESS
        try:
            return read_body(
                answer.iter_stream(),
                encoding=headers.get("content-encoding", ""),
                declared=int(headers.get("content-length", 0)) if has_body else 0,
                max_bytes=request.max_bytes,
                reservation=reservation,
            )
        except Refused:
            if answer.status < _ERRORS_FROM:
                raise
            reservation.release()
            return b""  # what counts of an error page is its status

    def _headers(self, request: HttpRequest, target: Target, *, with_credentials: bool) -> list[tuple[str, str]]:
        headers = {
            "host": target.authority,
            "user-agent": self._agent,
            "accept": "*/*",
            "accept-encoding": "gzip",
        }
        headers.update((name.lower(), value) for name, value in request.headers.items())
        if request.body is not None:
            headers["content-length"] = str(len(request.body))
        if request.credentials and with_credentials:
            credential = self._credentials.get(request.credentials)
            if credential is None:
                raise ConfigurationError([f"credentials {request.credentials} are not known"])
            headers[credential.name.lower()] = credential.value
        return list(headers.items())


def _verifying_tls() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _pool(limits: HttpLimits, *, proxy: str | None, resolver: Resolver, tls: ssl.SSLContext) -> httpcore.ConnectionPool:
    if proxy is not None:
        return _proxy_pool(proxy, resolver=resolver, tls=tls)
    return httpcore.ConnectionPool(
        ssl_context=tls,
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_CONNECTIONS // 2,
        keepalive_expiry=IDLE_S,
        network_backend=GuardedBackend(allow_hosts=limits.allow_hosts, resolver=resolver),
    )


def _proxy_pool(proxy: str, *, resolver: Resolver, tls: ssl.SSLContext) -> httpcore.ConnectionPool:
    """Return a pool that can connect to nothing but the operator's proxy, which resolves the names."""
    parts = urlsplit(proxy)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore.HTTPProxy(
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        proxy_auth=login,
        ssl_context=tls,
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_CONNECTIONS // 2,
        keepalive_expiry=IDLE_S,
        network_backend=GuardedBackend(allow_hosts=frozenset({f"{parts.hostname}:{port}"}), resolver=resolver),
    )


def _plain_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers with lower-case names; those given twice are joined by a comma, as HTTP allows."""
    if len(raw) > MAX_HEADERS or sum(len(name) + len(value) for name, value in raw) > MAX_HEADER_BYTES:
        raise Refused("too many or too long headers", reason=Outcome.TOO_LARGE)
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers and name != "location" else value
    return headers


@contextmanager
def _translated(url: str) -> Iterator[None]:
    """Turn httpcore's errors into ours; the message names the host and never the URL, which may hold a secret."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise HostUnavailable(f"{_named(url)}: no answer in time ({_words(error)})") from error
    except _FOR_NOW as error:
        raise HostUnavailable(f"{_named(url)}: {_words(error)}") from error


def _named(url: str) -> str:
    return str(urlsplit(url).hostname)  # was parsed before anything was asked


def _words(error: Exception) -> str:
    return clean_line(str(error)) or type(error).__name__
