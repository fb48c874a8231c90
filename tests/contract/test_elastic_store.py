"""What only Elasticsearch can do to us: refuse, block, be something else; and moving an index under writes."""

import contextlib
import dataclasses
import itertools
import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pytest
import results_corpus
import servers_elastic

from worker.adapters import elastic_migration
from worker.adapters.elastic_link import Access
from worker.adapters.elastic_store import ElasticStore
from worker.adapters.store_templates import read_templates
from worker.errors import DependencyMissing, StoreUnavailable
from worker.index.mapping import read_mapping
from worker.ports import CREATE, Kind, Query, Write, WriteStatus

TEMPLATES = read_templates(Path(__file__).parents[2] / "config" / "elasticsearch")
WRITERS = 2

pytestmark = pytest.mark.elasticsearch


@pytest.fixture
def server(elasticsearch_url) -> str:
    return elasticsearch_url(servers_elastic.DEFAULT_VERSION)


@pytest.fixture
def prefix(server) -> Iterator[str]:
    found = f"test-{uuid4().hex[:12]}"
    yield found
    servers_elastic.remove_indices(server, found)


def put(url: str, path: str, body: dict) -> None:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{url}/{path}", data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - loopback


def state(name: str, n: int, token: str | None = None) -> Write:
    return Write(kind=Kind.STATE, id=name, document={"payload": {"n": n}}, token=token)


def test_before_setup_nothing_is_lost_and_check_says_what_to_do(server, prefix):
    store = ElasticStore(server, TEMPLATES, prefix=prefix)
    assert [result.status for result in store.write([state("a", 1)])] == [WriteStatus.LATER]
    with pytest.raises(StoreUnavailable, match="stancewatch setup"):
        store.search(Query(kind=Kind.STATE, sort=()))
    [fault] = store.check()
    assert fault.endswith("not set up; run `stancewatch setup`")


@pytest.mark.parametrize("block", ["write", "read_only", "read_only_allow_delete"])
def test_a_blocked_index_means_later_and_check_names_it(server, prefix, block):
    store = ElasticStore(server, TEMPLATES, prefix=prefix)
    store.setup()
    put(server, f"{prefix}-state-v1/_settings", {f"index.blocks.{block}": True})
    assert [result.status for result in store.write([state("a", 1), state("b", 1, CREATE)])] == [WriteStatus.LATER] * 2
    [fault] = store.check()
    assert f"{prefix}-state-v1 takes no writes (index.blocks.{block})" in fault
    put(server, f"{prefix}-state-v1/_settings", {f"index.blocks.{block}": None})
    assert [result.status for result in store.write([state("a", 1)])] == [WriteStatus.OK]


def test_other_fields_are_drift_until_setup_moves_the_documents(server, prefix):
    store = ElasticStore(server, TEMPLATES, prefix=prefix)
    store.setup()
    store.write(results_corpus.writes())
    store.refresh()
    newer = ElasticStore(server, with_field("stance", "mood"), prefix=prefix)
    assert newer.check() == ["Elasticsearch: statements as another version made it; run `stancewatch setup`"]
    assert (
        f"index {prefix}-statements-v2: 9 documents moved from {prefix}-statements-v1, {prefix}-statements points to it"
        in newer.setup()
    )
    assert (newer.check(), newer.setup()) == ([], [])
    assert newer.search(Query(kind=Kind.STATEMENTS)).total == 9
    assert newer.search(Query(kind=Kind.STATEMENTS, kql="stance.mood: *")).total == 0


def with_field(group: str, name: str):
    """Return the templates of a later release: statements have one field more."""
    kinds = json.loads(json.dumps(TEMPLATES.kinds))
    mapping = kinds["statements"]["template"]["mappings"]
    mapping["properties"][group]["properties"][name] = {"type": "keyword"}
    read = {kind: read_mapping(kind, kinds[kind]) for kind in Kind}
    return dataclasses.replace(TEMPLATES, kinds=kinds, mappings=read)


