"""The oracle: a web server that knows every item it served and every message it received."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Self

PARTIES = ("Aldovia", "Brenland", "Cordania", "Drevia", "Estmark", "Farland", "Gallovia", "Hestria")
ISSUES = {
    "harbour": "harbour customs",
    "river": "river crossings",
    "grain": "grain quotas",
    "prisoners": "prisoner lists",
}
_NOUNS = [
    "bakery",
    "bridge",
    "candle",
    "carpet",
    "chapel",
    "clerk",
    "cottage",
    "courier",
    "cousin",
    "drawer",
    "engine",
    "farmer",
    "ferry",
    "garden",
    "glacier",
    "guitar",
    "hammer",
    "harvest",
    "hotel",
    "island",
    "jacket",
    "kettle",
    "ladder",
    "lantern",
    "library",
    "market",
    "meadow",
    "mirror",
    "museum",
    "needle",
    "neighbour",
    "orchard",
    "painter",
    "pencil",
    "picnic",
    "pillow",
    "pocket",
    "puppet",
    "quarry",
    "rabbit",
    "railway",
    "ribbon",
    "saddle",
    "sailor",
    "school",
    "shepherd",
    "statue",
    "stove",
    "student",
    "tailor",
    "teacher",
    "theatre",
    "ticket",
    "tower",
    "tractor",
    "tunnel",
    "valley",
    "violin",
    "waggon",
    "window",
    "workshop",
]
_VERBS = [
    "admired",
    "bought",
    "carried",
    "cleaned",
    "described",
    "drew",
    "found",
    "kept",
    "lent",
    "lost",
    "measured",
    "mended",
    "moved",
    "painted",
    "praised",
]
_KINDS = [
    "ancient",
    "broken",
    "cheerful",
    "crooked",
    "distant",
    "empty",
    "famous",
    "gentle",
    "heavy",
    "narrow",
    "noisy",
    "patient",
    "quiet",
    "simple",
    "wooden",
]


class FaultSite:
    """Feeds and pages on loopback. ``listed`` are items that a feed answer carried, ``messages`` ids by arrivals,
    ``poison`` what harm the page of an item does to its reader."""

    def __init__(self, *, feeds: int, items: int, per_second: float = 0) -> None:
        self.feeds = [f"feed-{number}" for number in range(feeds)]
        self.items = items
        self.listed: set[int] = set()
        self.pages: dict[int, int] = {}
        self.messages: dict[str, int] = {}
        self.poison: dict[int, str] = {}
        self.polls: dict[str, list[float]] = {name: [] for name in self.feeds}
        self._per_second = per_second
        self._published = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=items)
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def released(self) -> int:
        """Return how many items the feeds carry by now: all at once, or so many a second."""
        if not self._per_second:
            return self.items
        return min(self.items, int((time.monotonic() - self._began) * self._per_second))

    def answer(self, path: str) -> tuple[str, str] | None:
        """Return content type and text of a path, and remember that it was asked for."""
        kind, _, name = path.strip("/").partition("/")
        if kind == "feed" and name in self.polls:
            return "application/rss+xml", self._feed(name)
        if kind == "a" and name.isdecimal() and int(name) < self.items:
            with self._lock:
                self.pages[int(name)] = self.pages.get(int(name), 0) + 1
            return "text/html; charset=utf-8", page(int(name), poison=self.poison.get(int(name), ""))
        return None

    def receive(self, message_id: str) -> None:
        """Remember a message."""
        with self._lock:
            self.messages[message_id] = self.messages.get(message_id, 0) + 1

    def _feed(self, name: str) -> str:
        number = self.feeds.index(name)
        mine = range(number, self.released(), len(self.feeds))
        with self._lock:
            self.polls[name].append(time.monotonic())
            self.listed |= set(mine)
        entries = "".join(
            f"<item><title>{title(k)}</title><link>{self.base}/a/{k}</link><guid>{self.base}/a/{k}</guid>"
            f"<pubDate>{format_datetime(self._published + timedelta(seconds=k))}</pubDate></item>"
            for k in mine
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{entries}</channel></rss>'


def title(number: int) -> str:
    return f"Talks in the town hall, report {number}"


def page(number: int, *, poison: str = "") -> str:
    """Return an article of our own invention: no two share enough words to be copies of each other."""
    chance = Random(number)
    party, other = chance.sample(PARTIES, 2)
    issue = chance.choice(list(ISSUES.values()))
    sentences = [_sentence(chance) for _ in range(30)]
    said = f"{party} demanded that {other} change the {issue} by the end of the month."
    paragraphs = [" ".join(sentences[:10]), said, " ".join(sentences[10:20]), " ".join(sentences[20:])]
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{title(number)}</title></head>'
        f"<body><!-- poison: {poison} --><main><article><h1>{title(number)}</h1>{body}</article></main></body></html>"
    )


def _sentence(chance: Random) -> str:
    who, what, where = chance.sample(_NOUNS, 3)
    kind, other = chance.sample(_KINDS, 2)
    return (
        f"The {kind} {who} {chance.choice(_VERBS)} the {other} {what} near the {where} on day {chance.randint(1, 300)}."
    )


def topic() -> dict[str, object]:
    """Return the topic file that finds the demands of these pages."""
    return {
        "id": "borders",
        "label": "Borders",
        "parties": [{"id": p.lower(), "label": p, "names": [p]} for p in PARTIES],
        "issues": [
            {"id": key, "label": words, "mode": "change", "patterns": {words: 3}} for key, words in ISSUES.items()
        ],
    }


def _handler(site: FaultSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the body would wait 40 ms for the reader's word on the head

        def do_GET(self) -> None:
            found = site.answer(self.path)
            self._say(200 if found else 404, *(found or ("text/plain", "not found")))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            site.receive(self.headers.get("webhook-id", ""))
            self._say(204, "text/plain", "")

        def _say(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
