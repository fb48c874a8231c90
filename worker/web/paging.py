"""All hits of a search, page after page, so that memory stays flat."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from worker.index.upkeep import PAGE, pages
from worker.ports import Hit, Query, ResultStore


def every_hit(store: ResultStore, query: Query) -> Iterator[Hit]:
    """Yield every hit; the first page is asked for at once, so that a bad query is an error and not half an answer."""
    found = pages(store, replace(query, size=PAGE, facets=()))
    return chain(next(found, ()), chain.from_iterable(found))