class Writer(threading.Thread):
    """Raises a number in each of its documents by compare-and-set until told to stop; keeps what was confirmed."""

    def __init__(self, url: str, prefix: str, number: int) -> None:
        super().__init__()
        self.store = ElasticStore(url, TEMPLATES, prefix=prefix)
        self.names = [f"w{number}-{n}" for n in range(40)]
        self.confirmed = dict.fromkeys(self.names, 0)
        self.deleted: set[str] = set()
        self.stopped = threading.Event()

    def run(self) -> None:
        for turn in itertools.count():
            for name in self.names:
                with contextlib.suppress(StoreUnavailable):  # the ledger would wait and come again
                    self.raise_(name)
            if self.stopped.is_set() and turn > 0:
                return

    def raise_(self, name: str) -> None:
        if name in self.deleted:
            return
        stored = self.store.get(Kind.STATEMENTS, [name]).get(name)
        count = stored.document["stance"]["start"] + 1 if stored else 1
        document = results_corpus.statement(1, start=count)
        [result] = self.store.write(
            [Write(kind=Kind.STATEMENTS, id=name, document=document, token=stored.token if stored else CREATE)]
        )
        if result.status is WriteStatus.OK:
            self.confirmed[name] = count
        if name.endswith("9") and count > 1:
            while (
                self.store.write([Write(kind=Kind.STATEMENTS, id=name, document=None)])[0].status is not WriteStatus.OK
            ):
                pass
            self.deleted.add(name)


def test_what_changes_in_any_shard_while_an_index_is_moved_is_moved_too(server, prefix, monkeypatch):
    put(server, f"_component_template/{prefix}@custom", {"template": {"settings": {"index.number_of_shards": 3}}})
    store = ElasticStore(server, TEMPLATES, prefix=prefix)
    store.setup()
    names = [f"n{n}" for n in range(30)]
    for count in range(20):  # one shard runs far ahead of the others
        store.write([Write(kind=Kind.STATEMENTS, id="n0", document=results_corpus.statement(1, start=count))])
    store.write([Write(kind=Kind.STATEMENTS, id=i, document=results_corpus.statement(1, start=1)) for i in names])
    late = [Write(kind=Kind.STATEMENTS, id=i, document=results_corpus.statement(1, start=2)) for i in names]
    copy = elastic_migration._copy_while_open

    def copy_and_write_on(*given):
        copy(*given)
        assert {result.status for result in store.write(late)} == {WriteStatus.OK}

    monkeypatch.setattr(elastic_migration, "_copy_while_open", copy_and_write_on)
    ElasticStore(server, with_field("stance", "mood"), prefix=prefix).setup()
    stored = store.get(Kind.STATEMENTS, names)
    assert [stored[i].document["stance"]["start"] for i in names] == [2] * 30


