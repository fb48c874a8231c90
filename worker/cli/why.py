"""``why``: everything that happened to one URL, in the order in which it happened."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from worker.cli.program import AsJson, program
from worker.cli.search import field
from worker.cli.terminal import show

if TYPE_CHECKING:
    from worker.ledger import ItemRecord
    from worker.ports import ResultStore, Stored
    from worker.wiring import Services


class Line(NamedTuple):
    """One thing that happened or holds; ``at`` is None for what has no time."""

    at: datetime | str | None
    what: str
    detail: str


def why(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Address of an article, or an item or article id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell the whole story of an article: polled, fetched, joined to which story, tagged, alerted, and why not."""
    services = program(context).services
    lines = list(story(services, url))
    rows = [line._asdict() for line in lines]
    show(rows, ["at", "what", "detail"], as_json=as_json, empty=f"nothing is known of {url}")
    if not rows:
        raise typer.Exit(1)


def story(services: "Services", url: str) -> Iterator[Line]:
    """Yield what ledger and result store know of a URL or id."""
    from worker.canonical_url import canonical_url
    from worker.identity import article_id, item_id
    from worker.index.deletion import buried
    from worker.ports import Kind

    known = [url, item_id("", url), item_id("", canonical_url(url))]
    record = next((found for one in known if (found := services.ledger.get(one))), None)
    if record is not None:
        yield from _of_item(record)
    aliases = services.results.get(Kind.ALIASES, known)
    articles = [str(field(alias.document, "article.id")) for alias in aliases.values()]
    wanted = [
        *articles,
        url,
        article_id(canonical_url(url)),
        *([record.article_id] if record and record.article_id else []),
    ]
    wanted = list(dict.fromkeys(wanted))
    if buried(services.results, wanted):
        yield Line(None, "deleted", "on request; it is not taken in again")
    for stored in services.results.get(Kind.ARTICLES, wanted).values():
        yield from _of_article(stored, services.results)


def _of_item(record: "ItemRecord") -> Iterator[Line]:
    yield Line(record.created_at, "entered", f"by {record.origin} of {record.feed_id}: {record.entry.url}")
    for event in record.history:
        yield Line(event.at, event.what, event.detail)
    if record.outcome is not None:
        yield Line(record.updated_at, "ended", _meaning(record))
    elif record.due_at is not None:
        yield Line(record.due_at, "due", f"{record.stage}, attempt {record.attempts + 1} {record.reason}".strip())
    if record.trace:
        yield Line(None, "trace", record.trace)


def _meaning(record: "ItemRecord") -> str:
    from worker.outcomes import MEANINGS

    return f"{record.outcome}: {MEANINGS[record.outcome]}" if record.outcome else ""


def _of_article(stored: "Stored", results: "ResultStore") -> Iterator[Line]:
    from worker.ports import Kind, Query

    document = stored.document
    yield Line(
        field(document, "@timestamp"), "article", f"{field(document, 'article.title')} ({field(document, 'url.full')})"
    )
    yield Line(field(document, "event.created"), "fetched", f"revision {field(document, 'article.revision')}")
    story_id = field(document, "story.id")
    if story_id and story_id != stored.id:
        yield Line(None, "copy of", str(story_id))
    query = Query(kind=Kind.STATEMENTS, kql=f'article.id: "{stored.id}"', size=200, sort=(("stance.start", "asc"),))
    for hit in results.search(query).hits:
        yield Line(None, "statement", _statement(hit.document))


def _statement(document: Mapping[str, Any]) -> str:
    party, act, issue = (field(document, f"stance.{name}") for name in ("party", "act", "issue"))
    level = field(document, "claim.level") or "not graded"
    return f'{party} {act} {issue} [{level}]: "{field(document, "stance.evidence")}"'
