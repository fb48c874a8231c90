"""What every answer carries and what every request must show."""

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
COOKIE = "stancewatch"
OPEN_PATHS = ("/healthz", "/readyz", "/static/", "/favicon.ico", "/enter")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})

Next = Callable[[Request], Awaitable[Response]]


class Guard(BaseHTTPMiddleware):
    """Refuses strangers where a token is set, foreign host names where none is, and adds the headers."""

    def __init__(self, app: ASGIApp, *, token: str | None) -> None:
        super().__init__(app)
        self._token = token

    async def dispatch(self, request: Request, call_next: Next) -> Response:
        """Answer, or refuse with 400, 401 or 403."""
        refusal = self._refusal(request)
        response = refusal or await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "").rsplit(":", 1)[0]
        if self._token is None and host not in LOOPBACK:
            # Without a token only this machine may read; a page elsewhere that rebinds its name must not.
            return PlainTextResponse("this page answers to localhost only", 400)
        if self._token and not request.url.path.startswith(OPEN_PATHS) and not self._knows(request):
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                return RedirectResponse("/enter", 303)
            return PlainTextResponse("a token is needed: Authorization: Bearer …, or open /enter", 401)
        return None

    def _knows(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        shown = request.cookies.get(COOKIE, "")
        return same(bearer, self._token or "") or same(shown, session(self._token or ""))


def same(given: str, wanted: str) -> bool:
    """Compare in constant time; an empty ``given`` is never the same."""
    return bool(given) and hmac.compare_digest(given.encode(), wanted.encode())


def session(token: str) -> str:
    """Return what the cookie holds: derived from the token, so that the token itself is not kept in a browser."""
    return sha256(b"stancewatch session\x1f" + token.encode()).hexdigest()


def csrf(secret: str, form: str) -> str:
    """Return the value that a form carries to prove that one of our pages made it."""
    return hmac.new(secret.encode(), form.encode(), sha256).hexdigest()
