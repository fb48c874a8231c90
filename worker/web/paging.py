"""All hits of a search, page after page, so that memory stays flat."""

from collections.abc import Iterator
from dataclasses import replace

from worker.ports import Hit, Query, ResultStore

PAGE = 500


def every_hit(store: ResultStore, query: Query) -> Iterator[Hit]:
    """Yield every hit; the first page is asked for at once, so that a bad query is an error and not half an answer."""
    query = replace(query, size=PAGE, facets=())
    page = store.search(query)

    def follow() -> Iterator[Hit]:
        current = page
        yield from current.hits
        while current.next:
            current = store.search(replace(query, after=current.next))
            yield from current.hits

    return follow()
