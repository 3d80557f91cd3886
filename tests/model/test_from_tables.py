"""Tables and records are two doors to the same instance, and to the same errors."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.errors import InputError
from sharematch.io.files import instance_hash
from sharematch.model.canonical import instance_data
from sharematch.model.instance import COLLECTIONS
from tests.strategies import instances

Rows = list[dict[str, Any]]


def cell(value: Any) -> Any:
    """Return a plain value as text, as in a CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(
            f"{x['start']}/{x['end']}" if isinstance(x, dict) else x for x in value
        )
    return str(value)


def columns(rows: Rows, *, text: bool) -> dict[str, list[Any]]:
    """Return rows as columns, locations in two."""
    flat = []
    for row in rows:
        cells = dict(row)
        if "location" in cells:
            cells["lon"], cells["lat"] = cells.pop("location")
        flat.append({k: cell(v) if text else v for k, v in cells.items()})
    names = dict.fromkeys(name for row in flat for name in row)
    return {name: [row.get(name) for row in flat] for name in names}


def as_dict(rows: Rows) -> Any:
    return columns(rows, text=False)


def as_arrays(rows: Rows) -> Any:
    return {
        name: np.array(values)
        if all(type(x) is int for x in values) or all(type(x) is float for x in values)
        else values
        for name, values in columns(rows, text=False).items()
    }


def as_pandas(rows: Rows) -> Any:
    return pd.DataFrame(columns(rows, text=False))


def as_polars(rows: Rows) -> Any:
    return pl.DataFrame(columns(rows, text=True))


def as_arrow(rows: Rows) -> Any:
    return pa.table(columns(rows, text=True))


DOORS: tuple[Callable[[Rows], Any], ...] = (
    as_dict,
    as_arrays,
    as_pandas,
    as_polars,
    as_arrow,
)


def split(instance: sm.Instance) -> tuple[dict[str, Any], dict[str, Any]]:
    data = instance_data(instance)
    rest = {key: value for key, value in data.items() if key not in COLLECTIONS}
    return {key: data[key] for key in COLLECTIONS if key in data}, rest


@pytest.mark.parametrize("door", DOORS)
@given(instance=instances())
def test_tables_give_the_same_instance(door: Callable[[Rows], Any], instance: Any):
    rows, rest = split(instance)
    tables = {key: door(value) for key, value in rows.items()}
    again = sm.Instance.from_tables(**tables, **rest)
    assert "needs" not in vars(again)  # no records yet
    assert instance_hash(again) == instance_hash(instance)
    assert repr(again) == repr(instance)
    assert again == sm.Instance(**instance_data(instance))
    assert instance_data(again) == instance_data(instance)


def outcome(instance: sm.Instance) -> Any:
    try:
        return sm.solve(instance).to_dict()
    except sm.SharematchError as error:
        return str(error)


@given(instance=instances())
def test_results_are_the_same(instance: Any):
    rows, rest = split(instance)
    tables = {key: as_dict(value) for key, value in rows.items()}
    again = sm.Instance.from_tables(**tables, **rest)
    assert outcome(again) == outcome(instance)


WRONG: dict[str, tuple[Any, ...]] = {
    "id": ("", 7, "x" * 501),
    "area": ("nowhere",),
    "parent": ("nowhere",),
    "level": (3,),
    "community": ("nowhere", 7),
    "facility": ("nowhere",),
    "provider": ("nowhere",),
    "sector": ("state",),
    "kinds": ([""], ["a//b"]),
    "kind": ("/", "a;b"),
    "capacity": (-1, 1.5, 10**13, True),
    "quantity": (-1, 0.5, False),
    "weight": (-2,),
    "reserve": (10**12,),
    "min_units": (10**12,),
    "min_quantity": (10**12,),
    "fee": (-1, "x", 0.001),
    "max_fee": ("1e40",),
    "cost": (-0.01,),
    "travel": (-1, "one"),
    "radius": (-1,),
    "max_travel": ("1/3", -4),
    "share": (99, "county"),
    "start": ("2026-01-31", "noon", "2026-01-31T18:30:30"),
    "end": ("1999-01-01T10:00", "1999-01-01T10:00+01:00"),
    "windows": ([{"start": "2026-01-02T10:00", "end": "2026-01-01T10:00"}],),
    "closed": ([{"start": "2026-01-02T10:00"}],),
    "choices": (["nowhere"],),
    "since": ("soon",),
    "sessions": (0,),
    "every": (0, 5),
    "need": ("nowhere",),
    "slot": ("nowhere",),
    "source": ("nowhere",),
    "status": ("maybe",),
    "units": (0,),
    "served": (10**12,),
    "whole": ("perhaps",),
    "colour": ("red",),
}
"""Values that a field cannot have, or not in most instances."""


