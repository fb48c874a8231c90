"""Web archives, sitemaps and feeds as sources of ``ingest``."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from fakes_work import FakeLedger
from feed_samples import TALKS, news_sitemap, rss
from web_server import serving

from worker.adapters.blobs import blob_store
from worker.adapters.document_files import count_documents, read_documents
from worker.adapters.documents import FileDocument, Unreadable
from worker.adapters.http_client import GuardedHttpClient, HttpLimits
from worker.errors import HostUnavailable
from worker.ledger import Claim, Stage
from worker.outcomes import Outcome
from worker.work.ingest import Ingestor, take_documents, take_entries
from worker.work.list_pages import listing_of, pages_from

NOW = datetime(2031, 5, 5, tzinfo=UTC)
PAGE = b"<html><body><p>Norland's minister asked for talks.</p></body></html>"
SITEMAP_OF_SITEMAPS = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>{base}/may.xml.gz</loc><lastmod>2031-05-04</lastmod></sitemap>
<sitemap><loc>{base}/broken.xml</loc></sitemap>
<sitemap><loc>{base}/old.xml</loc><lastmod>2019-01-01</lastmod></sitemap></sitemapindex>"""


class Clock:
    def now(self):
        return NOW


class Rung:
    def __init__(self):
        self.rings = []

    def ring(self, task, ids):
        self.rings.append((task, list(ids)))


@pytest.fixture
def ports(tmp_path):
    blobs = blob_store(str(tmp_path / "blobs"))
    return Ingestor(ledger=FakeLedger(), blobs=blobs, bell=Rung(), clock=Clock(), topics=("norland",))


def warc(path: Path, *records) -> Path:
    """Write a WARC of (url, status, content type, body), packed record by record if the name says so."""
    pack = gzip.compress if path.suffix == ".gz" else bytes
    path.write_bytes(b"".join(pack(_record(*record)) for record in records))
    return path


def _record(url: str, status: str, kind: str, body: bytes) -> bytes:
    answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2030-01-02T03:04:05Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{url}>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def test_the_pages_of_a_web_archive_are_documents_and_all_else_is_passed_over(tmp_path):
    path = warc(
        tmp_path / "crawl.warc.gz",
        ("https://news.example/talks", "200 OK", "text/html; charset=utf-8", PAGE),
        ("https://news.example/gone", "404 Not Found", "text/html", b"no"),
        ("https://news.example/logo.png", "200 OK", "image/png", b"png"),
    )
    (found,) = read_documents(path)
    assert found == FileDocument(
        url="https://news.example/talks",
        body=PAGE,
        content_type="text/html; charset=utf-8",
        fetched="2030-01-02T03:04:05Z",
    )
    assert count_documents(tmp_path) is None


def test_a_broken_archive_gives_what_stands_before_the_break_and_says_so(tmp_path):
    path = warc(
        tmp_path / "crawl.warc",
        *((f"https://news.example/{n}", "200 OK", "text/html", PAGE) for n in range(3)),
    )
    path.write_bytes(path.read_bytes()[:-20])
    found = list(read_documents(path))
    assert [one.url for one in found[:2]] == ["https://news.example/0", "https://news.example/1"]
    assert found[2:] == [Unreadable("https://news.example/2", "cut short")]


def test_a_file_that_is_no_archive_is_unreadable(tmp_path):
    (tmp_path / "x.warc").write_bytes(b"hello\nworld\n")
    (found,) = read_documents(tmp_path)
    assert isinstance(found, Unreadable)


def test_a_page_too_large_is_named_and_not_read_to_its_end(tmp_path):
    path = warc(tmp_path / "a.warc.gz", ("https://news.example/big", "200 OK", "text/html", b" " * 10_000_001))
    assert list(read_documents(path)) == [Unreadable("https://news.example/big", "more than 10000000 bytes")]


def test_an_archived_page_counts_as_fetched_when_the_archive_fetched_it(ports, tmp_path):
    path = warc(tmp_path / "a.warc", ("https://news.example/talks", "200 OK", "text/html", PAGE))
    (item,) = take_documents(read_documents(path), ports)
    capture = ports.blobs.get_capture(ports.ledger.get(item).capture_id)
    assert capture.fetched_at == datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_second_run_passes_over_what_has_ended_and_takes_up_the_rest(ports, tmp_path):
    path = warc(
        tmp_path / "a.warc",
        *((f"https://news.example/{n}", "200 OK", "text/html", PAGE) for n in range(2)),
    )
    first, second = take_documents(read_documents(path), ports)
    claim = ports.ledger.claim(first, Stage.FETCHED, owner="w", now=NOW, risky=True)
    assert isinstance(claim, Claim)
    ports.ledger.settle(claim, Outcome.INDEXED, now=NOW)
    before = len(list(ports.blobs.captures()))
    assert take_documents(read_documents(path), ports) == [first, second]
    assert ports.ledger.get(first).outcome is Outcome.INDEXED
    assert ports.ledger.get(second).stage is Stage.FETCHED
    assert len(list(ports.blobs.captures())) == before


