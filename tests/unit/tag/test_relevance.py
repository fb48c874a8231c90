"""An article without the conflict's sides is not about the conflict, whatever words it uses."""

from dataclasses import replace

import pytest
from conflict import CONFLICT

from worker.ports import TaggerInput
from worker.tag.relevance import concerns
from worker.tag.rules import RuleTagger

TAGGER = RuleTagger()
FILLER = "Officials in the harbour town spoke of tides, of timber and of the price of rope all day. " * 10
LONG = f"{FILLER}\n\nNorland demanded that Ruritania lift the embargo on its ships."


def is_concerned(text: str, title: str = "", topic=CONFLICT) -> bool:  # type: ignore[no-untyped-def]
    return concerns(TAGGER.analysis(TaggerInput(text=text, title=title), topic))


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("Ostania rejected the truce.", "", True),
        ("Norland demanded that Ruritania lift the embargo.", "", True),
        (LONG, "", False),
        (f"{LONG} Ostania watched.", "", False),
        (f"{LONG} Ostania watched. Ostania waited.", "", False),
        (f"{LONG} Ostania watched. Ostania waited. So did Veldor.", "", True),
        (f"{LONG} Ostania watched twice, Ostania said: no truce, no captives.", "", True),
        (f"{LONG} Ostania spoke, Ostania wrote, Ostania sang of captives.", "", True),
        (f"{LONG} Ostania spoke, Ostania wrote, Ostania sang.", "", False),
        (f"{LONG} Ostania watched.", "Ostania and Veldoria look on", True),
        (f"{LONG} Both sides refused talks. Both sides keep shooting.", "", True),
        ("Norland asked Ruritania for timber.", "", False),
        ("", "", False),
    ],
)
def test_the_sides_must_be_named(text: str, title: str, *, expected: bool) -> None:
    assert is_concerned(text, title) is expected


def test_a_topic_without_sides_reads_everything() -> None:
    topic = replace(CONFLICT, parties=tuple(replace(party, belligerent=False) for party in CONFLICT.parties))
    assert is_concerned(LONG, topic=topic)
