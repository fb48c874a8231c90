"""An outlet edits an article without a word in its feed: the edit is seen, kept, and told to whoever was told."""

import json
from datetime import timedelta

import pytest
from newsroom import BOTH_STORES, open_newsroom, store_environment

from worker.ports import Kind
from worker.work.watch_edits import LEASE, LOOKS, watch_edits

SUMMIT = (
    "Ukraine wants a peace summit to be held by the end of February, Foreign Minister Dmytro Kuleba said on Monday."
)
LATER = "Ukraine wants a peace summit to be held by the end of March, Foreign Minister Dmytro Kuleba said on Monday."
REST = "The hotels by the lake are full, and the streets around them will be closed to traffic for several weeks.\n\
Rain is expected there all week, and the ferries do not run. The last such meeting was held in the same city five years \
ago."
FEED = """<rss version="2.0"><channel><title>Wire</title><item><title>Summit by February</title>
<link>{base}/harbour/summit</link><guid isPermaLink="false">1</guid></item></channel></rss>"""


class EditedSite:
    """One outlet of the demo's press whose only article changes behind an unchanged feed."""

    def __init__(self):
        self.text = f"{SUMMIT}\n{REST}"

    def __call__(self, path, base):
        if path == "/harbour/feed.xml":
            return "application/rss+xml", FEED.format(base=base)
        return ("text/html", self._page()) if path == "/harbour/summit" and self.text else None

    def _page(self):
        shown = "".join(f"<p>{line}</p>" for line in self.text.splitlines())
        return (
            f'<!doctype html><html lang="en"><body><article><h1>Summit by February</h1>{shown}</article></body></html>'
        )


class SetClock:
    """A clock that is moved by hand."""

    def __init__(self, clock):
        self.moment = clock.now()

    def now(self):
        return self.moment


@pytest.fixture
def site():
    return EditedSite()


@pytest.fixture(params=BOTH_STORES)
def newsroom(request, tmp_path, redis_prefix, site):
    with open_newsroom(tmp_path, store_environment(request, redis_prefix), extra=site) as opened:
        opened.services.clock = SetClock(opened.services.clock)
        yield opened


def look_again(newsroom, after):
    services = newsroom.services
    services.clock.moment += after + timedelta(seconds=1)
    services.link.client.delete(f"{services.link.prefix}lease:{LEASE}")  # its end is counted in real seconds
    entered = watch_edits(services.edit_watch())
    newsroom.work()
    return entered


def messages(tmp_path):
    lines = (tmp_path / "data/alerts.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["data"] for line in lines]


def article(newsroom):
    (hit,) = newsroom.all(Kind.ARTICLES)
    return hit.document["article"]


def test_a_statement_that_was_taken_out_is_told_once_to_whoever_was_told(newsroom, site, tmp_path):
    newsroom.visit(0)
    told = len(messages(tmp_path))
    site.text = REST
    assert look_again(newsroom, LOOKS[0]) == 1
    new = messages(tmp_path)[told:]
    assert [one["type"] for one in new] == ["stancewatch.edit"] * told
    assert new[0]["reason"] == "Harbour Wire took this out of its article"
    assert {hit.document["kind"] for hit in newsroom.all(Kind.ALERTS)} == {"alert", "edit"}
    assert article(newsroom)["revisions"][0]["removed"] == [SUMMIT]
    look_again(newsroom, LOOKS[0])
    assert len(messages(tmp_path)) == 2 * told


def test_a_statement_that_was_changed_is_told_with_both_sentences(newsroom, site, tmp_path):
    newsroom.visit(0)
    told = len(messages(tmp_path))
    site.text = f"{LATER}\n{REST}"
    look_again(newsroom, LOOKS[0])
    edits = [one for one in messages(tmp_path)[told:] if one["type"] == "stancewatch.edit"]
    assert edits
    assert edits[0]["now"] == LATER
    (edit,) = article(newsroom)["revisions"]
    assert (edit["removed"], edit["added"], edit["revision"]) == ([SUMMIT], [LATER], 2)


def test_looks_come_on_a_fading_schedule_and_an_unchanged_page_writes_nothing(newsroom):
    newsroom.visit(0)
    before = article(newsroom)
    waits = [after - before for after, before in zip(LOOKS, (timedelta(0), *LOOKS), strict=False)]
    assert [look_again(newsroom, wait) for wait in waits] == [1] * 6
    assert look_again(newsroom, LOOKS[-1]) == 0
    assert newsroom.services.ledger.counts()["outcome:unchanged"] == 6
    assert article(newsroom) == before


def test_a_look_is_entered_once(newsroom):
    newsroom.visit(0)
    assert look_again(newsroom, LOOKS[0]) == 1
    assert look_again(newsroom, timedelta(seconds=301)) == 0


def test_an_article_that_was_taken_down_is_told_at_the_next_look(newsroom, site, tmp_path):
    newsroom.visit(0)
    told = len(messages(tmp_path))
    site.text = None
    look_again(newsroom, LOOKS[0])
    look_again(newsroom, timedelta(minutes=5))
    look_again(newsroom, timedelta(minutes=5))
    new = messages(tmp_path)[told:]
    assert [one["reason"] for one in new] == ["Harbour Wire took the article down"] * told
