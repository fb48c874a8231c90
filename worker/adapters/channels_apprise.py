"""Mail, chat and push through Apprise: one address, some hundred services.

Attachments, configuration includes, plug-ins and Apprise's own retries are off: an alert is text, and waiting is
the outbox's business. Redirects are not followed.
"""

import logging
import threading
from typing import Any, Self

import apprise
from apprise.common import ContentLocation

from worker.alert.escape import escape_text, escape_title, markup_of
from worker.errors import ConfigurationError
from worker.ports import Delivery, Message

SERVICE_TIMEOUT_S = 20.0
"""Well under the lease of an outbox row."""
_REASON_CHARS = 300


class AppriseChannel:
    """Sends to one Apprise address (``mailto://…``, ``slack://…``); the address is a secret and never shown."""

    def __init__(self, channel_id: str, address: str) -> None:
        self.id = channel_id
        asset = apprise.AppriseAsset(
            plugin_paths=[],
            secure_logging=True,
            async_mode=False,
            http_redirects=False,
            pgp_autogen=False,
            pem_autogen=False,
            service_timeout=SERVICE_TIMEOUT_S,
            app_id="Stancewatch",
        )
        service: Any = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        if service is None:
            raise ConfigurationError([f"channel {channel_id}: Apprise does not understand the address"])
        self._sender = apprise.Apprise(asset=asset, location=ContentLocation.INACCESSIBLE)
        self._sender.add(service)
        self._markup = markup_of(address.split(":", 1)[0])
        self._lock = threading.Lock()

    def send(self, message: Message) -> Delivery:
        """Hand the message to the service once. Apprise says yes or no; why not is taken from its log."""
        title = escape_title(message.title, self._markup)
        text = escape_text(f"{message.text}\n[{message.id}]", self._markup)
        with self._lock, _Overheard() as overheard:
            try:
                ok = self._sender.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
            except Exception as error:  # noqa: BLE001 - hundred plug-ins, and a channel never raises
                return Delivery(ok=False, detail=f"Apprise failed: {type(error).__name__}")
        return Delivery(ok=bool(ok), detail="" if ok else overheard.reason)


class _Overheard(logging.Handler):
    """Keeps the last warning that Apprise logs while it is open in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.reason = "the service did not take the message"
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.reason = record.getMessage()[:_REASON_CHARS]

    def __enter__(self) -> Self:
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("apprise").removeHandler(self)
