"""Good feeds and pages beside hostile ones on loopback, one of each for each of the other.

``/good/i`` lists the good article ``/a/i`` and the hostile page ``/x/i``; ``/bad/i`` is a mutated feed whose links lead
to more hostile pages. Several loopback addresses, since a host is asked for one thing at a time.
"""

import contextlib
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Self
from urllib.parse import urlsplit

from hostile_feeds import CONTENT_TYPES, mutated, seeds
from hostile_pages import Answer, ground, hostile
from site_of_faults import page, title

GOOD_HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
BAD_HOSTS = ("127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14")


class HostileSite:
    """``count`` good and ``count`` bad feeds; ``kinds`` is which kind of page each path was."""

    def __init__(self, count: int, *, seed: int, shared: Path | None) -> None:
        self.count = count
        self.seed = seed
        self.kinds: dict[str, str] = {}
        self._small, self._real = seeds(shared)
        self._servers = [self._server(GOOD_HOSTS[0], 0)]
        self._servers += [self._server(host, self.port) for host in (*GOOD_HOSTS[1:], *BAD_HOSTS)]
        self._ground = ground(shared, self.base(BAD_HOSTS, 0))

    @property
    def port(self) -> int:
        return self._servers[0].server_port

    def base(self, hosts: Sequence[str], number: int) -> str:
        return f"http://{hosts[number % len(hosts)]}:{self.port}"

    def feeds(self) -> list[tuple[str, str]]:
        """Return ids and addresses of all feeds, good and bad by turns."""
        pairs = [
            [
                (f"good-{n}", f"{self.base(GOOD_HOSTS, n)}/good/{n}"),
                (f"bad-{n}", f"{self.base(BAD_HOSTS, n)}/bad/{n}"),
            ]
            for n in range(self.count)
        ]
        return [feed for pair in pairs for feed in pair]

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, path: str) -> Answer:
        """Return what the site says to a path: the same at every run of the same seed."""
        kind, _, name = urlsplit(path).path.strip("/").partition("/")
        if kind == "robots.txt":
            return Answer(status=404)
        if kind == "a" and name.isdecimal():
            return Answer(body=page(int(name)).encode())
        if kind == "good" and name.isdecimal():
            return Answer(body=self._good_feed(int(name)), headers={"Content-Type": "application/rss+xml"})
        dice = Random(f"{self.seed} {path}")
        if kind == "bad" and name.isdecimal():
            base = self.base(BAD_HOSTS, int(name))
            return Answer(
                body=mutated(dice, self._small, self._real, base=base),
                headers={"Content-Type": dice.choice(CONTENT_TYPES)},
            )
        self.kinds[path], answer = hostile(dice, self._ground)
        return answer

    def _good_feed(self, number: int) -> bytes:
        links = f"{self.base(GOOD_HOSTS, number)}/a/{number}", f"{self.base(BAD_HOSTS, number)}/x/{number}"
        items = "".join(f"<item><title>{title(number)}</title><link>{link}</link></item>" for link in links)
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Good</title>{items}</channel></rss>'.encode()

    def _server(self, host: str, port: int) -> ThreadingHTTPServer:
        server = _Server((host, port), _handler(self))
        server.daemon_threads = True
        return server


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that hang up are what hostile answers are met with."""


def _handler(site: HostileSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the body would wait 40 ms for the reader's word on the head

        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                self._say(site.answer(self.path))

        def _say(self, answer: Answer) -> None:
            self.close_connection = answer.raw is not None or answer.stream is not None
            if answer.raw is not None:
                self.wfile.write(answer.raw)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.stream is None:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            for piece in answer.stream() if answer.stream else [answer.body]:
                self.wfile.write(piece)
                self.wfile.flush()

        def log_message(self, *_: object) -> None: ...

    return Handler
