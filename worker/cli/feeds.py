"""``feeds``: the list, what works on it, and ways in and out."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.program import AsJson, program
from worker.cli.terminal import progress, say, show

if TYPE_CHECKING:
    from worker.feeds.discovery import FeedLink
    from worker.model import Feed
    from worker.wiring import Services

app = typer.Typer(name="feeds", help="The feeds that are polled.", no_args_is_help=True)

Languages = Annotated[str, typer.Option(help="Only feeds in this language.")]
Tagged = Annotated[str, typer.Option("--tag", help="Only feeds with this tag.")]

TESTS_AT_ONCE = 16
OPML_BYTES = 5_000_000


@app.command("list")
def list_feeds(context: typer.Context, *, language: Languages = "", tag: Tagged = "", as_json: AsJson = False) -> None:
    """List the feeds of config/feeds.yml."""
    feeds = program(context).services.catalogue.feeds
    rows = [
        _row(feed) for feed in feeds if (not language or feed.language == language) and (not tag or tag in feed.tags)
    ]
    show(rows, ["id", "publisher", "language", "tags", "url"], as_json=as_json, empty="no such feed")


@app.command()
def health(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show how each feed has been doing: state, last new entry, habit, gaps, lag, yield, and what to do about it.

    readable: share of its items whose pages gave an article; first: statements that nobody had before it.
    """
    services = program(context).services
    rows = list(health_rows(services))
    columns = ["id", "state", "last_new", "habit_per_day", "gaps", "filled", "lag_p50_s", "lag_p95_s"]
    columns += ["readable", "first_reports", "advice"]
    show(rows, columns, as_json=as_json, empty="no feeds")
    if not as_json:
        say(f"{sum(row['is_healthy'] for row in rows)} of {len(rows)} feeds healthy")


@app.command("test")
def try_feeds(
    context: typer.Context,
    feeds: Annotated[
        list[str] | None, typer.Argument(metavar="[FEED]…", help="Feed ids; all if none is named.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask each feed once, read what comes, and say what it was; for a lost one, what its site has. Changes nothing."""
    services = program(context).services
    chosen = _chosen(services.catalogue.feeds, feeds or [])
    with progress("asking", len(chosen)) as meter, ThreadPoolExecutor(TESTS_AT_ONCE) as pool:
        rows = []
        for row in pool.map(lambda feed: _trial_row(services, feed), chosen):
            rows.append(row)
            meter.advance()
    show(rows, ["id", "state", "entries", "newest", "detail"], as_json=as_json, empty="no feeds")
    good = sum(row["is_good"] for row in rows)
    if not as_json:
        say(f"{good} of {len(rows)} answer with entries")
    if good < len(rows):
        raise typer.Exit(1)


@app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A site's home page, or a feed.")],
    *,
    publisher: Annotated[str, typer.Option(help="As readers know it.")] = "",
) -> None:
    """Find the feeds of a site, try them, and print the lines for config/feeds.yml."""
    from worker.work.try_feed import feeds_of_site

    services = program(context).services
    taken = {feed.id for feed in services.catalogue.feeds}
    found = [link for link, _ in feeds_of_site(url, services.http, services.clock)]
    if not found:
        say(f"no feed found at {url}")
        raise typer.Exit(1)
    _print_lines([_lines_of(link, publisher, taken) for link in found])


@app.command("import")
def import_opml(
    context: typer.Context, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An OPML file.")]
) -> None:
    """Print the lines for config/feeds.yml of all feeds of an OPML file that are not there yet."""
    from worker.feeds.opml import feeds_from

    known = program(context).services.catalogue.feeds
    with file.open("rb") as source:
        found = feeds_from(source.read(OPML_BYTES), taken_ids=[feed.id for feed in known])
    urls = {feed.url.rstrip("/") for feed in known}
    new = [feed for feed in found if str(feed["url"]).rstrip("/") not in urls]
    _print_lines(new)
    typer.echo(f"{len(new)} new of {len(found)} feeds", err=True)


@app.command()
def export(context: typer.Context) -> None:
    """Print all feeds as OPML."""
    from worker.feeds.opml import opml_from

    services = program(context).services
    document = opml_from(services.catalogue.feeds, title="Stancewatch", now=services.clock.now())
    sys.stdout.write(document.decode())


def health_rows(services: "Services") -> Iterator[dict[str, Any]]:
    """Yield each feed's health, worst first."""
    from dataclasses import asdict

    from worker.work.feed_health import healths, yields

    feeds = services.catalogue.feeds
    found = healths(feeds, services.states, now=services.clock.now())
    given = yields(feeds, services.results, services.counters)
    rows = [
        {"id": feed.id, "publisher": feed.publisher, **asdict(found[feed.id]), **asdict(given[feed.id])}
        for feed in feeds
    ]
    yield from sorted(rows, key=lambda row: (row["is_healthy"], row["state"], row["id"]))


def _row(feed: "Feed") -> dict[str, Any]:
    return {
        "id": feed.id,
        "publisher": feed.publisher,
        "family": feed.family,
        "language": feed.language,
        "tags": feed.tags,
        "topics": feed.topics,
        "min_interval_s": feed.min_interval_s,
        "max_interval_s": feed.max_interval_s,
        "url": feed.url,
    }


def _chosen(feeds: Sequence["Feed"], ids: Sequence[str]) -> list["Feed"]:
    known = {feed.id: feed for feed in feeds}
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise typer.BadParameter(f"no feed {', '.join(unknown)} in config/feeds.yml")
    return [known[one] for one in ids] if ids else list(feeds)


def _trial_row(services: "Services", feed: "Feed") -> dict[str, Any]:
    from worker.work.poll_round import FeedLimits
    from worker.work.try_feed import successor_of, try_feed

    settings = services.settings
    limits = FeedLimits(deadline_s=settings.feed_deadline_s, max_bytes=settings.feed_max_bytes)
    trial = try_feed(feed.url, services.http, services.clock, limits=limits, credentials=feed.credentials)
    successor = successor_of(trial, services.http, services.clock)
    return {
        "id": feed.id,
        "state": trial.outcome,
        "entries": trial.entries,
        "newest": trial.newest,
        "detail": f"{trial.detail}; its site has {successor}" if successor else trial.detail,
        "url": feed.url,
        "is_good": trial.is_good,
    }


def _lines_of(link: "FeedLink", publisher: str, taken: set[str]) -> dict[str, Any]:
    """Return a feed's lines with an id that is free, and the host in place of what is not known."""
    from urllib.parse import urlsplit

    host = (urlsplit(link.url).hostname or "feed").removeprefix("www.")
    base = host.rsplit(".", 1)[0].replace(".", "-")
    free = next(name for n in range(1, len(taken) + 2) if (name := base if n == 1 else f"{base}-{n}") not in taken)
    taken.add(free)
    return {"id": free, "url": link.url, "publisher": publisher or link.title or host, "family": base}


def _print_lines(feeds: Sequence[Mapping[str, Any]]) -> None:
    import yaml

    text = yaml.safe_dump(list(feeds), sort_keys=False, allow_unicode=True, default_flow_style=None)
    sys.stdout.write("".join(f"  {line}\n" for line in text.splitlines()) if feeds else "")
