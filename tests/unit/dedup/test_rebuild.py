from datetime import UTC, datetime

from fake_fingerprints import FakeFingerprints

from worker.dedup.rebuild import reenter
from worker.dedup.sketch import sketch
from worker.ports import Stored

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
TEXT = "The transport ministry of Aldmark said that the first buses had crossed the eastern bridge before noon."


def stored(name, **document):
    return Stored(id=name, document=document, token="1")


def test_a_stored_article_is_met_again_with_its_story():
    prints = FakeFingerprints()
    documents = [stored("a", article={"text": TEXT}, story={"id": "s"}), stored("b", article={}, story={"id": "s"})]
    assert reenter(documents, prints, now=NOW) == 1
    found = sketch(TEXT)
    (near,) = prints.claim("c", "c", found.signature, found.shingles, now=NOW)
    assert (near.article_id, near.story_id) == ("a", "s")


def test_entering_twice_changes_nothing():
    prints = FakeFingerprints()
    documents = [stored("a", article={"text": TEXT}, story={"id": "s"})]
    reenter(documents, prints, now=NOW)
    before = dict(prints.records)
    reenter(documents, prints, now=NOW)
    assert prints.records == before
