"""The tagger under test computes as it does in a worker: in one thread."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Keep numpy to one thread; pytest-randomly imports it before ``worker`` can say so."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield
