"""A service of the real ledger, server, workers, beat and supervisor around work that is trivial.

``python trivial_service.py FOLDER`` runs it; ``celery -A trivial_service`` finds its application.
"""

import os
import signal
import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from celery import Celery

from worker.adapters import child_limits
from worker.adapters.celery_app import create_app
from worker.adapters.celery_bell import CeleryBell, WorkerLifeline
from worker.adapters.embedded_server import EmbeddedServer, server_url
from worker.adapters.processes import FolderLock
from worker.adapters.redis_ledger import RedisLedger
from worker.adapters.redis_link import RedisLink
from worker.adapters.redis_vitals import RedisVitals
from worker.app import live
from worker.errors import StoreUnavailable
from worker.ledger import Claim, Stage
from worker.log import configure
from worker.outcomes import Outcome
from worker.supervisor import Supervisor, programs

PREFIX = "trivial"
LEASE_S = 4.0
HARD_LIMIT_S = 3


def folder() -> Path:
    return Path(os.environ["TRIVIAL_FOLDER"])


@cache
def link() -> RedisLink:
    return RedisLink(server_url(folder() / "redis"), PREFIX, timeout_s=2)


@cache
def ledger() -> RedisLedger:
    return RedisLedger(link(), lease_s=LEASE_S)


@cache
def application() -> Celery:
    app = create_app(server_url(folder() / "redis"), PREFIX, tick_s=1, hard_limit_s=HARD_LIMIT_S)
    app.conf.imports = ()
    app.conf.broker_transport_options |= {"visibility_timeout": 10}
    app.conf.visibility_timeout = 10
    bell = CeleryBell(app)

    @app.task(name="tick")
    def tick() -> None:
        for stage, task in ((Stage.QUEUED, "items.fetch"), (Stage.FETCHED, "items.process")):
            try:
                bell.ring(task, ledger().due(stage, now=datetime.now(UTC), limit=bell.room(task)))
            except StoreUnavailable:
                return

    @app.task(name="upkeep")
    def upkeep() -> None:
        pass

    @app.task(name="items.fetch")
    def fetch(item_id: str) -> None:
        claim = take(item_id, Stage.QUEUED, risky=False)
        if claim and ledger().fetched(claim, f"capture-{item_id}", now=datetime.now(UTC)):
            bell.ring("items.process", [item_id])

    @app.task(name="items.process")
    def process(item_id: str) -> None:
        claim = take(item_id, Stage.FETCHED, risky=True)
        if claim is None:
            return
        with (folder() / "runs" / item_id).open("a") as runs:
            runs.write(f"{os.getpid()} {time.time()}\n")
        misbehave(item_id)
        (folder() / "effects" / item_id).touch()  # the same however often it is done
        ledger().settle(claim, Outcome.INDEXED, now=datetime.now(UTC))

    live(app, vitals=lambda: RedisVitals(link()), begin_child=lambda: child_limits.begin(memory_mb=512))
    return app


def take(item_id: str, stage: Stage, *, risky: bool) -> Claim | None:
    try:
        claim = ledger().claim(item_id, stage, owner=f"{os.getpid()}", now=datetime.now(UTC), risky=risky)
    except StoreUnavailable:
        return None
    return claim if isinstance(claim, Claim) else None


def misbehave(item_id: str) -> None:
    time.sleep(0.002)
    if item_id.startswith("kills"):
        os.kill(os.getpid(), signal.SIGKILL)
    elif item_id.startswith("endless"):
        while True:
            pass
    elif item_id.startswith("hungry"):
        hoard = []
        while True:
            try:
                hoard.append(bytearray(50_000_000))
            except MemoryError:
                os.abort()  # what C code does that finds no memory


def main() -> None:
    configure(json=False)
    lock = FolderLock(folder())
    lock.take()
    for name in ("runs", "effects"):
        (folder() / name).mkdir(exist_ok=True)
    server = EmbeddedServer(folder() / "redis")
    server.start()
    lifeline = WorkerLifeline(CeleryBell(application()), RedisVitals(link()))
    env = {"PYTHONPATH": str(Path(__file__).parent)}
    renamed = [
        type(p)(
            name=p.name,
            node=p.node,
            env={**p.env, **env},
            command=tuple("trivial_service" if word == "worker.app" else word for word in p.command),
        )
        for p in programs(fetch_threads=4, process_children=2)
    ]
    Supervisor(renamed, lifeline, server=server).run()


def __getattr__(name: str) -> Celery:
    if name == "app":
        return application()
    raise AttributeError(name)


if __name__ == "__main__":
    sys.exit(main())
