"""May we, and how often: robots.txt by RFC 9309, pure.

A site without the file (4xx) allows everything. One whose server fails or does not answer allows nothing for now
(RFC 9309, 2.3.1.4); that is asked again within the hour, and after a day of it counts as no file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from protego import Protego

MAX_BYTES = 500_000
AGENT = "Stancewatch"
KEEP_S = 24 * 3_600
KEEP_FAILURE_S = 15 * 60
FAILING_FOR = timedelta(days=1)
DEADLINE_S = 10.0
MAX_REDIRECTS = 5
MAX_CRAWL_DELAY_S = 60.0
"""A longer wish would keep a newsroom's articles from ever being read; a minute is polite."""
ALLOW_ALL = ""
FAILED = "# unreachable since "
"""How a failure is kept in the cache, with the moments of the first and the last: a comment, which says no rule."""


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site's file says for one URL. ``gap_s`` is the wish for a pause, 0 if none."""

    allowed: bool
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RobotsFailed:
    """The file could not be read: wait until then."""

    until: datetime


def origin_of(url: str) -> str:
    """Return ``scheme://host[:port]``, which a robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def cached_text(status: int, body: bytes, *, known: str | None, now: datetime) -> str:
    """Return what to cache after an answer; status 0 stands for none at all. ``known`` is what was cached before."""
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110: success
        return body[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    if 400 <= status < 500 and status != 429:  # noqa: PLR2004 - RFC 9309 2.3.1.3: unavailable
        return ALLOW_ALL
    first = known.split()[3] if known is not None and known.startswith(FAILED) else now.isoformat()
    return f"{FAILED}{first} {now.isoformat()}"


def is_stale_failure(text: str, *, now: datetime) -> bool:
    """Return whether the cached text is a failure that is to be looked at again."""
    if not text.startswith(FAILED):
        return False
    return now - datetime.fromisoformat(text.split()[4]) >= timedelta(seconds=KEEP_FAILURE_S)


def ttl_s(text: str) -> int:
    """Return how long to keep the cached text. A failure is kept longer than it is believed, to know its age."""
    return 2 * int(FAILING_FOR.total_seconds()) if text.startswith(FAILED) else KEEP_S


def decide(text: str, url: str) -> Robots | RobotsFailed:
    """Return what the cached text means for the URL."""
    if text.startswith(FAILED):
        first, last = (datetime.fromisoformat(word) for word in text.split()[3:5])
        if last - first > FAILING_FOR:
            return Robots(allowed=True)
        return RobotsFailed(last + timedelta(seconds=KEEP_FAILURE_S))
    if not text.strip():
        return Robots(allowed=True)
    rules = _rules(text)
    delay = rules.crawl_delay(AGENT)
    return Robots(
        allowed=bool(rules.can_fetch(url, AGENT)),
        gap_s=min(float(delay), MAX_CRAWL_DELAY_S) if delay else 0.0,
    )


@lru_cache(maxsize=64)
def _rules(text: str) -> Protego:
    return Protego.parse(text)
