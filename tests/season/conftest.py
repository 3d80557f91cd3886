"""Databases to keep a season in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DATABASES, new_database


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield where a new season may be kept: a path, or a server as it is named."""
    with new_database(request.param, tmp_path) as url:
        yield url.removeprefix("sqlite:///").replace("+psycopg", "")
