from datetime import UTC, datetime

import pytest
from fake_fingerprints import FakeFingerprints
from fake_results import FakeResultStore
from hypothesis import given
from hypothesis import strategies as st
from stories import article as make_article

from worker.dedup.decide import Joins, New, candidates, choose, is_template
from worker.dedup.diff import edit_between
from worker.dedup.service import place, revision_of
from worker.dedup.sketch import containment, similarity, sketch
from worker.ports import Kind, Neighbour, Write

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = (
    "Aldmark will reopen the eastern bridge on Monday, the transport ministry said after a meeting in the capital. "
    "The bridge was closed in spring when fighting reached the river. Engineers found two damaged piers and replaced "
    "them over the summer. Verenia had asked for the crossing to be opened to goods as well as to people. The ministry "
    "said that lorries would be let through from the autumn, once a customs post had been built. A spokesman for the "
    "border guard said that the first buses would leave at six in the morning and return at nightfall every day."
)
MARKET = (
    "Shares in Aldmark closed at {a} on {day} after trading between {b} and {c}. The index of the largest companies "
    "rose by {d} points. The krone stood at {e} to the dollar. Brokers said that volume was thin at {f} contracts."
)


def near(name, text, story=None):
    found = sketch(text)
    return Neighbour(article_id=name, story_id=story or name, signature=found.signature, shingles=found.shingles)


def test_a_text_is_wholly_like_itself_and_hardly_like_another():
    assert similarity(sketch(WIRE).signature, sketch(WIRE).signature) == 1.0
    assert similarity(sketch(WIRE).signature, sketch(MARKET).signature) < 0.1


def test_typography_and_case_do_not_make_a_text_another():
    assert sketch(WIRE.upper().replace("-", "–")) == sketch(WIRE)


@given(st.text())
def test_every_text_has_a_sketch_of_one_size(text):
    assert len(sketch(text).signature) == 128


@pytest.mark.parametrize(
    ("jaccard", "one", "other", "share"),
    [(1.0, 50, 50, 1.0), (0.5, 100, 50, 1.0), (0.0, 10, 10, 0.0), (0.2, 60, 60, 1 / 3)],
)
def test_containment_is_the_shared_part_of_the_smaller_set(jaccard, one, other, share):
    assert containment(jaccard, one, other) == pytest.approx(share)


def test_containment_of_nothing_is_nothing():
    assert containment(1.0, 0, 9) == 0.0


def test_a_copy_with_a_new_head_joins():
    (join,) = candidates(sketch("Update from the river. " + WIRE), [near("a", WIRE)])
    assert join.story_id == "a"


