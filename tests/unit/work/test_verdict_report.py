import json

import pytest
from fake_results import FakeResultStore

from worker.ports import Kind, Write
from worker.tag.gold import load_gold
from worker.work.verdict_report import Judged, gold_lines, precision, wilson


def judged(word, **about):
    usual = {"rule": "verb", "act": "demand", "publisher": "Herald", "language": "en"}
    return Judged(statement_id="s", word=word, about=usual | about)


def test_important_and_duplicate_count_as_right():
    (found,) = precision([judged("right"), judged("important"), judged("duplicate"), judged("wrong")])["rule"]
    assert (found.value, found.right, found.wrong, found.share) == ("verb", 3, 1, 0.75)


def test_groups_with_most_verdicts_come_first():
    found = precision([judged("right", act="offer"), judged("wrong"), judged("right")])["act"]
    assert [(each.value, each.right, each.wrong) for each in found] == [("demand", 1, 1), ("offer", 1, 0)]


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 1, 0.0, 0.793), (1, 1, 0.207, 1.0), (8, 10, 0.490, 0.943), (80, 100, 0.711, 0.867)],
)
def test_the_interval_is_wilsons(hits, total, low, high):
    assert wilson(hits, total) == pytest.approx((low, high), abs=0.001)


def said(number, **stance):
    usual = {"party": "vesmar", "act": "demand", "issue": "bridge", "evidence": f"Vesmar wants the bridge, {number}."}
    return {
        "topic": "valley",
        "article": {"id": "a1"},
        "stance": usual | {"attribution": "reported", "conditional": False} | stance,
    }


def store_with(words, **statements):
    store = FakeResultStore()
    article = {"@timestamp": "2026-01-01T00:00:00+00:00", "article": {"id": "a1", "title": "T", "text": "Text."}}
    store.write([Write(kind=Kind.ARTICLES, id="a1", document=article)])
    store.write([Write(kind=Kind.STATEMENTS, id=name, document=each) for name, each in statements.items()])
    for name, word in words.items():
        verdict = {"statement": {"id": name}, "verdict": word, "payload": {}}
        store.write([Write(kind=Kind.VERDICTS, id=name, document=verdict)])
    return store


def test_an_article_judged_as_a_whole_becomes_a_line_that_evaluate_reads():
    store = store_with({"s1": "right", "s2": "wrong"}, s1=said(1), s2=said(2, act="offer"))
    (line,) = gold_lines(store)
    (article,) = load_gold([json.dumps(line)])
    assert [(each.party, each.act, each.issue) for each in article.statements] == [("vesmar", "demand", "bridge")]
    assert [each["act"] for each in line["wrong"]] == ["offer"]
    assert article.text == "Text."


def test_an_article_with_a_statement_that_nobody_judged_is_left_out_unless_asked_for():
    store = store_with({"s1": "right"}, s1=said(1), s2=said(2, act="offer"))
    assert list(gold_lines(store)) == []
    (line,) = gold_lines(store, partial=True)
    assert len(line["statements"]) == 1


def test_a_retracted_statement_need_not_be_judged():
    store = store_with({"s1": "right"}, s1=said(1), s2=said(2, retracted_at="2026-01-02T00:00:00+00:00"))
    assert len(list(gold_lines(store))) == 1


def test_a_triple_stands_once_and_wrong_is_no_part_of_it():
    store = store_with({"s1": "right", "s2": "duplicate", "s3": "wrong"}, s1=said(1), s2=said(2), s3=said(3))
    (line,) = gold_lines(store)
    assert [each["evidence"] for each in line["statements"]] == ["Vesmar wants the bridge, 1."]
    assert [each["evidence"] for each in line["wrong"]] == ["Vesmar wants the bridge, 3."]
