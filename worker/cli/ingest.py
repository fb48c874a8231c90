"""``ingest``: articles that no feed carries, through the same pipeline; stays until every one of them has ended."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from worker.cli.program import AsJson, program
from worker.cli.terminal import complain, progress, show

if TYPE_CHECKING:
    from worker.adapters.documents import FileDocument, Unreadable
    from worker.wiring import Services
    from worker.work.ingest import Ingestor, Waiting

SITEMAPS = (".xml", ".xml.gz", ".rss", ".atom")
BATCH = 100
AHEAD = 500
"""Most items that wait at once: more would only fill the ledger."""
LOOK_EVERY_S = 0.2
STALLED_AFTER_S = 90.0
"""Longer than any item may take: then nobody is working."""


def ingest(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="A page's, sitemap's or feed's URL; a page or text file, JSON lines, a WARC, or a folder of them."
        ),
    ],
    *,
    since: Annotated[
        datetime | None, typer.Option(help="Of a sitemap: only pages dated from then on, UTC.", formats=["%Y-%m-%d"])
    ] = None,
    topic: Annotated[str, typer.Option("--topic", help="Topic id; every topic if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take articles in and wait until each has ended in an outcome. They fill the histories and alert nobody.

    JSON lines hold objects with text and, where known, url, title, published, language and id. Can be broken off and
    run again: what is there already is passed over. Needs a running service.
    """
    from worker.work.ingest import Waiting, take_pages

    services = program(context).services
    known = services.catalogue.topics
    if topic and topic not in known:
        raise typer.BadParameter(f"--topic must be one of {', '.join(sorted(known))}")
    ports, waiting = _ports(services, (topic,) if topic else tuple(sorted(known))), Waiting()
    if source.startswith(("http://", "https://")) and urlsplit(source).path.endswith(SITEMAPS):
        _sitemap(source, waiting, ports, services, since.replace(tzinfo=UTC) if since else None)
    elif source.startswith(("http://", "https://")):
        waiting.item_ids.update(take_pages([source], ports))
        _wait(waiting, ports, down_to=0)
    else:
        _files(Path(source), waiting, ports)
    _show_ends(waiting, as_json=as_json)


def _sitemap(url: str, waiting: "Waiting", ports: "Ingestor", services: "Services", since: datetime | None) -> None:
    """Take in the pages that a sitemap names, at the pace that their hosts are asked at."""
    from worker.work.ingest import take_entries
    from worker.work.list_pages import pages_from

    pause = partial(time.sleep, services.settings.host_gap_s)
    with progress("fetching", None) as meter:
        for entries in pages_from(url, services.http, services.clock, since=since, pause=pause):
            for start in range(0, len(entries), BATCH):
                waiting.item_ids.update(take_entries(entries[start : start + BATCH], ports))
                _wait(waiting, ports, down_to=AHEAD, advance=meter.advance)
        _wait(waiting, ports, down_to=0, advance=meter.advance)


def replay(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Process every page that is kept once more, fetching nothing: after an upgrade, or to rebuild a lost store.

    Nothing is doubled. Pages swept by keep_bodies_d are gone. Needs a running service.
    """
    from worker.work.ingest import Waiting, take_captures

    services = program(context).services
    ports, waiting = _ports(services, ()), Waiting()
    run, captures = services.clock.now().isoformat(), services.blobs.captures()
    with progress("replaying", None) as meter:
        while batch := list(islice(captures, BATCH)):
            waiting.item_ids.update(take_captures(batch, ports, run=run))
            _wait(waiting, ports, down_to=AHEAD, advance=meter.advance)
        _wait(waiting, ports, down_to=0, advance=meter.advance)
    _show_ends(waiting, as_json=as_json)


def _ports(services: "Services", topics: tuple[str, ...]) -> "Ingestor":
    from worker.work.ingest import Ingestor

    return Ingestor(
        ledger=services.ledger, blobs=services.blobs, bell=services.bell, clock=services.clock, topics=topics
    )


def _show_ends(waiting: "Waiting", *, as_json: bool) -> None:
    """Print how the items ended; exit 1 if some did not end well."""
    rows = [{"outcome": outcome, "items": count} for outcome, count in waiting.outcomes.most_common()]
    show(rows, ["outcome", "items"], as_json=as_json, empty="nothing to take in")
    if waiting.outcomes["parked"] or waiting.outcomes["unreadable"]:
        raise typer.Exit(1)


def _files(path: Path, waiting: "Waiting", ports: "Ingestor") -> None:
    from worker.adapters.document_files import count_documents, read_documents
    from worker.adapters.documents import FileDocument
    from worker.work.ingest import take_documents

    if not path.exists():
        raise typer.BadParameter(f"{path} does not exist")
    documents = read_documents(path)
    with progress("taking in", count_documents(path)) as meter:
        while batch := list(islice(documents, BATCH)):
            readable = [one for one in batch if isinstance(one, FileDocument)]
            for refused in _unreadable(batch):
                complain(f"{refused.name}: {refused.why}")
                waiting.outcomes["unreadable"] += 1
                meter.advance()
            taken = take_documents(readable, ports)
            waiting.outcomes["same address twice"] += (twice := len(taken) - len(set(taken) - waiting.item_ids))
            meter.advance(twice)
            waiting.item_ids.update(taken)
            _wait(waiting, ports, down_to=AHEAD, advance=meter.advance)
        _wait(waiting, ports, down_to=0, advance=meter.advance)
    waiting.outcomes += type(waiting.outcomes)()  # drops the words that nothing ended in


def _unreadable(batch: "list[FileDocument | Unreadable]") -> "Iterator[Unreadable]":
    from worker.adapters.documents import Unreadable

    return (one for one in batch if isinstance(one, Unreadable))


def _wait(
    waiting: "Waiting", ports: "Ingestor", *, down_to: int, advance: Callable[[int], None] = lambda _amount: None
) -> None:
    """Look until no more than so many items wait; ring again for what has not moved for long."""
    from worker.errors import DependencyMissing
    from worker.work.ingest import look, ring_again, stage_in

    moved = rung = time.monotonic()
    while len(waiting.item_ids) > down_to:
        ended = look(waiting, ports)
        advance(ended)
        now = time.monotonic()
        moved = now if ended else moved
        if now - moved > STALLED_AFTER_S:
            message = f"{len(waiting.item_ids)} items wait and nothing moves: is the service running (stancewatch run)?"
            raise DependencyMissing([message])
        if now - max(moved, rung) > STALLED_AFTER_S / 3:
            ring_again(waiting.item_ids, ports, stage_of=lambda one: stage_in(ports.ledger, one))
            rung = now
        if not ended:
            time.sleep(LOOK_EVERY_S)