def test_a_wire_story_cut_to_its_first_half_joins():
    assert candidates(sketch(WIRE[: len(WIRE) // 2]), [near("a", WIRE)])


def test_a_follow_up_that_reuses_a_sentence_stays_apart():
    follow_up = (
        WIRE.split(". ")[1] + ". " + " ".join(f"Fresh matter number {n} is told here at length." for n in range(30))
    )
    assert candidates(sketch(follow_up), [near("a", WIRE)]) == []


def test_the_most_similar_story_comes_first():
    joins = candidates(sketch(WIRE), [near("b", WIRE[:400], "far"), near("a", WIRE, "same")])
    assert [join.story_id for join in joins] == ["same", "far"]


def test_a_market_report_of_another_day_is_no_copy():
    monday = MARKET.format(a="1,204.5", day="Monday", b="1,190.0", c="1,211.3", d="14.2", e="7.41", f="20,100")
    tuesday = MARKET.format(a="1,180.1", day="Tuesday", b="1,177.9", c="1,206.8", d="24.4", e="7.52", f="18,400")
    joins = [Joins("a", "a", 0.9)]
    assert is_template(monday, tuesday)
    assert choose(tuesday, joins, {"a": monday}) == New()
    assert choose(monday, joins, {"a": monday}) == joins[0]


def test_a_text_that_is_not_stored_yet_cannot_object():
    assert choose(WIRE, [Joins("a", "a", 0.9)], {}) == Joins("a", "a", 0.9)


def test_the_first_article_opens_its_story():
    article = make_article("one", text=WIRE)
    placed = place(article, store=FakeResultStore(), fingerprints=FakeFingerprints(), now=NOW)
    assert (placed.story_id, placed.copy_of, placed.revision, placed.is_revision) == (
        article.article_id,
        None,
        1,
        False,
    )


def test_a_copy_joins_and_placing_twice_gives_the_same():
    store, prints = FakeResultStore(), FakeFingerprints()
    first, second = make_article("one", text=WIRE), make_article("two", text=WIRE)
    place(first, store=store, fingerprints=prints, now=NOW)
    placed = place(second, store=store, fingerprints=prints, now=NOW)
    assert (placed.story_id, placed.copy_of) == (first.article_id, first.article_id)
    assert place(second, store=store, fingerprints=prints, now=NOW) == placed
    assert place(first, store=store, fingerprints=prints, now=NOW).story_id == first.article_id


def test_a_copy_of_a_copy_joins_the_opener():
    store, prints = FakeResultStore(), FakeFingerprints()
    cut = WIRE[: len(WIRE) * 3 // 4]
    for name, text in (("one", WIRE), ("two", cut)):
        place(make_article(name, text=text), store=store, fingerprints=prints, now=NOW)
    third = place(make_article("three", text=cut[:-60]), store=store, fingerprints=prints, now=NOW)
    assert third.story_id == make_article("one").article_id


def test_a_stored_article_keeps_its_story_for_ever():
    store, article = FakeResultStore(), make_article("one", text=WIRE)
    document = {"article": {"revision": 3, "text_hash": article.text_hash}, "story": {"id": "f" * 32}}
    store.write([Write(kind=Kind.ARTICLES, id=article.article_id, document=document)])
    store.write(
        [Write(kind=Kind.STORIES, id="f" * 32, document={"story": {"members": ["f" * 32, article.article_id]}})]
    )
    placed = place(article, store=store, fingerprints=FakeFingerprints(), now=NOW)
    assert (placed.story_id, placed.copy_of, placed.members) == ("f" * 32, "f" * 32, ("f" * 32,))


def stored(article, **changes):
    fields = {"text_hash": article.text_hash, "revision": 2} | changes
    return {"article": fields, "extractor": {"version": article.extractor_version}}


def test_a_changed_text_is_the_next_revision():
    article = make_article("one", text=WIRE)
    assert revision_of(article, stored(article, text_hash="old")) == (3, True)


def test_the_same_text_is_no_revision():
    article = make_article("one", text=WIRE)
    assert revision_of(article, stored(article)) == (2, False)


def test_a_better_extractor_makes_no_revision():
    article = make_article("one", text=WIRE)
    old = stored(article, text_hash="old") | {"extractor": {"version": "0"}}
    assert revision_of(article, old) == (2, False)


def test_an_edit_names_the_sentences_that_came_and_went():
    edit = edit_between(
        "One stays here. Two goes now.\n\nThree “stays”.", 'One stays here. Four is new.\n\nThree "stays".'
    )
    assert (edit.removed, edit.added) == (("Two goes now.",), ("Four is new.",))


NOTE = (
    "The foreign ministry of {0} summoned the ambassador of {1} on Monday and handed him a note. The spokesman {2} said "
    "that the government in {3} expects an answer from {4} within days, and that the talks in {5} go on as planned."
)


def test_a_form_letter_about_others_is_no_copy():
    one = NOTE.format("Vesmar", "Ostrania", "Ilva Renn", "Kellport", "Tarsk", "Lindholm")
    other = NOTE.format("Aldmark", "Verenia", "Bo Ek", "Norhaven", "Suderburg", "Westermoor")
    assert is_template(one, other)


def test_a_copy_that_names_one_more_or_spells_one_otherwise_is_a_copy():
    one = NOTE.format("Vesmar", "Ostrania", "Ilva Renn", "Kellport", "Tarsk", "Lindholm")
    other = NOTE.format("Vesmar", "Ostraniya", "Ilva Renn", "Kellport", "Tarsk", "Lindholm, near Porto Alm,")
    assert not is_template(one, other)
