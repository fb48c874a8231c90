"""A store that an earlier release filled: this one says so, gives nothing up, and `setup` brings it along whole."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import results_corpus
import servers_elastic

from worker.adapters.elastic_store import ElasticStore
from worker.adapters.sqlite_store import SqliteStore
from worker.adapters.store_templates import Templates, read_templates
from worker.errors import StoreUnavailable
from worker.index.mapping import read_mapping
from worker.ports import CREATE, Kind, Query, ResultStore, Write, WriteStatus

NOW_TEMPLATES = read_templates(Path(__file__).parents[2] / "config" / "elasticsearch")
STATEMENTS, ARTICLES = 400, 200
STATEMENT_IDS = [f"s{n}" for n in range(STATEMENTS)]
ARTICLE_IDS = [f"a{n}" for n in range(ARTICLES)]

Opener = Callable[[Templates], ResultStore]


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("elastic", marks=pytest.mark.elasticsearch),
    ]
)
def opener(request, tmp_path, elasticsearch_url) -> Iterator[Opener]:
    """Yield what opens one and the same store with the templates of a release."""
    if request.param == "sqlite":
        yield lambda templates: SqliteStore(tmp_path / "results.sqlite", templates)
        return
    url, prefix = elasticsearch_url(servers_elastic.DEFAULT_VERSION), f"test-{uuid4().hex[:12]}"
    yield lambda templates: ElasticStore(url, templates, prefix=prefix)
    servers_elastic.remove_indices(url, prefix)


def changed(change: Callable[[dict], None]) -> Templates:
    """Return the templates of a release whose files differ by ``change``."""
    kinds = json.loads(json.dumps(NOW_TEMPLATES.kinds))
    change(kinds)
    return replace(NOW_TEMPLATES, kinds=kinds, mappings={kind: read_mapping(kind, kinds[kind]) for kind in Kind})


def before_edits_were_kept(kinds: dict) -> None:
    """As the files were before articles kept their revisions and how far their copies agree."""
    article = kinds["articles"]["template"]["mappings"]["properties"]["article"]["properties"]
    del article["revisions"], article["agreement"]
    kinds["statements"]["_meta"]["lookups"].remove(["stance.speaker", "@timestamp", "topic", "stance.retracted_at"])


def article(name: str, **fields: object) -> dict:
    return {
        "@timestamp": "2026-03-01T12:00:00+00:00",
        "event": {"created": "2026-03-01T12:00:00+00:00", "ingested": "2026-03-01T12:00:00+00:00"},
        "article": {"id": name, "title": f"Talks on {name}", "text": "Arvenia speaks of the Osk valley.", **fields},
    }


def filled() -> list[Write]:
    said = [
        Write(kind=Kind.STATEMENTS, id=i, document=results_corpus.statement(1, start=n), token=CREATE)
        for n, i in enumerate(STATEMENT_IDS)
    ]
    return said + [Write(kind=Kind.ARTICLES, id=i, document=article(i), token=CREATE) for i in ARTICLE_IDS]


def documents(store: ResultStore) -> dict[str, dict]:
    found = store.get(Kind.STATEMENTS, STATEMENT_IDS) | store.get(Kind.ARTICLES, ARTICLE_IDS)
    return {i: stored.document for i, stored in found.items()}


def why_not_written(store: ResultStore, write: Write) -> str:
    """Return why a write is put off; a write that is refused for good or carried out fails the test."""
    try:
        [result] = store.write([write])
    except StoreUnavailable as error:
        return str(error)
    assert result.status is WriteStatus.LATER
    return result.reason


NEW = Write(kind=Kind.ARTICLES, id="new", document=article("new", agreement=0.5, revisions={"1": {"title": "T"}}))


def test_a_store_of_an_earlier_release_says_so_and_setup_brings_every_document_along(opener):
    with closing(opener(changed(before_edits_were_kept))) as earlier:
        earlier.setup()
        assert {result.status for result in earlier.write(filled())} == {WriteStatus.OK}
        kept = documents(earlier)
    with closing(opener(NOW_TEMPLATES)) as store:
        assert len(kept) == STATEMENTS + ARTICLES
        [fault] = store.check()
        assert re.search(r"articles.* as another version made it; run `stancewatch setup`$", fault)
        assert "`stancewatch setup`" in why_not_written(store, NEW)
        assert any(f"{ARTICLES} documents" in line for line in store.setup())
        assert (store.check(), store.setup()) == ([], [])
        assert documents(store) == kept
        assert store.write([NEW])[0].status is WriteStatus.OK
        store.refresh()
        assert [hit.id for hit in store.search(Query(kind=Kind.ARTICLES, kql="article.agreement: 0.5")).hits] == ["new"]
        assert store.search(Query(kind=Kind.ARTICLES, kql='article.text: "osk valley"', size=0)).total == ARTICLES + 1
        assert store.search(Query(kind=Kind.STATEMENTS, kql="stance.start >= 200", size=0)).total == 200


def test_new_look_ups_alone_read_no_document_again(opener):
    def fewer_lookups(kinds: dict) -> None:
        kinds["statements"]["_meta"]["lookups"].pop()

    with closing(opener(changed(fewer_lookups))) as earlier:
        earlier.setup()
        earlier.write(filled())
    with closing(opener(NOW_TEMPLATES)) as store:
        changes = store.setup()
        assert changes in ([], ["statements: look-ups changed, made anew"])
        assert store.check() == []
        store.refresh()
        assert store.search(Query(kind=Kind.STATEMENTS, kql="stance.start >= 200", size=0)).total == 200


def test_a_field_that_no_release_knows_is_still_refused_for_good(opener):
    with closing(opener(NOW_TEMPLATES)) as store:
        store.setup()
        [result] = store.write([Write(kind=Kind.ARTICLES, id="typo", document=article("typo", titel="T"))])
        assert result.status is WriteStatus.REJECTED
