"""Real workers, beat, server and supervisor around trivial work: kills lose nothing, poison stays alone."""

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import RunningService, wait_for

from worker.adapters.embedded_server import answers, server_url
from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.ledger import NewItem
from worker.model import FeedEntry

pytestmark = [pytest.mark.redis, pytest.mark.slow]
HERE = Path(__file__).parent
FETCH, PROCESS, SERVER = "--queues fetch", "--queues process", "valkey-server"


class Trivial(RunningService):
    """The trivial service over a folder, and the questions that tests ask of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            [sys.executable, str(HERE / "trivial_service.py")],
            env={"TRIVIAL_FOLDER": str(folder), "PYTHONWARNINGS": "ignore"},
            log=folder / "log",
        )
        self.folder = folder
        self.url = server_url(folder / "redis")
        self._link = RedisLink(self.url, "trivial", timeout_s=2)
        self._ledger = RedisLedger(self._link)

    def start(self) -> None:
        super().start()
        wait_for(lambda: answers(self.url), within_s=60, what="the server answers")

    def add(self, *item_ids: str) -> None:
        items = [
            NewItem(
                item_id=item_id,
                feed_id="wire",
                entry=FeedEntry(identity=item_id, url=f"https://wire.example/{item_id}"),
                entry_hash="v1",
                topics=(),
            )
            for item_id in item_ids
        ]
        self._ledger.add(items, now=datetime.now(UTC))

    def count(self, what: str) -> int:
        return dict(self._ledger.counts()).get(what, 0) if answers(self.url) else -1

    def effects(self) -> set[str]:
        return {path.name for path in (self.folder / "effects").iterdir()}

    def runs(self, item_id: str) -> int:
        path = self.folder / "runs" / item_id
        return len(path.read_text().splitlines()) if path.exists() else 0

    def parked(self) -> dict[str, str]:
        return {record.item_id: record.reason for record in self._ledger.parked()}

    def end(self) -> None:
        self._link.close()
        super().end()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Trivial]:
    service = Trivial(tmp_path)
    service.start()
    yield service
    service.end()


def test_whatever_is_killed_every_item_is_done_and_counted_once(service: Trivial) -> None:
    items = [f"item{number}" for number in range(400)]
    service.add(*items)

    for number, part in enumerate([PROCESS, SERVER, FETCH, "beat"]):
        wait_for(lambda least=20 * (number + 1): service.count("settled") >= least, within_s=60, what="work goes on")
        victim = service.part(part)
        assert victim, part
        victim.kill()
    for child in service.pool(PROCESS):
        child.kill()
    wait_for(lambda: service.count("settled") >= 150, within_s=60, what="work goes on after the children died")
    service.kill_group()
    service.start()

    wait_for(lambda: service.count("settled") == 400, within_s=90, what="all items are settled")
    assert service.effects() == set(items)
    assert service.count("outcome:indexed") == 400
    assert service.parked() == {}


def test_poison_runs_three_times_and_its_neighbours_are_unharmed(service: Trivial) -> None:
    neighbours = [f"item{number}" for number in range(60)]
    service.add("kills", *neighbours[:30], "endless", "hungry", *neighbours[30:])

    wait_for(lambda: len(service.parked()) == 3, within_s=90, what="three items are parked")
    wait_for(lambda: service.count("settled") == 60, within_s=60, what="the neighbours are settled")

    assert service.parked() == {"kills": "crashed", "endless": "crashed", "hungry": "crashed"}
    assert {name: service.runs(name) for name in ("kills", "endless", "hungry")} == {
        "kills": 3,
        "endless": 3,
        "hungry": 3,
    }
    assert service.effects() == set(neighbours)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_is_quick_and_loses_nothing(service: Trivial, number: int) -> None:
    service.add(*(f"item{n}" for n in range(300)))
    wait_for(lambda: service.count("settled") >= 20, within_s=60, what="work goes on")

    assert service.stop(number) < 40
    assert not answers(service.url)

    service.start()
    wait_for(lambda: service.count("settled") == 300, within_s=60, what="all items are settled")
    assert len(service.effects()) == 300


def test_a_second_service_on_the_folder_is_refused_and_told_by_whom(service: Trivial, tmp_path: Path) -> None:
    second = RunningService(
        [sys.executable, str(HERE / "trivial_service.py")],
        env={"TRIVIAL_FOLDER": str(tmp_path)},
        log=tmp_path / "second.log",
    )
    second.start()
    wait_for(lambda: not second.is_alive(), within_s=60, what="the second one ends")

    assert f"in use by another stancewatch (process {service.pid})" in (tmp_path / "second.log").read_text()
    assert answers(service.url)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties processes to their parent")
def test_nothing_survives_a_killed_supervisor(service: Trivial) -> None:
    wait_for(lambda: len(service.pool(PROCESS)) == 2, within_s=90, what="the pool is up")
    parts = [service.part(words) for words in (FETCH, PROCESS, "beat", SERVER)]
    everyone = [*filter(None, parts), *service.pool(PROCESS)]
    assert len(everyone) == 6

    os.kill(service.pid, signal.SIGKILL)

    wait_for(lambda: not any(p.is_running() and p.status() != "zombie" for p in everyone), within_s=30, what="all end")


def test_a_worker_that_consumes_nothing_is_replaced(service: Trivial) -> None:
    wait_for(lambda: len(service.pool(PROCESS)) == 2, within_s=90, what="the pool is up")
    service.add("first")
    wait_for(lambda: service.count("settled") == 1, within_s=60, what="the worker has worked")
    frozen = service.part(PROCESS)
    assert frozen
    frozen.suspend()
    service.add(*(f"item{n}" for n in range(20)))

    wait_for(lambda: service.count("settled") == 21, within_s=120, what="the work is done by another")

    assert not frozen.is_running()
    assert "worker_catatonic" in (service.folder / "log").read_text()


def test_a_frozen_server_restarts_nobody(service: Trivial) -> None:
    wait_for(lambda: len(service.pool(PROCESS)) == 2, within_s=90, what="the pool is up")
    workers = [service.part(words) for words in (FETCH, PROCESS)]
    server = service.part(SERVER)
    assert server
    server.suspend()
    wait_for(lambda: "broker_away" in (service.folder / "log").read_text(), within_s=60, what="it is noticed")
    server.resume()

    service.add(*(f"item{n}" for n in range(20)))
    wait_for(lambda: service.count("settled") == 20, within_s=60, what="work goes on")
    assert [service.part(words) for words in (FETCH, PROCESS)] == workers
