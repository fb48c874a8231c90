"""``check``: is everything in order to start?"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.program import AsJson, Program, program
from worker.cli.terminal import show

if TYPE_CHECKING:
    from worker.settings import Settings

UNREACHABLE, FAILED = 3, 1


def check(
    context: typer.Context,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Read the configuration only; ask no server.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check configuration, stores and topics before anything starts; every fault in one go, with file and line."""
    one = program(context)
    rows = [*_configured(one), *([] if offline else _reachable(one))]
    show(rows, ["what", "state", "detail"], as_json=as_json, empty="")
    states = {row["state"] for row in rows}
    if "unreachable" in states:
        raise typer.Exit(UNREACHABLE)
    if "wrong" in states:
        raise typer.Exit(FAILED)


def _configured(one: Program) -> Iterator[dict[str, str]]:
    """Yield what the configuration holds; a fault in it ends the command with all of them."""
    from worker.tag.topic_check import check_topic

    settings, catalogue = one.settings, one.services.catalogue
    languages = {feed.language for feed in catalogue.feeds}
    yield _row("feeds", "ok", f"{len(catalogue.feeds)} feeds in {len(languages)} languages")
    yield _row("topics", "ok", ", ".join(sorted(catalogue.topics)))
    for topic_id, topic in sorted(catalogue.topics.items()):
        for line in check_topic(topic):
            state, _, detail = line.partition(": ")
            yield _row(f"topic {topic_id}", state, detail)
    if not settings.contact:
        yield _row("contact", "thin", "not set: sites cannot reach whoever reads them")


def _reachable(one: Program) -> Iterator[dict[str, str]]:
    from worker.log import redact

    services = one.services
    if one.settings.elasticsearch_url is None and not (one.settings.data_dir / "results.sqlite").exists():
        yield _row("result store", "new", f"SQLite, made in {one.settings.data_dir} at the first start")
    else:
        yield from _asked("result store", _where_results(one.settings), services.results.check)
    if one.settings.redis_url is None and not _embedded_runs(one.settings):
        yield _row("work ledger", "idle", "its own server starts with the service")
    else:
        yield from _asked("work ledger", _where_redis(one.settings), lambda: _nothing(services.ledger.counts()))
    yield from _asked("blobs", redact(one.settings.blobs), lambda: _nothing(services.blobs.get_body("0" * 64)))


def _asked(what: str, where: str, ask: Callable[[], list[str]]) -> Iterator[dict[str, str]]:
    from worker.errors import StancewatchError

    try:
        faults = ask()
    except StancewatchError as error:
        yield _row(what, "unreachable", str(error))
        return
    yield from [_row(what, "wrong", fault) for fault in faults] or [_row(what, "ok", where)]


def _embedded_runs(settings: "Settings") -> bool:
    from worker.adapters.embedded_server import running_url

    return running_url(settings.data_dir / "redis") is not None


def _where_results(settings: "Settings") -> str:
    return (
        f"Elasticsearch at {settings.elasticsearch_url}"
        if settings.elasticsearch_url
        else f"SQLite in {settings.data_dir}"
    )


def _where_redis(settings: "Settings") -> str:
    return "Redis of yours" if settings.redis_url else f"embedded server in {settings.data_dir}"


def _nothing(_answer: Any) -> list[str]:  # noqa: ANN401 - that there is an answer is all that counts
    return []


def _row(what: str, state: str, detail: str) -> dict[str, str]:
    return {"what": what, "state": state, "detail": detail}
