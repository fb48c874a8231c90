"""The guarded client against a real server on loopback, which is also the canary that must not be reached."""

import gzip
import itertools
import resource
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing

import pytest
import zstandard
from address_forms import INNER_4, INNER_6, URL_FORMS
from web_server import Handler, Web, dripping, endless, gzip_bomb, serving

from worker.adapters.http_client import Credential, GuardedHttpClient, HttpLimits, credential_of, user_agent
from worker.adapters.http_guard import GuardedBackend
from worker.errors import ConfigurationError, HostUnavailable, Refused
from worker.outcomes import Outcome
from worker.ports import HttpRequest

AGENT = user_agent("1.0", "desk@news.example")


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as server:
        yield server


@pytest.fixture
def client(web: Web) -> Iterator[GuardedHttpClient]:
    with closing_client(web) as made:
        yield made


def closing_client(web: Web, **options: object) -> AbstractContextManager[GuardedHttpClient]:
    limits = HttpLimits(allow_hosts=frozenset({web.host}))
    return closing(GuardedHttpClient(agent=AGENT, **{"limits": limits, **options}))  # type: ignore[arg-type]


def refusal(client: GuardedHttpClient, url: str, **options: object) -> str:
    with pytest.raises(Refused) as refused:
        client.send(HttpRequest(url=url, **options))  # type: ignore[arg-type]
    return refused.value.reason


def test_an_answer_comes_with_status_headers_body_and_chain(web: Web, client: GuardedHttpClient) -> None:
    url = web.page("/a", b"hello", ETag='"1"')
    answer = client.send(HttpRequest(url=url))
    assert (answer.status, answer.body, answer.chain, answer.permanent) == (200, b"hello", (url,), False)
    assert answer.headers["etag"] == '"1"'


def test_the_request_says_who_asks_and_takes_gzip_only(web: Web, client: GuardedHttpClient) -> None:
    client.send(HttpRequest(url=web.page("/a", b""), headers={"If-None-Match": '"1"'}))
    headers = web.server.seen[0][2]
    assert headers["user-agent"] == "Stancewatch/1.0 (+desk@news.example)"
    assert headers["accept-encoding"] == "gzip"
    assert headers["host"] == web.host
    assert headers["if-none-match"] == '"1"'


def test_an_unchanged_answer_keeps_the_connection(web: Web, client: GuardedHttpClient) -> None:
    url = web.page("/a", b"", status=304)
    assert [client.send(HttpRequest(url=url)).status for _ in range(5)] == [304] * 5
    assert web.server.connections == 1


def test_a_post_carries_its_body_and_follows_no_redirect(web: Web, client: GuardedHttpClient) -> None:
    web.page("/b", b"")
    answer = client.send(HttpRequest(url=web.redirect("/a", "/b"), method="POST", body=b"signed"))
    assert (answer.status, web.server.bodies, web.asked("/b")) == (302, [b"signed"], 0)


def test_a_gzip_answer_is_decoded(web: Web, client: GuardedHttpClient) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two") + b"trailing rubbish"
    assert client.send(HttpRequest(url=web.page("/a", body, Content_Encoding="gzip"))).body == b"one two"


def test_redirects_are_followed_and_told(web: Web, client: GuardedHttpClient) -> None:
    last = web.page("/c", b"here")
    web.redirect("/b", "/c", status=308)
    answer = client.send(HttpRequest(url=web.redirect("/a", "b", status=301)))
    assert (answer.body, answer.chain, answer.permanent) == (b"here", (web.url("/a"), web.url("/b"), last), True)


def test_one_temporary_hop_makes_the_chain_temporary(web: Web, client: GuardedHttpClient) -> None:
    web.page("/c", b"here")
    web.redirect("/b", "/c", status=302)
    assert not client.send(HttpRequest(url=web.redirect("/a", "/b", status=301))).permanent


def test_a_circle_of_redirects_is_refused(web: Web, client: GuardedHttpClient) -> None:
    web.redirect("/b", "/a")
    assert refusal(client, web.redirect("/a", "/b")) == Outcome.REDIRECT_REFUSED


