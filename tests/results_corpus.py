"""A small corpus of invented statements and articles that both stores are asked about."""

from typing import Any

from worker.ports import CREATE, Kind, Write


def statement(number: int, **stance: Any) -> dict[str, Any]:
    """Return a statement document; what is not said is the same for all."""
    day = stance.pop("day", number)
    said = {
        "party": "arvenia",
        "act": "demand",
        "issue": "territory",
        "attribution": "reported",
        "evidence": f"Sentence number {number} about the valley.",
        "start": 0,
        "end": 10,
        "confidence": 0.5,
        "conditional": False,
        "withdrawn": False,
    } | stance
    key = f"valley/{said['party']}/{said['act']}/{said['issue']}"
    return {
        "@timestamp": f"2026-03-{day:02d}T12:00:00+00:00",
        "event": {"created": "2026-03-20T00:00:00+00:00", "ingested": "2026-03-20T00:00:00+00:00"},
        "stance": {name: value for name, value in said.items() if value is not None},
        "claim": {"key": key},
        "position": {"key": f"valley/{said['party']}/{said['issue']}"},
        "topic": "valley",
        "article": {"id": f"a{number}", "title": f"Talks, day {number}"},
        "publisher": {
            "name": "The Lantern" if number % 2 else "Courier",
            "family": "lantern" if number % 2 else "courier",
        },
    }


STATEMENTS: dict[str, dict[str, Any]] = {
    "s1": statement(
        1, target="borduria", confidence=0.9, evidence="Arvenia demands that Borduria leave the Osk valley."
    ),
    "s2": statement(
        2, act="reject", evidence="Arvenia rejected the cease-fire plan.", issue="ceasefire", confidence=0.6
    ),
    "s3": statement(3, party="borduria", evidence="Borduria wants a CEASEFIRE before any talks.", issue="ceasefire"),
    "s4": statement(
        4, party="borduria", act="offer", conditional=True, terms=["30 days", "osk valley"], confidence=0.75
    ),
    "s5": statement(5, party="syldavia", act="threaten", target="arvenia", speaker="Minister Orlik", confidence=0.3),
    "s6": statement(6, party="Arvenia", act="demand", issue="prisoners", terms=["30 days"], withdrawn=True),
    "s7": statement(7, party="são-bento", evidence="The café accord must stand, said the envoy.", issue="accord"),
    "s8": statement(8, deadline="2026-04-01T00:00:00+00:00", evidence="Arvenia wants the valley by April, not later."),
    "s9": statement(9, party="borduria", act="accept", evidence="Borduria accepts a ceasefire of thirty days."),
}


def writes() -> list[Write]:
    """Return what puts the corpus into a store."""
    return [Write(kind=Kind.STATEMENTS, id=i, document=document, token=CREATE) for i, document in STATEMENTS.items()]
