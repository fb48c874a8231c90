"""Templates, indices and aliases in Elasticsearch: made once, compared at each start, changed only by ``setup``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from worker.adapters.elastic_link import SUPPORTED_MAJORS, ElasticLink
from worker.adapters.elastic_migration import migrate
from worker.adapters.store_templates import OTHER_VERSION, Templates, fingerprint, index_fingerprint
from worker.errors import DependencyMissing, StoreUnavailable
from worker.index.bulk import alias_name, index_name
from worker.index.templates import PARTS, analysis_template, index_template, marked
from worker.ports import Kind

SETUP_TIMEOUT_S = 60.0
_NOT_ALLOWED = 405


@dataclass(frozen=True, slots=True)
class Setup:
    """Compares what the cluster has with what the template files say."""

    link: ElasticLink
    templates: Templates
    prefix: str

    def run(self) -> list[str]:
        """Bring the cluster to what the files say; return one line per change."""
        with self.link.client() as plain:
            client = plain.options(request_timeout=SETUP_TIMEOUT_S)
            if fault := _wrong_version(client):
                raise DependencyMissing([fault])
            components = self._components(client)
            indices = self._indices(components[f"{self.prefix}-analysis"])
            return [
                *_put_components(client, components),
                *_put_templates(client, indices),
                *self._put_indices(client, indices),
            ]

    def check(self) -> list[str]:
        """Return what is wrong, one line each."""
        try:
            with self.link.client() as client:
                fault = _wrong_version(client)
                return [fault] if fault else [*self._stale(client), *self._blocked(client)]
        except StoreUnavailable as error:
            return [str(error)]

    def _components(self, client: Elasticsearch) -> dict[str, dict[str, Any]]:
        """Return our component templates by name, the analysis made of what this server can do."""
        parts = [part for part in PARTS if _can(client, PARTS[part])]
        analysis = analysis_template(self.templates.analysis, parts)
        return {f"{self.prefix}-settings": dict(self.templates.settings), f"{self.prefix}-analysis": analysis}

    def _indices(self, analysis: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Return our index templates by the name of the alias that they serve."""
        analysis_hash = fingerprint(analysis)
        return {
            alias_name(self.prefix, kind): index_template(
                self.templates.index,
                self.templates.kinds[kind],
                kind,
                prefix=self.prefix,
                meta={"hash": self._hash(kind), "analysis": analysis_hash},
            )
            for kind in Kind
        }

    def _hash(self, kind: Kind) -> str:
        return index_fingerprint(self.templates.kinds[kind])

    def _put_indices(self, client: Elasticsearch, wanted: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
        present = _mappings_by_alias(client, self.prefix)
        for kind in Kind:
            alias = alias_name(self.prefix, kind)
            if alias not in present:
                index = index_name(self.prefix, kind, 1)
                client.indices.create(index=index, aliases={alias: {"is_write_index": True}})
                yield f"index {index}: created behind {alias}"
                continue
            index, meta = present[alias]
            if meta != wanted[alias]["template"]["mappings"]["_meta"]:
                yield migrate(client, alias=alias, old=index, new=_next_name(index))

    def _stale(self, client: Elasticsearch) -> Iterator[str]:
        present = _mappings_by_alias(client, self.prefix)
        missing = [kind for kind in Kind if alias_name(self.prefix, kind) not in present]
        if missing:
            yield f"Elasticsearch: {', '.join(missing)} not set up; run `stancewatch setup`"
        metas = {kind: present[alias_name(self.prefix, kind)][1] for kind in Kind if kind not in missing}
        stale = [kind for kind, meta in metas.items() if meta.get("hash") != self._hash(kind)]
        if stale:
            yield f"Elasticsearch: {OTHER_VERSION.format(', '.join(stale))}"

    def _blocked(self, client: Elasticsearch) -> Iterator[str]:
        answer = client.indices.get_settings(index=f"{self.prefix}-*", name="index.blocks.*", flat_settings=True)
        for index, body in sorted(answer.body.items()):
            blocks = [name for name, value in body["settings"].items() if str(value) == "true"]
            if blocks:
                yield f"Elasticsearch: {index} takes no writes ({', '.join(blocks)}); is the disk full?"


def _put_components(client: Elasticsearch, wanted: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, body in wanted.items():
        content = fingerprint(body)
        if _component_hash(client, name) != content:
            fresh = marked(body, content)
            client.cluster.put_component_template(name=name, template=fresh["template"], meta=fresh["_meta"])
            yield f"component template {name}: written"


def _put_templates(client: Elasticsearch, wanted: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, body in wanted.items():
        content = fingerprint(body)
        if _index_template_hash(client, name) != content:
            client.indices.put_index_template(name=name, body=marked(body, content))
            yield f"index template {name}: written"


def _next_name(index: str) -> str:
    head, _, version = index.rpartition("-v")
    return f"{head}-v{int(version) + 1}"


def _wrong_version(client: Elasticsearch) -> str | None:
    """Return a line if the server is of a major that the client does not speak to."""
    try:
        version = str(client.info()["version"]["number"])
    except ApiError as error:
        if error.meta.status != _NOT_ALLOWED:  # the test build has no page at /
            raise
        nodes = client.nodes.info(filter_path="nodes.*.version")["nodes"]
        version = str(next(iter(nodes.values()))["version"])
    if int(version.split(".")[0]) in SUPPORTED_MAJORS:
        return None
    return f"Elasticsearch {version} is not supported; {' and '.join(f'{m}.x' for m in SUPPORTED_MAJORS)} are"


def _can(client: Elasticsearch, probe: Mapping[str, Any]) -> bool:
    """Return True if the server has an analyzer or filter; one that it does not know is a bad request."""
    try:
        client.indices.analyze(body={**probe, "text": "x"})
    except ApiError as error:
        if error.meta.status != 400:  # noqa: PLR2004 - HTTP
            raise
        return False
    return True


def _component_hash(client: Elasticsearch, name: str) -> str | None:
    try:
        answer = client.cluster.get_component_template(name=name)
    except NotFoundError:
        return None
    meta = answer["component_templates"][0]["component_template"].get("_meta", {})
    return str(meta.get("content"))


def _index_template_hash(client: Elasticsearch, name: str) -> str | None:
    try:
        answer = client.indices.get_index_template(name=name)
    except NotFoundError:
        return None
    return str(answer["index_templates"][0]["index_template"].get("_meta", {}).get("content"))


def _mappings_by_alias(client: Elasticsearch, prefix: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return alias → the index behind it and the ``_meta`` of its mapping."""
    answer = client.indices.get(index=f"{prefix}-*", features="aliases,mappings")
    return {
        alias: (index, body["mappings"].get("_meta", {}))
        for index, body in answer.body.items()
        for alias in body["aliases"]
    }
