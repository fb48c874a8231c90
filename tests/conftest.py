"""What every test may ask for."""

import logging
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
import servers_elastic
import servers_redis
import structlog
from hypothesis import settings

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
STORE_FIXTURES = ("newsroom", "address", "opener", "server")
"""Fixtures whose parameter names a store."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Hand workers whole units, the long ones first, and keep together what shares a fixture, whatever the order.

    A module is a unit, so that its fixtures are made once. Elasticsearch is one, so that each version is started once,
    and so are the pages in the browser.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_unit(item)))
        if _rank(item) < len(LONGEST_FIRST) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_MACHINE_S))
    yield
    items.sort(key=lambda item: (_rank(item), _unit(item), item.path.name, _store(item)))


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def _unit(item: pytest.Item) -> str:
    if item.get_closest_marker("elasticsearch"):
        return "elasticsearch"
    return "browser" if _folder(item) == "browser" else item.path.relative_to(TESTS).as_posix()


def _rank(item: pytest.Item) -> int:
    if item.get_closest_marker("elasticsearch"):
        return -1
    return LONGEST_FIRST.index(_folder(item)) if _folder(item) in LONGEST_FIRST else len(LONGEST_FIRST)


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
