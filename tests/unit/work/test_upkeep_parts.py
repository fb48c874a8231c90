"""The chores that could outgrow a task: they are done a part at a time, and every part has its turn."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_fingerprints import FakeFingerprints
from fakes_work import FakeLeases

from worker.adapters.blobs import blob_store
from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.ports import SWEEP_PARTS, Kind, Write
from worker.work.upkeep_buckets import Filler, fill_buckets
from worker.work.upkeep_retention import age_out, sweep

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
TEMPLATES = read_templates(Path(__file__).parents[3] / "config" / "elasticsearch")


class HandClock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


class SlowFingerprints(FakeFingerprints):
    """Each entry takes some seconds."""

    def __init__(self, clock: HandClock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def claim(self, *args, **more):
        self._clock.moment += timedelta(seconds=self._seconds)
        return super().claim(*args, **more)


class DyingFingerprints(FakeFingerprints):
    def claim(self, *_args: object, **_kwargs: object):
        raise KeyboardInterrupt


@pytest.fixture
def store(tmp_path):
    made = SqliteStore(tmp_path / "r.sqlite", TEMPLATES)
    made.setup()
    made.write([article(day) for day in range(1, 13)])
    yield made
    made.close()


def article(day: int) -> Write:
    text = " ".join(f"word{day * number}" for number in range(1, 80))
    document = {
        "@timestamp": "2020-01-01T00:00:00+00:00",
        "event": {"ingested": f"2026-03-{day:02d}T12:00:00+00:00"},
        "article": {"id": f"a{day}", "text": text},
        "story": {"id": f"a{day}"},
    }
    return Write(kind=Kind.ARTICLES, id=f"a{day}", document=document)


def fill(store, leases, prints, clock=None) -> int:
    clock = clock or HandClock()
    clock.moment += timedelta(seconds=1)
    return fill_buckets(Filler(store=store, fingerprints=prints, leases=leases, clock=clock, owner="one"))


def test_buckets_are_filled_once(store):
    leases, prints, clock = FakeLeases(), FakeFingerprints(), HandClock()
    assert fill(store, leases, prints, clock) == 12
    assert len(prints.records) == 12
    assert fill(store, leases, prints, clock) == 0


def test_filling_that_takes_long_goes_on_at_the_next_upkeep_oldest_first(store):
    leases, clock = FakeLeases(), HandClock()
    prints = SlowFingerprints(clock, 4)
    assert [fill(store, leases, prints, clock) for _ in range(5)] == [3, 3, 3, 3, 0]
    assert list(prints.records) == [f"a{day}" for day in range(1, 13)]


def test_a_stretch_whose_worker_died_is_entered_by_the_next_one_after_a_minute(store):
    leases, prints, clock = FakeLeases(), FakeFingerprints(), HandClock()
    with pytest.raises(KeyboardInterrupt):
        fill(store, leases, DyingFingerprints(), clock)
    assert fill(store, leases, prints, clock) == 11
    del leases.owners["upkeep:buckets:20260301T12"]  # as Redis does a minute later
    assert fill(store, leases, prints, clock) == 1
    assert list(prints.records)[-1] == "a1"


def test_documents_go_by_age_each_kind_by_its_own(store):
    keep = {Kind.ARTICLES: timedelta(days=10)}
    assert age_out(store, keep, now=NOW) == {Kind.ARTICLES: 4}
    assert age_out(store, keep, now=NOW) == {Kind.ARTICLES: 0}
    assert age_out(store, {}, now=NOW) == {}


def test_in_the_course_of_a_day_every_part_of_the_pages_is_swept(tmp_path):
    blobs = blob_store(str(tmp_path / "blobs"))
    for number in range(500):
        (tmp_path / "blobs" / "captures" / f"{number % SWEEP_PARTS:02x}").mkdir(parents=True, exist_ok=True)
        (tmp_path / "blobs" / "captures" / f"{number % SWEEP_PARTS:02x}" / f"{number}.zst").write_bytes(b"")
    later = datetime.now(UTC) + timedelta(days=200)
    minutes = (later + timedelta(minutes=number) for number in range(SWEEP_PARTS))
    assert sum(sweep(blobs, timedelta(days=180), now=now) for now in minutes) == 500
