"""Openings by weekday in a folder of tables: dated slots, errors by row."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.model.canonical import instance_data

HEAD = "facility,kinds,capacity,weekdays,from,to,valid from,until,except,step"


def folder(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    """Write a small town whose hall is open as the rows say."""
    (tmp_path / "communities.csv").write_text("id\njunmiao\n")
    (tmp_path / "facilities.csv").write_text("id,community\nhall,junmiao\n")
    (tmp_path / "openings.csv").write_text("\n".join((head, *rows, "")))
    return tmp_path


def test_rows_are_dated_slots(tmp_path):
    (tmp_path / "holidays.csv").write_text("date,name\n2026-10-07,a day off\n")
    where = folder(
        tmp_path,
        'hall,sport,3,"mon,wed",17:00,21:00,2026-09-28,2026-10-14,2026-10-05;'
        "holidays.csv;2026-10-12/2026-10-13,30",
        "hall,sport;culture,1,fri,22:00,2:00,2026-10-01,2026-10-08,,",
    )
    town = io.read_instance(where)
    found = {(slot.start, slot.end, slot.step, slot.capacity) for slot in town.slots}
    days = [date(2026, 9, 28), date(2026, 9, 30), date(2026, 10, 14)]
    expected = {
        (
            datetime(d.year, d.month, d.day, 17),
            datetime(d.year, d.month, d.day, 21),
            30,
            3,
        )
        for d in days
    }
    night = datetime(2026, 10, 2, 22)
    assert found == expected | {(night, night + timedelta(hours=4), None, 1)}
    assert "hall 2026-09-28T17:00" in {slot.id for slot in town.slots}
    (kinds,) = {slot.kinds for slot in town.slots if slot.step is None}
    assert kinds == {"sport", "culture"}
    io.write_instance(town, tmp_path / "town.json")
    again = io.read_instance(tmp_path / "town.json")
    assert instance_data(again) == instance_data(town)


def test_hours_follow_the_clock_of_a_zone(tmp_path):
    where = folder(
        tmp_path,
        "hall,x,1,sat,18:00,20:00,2026-10-17,2026-10-31,,60,Europe/Berlin,big",
        head=f"{HEAD},zone,id",
    )
    slots = io.read_instance(where).slots
    starts = [slot.start.isoformat() for slot in slots if slot.start]
    assert starts == [
        f"2026-10-{d}T18:00:00+0{h}:00" for d, h in ((17, 2), (24, 2), (31, 1))
    ]
    assert slots[0].id == "big 2026-10-17T18:00"


def test_slots_of_a_table_stay(tmp_path):
    where = folder(tmp_path, "hall,x,1,sat,18:00,20:00,2026-10-17,2026-10-17,,60")
    (where / "slots.csv").write_text("id,facility,kinds,capacity\nold,hall,x,2\n")
    assert [s.id for s in io.read_instance(where).slots] == [
        "old",
        "hall 2026-10-17T18:00",
    ]


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ("hall,x,1,sun-x,18:00,20:00,2026-10-17,2026-10-17,,60", "weekdays", "weekly"),
        ("hall,x,1,sat,18:00,18:00,2026-10-17,2026-10-17,,60", "weekdays", "another"),
        ("hall,x,1,sat,8:00,20:00,17.10.2026,2026-10-17,,60", "valid_from", "a date"),
        ("hall,x,1,sat,8:00,20:00,2026-10-17,2026-10-16,,60", "until", "not be before"),
        ("hall,x,1,sat,8:00,20:00,2026-10-17,2026-10-24,x,60", "except", "a date"),
        ("hall,x,1,sat,8:00,20:00,2026-10-17,2026-10-24,x.csv,60", "except", "no file"),
        ("hall,x,1,sat,8:00,20:00,2026-10-17,2026-10-17,,0", "step", "at least 1"),
        ("mall,x,1,sat,8:00,20:00,2026-10-17,2026-10-17,,5", "facility", "not among"),
        ("hall,x,-1,sat,8:00,20:00,2026-10-17,2026-10-17,,5", "capacity", "negative"),
    ],
)
def test_errors_name_row_and_field(tmp_path, row, field, message):
    good = "hall,x,1,sat,18:00,20:00,2026-01-03,2026-01-03,,60"
    with pytest.raises(InputError) as caught:
        io.read_instance(folder(tmp_path, good, row))
    (problem,) = caught.value.problems
    assert problem.source == "openings.csv row 3"
    assert problem.field == field
    assert message in problem.message
    assert problem.message not in problem.text("zh")


def test_columns_that_are_missing_or_unknown(tmp_path):
    with pytest.raises(sm.SharematchError, match='column "until": is missing'):
        io.read_instance(folder(tmp_path, head=HEAD.replace(",until", "")))
    with pytest.raises(sm.SharematchError, match='column "colour": is not known'):
        io.read_instance(folder(tmp_path, head=f"{HEAD},colour"))


def test_a_slot_that_stands_there_twice_names_its_row(tmp_path):
    row = "hall,x,1,sat,18:00,20:00,2026-10-17,2026-10-17,,60"
    with pytest.raises(sm.SharematchError, match=r"row 3.*2 times"):
        io.read_instance(folder(tmp_path, row, row))
