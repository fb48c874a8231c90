"""What every contract test over a real store needs."""

from collections.abc import Iterator

import pytest

from worker.adapters.elastic_store import ElasticStore


@pytest.fixture(autouse=True)
def closed_stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close every Elasticsearch store that a test opened: its sockets must not warn in the middle of another test."""
    opened: list[ElasticStore] = []
    make = ElasticStore.__init__

    def remember(store: ElasticStore, *args: object, **options: object) -> None:
        make(store, *args, **options)  # type: ignore[arg-type]
        opened.append(store)

    monkeypatch.setattr(ElasticStore, "__init__", remember)
    yield
    for store in opened:
        store.close()