def problems_of(make: Callable[[], Any]) -> Any:
    """Return what is wrong, without where it stood; None if nothing is."""
    try:
        make()
    except InputError as error:
        return sorted(
            (p.message, p.record, p.id, p.field, p.value, p.hint)
            for p in error.problems
        )
    return None


@given(instance=instances(), draw=st.data())
def test_tables_have_the_same_errors(instance: Any, draw: Any):
    rows, rest = split(instance)
    assume(rows)
    collection = draw.draw(st.sampled_from([*rows]))
    row = draw.draw(st.sampled_from(rows[collection]))
    some = [name for name in WRONG if name in COLLECTIONS[collection].model_fields]
    if draw.draw(st.booleans()) and len(rows[collection]) > 1 and "id" in row:
        row["id"] = next(r["id"] for r in rows[collection] if r is not row)
    else:
        field = draw.draw(st.sampled_from(some))
        row[field] = draw.draw(st.sampled_from(WRONG[field]))
    tables = {key: as_dict(value) for key, value in rows.items()}
    by_table = problems_of(lambda: sm.Instance.from_tables(**tables, **rest))
    if row.get("id") == "":  # an empty cell is a missing one
        assert by_table
        return
    by_record = problems_of(lambda: sm.Instance(**rows, **rest))
    assert by_table == by_record


def town(**changes: Any) -> dict[str, Any]:
    tables: dict[str, Any] = {
        "communities": {"id": ["a", "b"]},
        "facilities": {"id": ["f"], "community": ["a"]},
        "slots": {
            "id": ["mon", "tue"],
            "facility": ["f", "f"],
            "kinds": ["health;sport", "health"],
            "capacity": [3, 4],
        },
        "needs": {"id": ["n"], "community": ["b"], "kind": ["health"]},
    }
    for name, more in changes.items():
        tables[name] = {**tables.get(name, {}), **more}
    return tables


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slots": {"reserve": [0, 9]}}, ["slots row 2", '"tue"', "reserve 9"]),
        ({"needs": {"community": ["c"]}}, ["needs row 1", '"n"', "community c"]),
        ({"slots": {"capacity": [3, np.nan]}}, ["slots row 2", "capacity", "missing"]),
        ({"slots": {"id": ["mon", None]}}, ["slots row 2", "id", "missing"]),
        ({"slots": {"id": ["mon", "mon"]}}, ["slots rows 1, 2", "mon", "2 times"]),
        ({"needs": {"colour": ["red"]}}, ["needs", "colour", "not known"]),
        ({"needs": {"lon": [1.0]}}, ["needs", "lat", "missing"]),
        ({"needs": {"lon": [1.0], "lat": [math.nan]}}, ["needs row 1", "lon and lat"]),
        ({"needs": {"quantity": [1, 2]}}, ["needs", "different length", "quantity 2"]),
        ({"needs": {"quantity": 7}}, ["needs", "quantity", "list or an array"]),
    ],
)
def test_errors_name_the_row(changes: Any, words: list[str]):
    with pytest.raises(InputError) as caught:
        sm.Instance.from_tables(**town(**changes))
    for word in words:
        assert word in str(caught.value)


def test_tables_must_be_tables():
    with pytest.raises(InputError, match="needs: must be a dataframe or a mapping"):
        sm.Instance.from_tables(needs=7)


def test_cells_of_many_types():
    times = np.array(["2026-01-05T09:00", "NaT"], "datetime64[ns]")
    ends = pd.Series(pd.to_datetime(["2026-01-05T10:00", None]))
    slots = {"start": times, "end": ends, "fee": pl.Series([0.5, None])}
    made = sm.Instance.from_tables(**town(slots=slots))
    assert made.slots[0].start is not None
    assert made.slots[0].start.isoformat() == "2026-01-05T09:00:00"
    assert made.slots[1].end is None
    assert str(made.slots[0].fee) == "0.50"
    assert made.replace(name="x").slots == made.slots
