"""``setup --kibana`` against a stand-in that answers as Kibana's import does; no real Kibana is started here."""

import base64
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import pytest
import servers_elastic
from web_server import Handler, Web, serving

from worker.adapters.elastic_link import Access
from worker.adapters.kibana import import_objects
from worker.cli.main import main
from worker.errors import ConfigurationError, DependencyMissing, StancewatchError, StoreUnavailable

ROOT = Path(__file__).parents[2]
IMPORT = "/api/saved_objects/_import"
OBJECTS = '{"type": "dashboard", "id": "d1", "attributes": {"title": "Lage: Ґданськ"}}\n'
NOBODY = Access()


@pytest.fixture
def kibana() -> Iterator[Web]:
    with serving() as server:
        answers(server, {"success": True, "successCount": 1, "errors": []})
        yield server


def answers(server: Web, body: object, *, status: int = 200, path: str = IMPORT) -> None:
    server.page(path, json.dumps(body).encode(), status=status, content_type="application/json")


def uploaded(server: Web) -> Message:
    """Return the one part of the form that was posted last."""
    head = f"Content-Type: {server.server.seen[-1][2]['content-type']}\r\n\r\n".encode()
    (part,) = BytesParser().parsebytes(head + server.server.bodies[-1]).get_payload()
    return part


def refused(server: Web, kind: type[StancewatchError] = DependencyMissing) -> str:
    """Return the one line that an import ends with, without the address it begins with."""
    with pytest.raises(kind) as error:
        import_objects(server.url(""), OBJECTS, access=NOBODY)
    address, _, line = str(error.value).partition(": ")
    assert address == f"Kibana {server.url('')}"
    assert "\n" not in line
    return line


def test_the_file_is_posted_as_a_form_over_what_is_there(kibana: Web) -> None:
    assert import_objects(kibana.url("/"), OBJECTS, access=NOBODY) == 1
    method, path, headers = kibana.server.seen[-1]
    assert (method, path) == ("POST", f"{IMPORT}?overwrite=true")
    assert headers["kbn-xsrf"] == "stancewatch"
    assert "authorization" not in headers
    part = uploaded(kibana)
    assert (part.get_param("name", header="content-disposition"), part.get_filename()) == ("file", "stancewatch.ndjson")
    assert part.get_payload(decode=True).decode() == OBJECTS


def test_a_space_in_the_address_is_kept(kibana: Web) -> None:
    answers(kibana, {"success": True, "successCount": 1}, path=f"/s/desk{IMPORT}")
    assert import_objects(kibana.url("/s/desk"), OBJECTS, access=NOBODY) == 1


@pytest.mark.parametrize(
    ("access", "header"),
    [
        (Access(api_key="a2V5"), "ApiKey a2V5"),
        (Access(user="lena", password="pä:ss"), "Basic " + base64.b64encode("lena:pä:ss".encode()).decode()),
    ],
)
def test_kibana_is_told_who_we_are_as_elasticsearch_is(kibana: Web, access: Access, header: str) -> None:
    import_objects(kibana.url(""), OBJECTS, access=access)
    assert kibana.server.seen[-1][2]["authorization"] == header


@pytest.mark.parametrize(
    ("status", "body", "line"),
    [
        (401, {"statusCode": 401}, "it does not know us; check the API key or user and password (401)"),
        (403, {"statusCode": 403}, "our key may not manage saved objects there (403)"),
        (404, {"statusCode": 404}, "no Kibana at this address (404); a space goes behind the host as /s/SPACE"),
        (413, {"statusCode": 413}, "the file is larger than its server.maxPayload or a proxy allows (413)"),
        (
            422,
            {"statusCode": 422, "message": "Document d1 belongs to a more recent\nversion of Kibana"},
            "Document d1 belongs to a more recent version of Kibana (422)",
        ),
        (
            200,
            {
                "success": False,
                "successCount": 0,
                "errors": [{"type": "dashboard", "id": "d1", "error": {"type": "missing_references"}}],
            },
            "objects not taken: 1; the first: dashboard d1: missing_references",
        ),
        (200, {"success": False, "errors": ["?"]}, "objects not taken: 1; the first: object : None"),
        (200, ["not", "Kibana"], "the server is not Kibana: it answered 200 with something else"),
    ],
)
def test_what_kibana_refuses_is_one_clear_line(kibana: Web, status: int, body: object, line: str) -> None:
    answers(kibana, body, status=status)
    assert refused(kibana) == line


