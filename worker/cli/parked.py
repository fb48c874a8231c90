"""``parked``: items that failed three times and wait for a person."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.program import AsJson, program
from worker.cli.terminal import say, show

if TYPE_CHECKING:
    from worker.ledger import ItemRecord
    from worker.ports import WorkLedger

app = typer.Typer(name="parked", help="Items in quarantine: list, look, release, drop.", no_args_is_help=True)

ItemId = Annotated[str, typer.Argument(metavar="ITEM", help="Item id, or `all`.")]


@app.command("list")
def list_parked(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List what is in quarantine, oldest first."""
    rows = [_row(record) for record in program(context).services.ledger.parked()]
    show(rows, ["item", "since", "stage", "reason", "feed", "url"], as_json=as_json, empty="nothing is parked")


@app.command("show")
def show_parked(context: typer.Context, item: Annotated[str, typer.Argument(metavar="ITEM", help="Item id.")]) -> None:
    """Show one item with the first lines of its trace and its history."""
    record = program(context).services.ledger.get(item)
    if record is None:
        raise typer.BadParameter(f"the ledger has no item {item}")
    for name, value in _row(record).items():
        say(f"{name:>8}  {value}")
    for line in record.trace.splitlines():
        say(f"          {line}")
    for event in record.history:
        say(f"{event.at:%Y-%m-%d %H:%M:%S}  {event.what}  {event.detail}")


@app.command()
def release(context: typer.Context, item: ItemId) -> None:
    """Put an item back to work with fresh attempts, once what broke it is mended."""
    services = program(context).services
    now = services.clock.now()
    _each(services.ledger, item, "released", lambda one: services.ledger.release(one, now=now))


@app.command()
def drop(context: typer.Context, item: ItemId) -> None:
    """End an item as dropped; it is not fetched again unless its feed entry changes."""
    services = program(context).services
    now = services.clock.now()
    _each(services.ledger, item, "dropped", lambda one: services.ledger.drop(one, now=now))


def _each(ledger: "WorkLedger", item: str, done: str, change: Any) -> None:  # noqa: ANN401 - a one-line function
    ids = [record.item_id for record in ledger.parked()] if item == "all" else [item]
    changed = [one for one in ids if change(one)]
    say(f"{len(changed)} of {len(ids)} {done}")
    if len(changed) < len(ids) or not ids:
        raise typer.Exit(1 if ids else 0)


def _row(record: "ItemRecord") -> Mapping[str, Any]:
    return {
        "item": record.item_id,
        "since": record.updated_at,
        "stage": record.parked_from or record.stage,
        "reason": record.reason,
        "feed": record.feed_id,
        "url": record.entry.url,
        "attempts": record.attempts,
        "input": record.input_hash,
    }
