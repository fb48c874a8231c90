"""Writing an article: what it leaves in the store, and what a second run, a revision, a copy or a fault change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import read_templates
from worker.errors import StoreRejected, StoreUnavailable
from worker.identity import claim_key, position_key, statement_id
from worker.index.mapping import unknown_paths
from worker.index.service import remember_entry, write_article
from worker.model import Act, Article, Attribution, DateSource, Placement, Statement, TaggedStatement
from worker.ports import Kind, Write, WriteResult, WriteStatus

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TEMPLATES = read_templates(Path(__file__).parents[3] / "config" / "elasticsearch")

ARTICLE = Article(
    article_id="a1",
    item_id="i1",
    url="https://lantern.example/talks",
    title="Talks resume",
    text="Arvenia demands that Borduria leave the valley.",
    text_hash="h1",
    language="en",
    authors=("A. Writer",),
    published=NOW - timedelta(hours=2),
    published_source=DateSource.FEED,
    modified=None,
    fetched=NOW - timedelta(hours=1),
    effective=NOW - timedelta(hours=2),
    publisher="The Lantern",
    family="lantern",
    feed_id="lantern",
    domain="lantern.example",
    registered_domain="lantern.example",
    topics=("valley",),
    origin="feed",
    origin_name="Wire",
    extractor_version="1",
)
ALONE = Placement(article_id="a1", story_id="a1", revision=1, is_revision=False, copy_of=None)


def tagged(evidence: str, article: str = "a1", **more) -> TaggedStatement:
    said = Statement(
        **{
            "party": "arvenia",
            "speaker": "Minister Orlik",
            "act": Act.DEMAND,
            "issue": "territory",
            "target": "borduria",
            "conditional": False,
            "condition_issue": None,
            "attribution": Attribution.REPORTED,
            "evidence": evidence,
            "start": 0,
            "end": len(evidence),
            "confidence": 0.81,
            "plover": "DEMAND",
            "plover_mode": "territory",
            "cameo": "10",
            "deadline": NOW,
            "terms": ("30 days",),
            "rule": "verb:demand",
        }
        | more
    )
    return TaggedStatement(
        statement_id=statement_id("valley", article, said),
        claim_key=claim_key("valley", said.party, said.act, said.issue),
        position_key=position_key("valley", said.party, said.issue),
        topic="valley",
        article_id=article,
        statement=said,
        tagger="rules",
        tagger_version="1.0",
    )


ONE, TWO = tagged("Leave the valley."), tagged("Leave the hills.")


@pytest.fixture
def store(tmp_path):
    found = SqliteStore(tmp_path / "results.db", TEMPLATES)
    found.setup()
    yield found
    found.close()


def write(store, article=ARTICLE, placement=ALONE, statements=(ONE, TWO), *, entry_hash="e1", now=NOW):
    return write_article(store, article, placement, list(statements), entry_hash=entry_hash, now=now)


def document(store, kind: Kind, name: str):
    return store.get(kind, [name])[name].document


def everything(store) -> dict:
    ids = {Kind.ARTICLES: ["a1", "a2"], Kind.STATEMENTS: [ONE.statement_id, TWO.statement_id], Kind.STORIES: ["a1"]}
    return {kind: store.get(kind, names) for kind, names in ids.items()}


def test_a_new_article_leaves_itself_its_statements_and_its_story(store):
    report = write(store)
    assert (report.changed, report.retracted, report.written) == (True, (), 4)
    article = document(store, Kind.ARTICLES, "a1")
    assert article["article"]["statement_ids"] == sorted([ONE.statement_id, TWO.statement_id])
    assert article["story"] == {"id": "a1", "copies": 0, "publishers": ["The Lantern"]}
    assert article["event"] == {"created": "2026-03-10T11:00:00+00:00", "ingested": "2026-03-10T12:00:00+00:00"}
    assert article["tagger"] == {"version": ["rules/1.0"]}
    statement = document(store, Kind.STATEMENTS, ONE.statement_id)
    assert statement["claim"] == {"key": "valley/arvenia/demand/territory"}
    assert statement["stance"]["evidence"] == "Leave the valley."
    assert statement["stance"]["position"] == "demand"
    assert document(store, Kind.STORIES, "a1")["story"]["members"] == ["a1"]


def test_a_second_run_writes_nothing_and_says_the_same(store):
    first = write(store)
    before = everything(store)
    second = write(store, now=LATER)
    assert everything(store) == before
    assert (second.changed, second.retracted, second.written) == (first.changed, (), 0)


def test_the_same_text_from_another_poll_is_no_change(store):
    write(store)
    assert write(store, replace(ARTICLE, fetched=LATER), entry_hash="e2", now=LATER).changed is False
    assert write(store, replace(ARTICLE, item_id="i2"), now=LATER).changed is False
    assert document(store, Kind.ARTICLES, "a1")["event"]["created"] == "2026-03-10T11:00:00+00:00"


def test_a_level_that_novelty_wrote_survives_a_second_run_and_a_new_tagger(store):
    write(store)
    stored = store.get(Kind.STATEMENTS, [ONE.statement_id])[ONE.statement_id]
    graded = {**stored.document, "claim": {**stored.document["claim"], "level": "first", "reason": "first time"}}
    store.write([Write(kind=Kind.STATEMENTS, id=ONE.statement_id, document=graded, token=stored.token)])
    write(store, statements=[replace(ONE, tagger_version="2.0"), TWO], now=LATER)
    statement = document(store, Kind.STATEMENTS, ONE.statement_id)
    assert statement["claim"] == {"key": "valley/arvenia/demand/territory", "level": "first", "reason": "first time"}
    assert statement["tagger"]["version"] == "2.0"
    assert statement["event"]["ingested"] == "2026-03-10T12:00:00+00:00"


def test_a_revision_marks_what_is_no_longer_said_and_goes_on_telling_of_it(store):
    write(store)
    revised, second = replace(ARTICLE, text_hash="h2"), replace(ALONE, revision=2, is_revision=True)
    first_run = write(store, revised, second, [ONE], entry_hash="e2", now=LATER)
    again = write(store, revised, second, [ONE], entry_hash="e2", now=LATER + timedelta(hours=1))
    assert first_run.retracted == again.retracted == (TWO.statement_id,)
    assert (first_run.changed, again.changed, again.written) == (True, True, 0)
    assert (first_run.repeated, again.repeated) == (False, True)
    assert document(store, Kind.STATEMENTS, TWO.statement_id)["stance"]["retracted_at"] == "2026-03-10T13:00:00+00:00"
    assert "retracted_at" not in document(store, Kind.STATEMENTS, ONE.statement_id)["stance"]
    assert document(store, Kind.ARTICLES, "a1")["article"]["revision"] == 2


def test_what_is_said_again_is_no_longer_retracted(store):
    write(store)
    write(store, replace(ARTICLE, text_hash="h2"), statements=[ONE], entry_hash="e2")
    report = write(store, replace(ARTICLE, text_hash="h3"), statements=[ONE, TWO], entry_hash="e3")
    assert report.retracted == ()
    assert "retracted_at" not in document(store, Kind.STATEMENTS, TWO.statement_id)["stance"]


def test_a_copy_joins_its_story_and_the_opening_article_counts_it(store):
    write(store)
    copy = replace(ARTICLE, article_id="a2", item_id="i2", publisher="Courier", family="courier")
    write(store, copy, replace(ALONE, article_id="a2", copy_of="a1", members=("a1",)), [tagged("Leave.", "a2")])
    story = {"id": "a1", "copies": 1, "publishers": ["Courier", "The Lantern"]}
    assert document(store, Kind.ARTICLES, "a1")["story"] == story
    assert document(store, Kind.ARTICLES, "a2")["story"] == {"id": "a1"}
    assert document(store, Kind.STORIES, "a1")["story"] == {**story, "members": ["a1", "a2"]}
    assert write(store, now=LATER).written == 0


def test_the_entry_is_remembered_with_its_hash(store):
    remember_entry(store, ARTICLE, "e1", now=NOW)
    remember_entry(store, ARTICLE, "e1", now=LATER)
    assert document(store, Kind.ALIASES, "i1") == {
        "entry_hash": "e1",
        "article": {"id": "a1"},
        "url": {"full": "https://lantern.example/talks"},
        "feed": {"id": "lantern"},
        "event": {"ingested": "2026-03-10T12:00:00+00:00"},
    }


def test_every_field_of_every_document_is_in_the_templates(store):
    write(store)
    remember_entry(store, ARTICLE, "e1", now=NOW)
    write(store, replace(ARTICLE, text_hash="h2", modified=NOW), statements=[ONE], entry_hash="e2")
    written = {
        Kind.ARTICLES: "a1",
        Kind.STATEMENTS: TWO.statement_id,
        Kind.STORIES: "a1",
        Kind.ALIASES: "i1",
    }
    for kind, name in written.items():
        assert unknown_paths(document(store, kind, name), TEMPLATES.mappings[kind]) == []


class Faulty:
    """A store in which the writes number ``at`` and later are answered otherwise, or meet another writer first."""

    def __init__(self, inner, *, at: int, answer: WriteStatus | None = None, meddle=None) -> None:
        self._inner, self._at, self._answer, self._meddle, self.calls = inner, at, answer, meddle, 0

    def get(self, kind, ids):
        return self._inner.get(kind, ids)

    def write(self, writes):
        self.calls += 1
        if self.calls == self._at and self._meddle:
            self._meddle()
        if self.calls >= self._at and self._answer:
            return [WriteResult(id=write.id, status=self._answer, reason="for a test") for write in writes]
        return self._inner.write(writes)


@pytest.mark.parametrize("at", [1, 2])
def test_after_a_fault_at_any_write_the_next_run_completes_and_equals_an_undisturbed_one(store, at):
    with pytest.raises(StoreUnavailable, match="for a test"):
        write(Faulty(store, at=at, answer=WriteStatus.LATER))
    report = write(store)
    assert report.changed
    assert len(document(store, Kind.ARTICLES, "a1")["article"]["statement_ids"]) == 2
    assert write(store, now=LATER).written == 0


def test_a_document_that_does_not_fit_is_told_apart_from_a_store_that_does_not_answer(store):
    with pytest.raises(StoreRejected, match="for a test") as caught:
        write(Faulty(store, at=1, answer=WriteStatus.REJECTED))
    assert caught.value.reason == "store_rejected"


def test_another_writer_between_read_and_write_loses_nothing(store):
    write(store)

    def grade() -> None:
        stored = store.get(Kind.STATEMENTS, [ONE.statement_id])[ONE.statement_id]
        graded = {**stored.document, "claim": {**stored.document["claim"], "level": "first"}}
        store.write([Write(kind=Kind.STATEMENTS, id=ONE.statement_id, document=graded, token=stored.token)])

    write(Faulty(store, at=1, meddle=grade), statements=[replace(ONE, tagger_version="2.0"), TWO])
    statement = document(store, Kind.STATEMENTS, ONE.statement_id)
    assert (statement["claim"]["level"], statement["tagger"]["version"]) == ("first", "2.0")


def test_who_always_loses_the_race_waits_instead_of_going_round_for_ever(store):
    loser = Faulty(store, at=1, answer=WriteStatus.CONFLICT)
    with pytest.raises(StoreUnavailable, match="faster"):
        write(loser)
    assert loser.calls == 25
