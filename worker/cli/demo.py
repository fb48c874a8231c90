"""``demo``: the whole pipeline on a small invented press, then what it found, why it was new, and where to look."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.program import program
from worker.cli.search import field
from worker.cli.terminal import say, show

if TYPE_CHECKING:
    from worker.wiring import Services

TOLD = ("first", "changed", "repeat")
SHOWN_EACH = 4


def demo(
    context: typer.Context,
    *,
    folder: Annotated[Path | None, typer.Option(help="Where its data goes; a second run adds nothing.")] = None,
) -> None:
    """Run the whole pipeline on a small press of our own on loopback, and show what came of it."""
    from worker.demo.run import run_demo

    one = program(context)
    home = folder or one.config_dir.parent / "data" / "demo"
    services = run_demo(home.resolve(), topics=one.config_dir / "topics", tell=say)
    try:
        _show_summary(services)
    finally:
        services.results.close()
    say("")
    say(f"look for yourself:  stancewatch --config {services.config_dir} search 'stance.act: demand'")
    say(f"                    stancewatch --config {services.config_dir} claims")
    say(f"every alert:        {home / 'data' / 'alerts.jsonl'}")


def _show_summary(services: "Services") -> None:
    statements = [hit.document for hit in _all(services, "statements")]
    _show_positions(statements)
    for level in TOLD:
        found = [each for each in statements if field(each, "claim.level") == level]
        say("")
        say(f"{level}: {len(found)}")
        for each in found[:SHOWN_EACH]:
            who, act, issue = (field(each, f"stance.{name}") for name in ("party", "act", "issue"))
            say(f'  {who} {act} {issue}: "{field(each, "stance.evidence")}"')
            say(f"    {field(each, 'publisher.name')}, {str(field(each, '@timestamp'))[:10]}")
    alerts = [hit.document for hit in _all(services, "alerts")]
    sent = [each for each in alerts if each.get("state") == "sent"]
    say("")
    say(f"alerts sent: {len(sent)} of {len(alerts)}")
    for each in sent[:SHOWN_EACH]:
        say(f"  {field(each, 'message.title')}")


def _show_positions(statements: Iterable[Mapping[str, Any]]) -> None:
    counted: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in statements:
        place = (str(field(each, "stance.party")), str(field(each, "stance.issue")))
        counted[place][str(field(each, "stance.act"))] += 1
    rows = [
        {"party": party, "issue": issue, "said": ", ".join(f"{act} ×{n}" for act, n in sorted(acts.items()))}
        for (party, issue), acts in sorted(counted.items())
    ]
    show(rows, ["party", "issue", "said"], as_json=False, empty="no statement found")


def _all(services: "Services", kind: str) -> Iterable[Any]:
    from worker.ports import Kind, Query

    services.results.refresh()
    return services.results.search(Query(kind=Kind(kind), size=1_000, sort=(("@timestamp", "asc"),))).hits
