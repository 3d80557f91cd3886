"""Databases to test on: an SQLite file, and PostgreSQL where there is one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

__all__ = ["DATABASES", "new_database"]

DATABASES = ("sqlite", "postgresql")

SERVER = "SHAREMATCH_POSTGRES"
"""The environment variable with the URL of a PostgreSQL server to make databases on."""


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database; without a server the test is skipped."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'new.db'}"
        return
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"{SERVER} names no PostgreSQL server")
    url = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"sharematch_{secrets.token_hex(8)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
