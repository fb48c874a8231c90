"""What every test may ask for."""

import logging
import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
import servers_elastic
import servers_redis
import structlog
from hypothesis import settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

settings.register_profile("every run", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile("every run")
"""The same examples at every run; ``pytest --hypothesis-profile search`` looks for new ones."""

TESTS = Path(__file__).parent
ROOT = TESTS.parent


LONGEST_FIRST = ("browser", "hostile", "faults", "service", "flow", "contract", "shells", "meta")
"""Folders in the order in which workers take them up; those not named fill the end."""
SLOW_MACHINE_S = 300
"""After this a test of those folders fails: on a loaded machine a server may take a minute to start."""
ELASTICSEARCH = re.compile(
    r"(flow|contract)/.*\[(elastic|8\.19|9\.5)|/test_elastic_store\.py|::test_setup_makes_the_indices|::test_a_store_is_moved_with"
)
"""The ids of tests that are marked so: who hands out the work sees ids alone."""
STORE_FIXTURES = ("newsroom", "address", "opener", "server")
"""Fixtures whose parameter names a store."""


class Units(LoadScopeScheduling):  # type: ignore[misc]
    """Hands whole units to workers, in the order of the collection.

    A module is a unit, so that its fixtures are made once. Elasticsearch is one, so that each version is started once,
    and so are the pages in the browser. xdist's own groups are ignored by this pytest (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return _unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Units:
    config.option.loadscopereorder = False
    return Units(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Put the long units first, and keep together what shares a fixture, whatever the random order."""
    yield
    for item in items:
        if bool(item.get_closest_marker("elasticsearch")) is not (_unit(item.nodeid) == "elasticsearch"):
            raise pytest.UsageError(f"{item.nodeid}: ELASTICSEARCH in {__file__} and its marker differ on this test")
        if _rank(item.nodeid) < len(LONGEST_FIRST) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_MACHINE_S))
    items.sort(key=lambda item: (_rank(item.nodeid), _unit(item.nodeid), item.path.name, _store(item)))


def _unit(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    return "elasticsearch" if ELASTICSEARCH.search(nodeid) else "browser" if _folder(nodeid) == "browser" else path


def _rank(nodeid: str) -> int:
    if ELASTICSEARCH.search(nodeid):
        return -1
    return LONGEST_FIRST.index(_folder(nodeid)) if _folder(nodeid) in LONGEST_FIRST else len(LONGEST_FIRST)


def _folder(nodeid: str) -> str:
    return nodeid.removeprefix("tests/").partition("/")[0]


def _store(item: pytest.Item) -> str:
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return "".join(str(params[name]) for name in STORE_FIXTURES if name in params)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Undo what a test did to logging: a handler on its captured stderr would fail in the middle of a later test."""
    loggers = [logging.getLogger(), logging.getLogger("multiprocessing")]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    yield
    for each, handlers, level, propagate in before:
        each.handlers[:] = handlers
        each.setLevel(level)
        each.propagate = propagate
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference data that is not part of the repository; skip the test where it is absent."""
    folder = Path(os.environ.get("STANCEWATCH_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}: set STANCEWATCH_SHARED")
    return folder


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Return the address of a real Redis or Valkey; use it under ``redis_prefix``."""
    with servers_redis.redis_server() as url:
        yield url


@pytest.fixture
def redis_prefix(redis_url: str) -> Iterator[str]:
    """Return a key prefix of this test's own; its keys are removed afterwards."""
    prefix = servers_redis.fresh_prefix()
    yield prefix
    servers_redis.remove_keys(redis_url, prefix)


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[Callable[[str], str]]:
    """Return what starts a real Elasticsearch of a version, once a session, and gives its address."""
    with ExitStack() as servers:
        yield cache(lambda version: servers.enter_context(servers_elastic.elasticsearch_server(version)))
