"""A live blog on a real site, through real stores: its updates are items of their own, and only new ones are work."""

import json
from collections import Counter

import pytest
from newsroom import BOTH_STORES, open_newsroom, store_environment

from worker.ports import Kind

FEED = """<rss version="2.0"><channel><title>Live</title><item><title>Live: {words}</title>
<link>{base}/harbour/live</link><guid isPermaLink="false">live-1</guid></item></channel></rss>"""
NOON, ONE, TWO = (f"2026-03-04T{hour}:00:00+00:00" for hour in (12, 13, 14))
SUMMIT = (
    "Ukraine wants a peace summit to be held by the end of February, Foreign Minister Dmytro Kuleba said on Monday."
)
LEAVE = (
    "Russian troops must leave all of Ukraine's land, the government in Kyiv said in a statement on the coming talks."
)
WEATHER = (
    "Rain is expected in the capital this evening, and the delegations have been told to bring umbrellas with them."
)
REWORDED = (
    "Russian troops must leave all of Ukraine's land, Crimea included, the government in Kyiv said in a statement."
)


class LiveSite:
    """One outlet of the demo's press whose feed has nothing but a live blog."""

    def __init__(self):
        self.updates = [(NOON, "Summit wanted", SUMMIT)]

    def __call__(self, path, base):
        if path == "/harbour/feed.xml":
            return "application/rss+xml", FEED.format(base=base, words=self.updates[-1][1])
        return ("text/html", self._page(base)) if path == "/harbour/live" else None

    def _page(self, base):
        found = [
            {"@type": "BlogPosting", "headline": title, "articleBody": text, "datePublished": stamp,
             "url": f"{base}/harbour/live#at-{stamp[11:13]}"}
            for stamp, title, text in self.updates
        ]  # fmt: skip
        blog = json.dumps({"@type": "LiveBlogPosting", "headline": "Talks, live", "liveBlogUpdate": found})
        shown = "".join(f"<h2>{title}</h2><p>{text}</p>" for _, title, text in self.updates)
        return (
            f'<!doctype html><html lang="en"><head><script type="application/ld+json">{blog}</script></head>'
            f"<body><article><h1>Talks, live</h1>{shown}</article></body></html>"
        )


@pytest.fixture
def live():
    return LiveSite()


@pytest.fixture(params=BOTH_STORES)
def newsroom(request, tmp_path, redis_prefix, live):
    with open_newsroom(tmp_path, store_environment(request, redis_prefix), extra=live) as opened:
        yield opened


def visit(newsroom):
    """Poll and work until nothing is left: the page is one round of work, its updates are the next."""
    newsroom.visit(0)
    newsroom.work()


def found(newsroom):
    return {hit.document["url"]["full"].partition("#")[2]: hit.document for hit in newsroom.all(Kind.ARTICLES)}


def test_each_update_is_an_article_of_its_own_with_its_own_time(newsroom, live):
    live.updates += [(ONE, "Weather", WEATHER)]
    visit(newsroom)
    articles = found(newsroom)
    assert {part: one["article"]["text"] for part, one in articles.items()} == {"at-12": SUMMIT, "at-13": WEATHER}
    assert articles["at-12"]["article"]["published"] == NOON
    assert articles["at-12"]["publisher"] == {"name": "Harbour Wire", "family": "harbour"}
    statements = [hit.document for hit in newsroom.all(Kind.STATEMENTS)]
    assert {(one["stance"]["party"], one["url"]["full"].partition("#")[2]) for one in statements} == {
        ("ukraine", "at-12")
    }
    counts = newsroom.services.ledger.counts()
    assert (counts["outcome:split"], counts["outcome:indexed"]) == (1, 2)


def test_only_new_updates_are_work(newsroom, live):
    visit(newsroom)
    before = newsroom.services.ledger.counts()["outcome:indexed"]
    live.updates += [(ONE, "Kyiv on withdrawal", LEAVE)]
    visit(newsroom)
    counts = newsroom.services.ledger.counts()
    assert (before, counts["outcome:indexed"], counts["outcome:split"]) == (1, 2, 2)
    assert set(found(newsroom)) == {"at-12", "at-13"}
    assert counts.get("outcome:unchanged", 0) == 0


def test_an_edited_update_is_a_revision_of_its_own_article(newsroom, live):
    live.updates = [(ONE, "Kyiv on withdrawal", LEAVE)]
    visit(newsroom)
    live.updates = [(ONE, "Kyiv on withdrawal", REWORDED), (TWO, "Weather", WEATHER)]
    visit(newsroom)
    article = found(newsroom)["at-13"]["article"]
    assert (article["text"], article["revision"]) == (REWORDED, 2)
    assert newsroom.services.ledger.counts()["outcome:revised"] == 1


def test_after_a_lost_ledger_no_update_is_doubled_or_worked_on_again(newsroom, live, redis_prefix):
    visit(newsroom)
    client = newsroom.services.link.client
    client.delete(*client.keys(f"{redis_prefix}*"))
    visit(newsroom)
    assert Counter(one["article"]["revision"] for one in found(newsroom).values()) == {1: 1}
    assert newsroom.services.ledger.counts().get("outcome:indexed", 0) == 0
