"""``alerts``: what was sent, what waits, what was held back; and saying *seen*, *quiet* or *again*."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.moments import moment
from worker.cli.program import AsJson, program
from worker.cli.search import field
from worker.cli.terminal import say, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.ports import Document, ResultStore

app = typer.Typer(
    name="alerts", help="The outbox: what was sent, what waits, what was held back.", no_args_is_help=True
)

AlertId = Annotated[str, typer.Argument(metavar="ALERT", help="Id of an alert, as `alerts list` shows it.")]
Name = Annotated[str, typer.Option("--by", envvar="USER", help="Who says so.")]

_COLUMNS = ("at", "state", "rule", "level", "title", "channel", "id")


class State(StrEnum):
    """Where a row stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    DIGEST = "digest"


@app.command("list")
def list_alerts(
    context: typer.Context,
    *,
    state: Annotated[State | None, typer.Option(help="Only these.")] = None,
    rule: Annotated[str, typer.Option(help="Only this rule's.")] = "",
    since: Annotated[str | None, typer.Option(help="From when: 36h, 7d, 2w or 2026-01-31.")] = None,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=10_000, help="How many to show.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first, with what became of each."""
    from worker.ports import Kind, Query

    services = program(context).services
    wanted = {"state": state, "rule": rule}
    query = Query(
        kind=Kind.ALERTS,
        kql=" and ".join(f'{name}: "{value}"' for name, value in wanted.items() if value),
        since=moment(since, now=services.clock.now()),
        size=size,
    )
    rows = [_row(hit.document) for hit in services.results.search(query).hits]
    show(rows, _COLUMNS, as_json=as_json, empty="no alerts")


@app.command("test")
def rehearse_rule(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule in config/alerts.yml.")],
    *,
    since: Annotated[str, typer.Option(help="From when: 36h, 7d, 2w or 2026-01-31.")] = "7d",
    as_json: AsJson = False,
) -> None:
    """List what a rule would have told of, with reasons; sends nothing. Cooldowns, caps and mutes are not applied."""
    from worker.alert.rehearse import rehearse

    services = program(context).services
    known = {one.id: one for one in services.catalogue.rules.rules}
    if rule not in known:
        raise typer.BadParameter(f"no rule {rule}; there are {', '.join(known) or 'none'}")
    now = services.clock.now()
    found = rehearse(services.results, known[rule], since=moment(since, now=now) or now, until=now)
    rows = [
        {
            "at": each.when,
            "level": each.fired.level,
            "reason": each.fired.reason,
            "claim": field(each.document, "claim.key"),
            "evidence": field(each.document, "stance.evidence"),
            "publisher": field(each.document, "publisher.name"),
            "url": field(each.document, "url.full"),
        }
        for each in found
    ]
    show(rows, ["at", "level", "claim", "evidence"], as_json=as_json, empty=f"{rule} would have told of nothing")


@app.command()
def ack(context: typer.Context, alert: AlertId, *, by: Name = "someone") -> None:
    """Say that an alert was seen; what still waits to be sent of it is not sent any more."""
    from worker.alert.outbox import acknowledged

    now = program(context).services.clock.now()
    _each_row(context, alert, "acknowledged", lambda row: acknowledged(row, now, by=by))


@app.command()
def resend(context: typer.Context, alert: AlertId) -> None:
    """Send an alert once more, under the same id."""
    from worker.alert.outbox import resent

    now = program(context).services.clock.now()
    _each_row(context, alert, "due again", lambda row: resent(row, now))


@app.command()
def mute(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(help="rule:ID, claim:TOPIC/PARTY/ACT/ISSUE, position:TOPIC/PARTY/ISSUE or party:TOPIC/PARTY."),
    ],
    *,
    hours: Annotated[float | None, typer.Option(min=0.1, help="For how long; for good if left out.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Lift the mute.")] = False,
    by: Name = "someone",
) -> None:
    """Keep matches of a rule, claim, position or party from being sent; they stay listed."""
    from worker.alert import limits

    if not what.startswith(limits.MUTABLE):
        raise typer.BadParameter(f"must begin with one of {', '.join(limits.MUTABLE)}")
    services = program(context).services
    if lift:
        limits.unmute(services.results, what)
        say(f"{what} is heard again")
        return
    now = services.clock.now()
    until = now + timedelta(hours=hours) if hours else None
    limits.mute(services.results, what, until=until, by=by, now=now)
    say(f"{what} is muted {f'until {until:%Y-%m-%d %H:%M} UTC' if until else 'for good'}")


def _each_row(context: typer.Context, alert: str, done: str, change: "Callable[[Document], Document | None]") -> None:
    """Change the rows of an alert, one a channel, or the one row named."""
    from worker.alert.rows import change_row

    results = program(context).services.results
    rows = _rows_of(results, alert)
    changed = [row for row in rows if change_row(results, row, change) is not None]
    say(f"{len(changed)} of {len(rows)} {done}" if rows else f"there is no alert {alert}")
    if not rows:
        raise typer.Exit(1)


def _rows_of(results: "ResultStore", alert: str) -> list[str]:
    from worker.ports import Kind, Query

    if results.get(Kind.ALERTS, [alert]):
        return [alert]
    return [hit.id for hit in results.search(Query(kind=Kind.ALERTS, kql=f'alert_id: "{alert}"', size=100)).hits]


def _row(document: "Document") -> Mapping[str, Any]:
    return {
        "at": field(document, "@timestamp"),
        "id": document.get("alert_id"),
        "state": document.get("state"),
        "rule": document.get("rule"),
        "level": document.get("level"),
        "channel": document.get("channel"),
        "title": field(document, "message.title"),
        "why": document.get("state_reason") or document.get("reason"),
        "attempts": document.get("attempts"),
        "detail": document.get("detail"),
        "evidence": field(document, "stance.evidence"),
        "url": field(document, "url.full"),
    }
