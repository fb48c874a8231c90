"""A topic file's content becomes a topic, or one list of everything that is wrong with it."""

from datetime import date

import pytest

from worker.errors import ConfigurationError
from worker.topic import Issue, Office, Party, Person, Topic
from worker.topic_mapping import topic_from_mapping

SMALL = {
    "id": "small",
    "label": "Small",
    "parties": [
        {
            "id": "aldmark",
            "label": "Aldmark",
            "names": ["Aldmark"],
            "institutions": {"Stone Palace": ["the palace"]},
            "people": [
                {"name": "Ada Ferrum", "gender": "f", "offices": [{"title": "president", "since": date(2023, 2, 1)}]}
            ],
        }
    ],
    "issues": [{"id": "truce", "label": "truce", "patterns": {"truce*": 3}, "cooperative": False}],
    "plans": {"seven-point plan": "Norland plan"},
}


def faults_of(**changes: object) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        topic_from_mapping({**SMALL, **changes})
    return refused.value.faults


def test_the_mapping_becomes_the_topic() -> None:
    assert topic_from_mapping(SMALL) == Topic(
        id="small",
        label="Small",
        parties=(
            Party(
                id="aldmark",
                label="Aldmark",
                names=("Aldmark",),
                institutions={"Stone Palace": ("the palace",)},
                people=(
                    Person(name="Ada Ferrum", gender="f", offices=(Office(title="president", since=date(2023, 2, 1)),)),
                ),
            ),
        ),
        issues=(Issue(id="truce", label="truce", patterns={"truce*": 3}, cooperative=False),),
        plans={"seven-point plan": "Norland plan"},
    )


def test_all_faults_come_in_one_go_with_their_place() -> None:
    faults = faults_of(
        colour="red",
        parties=[{"id": "aldmark", "names": "Aldmark", "people": [{"nmae": "Ada"}]}],
        issues=[{"id": "truce", "label": "truce", "patterns": {"truce": "much"}}, "talks"],
    )
    assert faults == (
        "colour: is not a key here; known are id, label, parties, issues, plans, places, renames, settings",
        "parties[0].label: is missing",
        "parties[0].names: must be a list",
        "parties[0].people[0].nmae: is not a key here; known are name, aliases, gender, offices",
        "parties[0].people[0].name: is missing",
        "issues[0].patterns.truce: must be a number over 0, not 'much'",
        "issues[1]: must be a mapping of keys to values",
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"label": 7}, "label: must be a text, not 7; put it in quotes"),
        ({"label": " "}, "label: must be a text, not ' '; put it in quotes"),
        ({"plans": {2231: "x"}}, "plans.2231: must have a text as its key; put it in quotes"),
        ({"plans": ["x"]}, "plans: must be a mapping of keys to values"),
        ({"issues": [{"id": "a", "label": "a", "patterns": {"b": 0}}]}, "issues[0].patterns.b: must be a number over 0, not 0"),
        ({"issues": [{"id": "a", "label": "a", "cooperative": "no"}]}, "issues[0].cooperative: must be true or false, not 'no'"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_named(change: dict[str, object], expected: str) -> None:
    assert faults_of(**change) == (expected,)


def test_a_date_may_not_have_a_time() -> None:
    parties = [
        {"id": "a", "label": "a", "people": [{"name": "Ada", "offices": [{"title": "envoy", "since": "May 2024"}]}]}
    ]
    assert faults_of(parties=parties) == (
        "parties[0].people[0].offices[0].since: must be a date such as 2024-09-05, not 'May 2024'",
    )
