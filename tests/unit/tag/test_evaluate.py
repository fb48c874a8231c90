"""Scores on small sets whose figures can be counted on one hand."""

import json
from dataclasses import replace
from random import Random

import pytest

from worker.errors import ConfigurationError
from worker.model import Act, Attribution, Statement
from worker.tag.evaluate import Evaluation, score, token_f1
from worker.tag.gold import GoldArticle, Labelled, load_gold, same_name, statement_as_gold

TEXT = "Ostania wants a truce. Veldoria will hold no talks. Norland offers to host a summit."
TRUCE = Labelled(
    party="ostania",
    speaker=None,
    act="demand",
    issue="ceasefire",
    target="veldoria",
    conditional=False,
    condition_issue=None,
    attribution="narrated",
    evidence="Ostania wants a truce.",
)
NO_TALKS = replace(
    TRUCE, party="veldoria", act="reject", issue="talks", target=None, evidence="Veldoria will hold no talks."
)
HOST = replace(
    TRUCE, party="norland", act="offer", issue="talks", target=None, evidence="Norland offers to host a summit."
)


def article(*statements: Labelled, name: str = "a", text: str = TEXT) -> GoldArticle:
    return GoldArticle(id=name, topic="conflict", style="wire", text=text, statements=statements)


def scored(gold: list[GoldArticle], **predicted: list[Labelled]) -> Evaluation:
    return score(gold, predicted, rng=Random(1))


def test_found_missed_and_invented_records_are_counted() -> None:
    result = scored([article(TRUCE, NO_TALKS)], a=[TRUCE, HOST])
    assert (result.triple.hits, result.triple.predicted, result.triple.gold) == (1, 2, 2)
    assert (result.triple.precision, result.triple.recall, result.triple.f1) == (0.5, 0.5, 0.5)
    assert [f.record for f in result.misses] == [NO_TALKS]
    assert [f.record for f in result.extras] == [HOST]


def test_one_prediction_matches_one_record_only() -> None:
    result = scored([article(TRUCE)], a=[TRUCE, replace(TRUCE, target="norland")])
    assert (result.triple.hits, result.triple.predicted) == (1, 2)


def test_of_two_records_with_one_triple_the_better_agreeing_are_paired() -> None:
    other = replace(TRUCE, target="norland", speaker="Ivo Kareliy")
    result = scored([article(TRUCE, other)], a=[other, TRUCE])
    assert (result.target.value, result.speaker.value, result.triple.f1) == (1.0, 1.0, 1.0)


def test_a_wrong_target_costs_the_target_figures_alone() -> None:
    result = scored([article(TRUCE)], a=[replace(TRUCE, target=None)])
    assert (result.triple.f1, result.with_target.f1, result.target.value) == (1.0, 0.0, 0.0)


def test_speakers_are_compared_without_accents() -> None:
    named = replace(TRUCE, speaker="Ivó Kareliy")
    assert scored([article(named)], a=[replace(TRUCE, speaker="Ivo Kareliy")]).speaker.value == 1.0
    assert not same_name("Ivo Kareliy", None)


def test_the_issue_of_a_condition_counts_where_the_gold_has_a_condition() -> None:
    bound = replace(TRUCE, conditional=True, condition_issue="withdrawal")
    result = scored([article(bound, NO_TALKS)], a=[replace(bound, condition_issue=None), NO_TALKS])
    assert (result.conditional.value, result.condition_issue.right, result.condition_issue.total) == (1.0, 0, 1)


def test_evidence_must_stand_in_the_text_to_the_character() -> None:
    result = scored([article(TRUCE)], a=[replace(TRUCE, evidence="Ostania wants a truce!")])
    assert (result.evidence_exact.right, result.evidence_overlap.right) == (0, 1)


def test_articles_without_statements_are_judged_by_their_silence() -> None:
    result = scored([article(name="a"), article(name="b")], b=[HOST, TRUCE])
    assert (result.left_empty.right, result.left_empty.total, result.false_per_empty_article) == (1, 2, 1.0)


def test_acts_topics_and_demands_have_figures_of_their_own() -> None:
    result = scored([article(TRUCE, NO_TALKS)], a=[TRUCE])
    assert {act: found.f1 for act, found in result.by_act.items()} == {"demand": 1.0, "reject": 0.0}
    assert (result.macro_f1, result.demands.f1) == (0.5, 1.0)
    assert result.by_topic["conflict"] == result.by_style["wire"] == result.triple


def test_the_interval_holds_the_figure_and_repeats_with_its_seed() -> None:
    gold = [article(TRUCE, name=str(n)) for n in range(20)]
    predicted = {str(n): [TRUCE] for n in range(10)}
    first, second = (score(gold, predicted, rng=Random(7)) for _ in range(2))
    assert first.interval == second.interval
    assert first.interval[0] < first.triple.f1 < first.interval[1]


def test_a_miss_names_what_came_closest() -> None:
    near = replace(TRUCE, act="offer")
    assert scored([article(TRUCE)], a=[near]).misses[0].nearest == near
    assert scored([article(TRUCE)], a=[HOST]).misses[0].nearest is None


def test_nothing_against_nothing_is_perfect() -> None:
    assert scored([]).triple.f1 == 1.0


def test_the_figures_become_plain_json() -> None:
    plain = json.loads(json.dumps(scored([article(TRUCE)], a=[HOST]).as_dict()))
    assert plain["triple"] == {"hits": 0, "predicted": 1, "gold": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert plain["misses"][0]["record"]["evidence"] == "Ostania wants a truce."


@pytest.mark.parametrize(("left", "right", "expected"), [("a b", "A b c d", 2 / 3), ("a", "b", 0.0), ("", "", 0.0)])
def test_shared_words_make_the_overlap(left: str, right: str, expected: float) -> None:
    assert token_f1(left, right) == pytest.approx(expected)


def test_a_statement_is_printed_under_the_names_of_a_gold_file() -> None:
    statement = Statement(
        party="ostania",
        speaker="Lena Dorsh",
        act=Act.DEMAND,
        issue="ceasefire",
        target="veldoria",
        conditional=True,
        condition_issue=None,
        attribution=Attribution.REPORTED,
        evidence="Ostania wants a truce.",
        start=0,
        end=22,
        confidence=0.9,
    )
    assert statement_as_gold(statement) == {
        "party": "ostania",
        "speaker": "Lena Dorsh",
        "act": "demand",
        "issue": "ceasefire",
        "target": "veldoria",
        "conditional": True,
        "condition_issue": None,
        "attribution": "reported",
        "evidence": "Ostania wants a truce.",
    }


def test_a_gold_line_becomes_an_article() -> None:
    line = json.dumps(
        {
            "id": "x",
            "topic": "conflict",
            "text": TEXT,
            "statements": [{"party": "ostania", "act": "demand", "issue": "talks"}],
        }
    )
    (found,) = load_gold([line, "  "])
    assert found.text == TEXT
    assert found.statements[0].attribution == "reported"
    assert found.statements[0].target is None


def test_every_bad_line_is_named_at_once() -> None:
    lines = [
        "{",
        "[]",
        '{"id": "x"}',
        '{"id": "x", "topic": "t", "statements": [{"party": 1, "issue": "y", "act": "shout"}, 7]}',
    ]
    with pytest.raises(ConfigurationError) as refused:
        load_gold(lines)
    faults = "\n".join(refused.value.faults)
    assert "line 1: not JSON" in faults
    assert "line 2: not an object" in faults
    assert "line 3: topic is missing" in faults
    assert "line 4: statements[0]: act must be one of demand, reject" in faults
    assert "line 4: statements[1]: not an object" in faults