def test_another_server_is_told_from_kibana(kibana: Web) -> None:
    kibana.page(IMPORT, b"<html>Welcome</html>")
    assert refused(kibana) == "the server is not Kibana: it answered 200 with something else"


def test_a_redirect_is_not_followed_and_leads_no_key_astray(kibana: Web) -> None:
    kibana.redirect(IMPORT, "https://kibana.example/login")
    assert refused(kibana) == "it sends us on to https://kibana.example/login; give the address it answers at"


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_kibana_that_is_starting_is_worth_another_try(kibana: Web, status: int) -> None:
    kibana.page(IMPORT, b"Kibana server is not ready yet", status=status)
    assert refused(kibana, StoreUnavailable) == f"it is not ready ({status}); try again in a minute"


def test_a_connection_that_breaks_off_is_one_line(kibana: Web) -> None:
    def hang_up(handler: Handler) -> None:
        handler.close_connection = True

    kibana.routes[IMPORT] = hang_up
    assert refused(kibana, StoreUnavailable) == "cannot be reached; is it running, and is the address right?"


def test_nobody_listening_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        import_objects(f"http://127.0.0.1:{port}", OBJECTS, access=NOBODY)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:5601",
        "ftp://kibana",
        "http://",
        "http://kibana:port",
        "http://kibana:0",
        "http://[::1",
        "http://k?a=1",
        "http://k b",
        "http://кібана",
    ],
)
def test_an_address_that_is_none_is_said_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ConfigurationError, match="give an address such as"):
        import_objects(url, OBJECTS, access=NOBODY)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as error:
        import_objects("http://lena:geheim@kibana:5601", OBJECTS, access=NOBODY)
    assert str(error.value) == ("--kibana: no user in the address; set elasticsearch_user or elasticsearch_api_key")


def test_an_authority_file_that_is_none_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "ca.pem"
    bad.write_text("no certificate")
    with pytest.raises(ConfigurationError, match=r"ca\.pem cannot be read as PEM"):
        import_objects("https://127.0.0.1:1", OBJECTS, access=Access(ca_file=bad))


@pytest.fixture
def config(tmp_path: Path, redis_url: str, redis_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a configuration beside the objects, as in a checkout or the image."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "ops" / "kibana", tmp_path / "ops" / "kibana")
    monkeypatch.setenv("STANCEWATCH_REDIS_URL", redis_url)
    monkeypatch.setenv("STANCEWATCH_REDIS_PREFIX", redis_prefix)
    return tmp_path / "config"


@pytest.fixture
def setup(config: Path, kibana: Web, capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[int, str, str]]:
    """Return what runs ``setup --kibana``: (code, stdout, stderr)."""

    def typed() -> tuple[int, str, str]:
        code = main(["--config", str(config), "setup", "--kibana", kibana.url("")])
        return code, *capsys.readouterr()

    return typed


@pytest.mark.elasticsearch
def test_setup_makes_the_indices_and_then_the_desk(
    setup: Callable[[], tuple[int, str, str]],
    kibana: Web,
    elasticsearch_url: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    redis_prefix: str,
) -> None:
    prefix = f"desk-{redis_prefix}"
    monkeypatch.setenv("STANCEWATCH_ELASTICSEARCH_URL", elasticsearch_url(servers_elastic.DEFAULT_VERSION))
    monkeypatch.setenv("STANCEWATCH_INDEX_PREFIX", prefix)
    code, out, _ = setup()
    assert code == 0
    assert out.splitlines()[-2:] == [
        "the store is ready",
        f"the desk is in Kibana, {kibana.url('')}: 1 data views, searches and dashboards",
    ]
    assert f'"title": "{prefix}-statements"' in uploaded(kibana).get_payload(decode=True).decode()


def test_without_elasticsearch_there_is_nothing_to_show(setup: Callable[[], tuple[int, str, str]], kibana: Web) -> None:
    assert setup() == (2, "", "--kibana: Kibana shows what is in Elasticsearch; set elasticsearch_url\n")
    assert kibana.server.seen == []


def test_a_missing_file_is_said_before_the_store_is_touched(
    setup: Callable[[], tuple[int, str, str]], config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCEWATCH_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    path = config.parent / "ops" / "kibana" / "stancewatch.ndjson"
    path.unlink()
    assert setup() == (3, "", f"--kibana: {path} cannot be read (No such file or directory)\n")
