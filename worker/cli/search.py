"""``search``: the same KQL that Kibana takes, over statements, articles, claims or alerts."""

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.moments import moment
from worker.cli.program import AsJson, program
from worker.cli.terminal import say, show, show_json

if TYPE_CHECKING:
    from worker.ports import Hit, Page, Query, ResultStore

FACETS = {
    "party": "stance.party",
    "act": "stance.act",
    "issue": "stance.issue",
    "target": "stance.target",
    "level": "claim.level",
    "topic": "topic",
    "publisher": "publisher.name",
    "family": "publisher.family",
    "language": "article.language",
    "feed": "feed.id",
}
COLUMNS = {
    "statements": (
        "@timestamp",
        "stance.party",
        "stance.act",
        "stance.issue",
        "stance.target",
        "claim.level",
        "publisher.name",
        "stance.speaker",
        "stance.confidence",
        "stance.evidence",
        "url.full",
    ),
    "articles": ("@timestamp", "publisher.name", "article.language", "article.title", "url.full"),
    "claims": ("key", "first_seen", "last_seen", "position"),
    "alerts": ("@timestamp", "rule", "level", "claim.key", "state"),
}
TIME_FIELDS = {"claims": "last_seen"}


class Searched(StrEnum):
    """What can be searched."""

    STATEMENTS = "statements"
    ARTICLES = "articles"
    CLAIMS = "claims"
    ALERTS = "alerts"


def search(
    context: typer.Context,
    kql: Annotated[
        str, typer.Argument(help="What to look for, in KQL: stance.act: demand and stance.party: russia")
    ] = "",
    *,
    kind: Annotated[Searched, typer.Option("--in", help="What to search.")] = Searched.STATEMENTS,
    since: Annotated[str | None, typer.Option(help="From when: 36h, 7d, 2w or 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Until when, written the same way.")] = None,
    sort: Annotated[str, typer.Option(help="Field to sort by, with :asc or :desc.")] = "@timestamp:desc",
    by: Annotated[str, typer.Option(help=f"Count instead, by {', '.join(FACETS)} or any keyword field.")] = "",
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=10_000, help="How many to show.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="All of them, page by page; for exports.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search statements, articles, claims or alerts.

    Takes the query that Kibana takes; what a store cannot do is refused by name.
    """
    from worker.ports import Kind, Query

    services = program(context).services
    now = services.clock.now()
    query = Query(
        kind=Kind(kind),
        kql=kql,
        size=size,
        sort=(_sorted_by(sort),),
        since=moment(since, now=now),
        until=moment(until, now=now),
        time_field=TIME_FIELDS.get(kind, "@timestamp"),
        facets=tuple(FACETS.get(word.strip(), word.strip()) for word in by.split(",") if word.strip()),
        highlight=sys.stdout.isatty(),
    )
    if query.facets:
        _show_facets(services.results.search(replace(query, size=1)), as_json=as_json)
        return
    hits = _hits(services.results, replace(query, size=1_000) if every else query, follow=every)
    if as_csv:
        _write_csv(hits, COLUMNS[kind])
    elif as_json:
        _show_json(hits)
    else:
        _show_people(hits, kind)


def field(document: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - documents hold any JSON
    """Return the value at a dotted name of a nested document, or None."""
    if name in document:
        return document[name]
    head, _, rest = name.partition(".")
    inner = document.get(head)
    return field(inner, rest) if rest and isinstance(inner, Mapping) else None


def _sorted_by(text: str) -> tuple[str, str]:
    name, _, order = text.rpartition(":") if text.endswith((":asc", ":desc")) else (text, "", "desc")
    return name, order


def _hits(results: "ResultStore", query: "Query", *, follow: bool) -> Iterator["Hit"]:
    """Yield the hits of one page, or of all pages one after the other, so that memory stays flat."""
    page = results.search(query)
    yield from page.hits
    while follow and page.next:
        page = results.search(replace(query, after=page.next))
        yield from page.hits


def _show_facets(page: "Page", *, as_json: bool) -> None:
    rows = [
        {"field": name, "value": value, "count": count}
        for name, counted in page.facets.items()
        for value, count in counted
    ]
    show(rows, ["field", "value", "count"], as_json=as_json, empty="nothing found")


def _show_json(hits: Iterator["Hit"]) -> None:
    show_json({"id": hit.id, **hit.document} for hit in hits)


def _write_csv(hits: Iterator["Hit"], columns: tuple[str, ...]) -> None:
    """Write rows that spreadsheets open as text: a cell that would begin a formula gets a quote in front."""
    writer = csv.writer(sys.stdout)
    writer.writerow(["id", *columns])
    for hit in hits:
        cells = [str(field(hit.document, name) or "") for name in columns]
        writer.writerow([hit.id, *(f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in cells)])


def _show_people(hits: Iterator["Hit"], kind: Searched) -> None:
    if kind is not Searched.STATEMENTS:
        columns = COLUMNS[kind]
        rows = ({name: field(hit.document, name) for name in columns} for hit in hits)
        show(rows, columns, as_json=False, empty="nothing found")
        return
    found = False
    for hit in hits:
        found = True
        for line in statement_lines(hit.document):
            say(line)
    if not found:
        say("nothing found")


def statement_lines(document: Mapping[str, Any]) -> list[str]:
    """Return a statement as people read it: who what of whom, the sentence, where it stands."""
    who, act, issue = (field(document, f"stance.{name}") for name in ("party", "act", "issue"))
    target, speaker = field(document, "stance.target"), field(document, "stance.speaker")
    level, when = field(document, "claim.level"), str(field(document, "@timestamp") or "")[:16]
    condition = " (conditional)" if field(document, "stance.conditional") else ""
    return [
        f"{when}  {who} {act} {issue}{f' of {target}' if target else ''}{condition}{f'  [{level}]' if level else ''}",
        f'  "{field(document, "stance.evidence")}"',
        f"  {f'{speaker}, ' if speaker else ''}{field(document, 'publisher.name')}  {field(document, 'url.full')}",
        "",
    ]
