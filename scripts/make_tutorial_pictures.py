"""Draw the pictures of docs/tutorial.md: run the demo in a temporary folder, open its reading room in Chromium.

    python scripts/make_tutorial_pictures.py [--chromium /usr/bin/chromium] [--folder docs/pictures]

Prints the size of each picture.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request  # noqa: TID251 - our own page on loopback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from worker.adapters.embedded_server import EmbeddedServer
from worker.demo.run import run_demo

ROOT = Path(__file__).parents[1]
PORT = 8098
ADDRESS = f"http://127.0.0.1:{PORT}"
START_S = 60.0
VIEW = {"width": 860, "height": 560}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ABOUT = "topic=russia-ukraine&party=russia"
PICTURES = {
    "now": "/",
    "positions": "/positions",
    "alerts": "/alerts",
}
TAKEN_AWAY = f"/timeline.png?{ABOUT}"


@contextmanager
def reading_room(folder: Path) -> Iterator[None]:
    """Serve what the demo left while the block runs."""
    server = EmbeddedServer(folder / "data" / "redis")
    env = {name: value for name, value in os.environ.items() if not name.startswith("STANCEWATCH_")}  # noqa: TID251
    env |= {"REDIS_URL": server.start(), "STANCEWATCH_WEB_PORT": str(PORT)}
    command = [sys.executable, "-m", "worker", "--config", str(folder / "config"), "web"]
    child = subprocess.Popen(command, env=env, cwd=ROOT)
    try:
        wait_for_answer()
        yield
    finally:
        child.terminate()
        child.wait(timeout=30)
        server.stop()


def wait_for_answer() -> None:
    """Return as soon as the page answers."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            fetch("/healthz")
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the reading room did not start")


def fetch(path: str) -> bytes:
    """Return an answer of the reading room."""
    with urllib.request.urlopen(ADDRESS + path) as answer:  # noqa: S310, TID251 - our own page on loopback
        body: bytes = answer.read()
    return body


def draw(page: Page, folder: Path) -> None:
    """Keep every picture."""
    for name, path in PICTURES.items():
        page.goto(ADDRESS + path)
        keep(folder / f"{name}.png", page.screenshot())
    page.goto(ADDRESS + "/")
    page.locator("article.card h2 a").first.click()
    page.locator("#evidence").scroll_into_view_if_needed()
    keep(folder / "statement.png", page.screenshot())
    keep(folder / "timeline-to-keep.png", fetch(TAKEN_AWAY))


def keep(path: Path, body: bytes) -> None:
    """Write a picture and say how large it is."""
    path.write_bytes(body)
    print(f"{path.name:<24} {len(body) / 1000:.0f} kB")


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "pictures")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        run_demo(home, topics=ROOT / "config" / "topics", tell=print).results.close()
        with reading_room(home), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=asked.chromium, args=FLAGS)
            draw(browser.new_page(viewport=VIEW), asked.folder)
            browser.close()


if __name__ == "__main__":
    main()
