"""Where a reader shows the token once; the browser keeps a cookie that was derived from it."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from worker.web.forms import read_form
from worker.web.security import COOKIE, same, session

COOKIE_S = 30 * 24 * 3_600


def enter(request: Request) -> Response:
    """Ask for the token; where none is set there is nothing to ask."""
    if request.app.state.token is None:
        return RedirectResponse("/", 303)
    return _form(request)


async def entered(request: Request) -> Response:
    """Take the token and set the cookie, or ask again."""
    token: str | None = request.app.state.token
    if token is None:
        return RedirectResponse("/", 303)
    form = await read_form(request)
    if not same(form.get("token", ""), token):
        return _form(request, wrong=True, status=403)
    answer = RedirectResponse("/", 303)
    is_https = request.url.scheme == "https"
    answer.set_cookie(COOKIE, session(token), max_age=COOKIE_S, httponly=True, samesite="strict", secure=is_https)
    return answer


def _form(request: Request, *, wrong: bool = False, status: int = 200) -> Response:
    template = request.app.state.templates.get_template("enter.html")
    return HTMLResponse(template.render(title="Enter", here="", coverage="", wrong=wrong), status)
