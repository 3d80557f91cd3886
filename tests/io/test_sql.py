"""Databases: an instance in tables, a plan written back in one transaction."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.model.canonical import instance_data
from tests.databases import DATABASES, new_database
from tests.strategies import ANY_TEXT, instances

TOWN = sm.Instance(
    communities=[sm.Community(id="a", location=[121.5, 29.9])],
    facilities=[sm.Facility(id="f", community="a")],
    slots=[sm.Slot(id="s", facility="f", kinds=["h", "g/x"], capacity=3, fee="1.50")],
    needs=[sm.Need(id="n", community="a", kind="h", quantity=2, whole=True)],
)


TABLES = (
    *("areas", "communities", "providers", "facilities", "slots", "needs", "pairs"),
    *("links", "past", "decisions"),
)


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=DATABASES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    folder = tmp_path_factory.mktemp("database")
    with new_database(request.param, folder) as url:
        # Tables change between reads here, which statements that the server keeps
        # prepared do not allow.
        is_server = url.startswith("postgresql")
        kept = {"prepare_threshold": None} if is_server else {}
        engine = sa.create_engine(url, connect_args=kept)
        yield engine
        engine.dispose()


def plan_in(url: str) -> list[Any]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("select * from assignments")).all()
    engine.dispose()
    return [tuple(row) for row in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instance=instances(text=ANY_TEXT))
def test_round_trip(engine: sa.Engine, instance: sm.Instance):
    rest = {key: getattr(instance, key) for key in ("name", "travel", "currency")}
    with engine.begin() as connection:
        _drop_all(connection)
    try:
        io.write_sql(instance, engine, prefix="p_")
    except InputError as error:
        assert re.search("cannot stand in a table|cannot contain NUL", str(error))  # noqa: PT017
        return
    if not any(map(len, (getattr(instance, name) for name in TABLES))):
        return
    again = io.read_sql(engine, prefix="p_", **rest)
    assert instance_data(again) == instance_data(instance)


def _drop_all(connection: sa.Connection) -> None:
    tables = sa.MetaData()
    tables.reflect(connection)
    tables.drop_all(connection)


def test_a_plan_is_written_back_and_replaced(url: str):
    io.write_sql(TOWN, url)
    town = io.read_sql(url)
    assert town == TOWN
    result = sm.solve(town)
    io.write_sql_assignments(result.allocation, url)
    assert plan_in(url) == [("s", "n", 2)]
    io.write_sql_assignments(sm.Allocation([("s", "n", 1)]), url)
    assert plan_in(url) == [("s", "n", 1)]
    io.write_sql_assignments(sm.Allocation(), url)
    assert plan_in(url) == []


NO_ROOM = {
    "sqlite": [
        "create trigger no before insert on assignments when new.need = 'z' "
        "begin select raise(abort, 'no room'); end"
    ],
    "postgresql": [
        "create function refuse() returns trigger language plpgsql as "
        "$$ begin raise exception 'no room'; end $$",
        "create trigger no before insert on assignments for each row "
        "when (new.need = 'z') execute function refuse()",
    ],
}
"""What makes a database refuse one row."""


def test_a_failure_leaves_the_old_plan(url: str):
    io.write_sql_assignments(sm.Allocation([("s", "n", 1)]), url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in NO_ROOM[engine.name]:
            connection.execute(sa.text(statement))
    engine.dispose()
    with pytest.raises(InputError, match="no room") as caught:
        io.write_sql_assignments(sm.Allocation([("s", "m", 1), ("s", "z", 1)]), url)
    assert "INSERT" not in str(caught.value)
    assert plan_in(url) == [("s", "n", 1)]


def test_a_transaction_of_the_caller_stays_the_callers(url: str):
    io.write_sql_assignments(sm.Allocation([("s", "n", 1)]), url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        io.write_sql_assignments(sm.Allocation([("s", "n", 9)]), connection)
        connection.rollback()
    engine.dispose()
    assert plan_in(url) == [("s", "n", 1)]


def test_types_of_a_database_are_read(url: str):
    metadata = sa.MetaData()
    slots = sa.Table(
        "slots",
        metadata,
        sa.Column("id", sa.String(20)),
        sa.Column("facility", sa.String(20)),
        sa.Column("kinds", sa.JSON),
        sa.Column("capacity", sa.Integer),
        sa.Column("start", sa.DateTime),
        sa.Column("end", sa.DateTime),
        sa.Column("staff_fee", sa.Float),
    )
    io.write_sql(TOWN.replace(slots=(), needs=()), url)
    engine = sa.create_engine(url)
    row: dict[str, Any] = {
        "id": "s",
        "facility": "f",
        "kinds": ["h"],
        "capacity": 3,
        "start": datetime(2026, 3, 2, 9),
        "end": datetime(2026, 3, 2, 10),
        "staff_fee": None,
    }
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(slots.insert(), [row])
    assert io.read_sql(engine).slots == (sm.Slot(**row),)
    engine.dispose()


@pytest.mark.parametrize(
    ("database", "message"),
    [
        ("sqlite://", "holds no table of an instance\nMaybe needs"),
        ("nothing", "database: cannot be used"),
        ("nodb://x", "database: cannot be used"),
        ("sqlite:////no/such/folder/x.db", "unable to open"),
    ],
)
def test_bad_databases(database: str, message: str):
    with pytest.raises(InputError, match=message):
        io.read_sql(database)


def test_bad_rows_are_named(url: str):
    io.write_sql(TOWN, url)
    with pytest.raises(InputError, match='table "communities": is there already'):
        io.write_sql(TOWN, url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("update needs set quantity = -2"))
    engine.dispose()
    with pytest.raises(InputError, match='needs row 1: need "n": quantity -2'):
        io.read_sql(url)
