"""Tables and records are two doors to the same instance, and to the same errors."""

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
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
from sharematch.io.native.files import instance_hash
from sharematch.model.canonical import instance_data
from sharematch.model.records import COLLECTIONS
from tests.strategies import instances

Rows = list[dict[str, Any]]


def cell(value: Any) -> Any:
    """Return a plain value as text, as in a CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ";".join(f"{group}={fee}" for group, fee in value.items())
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


NA = pd.NA
NAIVE = pd.Timestamp("2026-03-02T09:00")


def arrow(kind: Any) -> pd.ArrowDtype:
    return pd.ArrowDtype(kind)


NULLABLE: tuple[tuple[str, Any, Any, Any], ...] = (
    ("quantity", 2, "Int64", 2),
    ("quantity", 2, "UInt8", 2),
    ("quantity", 2, "object", 2),
    ("quantity", 2.0, "Float64", 2),
    ("quantity", 2, "int64[pyarrow]", 2),
    ("quantity", 2.0, "double[pyarrow]", 2),
    ("whole", True, "boolean", True),
    ("whole", True, "bool[pyarrow]", True),
    ("whole", "true", "string", True),
    ("person", "x", "string", "x"),
    ("person", "x", "string[pyarrow]", "x"),
    ("person", "x", None, "x"),
    ("person", "x", "category", "x"),
    ("max_fee", Decimal("1.5"), arrow(pa.decimal128(10, 2)), Decimal("1.50")),
    ("max_travel", 0.25, "Float64", Decimal("0.25")),
    ("since", NAIVE, "datetime64[ns]", date(2026, 3, 2)),
    ("since", NAIVE, arrow(pa.timestamp("us")), date(2026, 3, 2)),
    ("since", date(2026, 3, 2), arrow(pa.date32()), date(2026, 3, 2)),
    ("groups", ["g"], arrow(pa.list_(pa.string())), frozenset({"g"})),
    ("requires", ["g"], "object", frozenset({"g"})),
    ("since", np.datetime64("2026-03-02", "ns"), "object", date(2026, 3, 2)),
    ("quantity", np.uint8(2), "object", 2),
)


def filled(cells: list[Any], dtype: Any) -> Any:
    """Return a column of some type; None: of that which pandas takes for its cells."""
    column = pd.Series(cells, dtype=object)
    return column.infer_objects() if dtype is None else column.astype(dtype)


def two_needs(**columns: Any) -> dict[str, Any]:
    rows = {"id": ["n", "m"], "community": ["b", "b"], "kind": ["health"] * 2}
    return {**rows, **columns}


def in_frame(columns: dict[str, Any]) -> Any:
    return pd.DataFrame(columns)


def in_dict(columns: dict[str, Any]) -> Any:
    return {name: getattr(x, "array", x) for name, x in columns.items()}


def in_lists(columns: dict[str, Any]) -> Any:
    return {name: list(values) for name, values in columns.items()}


@pytest.mark.parametrize("form", [in_frame, in_dict, in_lists])
@pytest.mark.parametrize(("field", "value", "dtype", "expected"), NULLABLE)
def test_an_empty_cell_of_any_type_is_the_default(
    form: Any, field: str, value: Any, dtype: Any, expected: Any
):
    for cells in ([value, NA], [NA, value], [NA, NA], [value, None]):
        column = filled(cells, dtype)
        tables = {**town(), "needs": form(two_needs(**{field: column}))}
        default = sm.Need.model_fields[field].default
        made = sm.Instance.from_tables(**tables)
        wanted = [default if x is NA or x is None else expected for x in cells]
        assert [getattr(need, field) for need in made.needs] == wanted
        assert sm.solve(made).is_optimal


@pytest.mark.parametrize("form", [in_frame, in_dict, in_lists])
@pytest.mark.parametrize(
    ("field", "dtype"), [("id", "string"), ("kind", None), ("community", "object")]
)
def test_an_empty_cell_that_is_needed_is_missing(form: Any, field: str, dtype: Any):
    column = filled(["b", NA], dtype)
    tables = {**town(), "needs": form(two_needs(**{field: column}))}
    with pytest.raises(InputError) as caught:
        sm.Instance.from_tables(**tables)
    assert "needs row 2: " in str(caught.value)
    assert f"{field}: is missing" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"quantity": pd.array([-2, NA], "Int64")}, "quantity -2: must not be"),
        ({"quantity": pd.array([1.5, NA], "Float64")}, "quantity 1.5: must be a whole"),
        ({"groups": [["g", NA], None]}, "groups.1 <NA>: must be text"),
        ({"person": [b"x", NA]}, "person b'x': must be text"),
        ({"max_travel": [math.inf, NA]}, "max_travel inf: must be a finite number"),
        ({"share": [1, NA]}, 'column "share": is not known'),
    ],
)
def test_what_stands_beside_an_empty_cell_is_refused_by_name(values: Any, words: str):
    tables = {**town(), "needs": two_needs(**values)}
    with pytest.raises(InputError) as caught:
        sm.Instance.from_tables(**tables)
    assert words in str(caught.value)
    assert "needs" in str(caught.value)


def test_a_time_that_is_none_is_missing():
    times = [np.datetime64("NaT"), np.datetime64("2026-03-02T09:00")]
    tables = {**town(), "needs": two_needs(since=times)}
    made = sm.Instance.from_tables(**tables)
    assert [need.since for need in made.needs] == [None, date(2026, 3, 2)]


def test_columns_of_other_kinds():
    columns = two_needs(
        quantity=np.ma.array([2, 3], mask=[False, True]),
        groups=pa.array([["g"], None]),
        since=np.array(["2026-01-01", "NaT"], "datetime64[D]"),
        whole=pl.Series([None, True]),
        location=np.array([[1.0, 2.0], [3.0, 4.0]]),
    )
    made = sm.Instance.from_tables(**{**town(), "needs": columns})
    first, second = made.needs
    assert (first.quantity, second.quantity) == (2, 1)
    assert (first.groups, second.groups) == (frozenset("g"), frozenset())
    assert (first.since, second.since) == (date(2026, 1, 1), None)
    assert (first.whole, second.whole) == (False, True)
    assert (first.location, second.location) == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame([["n", "b", "k", "k"]], columns=["id", "kind", "kind", "x"]),
        pa.table([["n"], ["b"], ["k"]], names=["id", "kind", "kind"]),
    ],
)
def test_columns_of_one_name_are_told(table: Any):
    words = 'needs: column "kind": stands there twice'
    with pytest.raises(InputError, match=words):
        sm.Instance.from_tables(**{**town(), "needs": table})


def test_names_that_are_no_text_are_told():
    table = pd.DataFrame([["n", "b", "k", "k"]], columns=["id", "community", "kind", 0])
    with pytest.raises(InputError, match='needs: column "0": is not known'):
        sm.Instance.from_tables(**{**town(), "needs": table})


@given(
    values=st.lists(
        st.sampled_from([1, 1.0, True, "1", Decimal(1), None, math.nan, NA, "", 2])
        | st.sampled_from([["a"], ("a",), frozenset("a"), [1], [True], ["a", "a"]]),
        min_size=1,
        max_size=5,
    ),
    field=st.sampled_from(["quantity", "whole", "person", "groups", "max_fee"]),
)
def test_equal_cells_are_each_read_as_what_they_are(values: Any, field: str):
    """1, 1.0 and true are equal to Python; so each is checked by itself."""
    ids = [str(i) for i in range(len(values))]
    rows = {"id": ids, "community": ["b"] * len(ids), "kind": ["health"] * len(ids)}
    one_by_one: list[Any] = []
    for value in values:
        column = {name: cells[:1] for name, cells in rows.items()} | {field: [value]}
        try:
            made = sm.Instance.from_tables(**{**town(), "needs": column})
            one_by_one.append(getattr(made.needs[0], field))
        except InputError:
            one_by_one = []
            break
    tables = {**town(), "needs": {**rows, field: values}}
    if one_by_one:
        made = sm.Instance.from_tables(**tables)
        assert [getattr(need, field) for need in made.needs] == one_by_one
    else:
        with pytest.raises(InputError):
            sm.Instance.from_tables(**tables)


@pytest.mark.parametrize("cell", [pd.Series(["x", "y"]), pl.Series(["x", "y"])])
def test_cells_that_are_series(cell: Any):
    # These cannot be compared with anything.
    town = sm.Instance.from_tables(communities={"id": ["a", "b"], "tags": [cell, "z"]})
    assert [community.tags for community in town.communities] == [{"x", "y"}, {"z"}]
    with pytest.raises(InputError, match="population"):
        sm.Instance.from_tables(communities={"id": ["a"], "population": [cell]})


@pytest.mark.parametrize(
    "text", ["nan", "inf", "1/0", "0x1", "1_0", "1e-400", "1" * 70]
)
def test_texts_that_are_no_numbers_of_places(text: str):
    columns = {"id": ["a", "b"], "x": [text, "1"], "y": ["1", "2"]}
    with pytest.raises(InputError, match="location"):
        sm.Instance.from_tables(communities=columns)
    texts = {"id": ["a", "b"], "x": ["1/2", "1e1"], "y": [" 2 ", "-0.0"]}
    town = sm.Instance.from_tables(communities=texts)
    assert [c.location for c in town.communities] == [(0.5, 2.0), (10.0, 0.0)]