@pytest.mark.slow
def test_an_index_is_moved_under_writes_with_nothing_lost_doubled_or_undone(server, prefix):
    store = ElasticStore(server, TEMPLATES, prefix=prefix)
    store.setup()
    many = [
        Write(kind=Kind.STATEMENTS, id=f"old-{n}", document=results_corpus.statement(1, start=n), token=CREATE)
        for n in range(3_000)
    ]
    assert {result.status for result in store.write(many)} == {WriteStatus.OK}
    writers = [Writer(server, prefix, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        changes = ElasticStore(server, with_field("stance", "mood"), prefix=prefix).setup()
    finally:
        for writer in writers:
            writer.stopped.set()
            writer.join(60)
    assert any("statements-v2" in line for line in changes)
    store.refresh()
    confirmed = {name: n for w in writers for name, n in w.confirmed.items() if name not in w.deleted}
    gone = [name for writer in writers for name in writer.deleted]
    assert len(gone) == 8
    stored = store.get(Kind.STATEMENTS, [*confirmed, *gone])
    assert stored.keys() == {name for name, n in confirmed.items() if n} | stored.keys() - set(gone)
    for name, each in stored.items():
        # One more than confirmed: the answer to a write that was carried out can be lost.
        assert each.document["stance"]["start"] - confirmed[name] in {0, 1}
    assert store.search(Query(kind=Kind.STATEMENTS, size=0)).total == 3_000 + len(stored)


def test_a_move_that_fails_leaves_the_old_index_open_and_in_place(server, prefix):
    store = ElasticStore(server, TEMPLATES, prefix=prefix)
    store.setup()
    store.write([Write(kind=Kind.STATEMENTS, id="s1", document=results_corpus.STATEMENTS["s1"])])
    kinds = json.loads(json.dumps(TEMPLATES.kinds))
    del kinds["statements"]["template"]["mappings"]["properties"]["stance"]["properties"]["party"]
    narrower = dataclasses.replace(TEMPLATES, kinds=kinds)
    with pytest.raises(StoreUnavailable, match="s1 does not fit"):
        ElasticStore(server, narrower, prefix=prefix).setup()
    assert store.write([state("a", 1)])[0].status is WriteStatus.OK
    document = {**results_corpus.STATEMENTS["s1"], "topic": "again"}
    assert store.write([Write(kind=Kind.STATEMENTS, id="s1", document=document)])[0].status is WriteStatus.OK


def test_nobody_there_is_one_clear_line():
    url = f"http://127.0.0.1:{servers_elastic.free_port()}"
    store = ElasticStore(url, TEMPLATES, prefix="x")
    assert store.check() == [f"Elasticsearch {url}: cannot be reached; is it running, and is the address right?"]
    [result] = store.write([state("a", 1)])
    assert (result.status, result.reason) == (WriteStatus.LATER, store.check()[0])
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        store.setup()


@pytest.fixture
def impostor() -> Iterator:
    """Return what starts a web server on loopback that gives one fixed answer, and its address."""
    started: list[ThreadingHTTPServer] = []

    def start(status: int, body: dict, **headers: str) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_PUT = do_GET  # noqa: N815 - the names that the base class calls

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


IS_ELASTIC = {"X_Elastic_Product": "Elasticsearch"}


def error(kind: str, reason: str) -> dict:
    return {"error": {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": reason}]}}


@pytest.mark.parametrize(
    ("status", "body", "headers", "line"),
    [
        (200, {"version": {"number": "2.11.0"}}, {}, "is not Elasticsearch"),
        (200, {"version": {"number": "7.17.1"}}, IS_ELASTIC, "7.17.1 is not supported; 8.x and 9.x are"),
        (200, {"version": {"number": "10.0.0"}}, IS_ELASTIC, "10.0.0 is not supported"),
        (401, error("security_exception", "no key"), IS_ELASTIC, "check the API key or user and password"),
        (403, error("security_exception", "may not"), IS_ELASTIC, "our key may not do this (403): may not"),
        (429, error("es_rejected_execution_exception", "busy"), IS_ELASTIC, "too much to do"),
        (
            400,
            error("media_type_header_exception", "Accept version must be 7"),
            IS_ELASTIC,
            "not supported; 8.x and 9.x",
        ),
    ],
)
def test_what_is_wrong_with_a_server_is_one_clear_line(impostor, status, body, headers, line):
    store = ElasticStore(
        impostor(status, body, **headers), TEMPLATES, prefix="x", access=Access(api_key="c2VjcmV0OnNlY3JldA==")
    )
    [fault] = store.check()
    assert line in fault
    assert "\n" not in fault
    with pytest.raises((StoreUnavailable, DependencyMissing), match=line.replace("(", r"\(").replace(")", r"\)")):
        store.setup()


def test_a_wrong_key_makes_writes_wait_and_never_gives_them_up(impostor):
    store = ElasticStore(impostor(401, error("security_exception", "no"), **IS_ELASTIC), TEMPLATES, prefix="x")
    [result] = store.write([state("a", 1)])
    assert result.status is WriteStatus.LATER


def test_secrets_are_not_in_what_is_printed():
    assert repr(Access(api_key="hidden", password="hidden", user=None)) == "Access(api key)"