@pytest.fixture
def web():
    with serving() as server:
        yield server


@pytest.fixture
def http():
    client = GuardedHttpClient(agent="Stancewatch/1.0", limits=HttpLimits(allow_hosts=frozenset({"127.0.0.1"})))
    yield client
    client.close()


def test_a_list_of_sitemaps_is_followed_and_what_cannot_be_read_is_passed_over(web, http):
    web.page("/sitemap.xml", SITEMAP_OF_SITEMAPS.format(base=web.url("")).encode())
    web.page("/may.xml.gz", gzip.compress(news_sitemap([TALKS])))
    web.page("/broken.xml", b"no", status=500)
    pauses = []
    found = pages_from(
        web.url("/sitemap.xml"), http, Clock(), since=datetime(2031, 1, 1, tzinfo=UTC), pause=lambda: pauses.append(1)
    )
    assert [entry.url for entries in found for entry in entries] == ["https://news.example/talks"]
    assert web.asked("/old.xml") == 0
    assert len(pauses) == 2


def test_sitemaps_that_name_each_other_come_to_an_end(web, http):
    web.page("/a.xml", SITEMAP_OF_SITEMAPS.format(base=web.url("")).replace("may.xml.gz", "a.xml").encode())
    web.page("/broken.xml", b"x")
    web.page("/old.xml", b"x")
    assert list(pages_from(web.url("/a.xml"), http, Clock())) == [[], [], []]


def test_a_first_document_that_cannot_be_had_is_an_error(http):
    with pytest.raises(HostUnavailable):
        list(pages_from("http://127.0.0.1:9/sitemap.xml", http, Clock()))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"\x1f\x8b\x08rubbish", "cannot be unpacked"),
        (b"<html><body>Welcome</body></html>", "a web page"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]><urlset><url><loc>https://n.example/a</loc></url></urlset>', ""),
    ],
)
def test_what_names_no_pages_says_why(body, fault):
    found = listing_of(body, url="https://n.example/x.xml", now=NOW)
    assert found.entries == ()
    assert fault in found.fault
    assert found.fault


def test_pages_dated_before_since_are_left_out():
    since = datetime(2031, 5, 4, 10, tzinfo=UTC)
    assert listing_of(news_sitemap([TALKS]), url="https://n.example/x.xml", now=NOW, since=since).entries == ()


def test_a_feed_is_as_good_as_a_sitemap(ports):
    found = listing_of(rss(TALKS), url="https://n.example/feed.xml", now=NOW)
    (item,) = take_entries(found.entries, ports)
    record = ports.ledger.get(item)
    assert (record.entry.title, record.stage, record.origin) == ("Norland asks for talks", Stage.QUEUED, "ingest")


def damaged(whole: bytes, dice: Random) -> bytes:
    broken = bytearray(whole)
    for _ in range(dice.randint(0, 8)):
        broken[dice.randrange(len(broken))] = dice.randrange(256)
    return bytes(broken)


def test_no_damage_to_a_sitemap_is_more_than_a_fault_with_a_reason():
    dice, whole = Random(7), SITEMAP_OF_SITEMAPS.format(base="https://n.example").encode()
    for sample in (whole, news_sitemap([TALKS]), gzip.compress(whole)):
        for _ in range(200):
            found = listing_of(damaged(sample, dice), url="https://n.example/x.xml", now=NOW)
            assert not (found.fault and (found.entries or found.sitemaps))


def test_no_damage_to_an_archive_is_more_than_an_unreadable_record(tmp_path):
    dice, pages = Random(7), [(f"https://news.example/{n}", "200 OK", "text/html", PAGE) for n in range(3)]
    for path in (tmp_path / "a.warc", tmp_path / "a.warc.gz"):
        whole = warc(path, *pages).read_bytes()
        for _ in range(150):
            path.write_bytes(damaged(whole, dice))
            assert all(isinstance(one, FileDocument | Unreadable) for one in read_documents(path))
