"""Kill -9 in the middle of alerting, with real processes, a real store and a receiver that counts."""

import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from alert_samples import book, graded, put, rows
from fake_results import FakeResultStore
from stories import article, moment, placement, statement, tagged
from web_server import Web, serving

from worker.adapters.channels_webhook import WebhookChannel
from worker.adapters.clock import SystemClock
from worker.adapters.http_client import GuardedHttpClient, HttpLimits
from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.model import Level
from worker.novelty.service import Policy, grade_article
from worker.ports import CREATE, Channel, Delivery, Kind, Message, Write, WriteResult
from worker.work.deliver_alert import deliver, due_rows

ALERTS = 200
CHANCE = 0.1
TEMPLATES = Path(__file__).parents[2] / "config" / "elasticsearch"
FORK = multiprocessing.get_context("fork")


def store_at(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "results.sqlite", read_templates(TEMPLATES))


class KilledStore(SqliteStore):
    """Dies right before it would write that a row was sent."""

    chance: random.Random

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        settles = any(
            each.kind is Kind.ALERTS and each.document and each.document["state"] == "sent" for each in writes
        )
        if settles and self.chance.random() < CHANCE:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().write(writes)


class KilledChannel:
    """Dies right before or right after it has sent."""

    def __init__(self, channel: Channel, moment_of_death: str, chance: random.Random) -> None:
        self.id = channel.id
        self._channel, self._when, self._chance = channel, moment_of_death, chance

    def send(self, message: Message) -> Delivery:
        self._die("before send")
        answer = self._channel.send(message)
        self._die("after send")
        return answer

    def _die(self, when: str) -> None:
        if when == self._when and self._chance.random() < CHANCE:
            os.kill(os.getpid(), signal.SIGKILL)


def deliver_all(folder: Path, web: Web, when: str, run: int) -> None:
    chance = random.Random(run)
    store = KilledStore(folder / "results.sqlite", read_templates(TEMPLATES))
    store.chance = chance if when == "before settle" else random.Random()
    if when != "before settle":
        store.chance.random = lambda: 1.0  # type: ignore[method-assign]
    client = GuardedHttpClient(agent="test", limits=HttpLimits(ports={web.port}, allow_hosts={"127.0.0.1"}))
    now = moment(1) + timedelta(seconds=61 * run)
    with closing(store), closing(client):
        hook = WebhookChannel("desk", web.url("/hook"), secret="whsec_a2V5", http=client, clock=SystemClock())
        channels = {"desk": KilledChannel(hook, when, chance)}
        for row in due_rows(store, now=now, limit=1000):
            deliver(store, channels, row, now=now, jitter=0)


@pytest.mark.parametrize("when", ["before send", "after send", "before settle"])
def test_no_alert_is_lost_and_each_kill_repeats_at_most_one_with_its_id(when: str, tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.setup()
    planned = FakeResultStore()
    for number in range(ALERTS):
        put(planned, book(per_hour=10_000), graded(f"a{number}"), text=article(f"a{number}"))
    store.write([Write(kind=Kind.ALERTS, id=row["id"], document=row, token=CREATE) for row in rows(planned)])
    kills = 0
    with serving() as web:
        web.page("/hook", b"")
        for run in range(ALERTS):
            child = FORK.Process(target=deliver_all, args=(tmp_path, web, when, run))
            child.start()
            child.join()
            kills += child.exitcode == -signal.SIGKILL
            if child.exitcode == 0 and not due_rows(store, now=moment(9)):
                break
        received = Counter(headers["webhook-id"] for _, _, headers in web.server.seen)
    store.close()
    assert kills >= 5
    assert set(received) == {row["alert_id"] for row in rows(planned)}
    assert received.total() - ALERTS <= kills
    assert (received.total() > ALERTS) is (when != "before send")


def race(folder: Path, name: str, day: int, gate: Connection) -> None:
    """Grade one article on a claim that another process grades an article on at the same time."""
    store = store_at(folder)
    said = tagged(statement("demand", "troop-withdrawal", f"Vesmar wants them out, {name} heard.", start=day), name)
    text = article(name, days=day, arrives=30, family=name, publisher=name)
    gate.send("ready")
    gate.recv()
    grading = grade_article(store, [said], text, placement(name), now=text.fetched, policy=Policy())
    gate.send([(each.level, each.pages) for each in grading.graded])


@pytest.mark.parametrize("days", [(1, 2), (2, 1)])
def test_of_two_processes_that_race_for_a_claim_one_is_first(days: tuple[int, int], tmp_path: Path) -> None:
    for attempt in range(10):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        store = store_at(folder)
        store.setup()
        store.close()
        outcomes = _raced(folder, days)
        assert sorted(outcomes).count((Level.FIRST, True)) == 1, outcomes
        assert len(outcomes) == 2


def _raced(folder: Path, days: tuple[int, int]) -> list[tuple[Level, bool]]:
    gates = []
    children = []
    for name, day in zip(("orm", "tal"), days, strict=True):
        mine, theirs = FORK.Pipe()
        child = FORK.Process(target=race, args=(folder, name, day, theirs))
        child.start()
        gates.append(mine)
        children.append(child)
    for gate in gates:
        assert gate.recv() == "ready"
    for gate in gates:
        gate.send("go")
    outcomes = [each for gate in gates for each in gate.recv()]
    for child in children:
        child.join()
    return outcomes
