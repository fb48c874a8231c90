"""The network under the HTTP client: it connects to nothing but addresses it has checked, and to no end of time.

httpcore asks this backend for every connection, whichever URL, redirect or pool it comes from; so the check cannot be
passed by. A name is resolved once, every address of the answer must be public, and the socket goes to the checked
literal: an answer that changes between check and connect changes nothing. Host, SNI and the certificate's name are
httpcore's affair and stay those of the URL.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

from worker.errors import Refused
from worker.fetch.address import refusal_of
from worker.fetch.target import is_allowed
from worker.outcomes import Outcome

Resolver = Callable[[str, int], Sequence[str]]
"""(host, port) → addresses; raises OSError if there are none."""

MAX_ADDRESSES = 4
"""How many addresses of one name are tried; each gets a part of the time."""
CONNECT_S = 10.0

_deadline: ContextVar[float] = ContextVar("deadline")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End every connect, read and write inside once ``seconds`` have passed, however the other side drips."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining_s() -> float:
    """Return the seconds left of the running exchange; httpcore.ReadTimeout if none are."""
    left = _deadline.get(float("inf")) - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("no time left")
    return left


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name as the system knows them."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class GuardedBackend(httpcore.NetworkBackend):
    """Opens TCP connections to public addresses, and to hosts that the operator allowed by name."""

    def __init__(self, *, allow_hosts: AbstractSet[str] = frozenset(), resolver: Resolver = resolve) -> None:
        self._allow_hosts = allow_hosts
        self._resolver = resolver
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline goes first
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of the host. Raises Refused, or httpcore's errors."""
        addresses = self._checked(host, port)[:MAX_ADDRESSES]
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for position, address in enumerate(addresses):
            share = min(CONNECT_S, remaining_s() / (len(addresses) - position))
            try:
                stream = self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream)
        raise failure

    def connect_unix_socket(self, path: str, *_: object, **__: object) -> httpcore.NetworkStream:  # noqa: ARG002 - httpcore's signature
        """Refuse: nothing that is fetched lives on a local socket."""
        raise Refused("local sockets are refused", reason=Outcome.ADDRESS_REFUSED)

    def sleep(self, seconds: float) -> None:
        """Refuse: waiting is the ledger's affair, the client never retries."""
        raise NotImplementedError(seconds)

    def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        if is_allowed(host, port, self._allow_hosts):
            return addresses
        for address in addresses:
            why = refusal_of(address)
            if why:
                raise Refused(f"{host} leads to {address}, which is refused: {why}", reason=Outcome.ADDRESS_REFUSED)
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every wait ends with the exchange's deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline goes first
        return self._stream.read(max_bytes, remaining_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, remaining_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        # The handshake reads and writes below this class; its time-out is per read, so it gets the whole rest.
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, remaining_s()))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._stream.get_extra_info(info)
