"""Serves the demo's press room on loopback, the way a small news site would: ETags, 304, 404."""

import threading
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

Render = Callable[[str, str], tuple[str, str] | None]
"""(path, base URL) → (content type, body), or None for 404."""
_POLL_S = 0.05
"""How often the server looks whether it is to end."""


class DemoSite:
    """A web server in a thread; use it as a context manager."""

    def __init__(self, render: Render, *, port: int = 0) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(render))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="demo-site", daemon=True
        )

    @property
    def host(self) -> str:
        """``127.0.0.1:port``, as ``allow_hosts`` takes it."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def base(self) -> str:
        """URL without a trailing slash."""
        return f"http://{self.host}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(render: Render) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the body would wait 40 ms for the reader's word on the head

        def do_GET(self) -> None:
            found = render(self.path, f"http://{self.headers.get('Host', '')}")
            kind, text = found or ("text/plain; charset=utf-8", "not found")
            body = text.encode()
            tag = f'"{sha256(body).hexdigest()[:16]}"'
            unchanged = bool(found) and self.headers.get("If-None-Match") == tag
            self.send_response(304 if unchanged else 200 if found else 404)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", "0" if unchanged else str(len(body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Stay silent: the worker's own log tells what was fetched."""

    return Handler
