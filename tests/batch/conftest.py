"""One pool of two processes for all tests of a module: starting one takes seconds."""

from collections.abc import Iterator

import pytest

from sharematch.batch import WorkerPool


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2) as workers:
        yield workers
