"""One installation whose workers are the test's own thread: everything real but Celery."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from servers_elastic import DEFAULT_VERSION, remove_indices

from worker.adapters.demo_site import DemoSite
from worker.demo.press import load_press, render
from worker.demo.stage import write_config
from worker.ledger import Stage
from worker.ports import Kind, Query
from worker.settings import load_settings
from worker.wiring import Services
from worker.work.deliver_alert import due_rows
from worker.work.fetch_item import fetch_item
from worker.work.poll_feed import fetch_feed, parse_feed
from worker.work.process_item import process_item

BOTH_STORES = ["sqlite", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]
"""Parameters of a fixture that opens a newsroom over either result store."""
TOPICS = Path(__file__).parents[1] / "config/topics"


class Newsroom:
    """One installation whose workers are this thread."""

    def __init__(self, services, wave):
        self.services = services
        self.wave = wave

    def visit(self, wave):
        """Show the press of a wave, poll every feed and do all work that follows."""
        self.wave[0] = wave
        services = self.services
        for feed in services.catalogue.feeds:
            fetch_feed(feed.id, services.poller())
            parse_feed(feed.id, services.poller())
        self.work()

    def work(self):
        services = self.services
        for stage, step in ((Stage.QUEUED, self._fetch), (Stage.FETCHED, self._process)):
            for item in services.ledger.due(stage, now=services.clock.now(), limit=1000):
                step(item)
        services.results.refresh()
        for row in due_rows(services.results, now=services.clock.now(), limit=1000):
            services.deliver(row)
        services.results.refresh()

    def _fetch(self, item):
        fetch_item(item, self.services.fetcher())

    def _process(self, item):
        process_item(item, self.services.desk(), self.services.processor())

    def all(self, kind):
        return self.services.results.search(Query(kind=kind, size=1000)).hits

    def levels(self):
        return Counter(hit.document["claim"].get("level") for hit in self.all(Kind.STATEMENTS))


def store_environment(request: pytest.FixtureRequest, prefix: str) -> dict[str, str]:
    """Return the environment of a newsroom over the store that the fixture's parameter names; its indices go with it."""
    env = {"REDIS_URL": request.getfixturevalue("redis_url"), "STANCEWATCH_REDIS_PREFIX": prefix}
    if request.param == "sqlite":
        return env
    url = request.getfixturevalue("elasticsearch_url")(DEFAULT_VERSION)
    request.addfinalizer(lambda: remove_indices(url, prefix))
    return env | {"ELASTICSEARCH_URL": url, "STANCEWATCH_INDEX_PREFIX": prefix}


@contextmanager
def open_newsroom(folder: Path, env: dict[str, str], extra=lambda _path, _base: None) -> Iterator[Newsroom]:
    """Yield an installation over the demo's press, its stores set up. Pages of ``extra`` stand before the press's."""
    wave, press = [1], load_press()
    with DemoSite(lambda path, base: extra(path, base) or render(press, path, wave=wave[0], base=base)) as site:
        config = write_config(folder, press, topics=TOPICS, base=site.base)
        services = Services(load_settings(config, env=env), config)
        with closing(services):
            services.begin()
            services.states.sync([feed.id for feed in services.catalogue.feeds], now=services.clock.now())
            yield Newsroom(services, wave)
