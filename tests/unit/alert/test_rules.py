from datetime import UTC, datetime, timedelta

import pytest
from alert_samples import book, graded
from stories import article

from worker.alert.rule_form import RuleDefaults, rules_from_mapping
from worker.alert.rules import Fired, Rule, fires
from worker.alert.suppress import wakes_at
from worker.errors import ConfigurationError, QueryRefused
from worker.model import Level


def rule(**form: object) -> Rule:
    return book(form).rules[0]


def fired(each: Rule, level: Level = Level.FIRST, **said: object) -> Fired | None:
    return fires(each, graded(level=level, **said), article("a", title="Talks in Sael"), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, True),
        ({"parties": ["vesmar", "kell"]}, True),
        ({"parties": ["ostrania"]}, False),
        ({"acts": ["demand"], "issues": ["troop-withdrawal"], "targets": ["ostrania"]}, True),
        ({"acts": ["reject"]}, False),
        ({"topics": ["elsewhere"]}, False),
        ({"levels": ["changed"]}, False),
        ({"words": ["troops"]}, True),
        ({"words": ["troop"]}, False),
        ({"words": ["troop*"]}, True),
        ({"words": ["TALKS in  Sael"]}, True),
    ],
)
def test_a_rule_fires_when_everything_it_asks_for_holds(match: dict[str, list[str]], hit: bool) -> None:
    assert (fired(rule(match=match)) is not None) is hit


def test_a_rule_without_levels_wants_first_and_changed_only() -> None:
    assert [level for level in Level if fired(rule(), level)] == [Level.FIRST, Level.CHANGED]


def test_a_statement_below_the_least_confidence_does_not_fire() -> None:
    assert fired(rule(min_confidence=0.8), confidence=0.79) is None
    assert fired(rule(min_confidence=0.8), confidence=0.8) is not None


def test_the_family_that_makes_up_the_number_confirms() -> None:
    two = rule(min_families=2)
    assert fired(two) is None
    found = fired(two, Level.REPEAT, families=("kell", "orm"))
    assert found is not None
    assert (found.level, found.reason) == ("confirmed", "now reported by 2 independent publisher families")
    assert fired(two, Level.REPEAT, families=("kell", "orm", "tal")) is None


def test_kql_is_asked_of_the_statements_document() -> None:
    defaults = RuleDefaults(compile_kql=lambda text: lambda document: document.get("feed") == text)
    form = {
        "channels": {"desk": {"kind": "console"}},
        "rules": [{"id": "a", "channels": ["desk"], "match": {"kql": "x"}}],
    }
    each = rules_from_mapping(form, defaults).rules[0]
    assert fires(each, graded(), article("a"), {"feed": "x"}) is not None
    assert fires(each, graded(), article("a"), {"feed": "y"}) is None


def test_the_version_changes_with_what_is_looked_for_and_not_with_where_it_goes() -> None:
    assert rule().version == rule(cooldown_h=5, quiet={"from": "22:00", "to": "06:00"}, digest="0 7 * * *").version
    assert rule().version != rule(match={"acts": ["demand"]}).version
    assert rule().version != rule(min_confidence=0.9).version


def refuse(text: str) -> object:
    raise QueryRefused("nested queries are not known here", reason="query_refused")


def test_every_fault_is_named_at_its_place() -> None:
    form = {
        "channels": {"desk": {"kind": "consle"}, "hook": {"kind": "webhook", "url": "https://orm.example/in"}},
        "rules": [
            {"id": "a", "channels": ["dask"], "match": {"levels": ["frist"], "kql": "a:{b:c}", "party": ["vesmar"]}},
            {"id": "a", "channels": [], "min_confidence": 2, "digest": "at seven", "shadow": "yes", "cooldown_h": True},
            {"channels": ["hook"], "quiet": {"from": "25:00", "to": "06:00", "zone": "Atlantis/Sunk"}},
        ],
        "rule": [],
    }
    with pytest.raises(ConfigurationError) as caught:
        rules_from_mapping(form, RuleDefaults(compile_kql=refuse))  # type: ignore[arg-type]
    assert list(caught.value.faults) == [
        "rule: unknown key; did you mean rules?",
        "channels.desk.kind: 'consle' is not known; did you mean console?",
        "channels.hook: a channel of kind webhook needs `url` and `secret`, the name of the signing key",
        "rules[0].match.party: unknown key; did you mean parties?",
        "rules[0].match.levels[0]: 'frist' is not known; did you mean first?",
        "rules[0].channels[0]: 'dask' is not known; did you mean desk?",
        "rules[0].match.kql: nested queries are not known here",
        "rules[1].min_confidence: must be a number from 0 to 1",
        "rules[1].channels: must name at least one",
        "rules[1].cooldown_h: must be a number from 0 to 10000",
        "rules[1].digest: must be five fields of cron, such as `0 7 * * *`",
        "rules[1].shadow: must be true or false",
        "rules[2].id: is missing",
        "rules[2].quiet.from: must be a time of day such as 22:30",
        "rules[2].quiet.zone: is no time zone; write it as Europe/Vilnius",
        "rules[1].id: a is the id of an earlier rule",
    ]


@pytest.mark.parametrize(
    ("now", "awake"),
    [
        ("12:00", "12:00"),
        ("21:59", "21:59"),
        ("22:00", "06:30+1"),
        ("23:30", "06:30+1"),
        ("03:00", "06:30"),
        ("06:30", "06:30"),
    ],
)
def test_quiet_hours_go_over_midnight(now: str, awake: str) -> None:
    quiet = rule(quiet={"from": "22:00", "to": "06:30", "zone": "UTC"}).quiet
    clock, _, day = awake.partition("+")
    expected = datetime.fromisoformat(f"2031-03-01T{clock}:00+00:00") + timedelta(days=int(day or 0))
    assert wakes_at(quiet, datetime.fromisoformat(f"2031-03-01T{now}:00+00:00")) == expected


def test_quiet_hours_are_those_of_the_sleepers() -> None:
    quiet = rule(quiet={"from": "22:00", "to": "06:00", "zone": "Asia/Tokyo"}).quiet
    assert wakes_at(quiet, datetime(2031, 3, 1, 14, 0, tzinfo=UTC)) == datetime(2031, 3, 1, 21, 0, tzinfo=UTC)
    assert wakes_at(quiet, datetime(2031, 3, 1, 22, 0, tzinfo=UTC)) == datetime(2031, 3, 1, 22, 0, tzinfo=UTC)
