"""A real browser before a real server over the demo's press."""

import os
from pathlib import Path

import pytest
import servers_redis
from newsroom import open_newsroom
from playwright.sync_api import sync_playwright
from reading import serving, watched

from worker.cli.web import room_of
from worker.demo.press import LAST_WAVE
from worker.web.app import create_web

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    """Return Debian's Chromium."""
    if not CHROMIUM.exists():
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say(f"no browser at {CHROMIUM}: apt-get install chromium, or set CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory, redis_url):
    """Return an installation that has read the whole demo."""
    prefix = servers_redis.fresh_prefix()
    env = {"REDIS_URL": redis_url, "STANCEWATCH_REDIS_PREFIX": prefix}
    with open_newsroom(tmp_path_factory.mktemp("newsroom"), env) as opened:
        for wave in range(1, LAST_WAVE + 1):
            opened.visit(wave)
        yield opened
    servers_redis.remove_keys(redis_url, prefix)


@pytest.fixture(scope="session")
def address(newsroom):
    """Return the address of the open reading room."""
    with serving(create_web(room_of(newsroom.services), token=None)) as found:
        yield found


@pytest.fixture
def page(browser, address):
    """Return a page as a desk sees it."""
    with watched(browser, address, viewport={"width": 1200, "height": 800}) as opened:
        yield opened
