"""Runs the demo: a press on loopback, the normal service in a process of its own, three waves of news, a summary."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from worker.adapters.demo_site import DemoSite
from worker.demo.press import LAST_WAVE, Press, load_press, render
from worker.demo.stage import write_config
from worker.errors import DependencyMissing, StancewatchError, StoreUnavailable, TransientError
from worker.feeds.state import state_from
from worker.ports import Kind, Query
from worker.settings import load_settings
from worker.wiring import Services

WAVE_S = 60.0
"""Most time that one wave may take before the demo says what is stuck."""
START_S = 30.0
_LOOK_EVERY_S = 0.2

Tell = Callable[[str], None]


def run_demo(folder: Path, *, topics: Path, tell: Tell) -> Services:
    """Bring the demo's news up to its last wave; return services over what it left. A second run adds nothing."""
    press, memory = load_press(), folder / "press.json"
    wave, port = _remembered(memory)
    current = [wave]
    folder.mkdir(parents=True, exist_ok=True)
    with DemoSite(lambda path, base: render(press, path, wave=current[0], base=base), port=port) as site:
        config = write_config(folder, press, topics=topics, base=site.base)
        services = Services(load_settings(config, env={}), config)
        with _service(config, folder / "service.log"):
            _await_start(services)
            for number in range(wave, LAST_WAVE + 1):
                current[0] = number
                memory.write_text(json.dumps({"wave": number, "port": int(site.base.rpartition(":")[2])}), "utf-8")
                tell(f"visit {number} of {LAST_WAVE}: {_on_show(press, number)} pages on show")
                _poll_and_wait(services)
            _await_delivery(services)
    return services


def _remembered(memory: Path) -> tuple[int, int]:
    """Return the wave and the port of the last run: a site keeps its address and never unpublishes."""
    try:
        kept = json.loads(memory.read_text("utf-8"))
    except FileNotFoundError:
        return 1, 0
    return int(kept["wave"]), int(kept["port"])


def _on_show(press: Press, wave: int) -> int:
    return sum(story.wave <= wave for story in press.stories)


@contextmanager
def _service(config: Path, log: Path) -> Iterator[None]:
    """Run ``stancewatch run`` on the demo's configuration; it stops clean at the end, whatever happened."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("STANCEWATCH_")}  # noqa: TID251
    plain = {name: value for name, value in own.items() if name not in {"REDIS_URL", "ELASTICSEARCH_URL"}}
    with log.open("ab") as out:
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "worker", "--config", str(config), "run"],
            env=plain,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait()


def _await_start(services: Services) -> None:
    _await(START_S, lambda: _answers(services), "the service did not start; its log is service.log beside the data")


def _answers(services: Services) -> bool:
    try:
        return not services.results.check() and bool(services.states.known())
    except (DependencyMissing, StoreUnavailable):
        return False


def _poll_and_wait(services: Services) -> None:
    """Make every feed due and wait until each was polled since and no item is left in work."""
    began = services.clock.now()
    feeds = [feed.id for feed in services.catalogue.feeds]
    for feed_id in feeds:
        services.states.update(feed_id, {}, due_at=began)
    _await(
        WAVE_S,
        lambda: all(_polled_since(services, one, began) for one in feeds) and _idle(services),
        "a wave did not end",
    )


def _polled_since(services: Services, feed_id: str, began: datetime) -> bool:
    state = state_from(services.states.get(feed_id))
    return state.polled_at is not None and state.polled_at > began and not state.waiting_hash


def _idle(services: Services) -> bool:
    counts = services.ledger.counts()
    return counts["queued"] + counts["fetched"] == 0


def _await_delivery(services: Services) -> None:
    _await(WAVE_S, lambda: _waiting_alerts(services) == 0, "the alerts were not delivered")


def _waiting_alerts(services: Services) -> int:
    return services.results.search(Query(kind=Kind.ALERTS, kql="state: pending", size=1)).total


def _await(seconds: float, is_done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if is_done():
                return
        except TransientError:  # a store that is starting or busy: look again
            pass
        time.sleep(_LOOK_EVERY_S)
    raise StancewatchError(f"{what} within {seconds:.0f} s")
