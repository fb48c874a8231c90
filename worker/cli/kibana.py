"""The desk that ``setup --kibana`` puts into Kibana."""

from dataclasses import dataclass

from worker.adapters.elastic_link import Access
from worker.adapters.kibana import checked_address, import_objects, with_prefix
from worker.cli.program import Program
from worker.errors import ConfigurationError, DependencyMissing
from worker.wiring import elastic_access

OBJECTS = "ops/kibana/stancewatch.ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The saved objects and where they go. ``put`` imports them and returns one line that says so."""

    url: str
    objects: str
    access: Access

    def put(self) -> str:
        """Import the objects over those of an earlier import; the adapter's errors name what is wrong."""
        count = import_objects(self.url, self.objects, access=self.access)
        return f"the desk is in Kibana, {self.url}: {count} data views, searches and dashboards"


def desk_for(one: Program, url: str) -> Desk:
    """Return the desk, its file read; ConfigurationError if Kibana would find nothing to show."""
    if one.settings.elasticsearch_url is None:
        raise ConfigurationError(["--kibana: Kibana shows what is in Elasticsearch; set elasticsearch_url"])
    path = one.config_dir.parent / OBJECTS
    try:
        objects = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DependencyMissing([f"--kibana: {path} cannot be read ({error.strerror})"]) from error
    return Desk(
        url=checked_address(url),
        objects=with_prefix(objects, one.settings.index_prefix),
        access=elastic_access(one.settings),
    )