def test_too_many_redirects_are_refused(web: Web, client: GuardedHttpClient) -> None:
    for number in range(10):
        web.redirect(f"/{number}", f"/{number + 1}")
    assert refusal(client, web.url("/0"), max_redirects=3) == Outcome.REDIRECT_REFUSED
    assert len(web.server.seen) == 4


def test_credentials_go_to_their_host_and_not_past_a_redirect(web: Web) -> None:
    with serving() as other:
        limits = HttpLimits(allow_hosts=frozenset({web.host, other.host}))
        other.page("/b", b"")
        with closing_client(web, limits=limits, credentials={"herald": Credential("Cookie", "s=1")}) as client:
            client.send(HttpRequest(url=web.redirect("/a", other.url("/b")), credentials="herald"))
        assert web.server.seen[0][2]["cookie"] == "s=1"
        assert "cookie" not in other.server.seen[0][2]


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("Authorization: Bearer abc", "Authorization", "Bearer abc"),
        ("Cookie: a=b; c=d", "Cookie", "a=b; c=d"),
        ("basic anna:secret", "Authorization", "Basic YW5uYTpzZWNyZXQ="),
    ],
)
def test_a_secret_is_a_header_line_or_a_login(line: str, name: str, value: str) -> None:
    credential = credential_of(line)
    assert (credential.name, credential.value) == (name, value)
    assert value not in repr(credential)


@pytest.mark.parametrize("line", ["", "secret", "Bad Name: x", "Name: a\r\nHost: b", ": x"])
def test_a_secret_of_another_form_is_refused_without_being_shown(line: str) -> None:
    with pytest.raises(ConfigurationError, match="must read"):
        credential_of(line)


# -- where it may go --


def named(addresses: Sequence[str]) -> GuardedHttpClient:
    """Return a client for which every name has these addresses."""
    return GuardedHttpClient(agent=AGENT, resolver=lambda _host, _port: addresses)


def to_canary(url: str, canary: Web) -> str:
    """Return the form with the canary's port where it has room for one."""
    return f"{url[:-1]}:{canary.port}/canary" if url.endswith("/") else url


def reckless(canary: Web, *allowed: str) -> GuardedHttpClient:
    """Return a client whose port and resolver lead to the canary: only the address check stands in between."""
    limits = HttpLimits(ports=frozenset({80, 443, canary.port}), allow_hosts=frozenset(allowed))
    return GuardedHttpClient(
        agent=AGENT, limits=limits, resolver=lambda host, _port: [host if ":" in host else "127.0.0.1"]
    )


@pytest.mark.parametrize("url", URL_FORMS)
def test_no_form_of_an_inner_address_is_connected_to(url: str) -> None:
    with serving() as canary:
        reason = refusal(reckless(canary), to_canary(url, canary))
        assert reason in {Outcome.BAD_URL, Outcome.ADDRESS_REFUSED}
        assert canary.server.connections == 0


@pytest.mark.parametrize("url", URL_FORMS)
def test_no_form_of_an_inner_address_is_reached_by_redirect(url: str) -> None:
    with serving() as canary, serving() as web, closing(reckless(canary, web.host)) as client:
        location = to_canary(url, canary).replace("\r\n", "").encode().decode("latin-1")
        web.routes["/a"] = lambda handler: handler.answer(status=302, headers={"Location": location})
        try:
            status = client.send(HttpRequest(url=web.url("/a"))).status
        except (Refused, HostUnavailable):
            status = 0
        # A form that is relative leads back to the very host that was allowed, and finds nothing there.
        assert status in {0, 302, 404}
        assert canary.server.connections == 0


@pytest.mark.parametrize("address", INNER_4 + INNER_6)
def test_no_dns_answer_leads_to_an_inner_address(address: str) -> None:
    with serving() as canary:
        limits = HttpLimits(ports=frozenset({canary.port}))
        client = GuardedHttpClient(agent=AGENT, limits=limits, resolver=lambda *_: [address])
        assert refusal(client, f"http://news.example:{canary.port}/") == Outcome.ADDRESS_REFUSED
        assert canary.server.connections == 0


