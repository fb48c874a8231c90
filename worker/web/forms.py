"""Reading what a form sent: small, and made by one of our pages."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request

from worker.web.security import csrf, same

FORM_BYTES = 8_192


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form; 413 if it is large or does not say how large it is."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > FORM_BYTES:
        raise HTTPException(413, "this form is too large")
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def read_own_form(request: Request, *, made_for: str) -> Mapping[str, str]:
    """Return the fields of a form that one of our pages made for this; 403 for any other."""
    form = await read_form(request)
    if not same(form.get("csrf", ""), csrf(request.app.state.room.secret, made_for)):
        raise HTTPException(403, "this form was not made here")
    return form
