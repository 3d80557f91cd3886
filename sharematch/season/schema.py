"""The tables of a season's database, and how it is opened and brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    NullPool,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from sharematch.errors import InputError

__all__ = ["connect", "documents", "log", "metadata", "reading", "upgrade", "writing"]

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("hash", String(71), primary_key=True),
    Column("text", Text, nullable=False),
)
"""Everything that was handed in or found, under the hash of its text."""

log = Table(
    "log",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("round", String(200), nullable=False, index=True),
    Column("action", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("document", String(71), ForeignKey("documents.hash"), nullable=True),
    Column("details", Text, nullable=False),
    Column("previous", String(71), nullable=False, unique=True),
    Column("hash", String(71), nullable=False, unique=True),
)
"""What was done, in order; each entry holds the hash of the one before it."""

_LOCK = 7_274_001
"""Any number: writers of one PostgreSQL database wait for each other by it."""
_WAIT = 60
"""Seconds that a writer waits for others."""


def connect(url: str) -> Engine:
    """Return the engine of a database, by URL or as the path of an SQLite file.

    Raises
    ------
    InputError
        For a URL that names no known database.
    """
    if "://" not in url:
        url = f"sqlite:///{Path(url)}"
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        is_sqlite = parsed.get_backend_name() == "sqlite"
        options = {"timeout": _WAIT} if is_sqlite else {}
        # Commands are few and far between: no connection is kept for the next one.
        engine = create_engine(parsed, poolclass=NullPool, connect_args=options)
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        raise InputError(
            str(error), record=str(url), hint="season.a_path_or_postgresql"
        ) from None
    if is_sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions only at the first change, after what it read.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees one state of the database."""
    with _plain_errors(engine), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection whose changes all happen or none; one writer at a time."""
    with _plain_errors(engine), engine.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection


@contextmanager
def _plain_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        name = engine.url.render_as_string(hide_password=True)
        raise InputError(str(cause).strip(), record=name) from None


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date, from nothing or from an earlier version."""
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables, None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the version that this library writes."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
