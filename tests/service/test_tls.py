"""The guarded client and certificates: a real TLS server on loopback, an authority of the test's own."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpcore
import pytest
import trustme

from worker.adapters.http_client import GuardedHttpClient, HttpLimits
from worker.errors import HostUnavailable
from worker.ports import HttpRequest

NAME = "news.example"
DAY = timedelta(days=1)
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


@dataclass
class TlsSite:
    """Answers hello; ``names`` are those that clients asked for in the handshake, ``heads`` what they then sent."""

    port: int
    names: list[str | None] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)


@contextlib.contextmanager
def tls_site(certificate: trustme.LeafCert, *, newest: ssl.TLSVersion | None = None) -> Iterator[TlsSite]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if newest:
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
    listener = socket.create_server(("127.0.0.1", 0))
    site = TlsSite(listener.getsockname()[1])
    context.sni_callback = lambda _socket, name, _context: site.names.append(name)
    thread = threading.Thread(target=_serve, args=(listener, context, site))
    thread.start()
    try:
        yield site
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext, site: TlsSite) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        plain.settimeout(5)
        with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
            site.heads.append(connection.recv(65_536).decode())
            connection.sendall(HELLO)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def client(authority: trustme.CA) -> Iterator[Callable[[TlsSite], GuardedHttpClient]]:
    """Return what makes a client that trusts the authority, and for which every name leads to loopback."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with contextlib.ExitStack() as made:

        def make(site: TlsSite, name: str = NAME) -> GuardedHttpClient:
            limits = HttpLimits(allow_hosts=frozenset({f"{name}:{site.port}"}))
            resolver = lambda _host, _port: ["127.0.0.1"]  # noqa: E731
            return made.enter_context(
                contextlib.closing(GuardedHttpClient(agent="Test", limits=limits, resolver=resolver, tls=context))
            )

        yield make


def refusal(client: GuardedHttpClient, site: TlsSite, name: str = NAME) -> str:
    with pytest.raises(HostUnavailable) as refused:
        client.send(HttpRequest(url=f"https://{name}:{site.port}/"))
    assert isinstance(refused.value.__cause__, httpcore.ConnectError | ssl.SSLError)
    assert site.heads == []
    return str(refused.value)


def test_the_right_name_passes_though_the_socket_goes_to_the_checked_address(client, authority) -> None:
    with tls_site(authority.issue_cert(NAME)) as site:
        answer = client(site).send(HttpRequest(url=f"https://{NAME}:{site.port}/a"))
        assert answer.body == b"hello"
        assert site.names == [NAME]
        assert f"\r\nhost: {NAME}:{site.port}\r\n" in site.heads[0].lower()


def test_a_name_in_another_script_is_asked_for_in_ascii(client, authority) -> None:
    ascii_name = "xn--nyheter-fxa.example"
    with tls_site(authority.issue_cert(ascii_name)) as site:
        site_client = client(site, ascii_name)
        assert site_client.send(HttpRequest(url=f"https://{ascii_name}:{site.port}/")).body == b"hello"
        assert site.names == [ascii_name]


@pytest.mark.parametrize("name", ["other.example", "sub.news.example", "127.0.0.1", "*.example.news"])
def test_a_certificate_for_another_name_is_refused(client, authority, name: str) -> None:
    with tls_site(authority.issue_cert(name)) as site:
        assert "certificate is not valid for" in refusal(client(site), site)


def test_a_certificate_that_has_expired_is_refused(client, authority) -> None:
    past = datetime.now(UTC) - DAY
    with tls_site(authority.issue_cert(NAME, not_before=past - DAY, not_after=past)) as site:
        assert "certificate has expired" in refusal(client(site), site)


def test_a_certificate_that_is_not_valid_yet_is_refused(client, authority) -> None:
    ahead = datetime.now(UTC) + DAY
    with tls_site(authority.issue_cert(NAME, not_before=ahead, not_after=ahead + DAY)) as site:
        assert "certificate is not yet valid" in refusal(client(site), site)


def test_a_certificate_that_an_unknown_authority_signed_is_refused(client) -> None:
    with tls_site(trustme.CA().issue_cert(NAME)) as site:
        assert "CERTIFICATE_VERIFY_FAILED" in refusal(client(site), site)


def test_a_certificate_that_signed_itself_is_refused(client) -> None:
    authority = trustme.CA()
    lone = trustme.LeafCert(authority.private_key_pem.bytes(), authority.cert_pem.bytes(), [])
    with tls_site(lone) as site:
        assert "self-signed certificate" in refusal(client(site), site)


def test_an_old_protocol_is_refused(client, authority, recwarn: pytest.WarningsRecorder) -> None:
    with tls_site(authority.issue_cert(NAME), newest=ssl.TLSVersion.TLSv1_1) as site:
        refusal(client(site), site)
    recwarn.clear()


def test_the_system_and_the_environment_add_no_authority(authority, monkeypatch, tmp_path) -> None:
    """Only certifi's list counts: SSL_CERT_FILE is for the operator's own tools."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with tls_site(authority.issue_cert(NAME)) as site:
        limits = HttpLimits(allow_hosts=frozenset({f"{NAME}:{site.port}"}))
        with contextlib.closing(
            GuardedHttpClient(agent="Test", limits=limits, resolver=lambda *_: ["127.0.0.1"])
        ) as client:
            assert "CERTIFICATE_VERIFY_FAILED" in refusal(client, site)
