"""Parquet tables mean the same as CSV tables."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from sharematch import io
from sharematch.errors import InputError
from sharematch.io.native import tables
from sharematch.model.frames import MISSING, distinct

TABLES: dict[str, dict[str, list[Any]]] = {
    "communities": {
        "id": ["a", "b"],
        "tags": [["old"], None],
        "lon": [121.5, None],
        "lat": [29.5, None],
    },
    "facilities": {"id": ["f"], "community": ["a"]},
    "slots": {
        "id": ["s"],
        "facility": ["f"],
        "kinds": ["h;g/x"],
        "capacity": [3],
        "start": [datetime(2026, 3, 2, 9, tzinfo=UTC)],
        "end": [datetime(2026, 3, 2, 10, tzinfo=UTC)],
        "fee": [1.5],
    },
    "needs": {"id": ["n"], "community": ["b"], "kind": ["h"], "whole": [True]},
}


def write(folder: Path, **changes: Any) -> None:
    for name, columns in TABLES.items():
        table = pa.table(columns | changes.get(name, {}))
        parquet.write_table(table, folder / f"{name}.parquet")


def test_tables(tmp_path: Path):
    write(tmp_path)
    instance = io.read_instance(tmp_path)
    io.write_instance(instance, tmp_path / "csv")
    assert io.instance_hash(io.read_instance(tmp_path / "csv")) == io.instance_hash(
        instance
    )
    (slot,) = instance.slots
    assert slot.kinds == {"h", "g/x"}
    assert str(slot.fee) == "1.50"
    assert instance.communities[0].location == (121.5, 29.5)
    assert instance.communities[1].tags == frozenset()
    assert instance.needs[0].whole


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"needs": {"quantity": [1.5]}}, 'needs.parquet row 1: need "n": quantity 1.5'),
        ({"needs": {"quantity": [float("nan")]}}, "quantity nan: must be a finite"),
        ({"needs": {"id": [7]}}, 'need "7": id 7: must be text'),
        ({"needs": {"id": [None]}}, "needs.parquet row 1: id: is missing"),
        ({"needs": {"colour": ["red"]}}, 'needs.parquet: column "colour": is not'),
    ],
)
def test_bad_values(tmp_path: Path, changes: Any, message: str):
    write(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        io.read_instance(tmp_path)
    assert message in str(caught.value)


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"needs pyarrow.*\n.*pip install 'pyarrow"):
        io.read_instance(tmp_path)


def test_more_rows_than_can_be_held_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path)
    monkeypatch.setattr(tables, "MOST_ROWS", 1)
    with pytest.raises(
        InputError, match=r"communities\.parquet: has 2 rows, more than"
    ):
        io.read_instance(tmp_path)


TIME = datetime(2026, 3, 2, 9, tzinfo=UTC)
ARRAYS: dict[str, Any] = {
    "text": pa.array(["b", None, "a", "b"]),
    "long text": pa.array(["b", "a", "b"], pa.large_string()),
    "small numbers": pa.array([2, 1, 2], pa.int8()),
    "numbers with gaps": pa.array([2, None, 1, 2]),
    "places": pa.array([0.5, -0.25, 0.5]),
    "places with gaps": pa.array([0.5, None, -0.25]),
    "short places": pa.array([0.1, 0.1], pa.float32()),
    "flags": pa.array([True, None, False, True]),
    "times": pa.array([TIME, None, TIME], pa.timestamp("s", tz="Asia/Shanghai")),
    "clock times": pa.array([TIME.replace(tzinfo=None)] * 2, pa.timestamp("us")),
    "dates": pa.array([TIME.date(), None]),
    "lists": pa.array([["b"], None, ["a", "b"], ["b"]]),
    "nothing": pa.array([None, None]),
    "no rows": pa.array([], pa.string()),
    "amounts": pa.array([Decimal("1.50"), None]),
    "named": pa.DictionaryArray.from_arrays(
        pa.array([2, 0, None, 2]), pa.array(["b", "unused", "b"])
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_column_is_what_its_cells_are(name: str, chunks: int):
    array = ARRAYS[name]
    pieces = [array, array.slice(1)][:chunks]
    column = pa.chunked_array(pieces, array.type)
    cells = [MISSING if x is None else x for x in column.to_pylist()]
    coded, wanted = tables._coded(column), distinct(cells, blanks=False)
    assert [*coded.rows()] == cells
    assert [*map(type, coded.rows())] == [*map(type, cells)]
    assert coded.code.tolist() == wanted.code.tolist()
    assert coded.values == wanted.values


def test_numbers_that_cannot_be_used_are_still_refused(tmp_path: Path):
    write(tmp_path, communities={"lon": [float("nan"), 121.5], "lat": [29.5, 29.5]})
    with pytest.raises(InputError, match=r'communities\.parquet row 1: community "a"'):
        io.read_instance(tmp_path)


LISTS = [["a"], None, [], ["a", "b"], ["b", "a"], [""], [None], ["a"], [], None]


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([pa.array(LISTS)]),
        pa.chunked_array([pa.array(LISTS)[2:], pa.array(LISTS)[:0], pa.array(LISTS)]),
        pa.chunked_array([pa.array([["x"], *LISTS]).slice(1, 5)]),
        pa.chunked_array([pa.array(LISTS, pa.large_list(pa.string()))]),
        pa.chunked_array([], pa.list_(pa.string())),
        pa.chunked_array([pa.array([[1], [2, 1], None])]),
        pa.chunked_array([pa.array([[{"start": "a"}], None])]),
        # A null may hide texts.
        pa.chunked_array(
            [
                pa.ListArray.from_arrays(
                    pa.array([0, 1, 3, 3]),
                    pa.array(["a", "b", "c"]),
                    mask=pa.array([False, True, False]),
                )
            ]
        ),
    ],
)
def test_columns_of_lists(column: Any):
    field = tables._coded(column)
    said = [None if value is MISSING else value for value in field.rows()]
    assert said == column.to_pylist()
    assert len({repr(value) for value in field.values}) == len(field.values)
