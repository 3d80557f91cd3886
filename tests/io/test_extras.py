"""Without the package of an extra, the error says how to get it."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.io.carry import Ledger
from sharematch.io.geo.hours import hours_of
from sharematch.model.extras import install
from sharematch.openings import Cutting

WEEK = Cutting(first=date(2026, 3, 2), last=date(2026, 3, 8))
TOWN = sm.Instance(
    communities=[sm.Community(id="a")], facilities=[sm.Facility(id="f", community="a")]
)


@pytest.mark.parametrize(
    ("package", "extra"),
    [
        ("icalendar", "ical"),
        ("opening_hours", "osm"),
        ("holidays", "osm"),
        ("sqlalchemy", "sql"),
        ("pyarrow", "parquet"),
    ],
)
def test_a_missing_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, extra: str
):
    monkeypatch.setitem(sys.modules, package, None)
    calls: dict[str, Any] = {
        "ical": lambda: io.write_ical(TOWN, tmp_path / "town"),
        "osm": lambda: hours_of("24/7", WEEK, "f", Ledger(), "DE-BE"),
        "sql": lambda: io.read_sql("sqlite://"),
        "parquet": lambda: io.write_parquet(TOWN, tmp_path / "town"),
    }
    with pytest.raises(InputError) as caught:
        calls[extra]()
    assert str(caught.value).endswith(f"\nMaybe {install(extra)}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", [io.write_ical, io.write_hsds, io.write_parquet])
def test_a_folder_with_anything_in_it_is_kept(tmp_path: Path, write: object):
    (tmp_path / "mine").touch()
    with pytest.raises(InputError, match=r"is there already\nMaybe name a new folder"):
        write(TOWN, tmp_path)  # type: ignore[operator]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
