"""Documents from disk on their way into the one path of all articles."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes_work import FakeLedger

from worker.adapters.blobs import blob_store
from worker.adapters.document_files import count_documents, read_documents
from worker.adapters.documents import FileDocument, Unreadable
from worker.errors import ConfigurationError
from worker.ledger import Claim, Stage
from worker.outcomes import Outcome
from worker.work.ingest import (
    Ingestor,
    Waiting,
    look,
    ring_again,
    stage_in,
    take_captures,
    take_documents,
    take_pages,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PAGE = b'<html><head><link rel="canonical" href="https://herald.example/a"></head><body><p>Text.</p></body></html>'


class Clock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Rung:
    rings: list[tuple[str, list[str]]] = field(default_factory=list)

    def ring(self, task: str, ids: Sequence[str]) -> None:
        self.rings.append((task, list(ids)))


@pytest.fixture
def ports(tmp_path: Path) -> Ingestor:
    blobs = blob_store(str(tmp_path / "blobs"))
    return Ingestor(ledger=FakeLedger(), blobs=blobs, bell=Rung(), clock=Clock(), topics=("borduria",))


def test_a_page_is_known_by_the_address_it_gives_itself(tmp_path: Path) -> None:
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(PAGE))
    (found,) = read_documents(tmp_path)
    assert isinstance(found, FileDocument)
    assert (found.url, found.body, found.content_type) == ("https://herald.example/a", PAGE, "text/html")


@pytest.mark.parametrize(
    "head",
    [
        b'<link href="https://herald.example/a" rel="canonical">',
        b"<link rel=canonical href=https://herald.example/a >",
        b'<meta property="og:url" content="https://herald.example/a">',
    ],
)
def test_the_address_is_found_however_it_is_written(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.html").write_bytes(b"<html><head>" + head + b"</head></html>")
    (found,) = read_documents(tmp_path)
    assert isinstance(found, FileDocument)
    assert found.url == "https://herald.example/a"


def test_a_page_without_address_gets_one_that_its_bytes_decide(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"<p>one</p>")
    (tmp_path / "b.html").write_bytes(b"<p>one</p>")
    first, second = read_documents(tmp_path)
    assert isinstance(first, FileDocument)
    assert isinstance(second, FileDocument)
    assert first.url == second.url
    assert first.url.startswith("https://ingested.invalid/")


def test_json_lines_are_whole_articles_and_a_bad_line_costs_only_itself(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "seed-1", "title": "T", "text": "Body.", "published": "2026-03-01", "statements": []}),
        "{not json",
        json.dumps({"title": "no text"}),
        "",
        json.dumps({"url": "https://herald.example/b", "text": "Body."}),
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(lines))
    first, second, third, fourth = read_documents(path)
    assert isinstance(first, FileDocument)
    assert (first.url, first.given) == (
        "https://ingested.invalid/seed-1",
        {"title": "T", "text": "Body.", "published": "2026-03-01"},
    )
    assert isinstance(second, Unreadable)
    assert second.name == "gold.jsonl:2"
    assert third == Unreadable("gold.jsonl:3", "must be an object with at least `text`")
    assert isinstance(fourth, FileDocument)
    assert fourth.url == "https://herald.example/b"
    assert count_documents(path) == 4


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.html.gz").write_bytes(b"not gzip at all")
    (tmp_path / "b.html").write_bytes(b"x" * 10_000_001)
    (tmp_path / "c.txt").write_text("A text.")
    (tmp_path / "d.jpg").write_bytes(b"\xff\xd8")
    first, second, third = read_documents(tmp_path)
    assert isinstance(first, Unreadable)
    assert second == Unreadable("b.html", "more than 10000000 bytes")
    assert isinstance(third, FileDocument)
    assert (third.title, third.content_type) == ("c", "text/plain; charset=utf-8")


def test_a_compressed_bomb_is_not_inflated(tmp_path: Path) -> None:
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(b"\0" * 200_000_000, compresslevel=9))
    assert list(read_documents(tmp_path)) == [Unreadable("a.html.gz", "more than 10000000 bytes")]


def test_a_folder_with_nothing_in_it_says_what_it_takes(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no page, text, JSON lines or archive"):
        list(read_documents(tmp_path))


def test_documents_are_kept_entered_and_rung(ports: Ingestor, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    documents = [one for one in read_documents(tmp_path / "a.html") if isinstance(one, FileDocument)]
    (item,) = take_documents(documents, ports)
    record = ports.ledger.get(item)
    assert record is not None
    assert (record.stage, record.origin, record.topics) == (Stage.FETCHED, "ingest", ("borduria",))
    assert record.capture_id is not None
    capture = ports.blobs.get_capture(record.capture_id)
    assert capture is not None
    assert ports.blobs.get_body(capture.body_hash) == PAGE
    assert ports.bell.rings == [("items.process", [item])]  # type: ignore[attr-defined]


def test_taking_in_the_same_again_rings_nothing(ports: Ingestor, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    documents = [one for one in read_documents(tmp_path / "a.html") if isinstance(one, FileDocument)]
    assert take_documents(documents, ports) == take_documents(documents, ports)
    assert len(ports.bell.rings) == 1  # type: ignore[attr-defined]


def test_an_address_waits_to_be_fetched(ports: Ingestor) -> None:
    (item,) = take_pages(["https://herald.example/a?utm_source=x"], ports)
    assert stage_in(ports.ledger, item) is Stage.QUEUED
    assert ports.bell.rings == [("items.fetch", [item])]  # type: ignore[attr-defined]


def test_looking_counts_each_end_once(ports: Ingestor) -> None:
    first, second = take_pages(["https://herald.example/a", "https://herald.example/b"], ports)
    waiting = Waiting(item_ids={first, second})
    assert look(waiting, ports) == 0
    claim = ports.ledger.claim(first, Stage.QUEUED, owner="w", now=NOW, risky=False)
    assert isinstance(claim, Claim)
    ports.ledger.settle(claim, Outcome.NOT_FOUND, now=NOW)
    assert look(waiting, ports) == 1
    assert look(waiting, ports) == 0
    assert (waiting.item_ids, dict(waiting.outcomes)) == ({second}, {"not_found": 1})


def test_what_waits_is_rung_again_by_its_stage(ports: Ingestor) -> None:
    (item,) = take_pages(["https://herald.example/a"], ports)
    ring_again([item, "unknown"], ports, stage_of=lambda one: stage_in(ports.ledger, one))
    assert ports.bell.rings[-1] == ("items.fetch", [item])  # type: ignore[attr-defined]


def test_each_replay_is_work_of_its_own_over_the_same_captures(ports: Ingestor, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    documents = [one for one in read_documents(tmp_path / "a.html") if isinstance(one, FileDocument)]
    (first,) = take_documents(documents, ports)
    (again,) = take_captures(ports.blobs.captures(), ports, run="2026-03-10")
    (later,) = take_captures(ports.blobs.captures(), ports, run="2026-03-11")
    assert len({first, again, later}) == 3
    records = [ports.ledger.get(one) for one in (first, again, later)]
    assert len({record.capture_id for record in records if record}) == 1
    assert {record.stage for record in records if record} == {Stage.FETCHED}
