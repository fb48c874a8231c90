"""Structured logs: one event one line of JSON, values as fields, secrets and URL credentials cut."""

import logging
import re
import sys
from collections.abc import Collection
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from worker.text import clean_line

_VALUE_CHARS = 2_000
_CHATTY = (
    "httpx", "httpcore", "elastic_transport", "trafilatura", "htmldate", "courlan",
    "celery.app.trace", "celery.worker.strategy", "celery.beat", "uvicorn.error",
)  # fmt: skip
"""Loggers that tell of every request and every task; our own events say what came of it."""
_ALOOF = ("multiprocessing",)
"""Loggers that hand nothing on to the root: without a handler of ours the pool's words come out as bare lines."""
_SECRET_CHARS = 4
"""Shorter secrets are not searched for: they would blank ordinary words."""
_URL_SECRET = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s@]*@")
_QUERY_SECRET = re.compile(r"(?i)([?&][^=&\s]*(?:key|token|secret|password|sig)[^=&\s]*=)[^&\s#]+")


def redact(value: str) -> str:
    """Return the value without user info and secret-looking query parameters of URLs, safe for one line."""
    plain = _QUERY_SECRET.sub(r"\1***", _URL_SECRET.sub(r"\1***@", value))
    return clean_line(plain, limit=_VALUE_CHARS)


class _Redactor:
    """Cleans every value and blanks the known secrets of this process."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = tuple(sorted((s for s in secrets if len(s) >= _SECRET_CHARS), key=len, reverse=True))

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {key: self._safe(value) for key, value in event.items()}

    def _safe(self, value: Any) -> Any:  # noqa: ANN401 - log values are whatever the caller names
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, list | tuple):
            return [self._safe(part) for part in value]
        text = redact(str(value))
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def configure(*, level: str = "INFO", secrets: Collection[str] = (), json: bool = True) -> None:
    """Send structlog and the standard library's loggers to stderr, one line an event."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _Redactor(secrets),
    ]
    final = structlog.processors.JSONRenderer() if json else _console()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for aloof in map(logging.getLogger, _ALOOF):
        aloof.propagate = False
        aloof.handlers[:] = [handler]
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _console() -> structlog.dev.ConsoleRenderer:
    """Return a renderer for people. Its own traces show every local variable: slow, long, and full of secrets."""
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound
