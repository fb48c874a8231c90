"""Channels on this machine: the log and a file."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from worker.alert.escape import Markup, escape_text, escape_title
from worker.log import logger
from worker.ports import Delivery, Message

log = logger(__name__)


def _as_lines(message: Message) -> str:
    title = escape_title(message.title, Markup.PLAIN)
    return f"{title}\n{escape_text(message.text, Markup.PLAIN)}\n"


class ConsoleChannel:
    """Shows messages where the service logs. ``show`` is given the text; the log is the default."""

    def __init__(self, channel_id: str, *, show: Callable[[str], None] | None = None) -> None:
        self.id = channel_id
        self._show = show

    def send(self, message: Message) -> Delivery:
        """Show the message."""
        if self._show is None:
            log.warning("alert", alert_id=message.id, title=message.title, text=message.text)
        else:
            self._show(_as_lines(message))
        return Delivery(ok=True)


class FileChannel:
    """Appends one JSON object a line, on disk when ``send`` returns. Several processes may append to one file."""

    def __init__(self, channel_id: str, path: Path) -> None:
        self.id = channel_id
        self._path = path

    def send(self, message: Message) -> Delivery:
        """Append the message."""
        record: dict[str, Any] = {
            "id": message.id,
            "created": message.created.isoformat(),
            "title": message.title,
            "text": message.text,
            "data": dict(message.data),
        }
        line = (json.dumps(record, ensure_ascii=False) + "\n").encode()
        try:
            self._append(line)
        except OSError as error:
            return Delivery(ok=False, detail=f"{self._path}: {error.strerror}")
        return Delivery(ok=True)

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)  # one call, so that lines of several processes never mix
            os.fsync(handle)
        finally:
            os.close(handle)
