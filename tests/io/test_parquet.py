"""Parquet tables mean the same as CSV tables."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from sharematch import io
from sharematch.errors import InputError
from sharematch.io.native import tables

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