@pytest.mark.parametrize("public_first", [True, False])
def test_one_bad_address_in_a_dns_answer_refuses_all(public_first: bool) -> None:
    answer = ["93.184.215.14", "127.0.0.1"] if public_first else ["127.0.0.1", "93.184.215.14"]
    assert refusal(named(answer), "http://news.example/") == Outcome.ADDRESS_REFUSED


def test_a_name_that_is_rebound_between_check_and_connect_gains_nothing(web: Web) -> None:
    answers = itertools.cycle([["192.0.2.1"], ["127.0.0.1"], ["::1"], ["8.8.8.8", "127.0.0.1"]])
    client = GuardedHttpClient(
        agent=AGENT, limits=HttpLimits(ports=frozenset({web.port})), resolver=lambda *_: next(answers)
    )
    for _ in range(1000):
        assert refusal(client, f"http://rebound.example:{web.port}/") == Outcome.ADDRESS_REFUSED
    assert web.server.connections == 0


def test_the_socket_goes_to_the_checked_literal_and_the_name_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    connected: list[object] = []

    def create_connection(address: object, *_: object, **__: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    client = GuardedHttpClient(agent=AGENT, resolver=lambda host, _port: asked.append(host) or ["8.8.4.4"])  # type: ignore[func-returns-value]
    with pytest.raises(HostUnavailable):
        client.send(HttpRequest(url="http://news.example/"))
    assert (asked, connected) == (["news.example"], [("8.8.4.4", 80)])


def test_a_name_without_address_is_unavailable() -> None:
    def fail(*_: object) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(HostUnavailable, match="cannot be resolved"):
        GuardedHttpClient(agent=AGENT, resolver=fail).send(HttpRequest(url="http://news.example/"))


def test_a_proxy_in_the_environment_is_ignored(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url("/"))
        with closing_client(web) as client:
            assert client.send(HttpRequest(url=web.page("/a", b"direct"))).body == b"direct"
        assert proxy.server.connections == 0


def test_a_named_proxy_is_the_only_way_out() -> None:
    with serving() as proxy:
        proxy.routes["http://news.example/a"] = lambda handler: handler.answer(b"through")
        client = GuardedHttpClient(agent=AGENT, proxy=f"http://anna:secret@{proxy.host}")
        assert client.send(HttpRequest(url="http://news.example/a")).body == b"through"
        assert refusal(client, "http://169.254.169.254/") == Outcome.ADDRESS_REFUSED
        assert proxy.server.seen[0][2]["proxy-authorization"] == "Basic YW5uYTpzZWNyZXQ="
        client.close()


def test_local_sockets_are_refused() -> None:
    with pytest.raises(Refused):
        GuardedBackend().connect_unix_socket("/run/redis.sock")


def test_a_certificate_nobody_signed_is_unavailable() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def handshake() -> None:
        connection, _ = listener.accept()
        connection.recv(1000)
        connection.sendall(b"this is no TLS at all\r\n")
        connection.close()

    thread = threading.Thread(target=handshake)
    thread.start()
    client = GuardedHttpClient(agent=AGENT, limits=HttpLimits(allow_hosts=frozenset({"127.0.0.1"})))
    with pytest.raises(HostUnavailable):
        client.send(HttpRequest(url=f"https://127.0.0.1:{port}/"))
    thread.join()
    listener.close()


def test_tls_checks_names_and_certificates() -> None:
    client = GuardedHttpClient(agent=AGENT)
    context = client._pool._ssl_context
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


# -- how much it takes --


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", gzip_bomb(200_000_000), Outcome.TOO_LARGE),
        ("gzip, gzip", gzip.compress(gzip_bomb(50_000_000)), Outcome.ENCODING_REFUSED),
        ("deflate", zlib.compress(b"\0" * 50_000_000), Outcome.ENCODING_REFUSED),
        ("br", b"\x5b\xff\xff\x83\x05", Outcome.ENCODING_REFUSED),
        ("zstd", zstandard.compress(b"\0" * 50_000_000), Outcome.ENCODING_REFUSED),
        ("gzip", b"no gzip at all", Outcome.ENCODING_REFUSED),
        ("", b"x" * 11_000_000, Outcome.TOO_LARGE),
    ],
)
def test_a_bomb_is_refused(web: Web, client: GuardedHttpClient, encoding: str, body: bytes, reason: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(client, web.page("/a", body, Content_Encoding=encoding)) == reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32_000


def test_nested_gzip_is_undone_once(web: Web, client: GuardedHttpClient) -> None:
    inner = gzip_bomb(50_000_000)
    url = web.page("/a", gzip.compress(inner), Content_Encoding="gzip")
    assert client.send(HttpRequest(url=url)).body == inner


def test_an_endless_body_is_cut_at_the_cap(web: Web, client: GuardedHttpClient) -> None:
    web.routes["/a"] = lambda handler: handler.stream(endless())
    assert refusal(client, web.url("/a")) == Outcome.TOO_LARGE


def test_an_error_page_that_is_too_large_is_still_its_status(web: Web, client: GuardedHttpClient) -> None:
    answer = client.send(HttpRequest(url=web.page("/a", b"x" * 2000, status=404), max_bytes=1000))
    assert (answer.status, answer.body) == (404, b"")


def test_a_body_that_drips_ends_with_the_deadline(web: Web, client: GuardedHttpClient) -> None:
    web.routes["/a"] = lambda handler: handler.stream(dripping(0.1))
    started = time.monotonic()
    with pytest.raises(HostUnavailable, match="no answer in time"):
        client.send(HttpRequest(url=web.url("/a"), deadline_s=1))
    assert time.monotonic() - started < 10


def test_a_body_too_slow_for_too_long_is_given_up(
    web: Web, client: GuardedHttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.adapters.http_body.SLOW_AFTER_S", 0.5)
    web.routes["/a"] = lambda handler: handler.stream(dripping(0.1))
    with pytest.raises(HostUnavailable, match="too slow"):
        client.send(HttpRequest(url=web.url("/a"), deadline_s=20))


def test_headers_that_drip_end_with_the_deadline(web: Web, client: GuardedHttpClient) -> None:
    def drip(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for byte in dripping(0.1):
            handler.wfile.write(byte)

    web.routes["/a"] = drip
    with pytest.raises(HostUnavailable, match="no answer in time"):
        client.send(HttpRequest(url=web.url("/a"), deadline_s=1))


@pytest.mark.parametrize(("count", "length"), [(10_000, 3), (500, 3), (10, 9_000)])
def test_a_flood_of_headers_is_no_answer(web: Web, client: GuardedHttpClient, count: int, length: int) -> None:
    flood = {f"X-{number}": "a" * length for number in range(count)}
    web.routes["/a"] = lambda handler: handler.answer(b"", headers=flood)
    with pytest.raises((Refused, HostUnavailable)):
        client.send(HttpRequest(url=web.url("/a")))


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 999999 X\r\n\r\n", b"HTTP/1.1 200 OK\r\nA\r\n\r\n"]
)
def test_what_is_no_http_is_unavailable(web: Web, client: GuardedHttpClient, answer: bytes) -> None:
    def speak(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(answer)

    web.routes["/a"] = speak
    with pytest.raises(HostUnavailable):
        client.send(HttpRequest(url=web.url("/a"), deadline_s=2))


def test_a_body_cut_short_is_unavailable(web: Web, client: GuardedHttpClient) -> None:
    def cut(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    web.routes["/a"] = cut
    with pytest.raises(HostUnavailable):
        client.send(HttpRequest(url=web.url("/a")))


def test_a_refused_connection_is_unavailable() -> None:
    client = GuardedHttpClient(agent=AGENT, limits=HttpLimits(allow_hosts=frozenset({"127.0.0.1"})))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(HostUnavailable):
        client.send(HttpRequest(url=f"http://127.0.0.1:{port}/"))


def test_many_large_bodies_at_once_stay_under_the_cap_and_all_arrive(web: Web) -> None:
    url = web.page("/a", b"x" * 5_000_000)
    limits = HttpLimits(allow_hosts=frozenset({web.host}), bytes_in_flight=20_000_000)
    sizes: list[int] = []
    with closing_client(web, limits=limits) as client:
        threads = [
            threading.Thread(target=lambda: sizes.append(len(client.send(HttpRequest(url=url)).body)))
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sizes == [5_000_000] * 16
        assert client._budget._free == 20_000_000
