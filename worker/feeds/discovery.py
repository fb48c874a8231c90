"""Finds a site's feeds in its home page, for ``feeds add URL`` and for a feed whose address answers a web page."""

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from worker.canonical_url import clean_fetch_url
from worker.text import clean_line

MAX_HTML_CHARS = 1_000_000
MAX_FOUND = 20
FEED_TYPES = {
    "application/rss+xml": 0,
    "application/atom+xml": 0,
    "application/feed+json": 1,
    "application/rdf+xml": 1,
    "application/json": 3,
    "text/xml": 3,
    "application/xml": 3,
}
_USUAL_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json", "/news-sitemap.xml")
_LINK_WORDS = ("rss", "atom", "feed", ".xml")


@dataclass(frozen=True, slots=True, order=True)
class FeedLink:
    """An address that may be a feed. The lower ``rank`` the surer: 0 declared, 2 linked, 4 a usual place."""

    rank: int
    url: str
    title: str = ""


def feed_links(markup: str, base: str) -> list[FeedLink]:
    """Return the feeds that a page declares or links to, the surest first; comment feeds come last."""
    reader = _Links(base)
    reader.feed(markup[:MAX_HTML_CHARS])
    best: dict[str, FeedLink] = {}
    for link in reader.found:
        if link.url not in best or link < best[link.url]:
            best[link.url] = link
    return sorted(best.values(), key=lambda link: link.rank)[:MAX_FOUND]


def usual_places(base: str) -> list[FeedLink]:
    """Return where feeds often are, for a page that names none."""
    return [FeedLink(4, clean_fetch_url(urljoin(base, path))) for path in _USUAL_PATHS]


class _Links(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.found: list[FeedLink] = []
        self._base = base

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and given.get("href"):
            self._base = _joined(self._base, given["href"]) or self._base
        elif tag == "link" and "alternate" in given.get("rel", "").lower().split():
            rank = FEED_TYPES.get(given.get("type", "").lower().split(";")[0].strip())
            self._add(rank, given.get("href", ""), given.get("title", ""))
        elif tag == "a" and any(word in given.get("href", "").lower() for word in _LINK_WORDS):
            self._add(2, given["href"], given.get("title", ""))

    def _add(self, rank: int | None, href: str, title: str) -> None:
        url = _joined(self._base, href)
        if rank is None or not url or len(self.found) > MAX_FOUND * 20:
            return
        is_comments = "comment" in (url + title).lower()
        self.found.append(FeedLink(rank + 5 if is_comments else rank, url, clean_line(title, limit=200)))


def _joined(base: str, href: str) -> str:
    try:
        return clean_fetch_url(urljoin(base, href.strip()))
    except ValueError:
        return ""
