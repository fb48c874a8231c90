"""One suite for every channel, each against a real receiver on loopback, and what a bad receiver does to webhooks."""

import email
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from web_server import Handler, Web, serving

from worker.adapters.channels_apprise import AppriseChannel
from worker.adapters.channels_local import ConsoleChannel, FileChannel
from worker.adapters.channels_webhook import WebhookChannel, retry_after
from worker.adapters.clock import SystemClock
from worker.adapters.http_client import GuardedHttpClient, HttpLimits
from worker.errors import ConfigurationError
from worker.ports import Channel, Message

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise loads it

SECRET = "whsec_" + "c3RhbmNld2F0Y2gtdGVzdC1rZXk="
MESSAGE = Message(
    id="0a1b2c3d",
    title="New: Vesmar → Ostrania: demand, ceasefire",
    text="New: first time.\n\n“Stop the guns by 20 March,” Ilva Renn said @here.",
    data={"type": "stancewatch.alert", "level": "first"},
    created=datetime(2031, 3, 1, 8, 0, tzinfo=UTC),
)


@dataclass
class Wired:
    """A channel and how to see what its receiver got: (id, title, text) of each message."""

    channel: Channel
    received: Callable[[], list[tuple[str, str, str]]]


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as server:
        yield server


@pytest.fixture
def client(web: Web) -> Iterator[GuardedHttpClient]:
    limits = HttpLimits(ports={web.port}, allow_hosts={"127.0.0.1"})
    made = GuardedHttpClient(agent="test", limits=limits)
    yield made
    made.close()


def webhook(web: Web, client: GuardedHttpClient, path: str = "/hook") -> WebhookChannel:
    return WebhookChannel("hook", web.url(path), secret=SECRET, http=client, clock=SystemClock())


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        self.mails.append(envelope.original_content or b"")
        return "250 OK"


def wired_console(web: Web, client: GuardedHttpClient, folder: Path, mailbox: Mailbox, port: int) -> Wired:
    shown: list[str] = []
    return Wired(
        ConsoleChannel("desk", show=shown.append),
        lambda: [(MESSAGE.id, each.partition("\n")[0], each.partition("\n")[2]) for each in shown],
    )


def wired_file(web: Web, client: GuardedHttpClient, folder: Path, mailbox: Mailbox, port: int) -> Wired:
    path = folder / "sub" / "alerts.jsonl"

    def read() -> list[tuple[str, str, str]]:
        records = [json.loads(line) for line in path.read_text().splitlines()]
        return [(record["id"], record["title"], record["text"]) for record in records]

    return Wired(FileChannel("file", path), read)


def wired_webhook(web: Web, client: GuardedHttpClient, folder: Path, mailbox: Mailbox, port: int) -> Wired:
    web.page("/hook", b"", status=204)

    def verified() -> list[tuple[str, str, str]]:
        found = []
        for body, (_, _, headers) in zip(web.server.bodies, web.server.seen, strict=True):
            data = Webhook(SECRET).verify(body.decode(), headers)["data"]
            found.append((headers["webhook-id"], data["title"], data["text"]))
        return found

    return Wired(webhook(web, client), verified)


def wired_apprise_json(web: Web, client: GuardedHttpClient, folder: Path, mailbox: Mailbox, port: int) -> Wired:
    web.page("/in", b"")

    def read() -> list[tuple[str, str, str]]:
        found = [json.loads(body) for body in web.server.bodies]
        return [(each["message"].rsplit("[", 1)[1].strip("]"), each["title"], each["message"]) for each in found]

    return Wired(AppriseChannel("json", f"json://{web.host}/in"), read)


def wired_smtp(web: Web, client: GuardedHttpClient, folder: Path, mailbox: Mailbox, port: int) -> Wired:
    address = f"mailto://127.0.0.1:{port}?from=watch@kell.example&to=desk@kell.example&format=text"

    def read() -> list[tuple[str, str, str]]:
        found = []
        for raw in mailbox.mails:
            mail = email.message_from_bytes(raw, policy=policy.default)
            body = mail.get_body(("plain",))
            text = body.get_content() if body else ""
            found.append((text.rsplit("[", 1)[1].strip().strip("]"), str(mail["subject"]), text))
        return found

    return Wired(AppriseChannel("mail", address), read)


WIRINGS = (wired_console, wired_file, wired_webhook, wired_apprise_json, wired_smtp)


@pytest.fixture
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@pytest.fixture(params=WIRINGS, ids=lambda wiring: wiring.__name__.removeprefix("wired_"))
def wired(
    request: pytest.FixtureRequest,
    web: Web,
    client: GuardedHttpClient,
    tmp_path: Path,
    mail_server: tuple[Mailbox, int],
) -> Wired:
    made: Wired = request.param(web, client, tmp_path, *mail_server)
    return made


