"""The Elasticsearch client: one per process, made after the fork, its errors as the program's own, one line each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import elastic_transport
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError

from worker.errors import StoreUnavailable
from worker.ports import STORE_TIMEOUT_S

SUPPORTED_MAJORS = (8, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How we show who we are. The secrets never appear in a repr."""

    api_key: str | None = None
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None

    def __repr__(self) -> str:
        who = "api key" if self.api_key else self.user or "nobody"
        return f"Access({who})"


class ElasticLink:
    """Holds the client. A child of a fork makes its own: sockets must not be shared."""

    def __init__(self, url: str, access: Access, *, timeout_s: float = STORE_TIMEOUT_S) -> None:
        self._url = url
        self._access = access
        self._timeout_s = timeout_s
        self._client: Elasticsearch | None = None
        self._process = 0

    @contextmanager
    def client(self) -> Iterator[Elasticsearch]:
        """Yield the client; whatever it raises inside comes out as StoreUnavailable with one clear line."""
        try:
            yield self._made()
        except (ApiError, elastic_transport.TransportError, UnsupportedProductError) as error:
            raise StoreUnavailable(f"Elasticsearch {self._url}: {explain(error)}") from error

    def _made(self) -> Elasticsearch:
        if self._client is None or self._process != os.getpid():
            self._client, self._process = self._make(), os.getpid()
        return self._client

    def _make(self) -> Elasticsearch:
        access = self._access
        secure = {"ca_certs": str(access.ca_file)} if access.ca_file and self._url.startswith("https:") else {}
        return Elasticsearch(
            self._url,
            api_key=access.api_key,
            basic_auth=(access.user, access.password or "") if access.user else None,
            request_timeout=self._timeout_s,
            max_retries=0,
            retry_on_timeout=False,
            connections_per_node=4,
            http_compress=False,
            **secure,  # type: ignore[arg-type]  # one keyword that is a string
        )

    def close(self) -> None:
        """Close this process's client."""
        if self._client is not None and self._process == os.getpid():
            self._client.close()
        self._client = None


_EXPLAINED: tuple[tuple[type[Exception], str], ...] = (
    (UnsupportedProductError, "the server is not Elasticsearch (OpenSearch and others are not supported)"),
    (
        elastic_transport.TlsError,
        "its certificate is not trusted; set elasticsearch_ca_file to the authority that signed it",
    ),
    (elastic_transport.ConnectionTimeout, f"no answer within {STORE_TIMEOUT_S:.0f} s"),
    (elastic_transport.ConnectionError, "cannot be reached; is it running, and is the address right?"),
)


_BY_TYPE = {
    "cluster_block_exception": "read-only for now ({reason})",
    "index_not_found_exception": "not set up; run `stancewatch setup`",
    "media_type_header_exception": "it is of a version that is not supported; 8.x and 9.x are",
}
_BY_STATUS = {
    401: "it does not know us; check the API key or user and password (401)",
    403: "our key may not do this (403): {reason}",
    429: "it has too much to do (429)",
}


def explain(error: Exception) -> str:
    """Return one line that says what is wrong and where to look."""
    known = next((line for kind, line in _EXPLAINED if isinstance(error, kind)), None)
    if known is None and isinstance(error, ApiError):
        return _explain_answer(error)
    return known or f"{type(error).__name__}: {error}"[:300]


def _explain_answer(error: ApiError) -> str:
    kind, reason = error_of(error)
    status = error.meta.status
    said = _BY_TYPE.get(kind) or _BY_STATUS.get(status) or f"{kind} ({status}): {{reason}}"
    return said.format(reason=reason)[:400]


def error_of(error: ApiError) -> tuple[str, str]:
    """Return the type and the reason in an error answer; both may be empty."""
    body = error.body
    inner = body.get("error") if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return "", str(inner or body or "")[:300]
    causes = inner.get("root_cause") or [inner]
    return str(inner.get("type", "")), str(causes[0].get("reason") or inner.get("reason") or "")[:300]
