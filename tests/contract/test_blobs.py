"""What every blob store promises."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest

from worker.adapters.blobs import FolderBlobStore, blob_store
from worker.errors import StoreUnavailable
from worker.model import Capture, FeedEntry
from worker.ports import SWEEP_PARTS

NOW = datetime(2031, 5, 4, 12, tzinfo=UTC)
LATER = datetime.now(UTC) + timedelta(days=2)
HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture(params=["folder", "file-url", "fsspec"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FolderBlobStore]:
    urls = {"folder": str(tmp_path), "file-url": f"file://{tmp_path}", "fsspec": f"memory://{uuid4().hex}/blobs"}
    yield blob_store(urls[request.param])
    fsspec.filesystem("memory").store.clear()


def capture(item: str = "i1", body_hash: str = HELLO, origin: str = "feed") -> Capture:
    entry = FeedEntry(
        identity="tag:1",
        url="https://news.example/a",
        title="Ministers “meet”",
        published=NOW - timedelta(hours=1),
        authors=("Anna Bell",),
        given={"title": "T", "n": 1},
    )
    return Capture(
        item_id=item,
        feed_id="f",
        entry=entry,
        chain=("https://news.example/r", "https://news.example/a"),
        status=200,
        headers={"content-type": "text/html"},
        fetched_at=NOW,
        body_hash=body_hash,
        topics=("t",),
        origin=origin,
    )


def swept(store: FolderBlobStore, before: datetime) -> int:
    return sum(store.sweep(part, before=before) for part in range(SWEEP_PARTS))


def test_a_body_comes_back_under_the_hash_of_its_bytes(store: FolderBlobStore) -> None:
    assert store.put_body(b"hello") == HELLO
    assert store.get_body(HELLO) == b"hello"


@pytest.mark.parametrize("body", [b"", bytes(range(256)) * 40_000])
def test_any_body_can_be_stored(store: FolderBlobStore, body: bytes) -> None:
    assert store.get_body(store.put_body(body)) == body


def test_a_body_that_is_not_there_is_none(store: FolderBlobStore) -> None:
    assert store.get_body(HELLO) is None


def test_the_same_body_twice_is_one(store: FolderBlobStore) -> None:
    store.put_body(b"hello")
    store.put_body(b"hello")
    assert swept(store, LATER) == 1


def test_a_capture_comes_back_whole(store: FolderBlobStore) -> None:
    assert store.get_capture(store.put_capture(capture())) == capture()


def test_a_capture_that_is_not_there_is_none(store: FolderBlobStore) -> None:
    assert store.get_capture("0" * 32) is None


def test_the_same_item_and_body_are_the_same_capture(store: FolderBlobStore) -> None:
    first = store.put_capture(capture())
    assert store.put_capture(capture()) == first
    assert store.put_capture(capture(item="i2")) != first
    assert store.put_capture(capture(body_hash="0" * 64)) != first


def test_every_capture_is_listed(store: FolderBlobStore) -> None:
    for item in ("i1", "i2", "i3"):
        store.put_capture(capture(item))
    assert sorted(found.item_id for found in store.captures()) == ["i1", "i2", "i3"]


def test_an_empty_store_lists_nothing(store: FolderBlobStore) -> None:
    assert list(store.captures()) == []
    assert swept(store, LATER) == 0


def test_a_sweep_takes_captures_and_bodies_that_are_too_old(store: FolderBlobStore) -> None:
    gone = store.put_capture(capture("gone", store.put_body(b"alone")))
    store.put_body(b"nobody names it")
    assert swept(store, LATER) == 3
    assert store.get_capture(gone) is None
    assert list(store.captures()) == []


def test_a_sweep_takes_one_part_of_the_names_at_a_time(store: FolderBlobStore) -> None:
    store.put_body(b"hello")
    assert store.sweep(0x2D, before=LATER) == 0
    assert store.sweep(0x2C, before=LATER) == 1


def test_a_sweep_leaves_what_was_written_since(store: FolderBlobStore) -> None:
    store.put_capture(capture("i1", store.put_body(b"hello")))
    assert swept(store, datetime.now(UTC) - timedelta(minutes=1)) == 0


def test_a_body_outlives_its_capture_by_a_day(store: FolderBlobStore) -> None:
    store.put_capture(capture("i1", store.put_body(b"hello")))
    assert swept(store, datetime.now(UTC) + timedelta(hours=1)) == 1
    assert store.get_body(HELLO) == b"hello"


def test_a_body_is_as_young_as_the_last_capture_that_names_it(tmp_path: Path) -> None:
    store = blob_store(str(tmp_path))
    store.put_body(b"hello")
    (file,) = tmp_path.glob("bodies/*/*")
    os.utime(file, (0, 0))
    store.put_capture(capture("i1", HELLO))
    assert swept(store, datetime.now(UTC) - timedelta(minutes=1)) == 0


def test_a_body_that_was_read_can_be_dropped_twice(store: FolderBlobStore) -> None:
    store.put_body(b"hello")
    store.drop_body(HELLO)
    store.drop_body(HELLO)
    assert store.get_body(HELLO) is None


def test_a_damaged_body_counts_as_gone(tmp_path: Path) -> None:
    store = blob_store(str(tmp_path))
    store.put_body(b"hello")
    (file,) = tmp_path.glob("bodies/*/*")
    file.write_bytes(b"rubbish")
    assert store.get_body(HELLO) is None


def test_an_old_body_that_comes_again_is_young(tmp_path: Path) -> None:
    store = blob_store(str(tmp_path))
    store.put_body(b"hello")
    (file,) = tmp_path.glob("bodies/*/*")
    os.utime(file, (0, 0))
    store.put_body(b"hello")
    assert swept(store, datetime.now(UTC)) == 0


def test_what_a_crash_left_half_written_is_no_blob_and_goes(tmp_path: Path) -> None:
    store = blob_store(str(tmp_path))
    store.put_capture(capture())
    (file,) = tmp_path.glob("captures/*/*")
    half = file.with_name(".half.1.1")
    half.write_bytes(b"x")
    os.utime(half, (0, 0))
    assert len(list(store.captures())) == 1
    assert not half.exists()


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "bodies").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable, match="blob store"):
        blob_store(str(tmp_path)).put_body(b"hello")


def test_erasing_takes_captures_and_bodies_at_once_but_no_body_that_another_capture_names(
    store: FolderBlobStore,
) -> None:
    mine, shared = store.put_body(b"mine"), store.put_body(b"hello")
    ids = [store.put_capture(capture("i1", mine)), store.put_capture(capture("i1", shared))]
    other = store.put_capture(capture("i2", shared))
    assert store.erase(lambda one: one.item_id == "i1") == 3
    assert [store.get_capture(one) for one in ids] == [None, None]
    assert store.get_body(mine) is None
    assert store.get_body(shared) == b"hello"
    assert store.get_capture(other) is not None
    assert store.erase(lambda one: one.item_id == "i1") == 0
