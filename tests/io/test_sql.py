"""Databases: an instance in tables, a plan written back in one transaction."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.model.canonical import instance_data
from tests.strategies import ANY_TEXT, instances

TOWN = sm.Instance(
    communities=[sm.Community(id="a", location=[121.5, 29.9])],
    facilities=[sm.Facility(id="f", community="a")],
    slots=[sm.Slot(id="s", facility="f", kinds=["h", "g/x"], capacity=3, fee="1.50")],
    needs=[sm.Need(id="n", community="a", kind="h", quantity=2, whole=True)],
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'town.db'}"


def plan_in(url: str) -> list[Any]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("select * from assignments")).all()
    engine.dispose()
    return [tuple(row) for row in found]


@given(instance=instances(text=ANY_TEXT))
def test_round_trip(instance: sm.Instance):
    rest = {key: getattr(instance, key) for key in ("name", "travel", "currency")}
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as connection:
        try:
            io.write_sql(instance, connection, prefix="p_")
        except InputError as error:
            assert "cannot stand in a table" in str(error)  # noqa: PT017
            return
        if not any(map(len, (getattr(instance, name) for name in TABLES))):
            return
        again = io.read_sql(connection, prefix="p_", **rest)
    engine.dispose()
    assert instance_data(again) == instance_data(instance)


TABLES = (
    *("areas", "communities", "providers", "facilities", "slots", "needs", "pairs"),
    *("links", "past", "decisions"),
)


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


def test_a_failure_leaves_the_old_plan(url: str):
    io.write_sql_assignments(sm.Allocation([("s", "n", 1)]), url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        trigger = (
            "create trigger no before insert on assignments when new.need = 'z' "
            "begin select raise(abort, 'no room'); end"
        )
        connection.execute(sa.text(trigger))
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
