"""Pages of an invented press, built from parts."""

import json
from datetime import UTC, datetime

from worker.model import Capture, FeedEntry, RawPage

FETCHED = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
URL = "https://courier.example/world/bridge"
PARAGRAPHS = (
    "Aldmark will reopen the eastern bridge on Monday, the transport ministry said after a meeting in the capital.",
    "The bridge was closed in spring when fighting reached the river, and engineers found two damaged piers there.",
    "Verenia had asked for the crossing to be opened to goods as well as to people before the harvest begins.",
    "The ministry said that lorries would be let through from the autumn, once a customs post had been built.",
)
TEXT = "\n\n".join(PARAGRAPHS)


def html(*, head="", body=None, title="Bridge to reopen", lang="en"):
    inner = body if body is not None else "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head><title>{title}</title>{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{inner}</article></body></html>"
    )


def ld(**fields):
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle'} | fields)}</script>"


def raw(page, *, url=URL, headers=None, origin="feed", chain=None, **entry):
    body = page if isinstance(page, bytes) else page.encode("utf-8", "surrogatepass")
    capture = Capture(
        item_id="item", feed_id="feed", entry=FeedEntry(**({"identity": url, "url": url} | entry)),
        chain=chain or (url,), status=200, headers=headers or {"content-type": "text/html"}, fetched_at=FETCHED,
        body_hash="0" * 64, topics=("topic",), origin=origin,
    )  # fmt: skip
    return RawPage(capture=capture, body=body)
