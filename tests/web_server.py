"""A real web server on loopback for tests, with every way an answer can be bad. Its routes are plain functions."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Route = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Serves ``server.routes``; every request is kept in ``server.seen``."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the body would wait 40 ms for the reader's word on the head
    server: "Server"

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        route = self.server.routes.get(self.path.partition("?")[0])
        try:
            if route is None:
                self.answer(b"nothing here", status=404)
            else:
                route(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 - the name http.server calls

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers.get("content-length", 0))))
        self.do_GET()

    def answer(self, body: bytes = b"", *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in {204, 304}:
            self.wfile.write(body)

    def stream(self, chunks: Iterator[bytes], headers: dict[str, str] | None = None) -> None:
        self.close_connection = True
        self.send_response(200)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(chunk)
            self.wfile.flush()

    def log_message(self, *_: object) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes: dict[str, Route] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.connections = 0

    def get_request(self):  # type: ignore[no-untyped-def]
        request = super().get_request()
        self.connections += 1
        return request

    def handle_error(self, *_: object) -> None: ...


@dataclass
class Web:
    """The server as a test sees it."""

    server: Server
    routes: dict[str, Route] = field(init=False)

    def __post_init__(self) -> None:
        self.routes = self.server.routes

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def page(self, path: str, body: bytes, *, status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.routes[path] = lambda handler: handler.answer(body, status=status, headers=named)
        return self.url(path)

    def redirect(self, path: str, location: str, *, status: int = 302) -> str:
        return self.page(path, b"moved", status=status, Location=location)

    def asked(self, path: str) -> int:
        return sum(1 for _, seen, _ in self.server.seen if seen.partition("?")[0] == path)


@contextmanager
def serving() -> Iterator[Web]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Web(server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dripping(pause_s: float) -> Iterator[bytes]:
    while True:
        time.sleep(pause_s)
        yield b"x"


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65_536


def gzip_bomb(size: int) -> bytes:
    return gzip.compress(b"\0" * size)
