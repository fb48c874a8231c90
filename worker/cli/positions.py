"""``claims`` and ``timeline``: who stands where, since when, on what evidence."""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.moments import moment
from worker.cli.program import AsJson, program
from worker.cli.terminal import out, say, show, show_json

if TYPE_CHECKING:
    from worker.novelty.history import Entry, History
    from worker.novelty.positions import OpenDemand, Position
    from worker.ports import ResultStore

app = typer.Typer(name="claims", help="Who stands where, since when, on what evidence.", invoke_without_command=True)

Party = Annotated[str, typer.Option(help="Only this party.")]
Issue = Annotated[str, typer.Option(help="Only this issue.")]
TopicId = Annotated[str, typer.Option("--topic", help="Only this topic.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Comma-separated values.")]

_CHART_WIDTH = 110
_POSITION_COLUMNS = ("party", "issue", "stance", "since", "sources", "last_said", "sentence")
_DEMAND_COLUMNS = ("party", "issue", "target", "since", "age_days", "deadline", "sources", "answers", "sentence")
_TIMELINE_COLUMNS = ("at", "party", "issue", "act", "level", "publisher", "speaker", "sentence")


@app.callback()
def claims(
    context: typer.Context,
    *,
    party: Party = "",
    issue: Issue = "",
    topic: TopicId = "",
    still_open: Annotated[bool, typer.Option("--open", help="Open demands, with the other side's answers.")] = False,
    as_matrix: Annotated[bool, typer.Option("--matrix", help="Issues down, parties across.")] = False,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Show the current position of each party on each issue, or the demands that are still open."""
    if context.invoked_subcommand:
        return
    from worker.novelty.positions import open_demands, positions

    services = program(context).services
    kept = list(histories(services.results, topic=topic, party="" if still_open else party, issue=issue))
    if still_open:
        found = open_demands(kept, now=services.clock.now())
        rows = [_demand_row(each) for each in found if not party or each.demand.party == party]
        _print(rows, _DEMAND_COLUMNS, as_csv=as_csv, as_json=as_json, empty="no open demands")
        return
    stands = positions(kept)
    if as_matrix:
        columns = ("issue", *sorted({each.party for each in stands}))
        _print(_matrix_rows(stands), columns, as_csv=as_csv, as_json=as_json, empty="no claims yet")
        return
    rows = [_position_row(each) for each in stands]
    _print(rows, _POSITION_COLUMNS, as_csv=as_csv, as_json=as_json, empty="no claims yet")


@app.command()
def retract(
    context: typer.Context,
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="Id of a statement that is wrong.")],
) -> None:
    """Take a false record out of its claim's history for good and work the levels out again; nobody is paged."""
    from worker.work.judge_statement import Word, judge_statement

    services = program(context).services
    now = services.clock.now()
    if not judge_statement(services.results, statement, Word.WRONG, policy=services.policy, now=now):
        say(f"there is no statement {statement}")
        raise typer.Exit(1)
    say("retracted; the claim was graded anew")


@app.command()
def verdicts(
    context: typer.Context,
    *,
    gold: Annotated[bool, typer.Option("--gold", help="Print judged articles as gold lines for `evaluate`.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="With --gold: articles of which only some statements were judged, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how often the tagger was right where editors judged it, by rule, act, publisher and language."""
    from worker.work.verdict_report import gold_lines, precision, read_verdicts

    results = program(context).services.results
    if gold:
        show_json(gold_lines(results, partial=partial))
        return
    rows = [
        {"by": name, "value": each.value, "right": each.right, "wrong": each.wrong, "precision": each.share}
        | {"low": each.low, "high": each.high}
        for name, found in precision(read_verdicts(results)).items()
        for each in found
    ]
    columns = ("by", "value", "right", "wrong", "precision", "low", "high")
    show(rows, columns, as_json=as_json, empty="no statement was judged yet")


def timeline(
    context: typer.Context,
    *,
    party: Party = "",
    issue: Issue = "",
    topic: TopicId = "",
    speaker: Annotated[str, typer.Option(help="Only this person.")] = "",
    since: Annotated[str | None, typer.Option(help="From when: 36h, 7d, 2w or 2026-01-31.")] = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Draw and list what a party, or a person, said on an issue, oldest first, with what was new each time."""
    services = program(context).services
    begin = moment(since, now=services.clock.now())
    entries = [
        entry
        for history in histories(services.results, topic=topic, party=party, issue=issue)
        for entry in history.entries
        if (begin is None or entry.effective >= begin) and _is_by(entry, speaker)
    ]
    ordered = sorted(entries, key=lambda entry: entry.order)
    if (party or issue or speaker) and not (as_csv or as_json):
        _draw(ordered, by_party=not party and not speaker, by_stance=bool(party and issue))
    rows = [_timeline_row(entry) for entry in ordered]
    _print(rows, _TIMELINE_COLUMNS, as_csv=as_csv, as_json=as_json, empty="nothing was said, as far as we know")


def _is_by(entry: "Entry", speaker: str) -> bool:
    return not speaker or (entry.speaker or "").casefold() == speaker.casefold()


def _draw(entries: "Sequence[Entry]", *, by_party: bool, by_stance: bool) -> None:
    """Draw the entries above their table: on lanes by stance, party or issue."""
    from worker.cli.chart import Mark, timeline_chart
    from worker.novelty.grade import TURNS, sign

    marks = [
        Mark(
            when=entry.effective,
            lane=sign(entry) if by_stance else entry.party if by_party else entry.issue,
            turned=entry.level in TURNS,
        )
        for entry in entries
    ]
    for line in timeline_chart(marks, width=min(out().width, _CHART_WIDTH)):
        say(line)
    if marks:
        say("")


def _matrix_rows(stands: "Iterable[Position]") -> list[dict[str, Any]]:
    """Return one row an issue; a party with two ladders there has both stances in its cell."""
    rows: dict[str, dict[str, Any]] = {}
    for one in stands:
        row = rows.setdefault(one.issue, {"issue": one.issue})
        cell = f"{one.stance} {one.since:%Y-%m-%d}"
        row[one.party] = f"{row[one.party]}; {cell}" if one.party in row else cell
    return list(rows.values())


def histories(results: "ResultStore", *, topic: str = "", party: str = "", issue: str = "") -> Iterator["History"]:
    """Yield the claims that match, page by page."""
    from worker.novelty.history import history_from
    from worker.ports import Kind, Query

    wanted = {"topic": topic, "party": party, "issue": issue}
    kql = " and ".join(f'{name}: "{value}"' for name, value in wanted.items() if value)
    after: str | None = None
    while True:
        page = results.search(Query(kind=Kind.CLAIMS, kql=kql, size=200, sort=(("key", "asc"),), after=after))
        yield from (history_from(hit.document["key"], hit.document) for hit in page.hits)
        after = page.next
        if after is None:
            return


def _print(
    rows: Iterable[dict[str, Any]], columns: tuple[str, ...], *, as_csv: bool, as_json: bool, empty: str
) -> None:
    if not as_csv:
        show(rows, columns, as_json=as_json, empty=empty)
        return
    writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)


def _position_row(position: "Position") -> dict[str, Any]:
    return {
        "topic": position.topic,
        "party": position.party,
        "issue": position.issue,
        "stance": position.stance,
        "since": position.since,
        "sources": len(position.families),
        "last_said": position.last.effective,
        "sentence": position.last.evidence,
        "url": position.last.url,
        "turns": [
            {"at": turn.entry.effective, "stance": turn.stance, "sentence": turn.entry.evidence, "url": turn.entry.url}
            for turn in position.turns
        ],
    }


def _demand_row(demand: "OpenDemand") -> dict[str, Any]:
    entry = demand.demand
    return {
        "topic": entry.topic,
        "party": entry.party,
        "issue": entry.issue,
        "target": entry.target,
        "since": entry.effective,
        "age_days": demand.age.days,
        "deadline": demand.deadline,
        "sources": len(demand.families),
        "answers": [f"{answer.act} {answer.effective:%Y-%m-%d}" for answer in demand.answers],
        "sentence": demand.last.evidence,
        "url": demand.last.url,
    }


def _timeline_row(entry: "Entry") -> dict[str, Any]:
    return {
        "at": entry.effective,
        "topic": entry.topic,
        "party": entry.party,
        "issue": entry.issue,
        "act": "withdrawn" if entry.withdrawn else f"{entry.act}{' (conditional)' if entry.conditional else ''}",
        "level": entry.level,
        "publisher": entry.publisher,
        "speaker": entry.speaker,
        "sentence": entry.evidence,
        "url": entry.url,
        "statement": entry.statement_id,
    }
