"""Kibana's import of saved objects: data views, searches and dashboards put where an analyst finds them."""

import base64
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore

from worker.adapters.elastic_link import Access
from worker.errors import ConfigurationError, DependencyMissing, StoreUnavailable

DEADLINE_S = 60.0
"""Kibana writes all objects before it answers; a busy one takes its time."""

BUILT_PREFIX = "stancewatch"
"""The index prefix that the file was built with."""

# A line that a file of JSON objects cannot hold.
_BOUNDARY = "stancewatch-saved-objects"

_OK, _MOVED, _TOO_BIG, _BUSY, _SERVER_FAULT = 200, (301, 302, 303, 307, 308), 413, 429, 500

_BY_STATUS = {
    401: "it does not know us; check the API key or user and password (401)",
    403: "our key may not manage saved objects there (403)",
    404: "no Kibana at this address (404); a space goes behind the host as /s/SPACE",
    _TOO_BIG: "the file is larger than its server.maxPayload or a proxy allows (413)",
}


def import_objects(url: str, objects: str, *, access: Access) -> int:
    """Put the objects (NDJSON) into the Kibana at ``url``, over those of the same ids, and return their number.

    ``url`` may name a space: ``http://host:5601/s/desk``. Raises StoreUnavailable if Kibana does not answer or is busy,
    DependencyMissing if it is another server or refuses; ConfigurationError if ``url`` is no web address.
    """
    address = checked_address(url)
    headers = {
        "kbn-xsrf": "stancewatch",
        "content-type": f"multipart/form-data; boundary={_BOUNDARY}",
        **_authorization(access),
    }
    try:
        with httpcore.ConnectionPool(ssl_context=_trust(access)) as pool:
            answer = pool.request(
                "POST",
                f"{address}/api/saved_objects/_import?overwrite=true",
                headers=list(headers.items()),
                content=_form(objects),
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), DEADLINE_S)},
            )
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise StoreUnavailable(f"Kibana {address}: {_unreached(error)}") from error
    return _count(address, answer)


def _form(objects: str) -> bytes:
    head = (
        'Content-Disposition: form-data; name="file"; filename="stancewatch.ndjson"\r\nContent-Type: application/ndjson'
    )
    return f"--{_BOUNDARY}\r\n{head}\r\n\r\n{objects}\r\n--{_BOUNDARY}--\r\n".encode()


def with_prefix(objects: str, prefix: str) -> str:
    """Return the objects with data views on the indices that begin with ``prefix``."""
    return "".join(_renamed(json.loads(line), prefix) + "\n" for line in objects.splitlines())


def _renamed(one: dict[str, Any], prefix: str) -> str:
    if one["type"] == "index-pattern":
        one["attributes"]["title"] = prefix + one["attributes"]["title"].removeprefix(BUILT_PREFIX)
    return json.dumps(one, ensure_ascii=False)


def checked_address(url: str) -> str:
    """Return the address without a slash at its end; ConfigurationError says what is wrong with it."""
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fit = False
        parts = urlsplit("")
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not (is_fit and is_plain) or parts.query or parts.fragment:
        raise ConfigurationError(["--kibana: give an address such as http://localhost:5601"])
    if parts.username or parts.password:
        raise ConfigurationError(["--kibana: no user in the address; set elasticsearch_user or elasticsearch_api_key"])
    return url.rstrip("/")


def _trust(access: Access) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(access.ca_file) if access.ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError([f"elasticsearch_ca_file: {access.ca_file} cannot be read as PEM"]) from error


def _authorization(access: Access) -> Mapping[str, str]:
    if access.api_key:
        return {"authorization": f"ApiKey {access.api_key}"}
    if access.user:
        pair = f"{access.user}:{access.password or ''}".encode()
        return {"authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
    return {}


def _unreached(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return f"no answer within {DEADLINE_S:.0f} s"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted; set elasticsearch_ca_file to the authority that signed it"
    return "cannot be reached; is it running, and is the address right?"


def _count(address: str, answer: httpcore.Response) -> int:
    """Return how many objects the answer says were taken; anything but all of them is raised as one line."""
    said = _body(answer)
    if answer.status == _OK and said.get("success") is True:
        return int(said.get("successCount", 0))
    if answer.status == _BUSY or answer.status >= _SERVER_FAULT:
        raise StoreUnavailable(f"Kibana {address}: it is not ready ({answer.status}); try again in a minute")
    raise DependencyMissing([f"Kibana {address}: {_refusal(answer, said)}"])


def _body(answer: httpcore.Response) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(answer: httpcore.Response, said: Mapping[str, Any]) -> str:
    status = answer.status
    if status in _MOVED:
        return f"it sends us on to {_one_line(_location(answer))}; give the address it answers at"
    if errors := said.get("errors"):
        return f"objects not taken: {len(errors)}; the first: {_first(errors)}"
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if "message" in said:
        return f"{_one_line(said['message'])} ({status})"
    return f"the server is not Kibana: it answered {status} with something else"


def _location(answer: httpcore.Response) -> str:
    return next((value.decode("latin-1") for name, value in answer.headers if name.lower() == b"location"), "nowhere")


def _first(errors: Any) -> str:  # noqa: ANN401 - whatever the server wrote
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    why = first.get("error")
    reason = why.get("message") or why.get("type") if isinstance(why, dict) else why
    return _one_line(f"{first.get('type', 'object')} {first.get('id', '')}: {reason}")


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:300]