def test_a_message_arrives_whole_with_its_id_each_time_it_is_sent(wired: Wired) -> None:
    assert wired.channel.send(MESSAGE).ok
    assert wired.channel.send(MESSAGE).ok
    received = wired.received()
    assert [each[0] for each in received] == [MESSAGE.id, MESSAGE.id]
    assert {each[1] for each in received} == {MESSAGE.title}
    assert all("“Stop the guns by 20 March,” Ilva Renn said @here." in each[2] for each in received)


def test_a_forged_webhook_does_not_verify(web: Web, client: GuardedHttpClient) -> None:
    web.page("/hook", b"")
    webhook(web, client).send(MESSAGE)
    headers = web.server.seen[0][2]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(web.server.bodies[0].decode().replace("first", "changed"), headers)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_success_is_taken(web: Web, client: GuardedHttpClient, status: int) -> None:
    web.page("/hook", b"", status=status)
    assert webhook(web, client).send(MESSAGE).ok


@pytest.mark.parametrize(("status", "final"), [(400, False), (404, False), (410, True), (500, False), (503, False)])
def test_an_error_is_told_and_only_gone_is_final(web: Web, client: GuardedHttpClient, status: int, final: bool) -> None:
    web.page("/hook", b"", status=status)
    answer = webhook(web, client).send(MESSAGE)
    assert (answer.ok, answer.final, answer.detail) == (False, final, f"HTTP {status}")


def test_retry_after_is_passed_on(web: Web, client: GuardedHttpClient) -> None:
    web.page("/hook", b"", status=429, Retry_After="120")
    assert webhook(web, client).send(MESSAGE).retry_after_s == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("Sat, 01 Mar 2031 08:02:00 GMT", 120.0), ("soon", None), ("", None), ("-5", None)],
)
def test_retry_after_may_be_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, MESSAGE.created) == seconds


def test_a_redirect_is_not_followed(web: Web, client: GuardedHttpClient) -> None:
    web.page("/elsewhere", b"")
    web.redirect("/hook", web.url("/elsewhere"), status=307)
    answer = webhook(web, client).send(MESSAGE)
    assert (answer.ok, answer.final) == (False, False)
    assert web.asked("/elsewhere") == 0


def test_a_receiver_that_hangs_is_left_at_the_deadline(
    web: Web, client: GuardedHttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.adapters.channels_webhook.DEADLINE_S", 0.5)

    given_up = threading.Event()

    def hang(handler: Handler) -> None:
        assert given_up.wait(60)
        handler.answer()

    web.routes["/hook"] = hang
    answer = webhook(web, client).send(MESSAGE)
    given_up.set()
    assert (answer.ok, answer.final) == (False, False)


def test_a_receiver_that_is_down_is_no_exception(
    web: Web, client: GuardedHttpClient, mail_server: tuple[Mailbox, int]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        limits = HttpLimits(ports={port}, allow_hosts={"127.0.0.1"})
        down = GuardedHttpClient(agent="test", limits=limits)
        hook = WebhookChannel("hook", f"http://127.0.0.1:{port}/", secret=SECRET, http=down, clock=SystemClock())
        answers = [hook.send(MESSAGE), AppriseChannel("json", f"json://127.0.0.1:{port}/").send(MESSAGE)]
        down.close()
    assert [(answer.ok, answer.final) for answer in answers] == [(False, False), (False, False)]
    assert all(answer.detail for answer in answers)


def test_a_webhook_to_a_private_address_is_refused(web: Web) -> None:
    guarded = GuardedHttpClient(agent="test", limits=HttpLimits(ports={web.port}))
    answer = webhook(web, guarded).send(MESSAGE)
    guarded.close()
    assert not answer.ok
    assert answer.detail.startswith("address_refused")
    assert web.server.connections == 0


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "alerts").mkdir()
    answer = FileChannel("file", tmp_path / "alerts").send(MESSAGE)
    assert (answer.ok, answer.detail) == (False, f"{tmp_path / 'alerts'}: Is a directory")


def test_bad_configuration_is_named_without_its_secret(web: Web, client: GuardedHttpClient) -> None:
    with pytest.raises(ConfigurationError, match="Apprise does not understand the address") as caught:
        AppriseChannel("team", "nosuch://hunter2@kell.example")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="signing key is not base64"):
        WebhookChannel("hook", "https://kell.example", secret="whsec_!", http=client, clock=SystemClock())
