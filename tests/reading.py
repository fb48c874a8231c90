"""What serves the reading room to a browser, and what watches the browser while it reads."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


@contextmanager
def serving(app) -> Iterator[str]:
    """Serve an application on a free port of loopback; yield its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the server ended before it answered"
        assert time.monotonic() < give_up, "the server did not start within 60 s"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


@contextmanager
def watched(browser, address, *, ignored="\0", **context):
    """Yield a page; at the end, fail on a console error or a request to another host.

    ``ignored``: words of a complaint that the test provokes.
    """
    complaints = []
    opened = browser.new_context(base_url=address, **context)
    page = opened.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    page.on("request", lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url))
    yield page
    opened.close()
    assert [each for each in complaints if ignored not in each] == []


MOST_TABS = 60


def focused(page):
    """Return the element that the keyboard is on as HTML, without the elements in it."""
    return page.evaluate("((e) => (e.childElementCount ? e.cloneNode(false) : e).outerHTML)(document.activeElement)")


def tab_to(page, wanted):
    """Press Tab until the focus is on what ``wanted`` names; a page that needs more than ``MOST_TABS`` fails."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted in focused(page):
            return
    raise AssertionError(f"{wanted!r} cannot be reached by Tab")
