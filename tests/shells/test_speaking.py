"""How commands speak, whatever they are given to say."""

import json
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
import typer

from worker.cli.moments import moment
from worker.cli.search import field, statement_lines
from worker.cli.terminal import say, show

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("36h", datetime(2026, 3, 9, 0, 0, tzinfo=UTC)),
        ("7d", datetime(2026, 3, 3, 12, 0, tzinfo=UTC)),
        ("2w", datetime(2026, 2, 24, 12, 0, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T06:00+02:00", datetime(2026, 1, 31, 4, 0, tzinfo=UTC)),
    ],
)
def test_times_are_understood_as_people_type_them(text: str, meant: datetime) -> None:
    assert moment(text, now=NOW) == meant


@pytest.mark.parametrize("text", ["yesterday", "7", "d", "-3d", "2026-13-01", "99999999d", ""])
def test_a_time_that_means_nothing_is_wrong_use(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no time"):
        moment(text, now=NOW)


def test_control_characters_and_markup_reach_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("[bold red]calm[/] \x1b[2J\u202eevil\x07")
    assert capsys.readouterr().out == "[bold red]calm[/] [2Jevil\n"


def test_json_lines_hold_one_object_each_and_times_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"at": NOW, "tags": frozenset({"b", "a"}), "more": MappingProxyType({"x": 1})}, {"at": None}]
    show(rows, ["at"], as_json=True, empty="none")
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"at": "2026-03-10T12:00:00+00:00", "tags": ["a", "b"], "more": {"x": 1}},
        {"at": None},
    ]


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show([], ["a"], as_json=False, empty="nothing is parked")
    assert capsys.readouterr().out == "nothing is parked\n"


def test_dotted_names_reach_into_documents() -> None:
    document = {"stance": {"party": "borduria"}, "url.full": "https://a.example/"}
    assert field(document, "stance.party") == "borduria"
    assert field(document, "url.full") == "https://a.example/"
    assert field(document, "stance.party.name") is None
    assert field(document, "claim.level") is None


def test_a_statement_reads_as_a_sentence_with_its_proof() -> None:
    document = {
        "@timestamp": "2026-03-10T09:30:00+00:00",
        "stance": {
            "party": "borduria",
            "act": "demand",
            "issue": "ceasefire",
            "target": "syldavia",
            "conditional": True,
            "evidence": "Borduria demands a truce once the bridge is open.",
            "speaker": None,
        },
        "claim": {"level": "first"},
        "publisher": {"name": "The Herald"},
        "url": {"full": "https://herald.example/1"},
    }
    assert statement_lines(document) == [
        "2026-03-10T09:30  borduria demand ceasefire of syldavia (conditional)  [first]",
        '  "Borduria demands a truce once the bridge is open."',
        "  The Herald  https://herald.example/1",
        "",
    ]
