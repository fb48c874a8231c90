"""Signed webhooks (Standard Webhooks): the receiver can prove who sent a message and drop what it has seen."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from worker.errors import ConfigurationError, HostUnavailable, Refused
from worker.ports import Clock, Delivery, HttpClient, HttpRequest, HttpResponse, Message

DEADLINE_S = 15.0
ANSWER_BYTES = 100_000
_LAST_SUCCESS, _GONE = 299, 410


class WebhookChannel:
    """Posts JSON with ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``; follows no redirect.

    ``secret`` is the signing key as Standard Webhooks writes it (``whsec_…``, base64).
    """

    def __init__(self, channel_id: str, url: str, *, secret: str, http: HttpClient, clock: Clock) -> None:
        self.id = channel_id
        self._url = url
        self._http = http
        self._clock = clock
        try:
            self._webhook = Webhook(secret)
        except (ValueError, EmptyWebhookSecretError) as error:
            raise ConfigurationError([f"channel {channel_id}: the signing key is not base64 (whsec_…)"]) from error

    def send(self, message: Message) -> Delivery:
        """Post once. Any 2xx is taken; 410 says that the address is gone for good."""
        now = self._clock.now()
        body = json.dumps(
            {
                "type": message.data.get("type", "stancewatch.alert"),
                "timestamp": message.created.isoformat(),
                "data": _data(message),
            },
            ensure_ascii=False,
        )
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(message.id, now, body),
        }
        request = HttpRequest(
            url=self._url,
            method="POST",
            headers=headers,
            body=body.encode(),
            max_bytes=ANSWER_BYTES,
            deadline_s=DEADLINE_S,
            max_redirects=0,
        )
        try:
            return _delivery(self._http.send(request), now)
        except HostUnavailable as error:
            return Delivery(ok=False, detail=str(error), retry_after_s=error.retry_after_s)
        except Refused as error:
            return Delivery(ok=False, detail=f"{error.reason}: {error}")


def _data(message: Message) -> dict[str, object]:
    return {**message.data, "id": message.id, "title": message.title, "text": message.text}


def _delivery(response: HttpResponse, now: datetime) -> Delivery:
    detail = f"HTTP {response.status}"
    if 200 <= response.status <= _LAST_SUCCESS:  # noqa: PLR2004 - the first success
        return Delivery(ok=True, detail=detail)
    if response.status == _GONE:
        return Delivery(ok=False, detail=detail, final=True)
    return Delivery(ok=False, detail=detail, retry_after_s=retry_after(response.headers, now))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, as number or date; None if it is absent or nonsense."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
