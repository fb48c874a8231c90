"""The result store in Elasticsearch 8.x or 9.x, so that Kibana can show it."""

from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.exceptions import ApiError, RequestError

from worker.adapters.clock import SystemClock
from worker.adapters.elastic_link import Access, ElasticLink, error_of
from worker.adapters.elastic_setup import Setup
from worker.adapters.store_templates import OTHER_VERSION, Templates
from worker.errors import QueryRefused, StoreUnavailable
from worker.index.bulk import STRICT, alias_name, lines, requests, results, token
from worker.index.mapping import DOCUMENT_ID, KindMapping, unknown_paths
from worker.index.search import Plan, plan
from worker.index.search import token as page_token
from worker.ports import Clock, Document, Hit, Kind, Page, Query, Stored, Write, WriteResult, WriteStatus

FRAGMENT_CHARS = 240
_TOO_LARGE = 413


class ElasticStore:
    """``ResultStore`` in Elasticsearch. Index names begin with ``prefix``.

    A write is durable when it returns: Elasticsearch syncs its log before it answers. It is visible to ``get`` at
    once, to ``search`` after the index's refresh interval (a second) or ``refresh``.
    """

    def __init__(
        self, url: str, templates: Templates, *, prefix: str, access: Access | None = None, clock: Clock | None = None
    ) -> None:
        self._link = ElasticLink(url, access or Access())
        self._templates = templates
        self._prefix = prefix
        self._clock = clock or SystemClock()

    def get(self, kind: Kind, ids: Sequence[str]) -> dict[str, Stored]:
        """Return the documents that exist, read from the write log where the search does not see them yet."""
        if not ids:
            return {}
        with self._link.client() as client:
            answer = client.mget(index=alias_name(self._prefix, kind), ids=list(dict.fromkeys(ids)))
        found = [each for each in answer["docs"] if each.get("found")]
        if broken := next((each for each in answer["docs"] if "error" in each), None):
            raise StoreUnavailable(f"Elasticsearch: {broken['error'].get('reason', 'a shard does not answer')}")
        return {each["_id"]: _stored(each) for each in found}

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Send the writes in requests of at most BULK_BYTES and answer each by itself.

        A request that fails as a whole makes its writes LATER; they may have been carried out, which ids and tokens
        make harmless.
        """
        prepared: list[tuple[int, bytes]] = []
        answers: dict[int, WriteResult] = {}
        for at, write in enumerate(writes):
            try:
                prepared.append((at, lines(write, alias_name(self._prefix, write.kind))))
            except (ValueError, TypeError, RecursionError) as error:
                answers[at] = WriteResult(id=write.id, status=WriteStatus.REJECTED, reason=str(error))
        for part in requests([text for _, text in prepared]):
            some = prepared[part]
            answered = self._send([text for _, text in some], [writes[at] for at, _ in some])
            answers |= {at: result for (at, _), result in zip(some, answered, strict=True)}
        return [answers[at] for at in range(len(writes))]

    def _send(self, texts: Sequence[bytes], writes: Sequence[Write]) -> list[WriteResult]:
        try:
            with self._link.client() as client:
                answer = client.bulk(operations=texts)  # type: ignore[arg-type]  # lines that are JSON already
                answered = results(writes, answer.body)
                return [self._of_our_fields(*each) for each in zip(writes, answered, strict=True)]
        except StoreUnavailable as error:
            cause = error.__cause__
            alone = len(writes) == 1 and isinstance(cause, ApiError) and cause.meta.status == _TOO_LARGE
            status = WriteStatus.REJECTED if alone else WriteStatus.LATER
            return [WriteResult(id=write.id, status=status, reason=str(error)) for write in writes]

    def _of_our_fields(self, write: Write, result: WriteResult) -> WriteResult:
        """Return LATER for a field that this version knows and the index does not: `setup` mends it, nothing parks."""
        if STRICT not in result.reason or unknown_paths(write.document or {}, self._templates.mappings[write.kind]):
            return result
        reason = f"Elasticsearch: {OTHER_VERSION.format(write.kind)}"
        return WriteResult(id=write.id, status=WriteStatus.LATER, reason=reason)

    def search(self, query: Query) -> Page:
        """Return one page."""
        mapping = self._templates.mappings[query.kind]
        planned = plan(query, mapping, now=self._clock.now())
        body = request_body(query, planned, mapping)
        with self._link.client() as client:
            answer = _searched(client, alias_name(self._prefix, query.kind), body)
        return _page(answer, query)

    def setup(self) -> list[str]:
        """Create or upgrade templates, indices and aliases; one line per change."""
        return self._setup().run()

    def check(self) -> list[str]:
        """Return what is wrong with the cluster or our indices."""
        return self._setup().check()

    def _setup(self) -> Setup:
        return Setup(self._link, self._templates, self._prefix)

    def refresh(self) -> None:
        """Make everything written so far visible to searches."""
        with self._link.client() as client:
            client.indices.refresh(index=[alias_name(self._prefix, kind) for kind in Kind])

    def close(self) -> None:
        """Close the client of this process."""
        self._link.close()


def request_body(query: Query, planned: Plan, mapping: KindMapping) -> dict[str, Any]:
    """Return the body of a search request. One hit more than asked tells whether there is a next page."""
    body: dict[str, Any] = {
        "query": {"bool": {"filter": [planned.tree]}},
        "size": query.size + 1 if query.size else 0,
        "sort": [{path: {"order": "desc" if down else "asc", "missing": "_last"}} for path, down in planned.sort],
        "track_total_hits": True,
    }
    if planned.after is not None:
        body["search_after"] = list(planned.after)
    if query.facets:
        body["aggs"] = {path: _facet(path, query.facet_size) for path in query.facets}
    if query.highlight and mapping.texts():
        body["highlight"] = _highlight(mapping)
    if query.fields:
        body["_source"] = list(query.fields)
    return body


def _facet(path: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": path, "size": size, "order": [{"_count": "desc"}, {"_key": "asc"}]}}


def _highlight(mapping: KindMapping) -> dict[str, Any]:
    return {
        "pre_tags": ["<em>"],
        "post_tags": ["</em>"],
        "fragment_size": FRAGMENT_CHARS,
        "number_of_fragments": 3,
        "fields": {field.path: {} for field in mapping.texts()},
    }


def _searched(client: Elasticsearch, alias: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return client.search(index=alias, body=dict(body)).body  # type: ignore[no-any-return]
    except RequestError as error:
        kind, reason = error_of(error)
        raise QueryRefused(f"Elasticsearch refuses the query: {reason or kind}", reason="query_refused") from error


def _page(answer: Mapping[str, Any], query: Query) -> Page:
    found = answer["hits"]["hits"]
    shown = found[: query.size]
    more = len(found) > query.size > 0
    return Page(
        hits=tuple(_hit(each) for each in shown),
        total=int(answer["hits"]["total"]["value"]),
        next=page_token(shown[-1]["sort"]) if more else None,
        facets={path: _counted(body) for path, body in answer.get("aggregations", {}).items()},
    )


def _counted(body: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((str(b.get("key_as_string", b["key"])), int(b["doc_count"])) for b in body["buckets"])


def _hit(found: Mapping[str, Any]) -> Hit:
    highlights = {path: tuple(parts) for path, parts in found.get("highlight", {}).items()}
    return Hit(id=found["_id"], document=_document(found["_source"]), highlights=highlights)


def _stored(found: Mapping[str, Any]) -> Stored:
    made = token(found["_seq_no"], found["_primary_term"], found["_index"])
    return Stored(id=found["_id"], document=_document(found["_source"]), token=made)


def _document(source: Mapping[str, Any]) -> Document:
    return {name: value for name, value in source.items() if name != DOCUMENT_ID}
