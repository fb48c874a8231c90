import pytest

from worker import identity
from worker.model import Act, Attribution, Statement


def statement(**changes):
    fields = {
        "party": "aldmark",
        "speaker": "Ines Corvo",
        "act": Act.DEMAND,
        "issue": "border",
        "target": "verenia",
        "conditional": False,
        "condition_issue": None,
        "attribution": Attribution.REPORTED,
        "evidence": "Verenia must reopen the border",
        "start": 0,
        "end": 30,
        "confidence": 0.9,
    }
    return Statement(**(fields | changes))


def test_ids_are_written_down_so_that_an_upgrade_cannot_change_them():
    assert identity.article_id("example.org/a") == "94584207f807e901fa3f47eaaf3d3ff3"
    assert identity.item_id("", "https://example.org/a") == "425a939d8bde24b0af771693a7512f1b"


def test_parts_cannot_run_into_each_other():
    assert identity.digest("ab", "c") != identity.digest("a", "bc")


@pytest.mark.parametrize(
    "change",
    [{"party": "x"}, {"act": Act.REJECT}, {"issue": "x"}, {"target": None}, {"speaker": None}, {"evidence": "Other"}],
)
def test_a_statement_is_known_by_who_what_and_its_words(change):
    assert identity.statement_id("t", "a", statement()) != identity.statement_id("t", "a", statement(**change))


@pytest.mark.parametrize("change", [{"start": 5}, {"confidence": 0.1}, {"conditional": True}, {"rule": "other"}])
def test_what_a_better_tagger_would_say_of_it_is_not_part_of_a_statement(change):
    assert identity.statement_id("t", "a", statement()) == identity.statement_id("t", "a", statement(**change))


@pytest.mark.parametrize(
    ("one", "other"),
    [("“Quoted”  text", '"quoted" text'), ("a\u00a0b", "a b"), ("dash – dash", "dash - dash"), ("Straße", "STRASSE")],
)
def test_typography_does_not_make_a_text_new(one, other):
    assert identity.text_hash(one) == identity.text_hash(other)


def test_keys_are_readable():
    assert identity.claim_key("t", "aldmark", Act.DEMAND, "border") == "t/aldmark/demand/border"
    assert identity.position_key("t", "aldmark", "border") == "t/aldmark/border"


def test_an_alert_keeps_its_id_on_every_retry_and_changes_it_with_the_level():
    first = identity.alert_id("rule", "v1", "t/a/demand/b", "first", "s1")
    assert first == identity.alert_id("rule", "v1", "t/a/demand/b", "first", "s1")
    assert first != identity.alert_id("rule", "v1", "t/a/demand/b", "changed", "s1")
