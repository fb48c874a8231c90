"""``move``: from the embedded result store to Elasticsearch, with a checksum of each kind at the end."""

import typer

from worker.cli.program import AsJson, program
from worker.cli.terminal import progress, say, show
from worker.errors import ConfigurationError


def move(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Copy everything from SQLite in data_dir to the Elasticsearch of the settings; both are compared at the end.

    Stop the service first. May be run again; the SQLite file stays as it is.
    """
    from worker.adapters.processes import FolderLock
    from worker.adapters.sqlite_store import SqliteStore
    from worker.adapters.store_templates import read_templates
    from worker.index.upkeep import move as copy_all
    from worker.ports import Kind

    services = program(context).services
    settings, file = services.settings, services.settings.data_dir / "results.sqlite"
    if settings.elasticsearch_url is None:
        raise ConfigurationError(["ELASTICSEARCH_URL is not set: where shall it be moved?"])
    if not file.exists():
        raise ConfigurationError([f"{file} does not exist: nothing to move"])
    lock = FolderLock(settings.data_dir)
    lock.take()
    source = SqliteStore(file, read_templates(services.config_dir / "elasticsearch"), clock=services.clock)
    rows = []
    try:
        services.results.setup()
        with progress("moving", len(Kind)) as meter:
            for moved in copy_all(source, services.results):
                rows.append({"kind": moved.kind, "documents": moved.count, "checksum": moved.checksum})
                meter.advance()
    finally:
        source.close()
        lock.release()
    show(rows, ["kind", "documents", "checksum"], as_json=as_json, empty="")
    if not as_json:
        say("every kind is the same in both stores")
