"""What every test may ask for."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
import servers_elastic
import servers_redis
import structlog

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of Elasticsearch on one worker, so that each version is started once."""
    for item in items:
        if item.get_closest_marker("elasticsearch"):
            item.add_marker(pytest.mark.xdist_group("elasticsearch"))


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
