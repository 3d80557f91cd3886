"""Links in folders that are handed in: followed inside, refused where they lead out."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sharematch as sm
from sharematch.batch import run_folder
from sharematch.errors import InputError
from sharematch.openings import Cutting

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "id;a line for others"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Write an instance as a folder of tables; beside it lies what is not in it."""
    town = sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["sport"], capacity=1)],
        needs=[sm.Need(id="n", community="junmiao", kind="sport")],
    )
    sm.io.write_instance(town, tmp_path / "town")
    (tmp_path / "elsewhere").write_text(SECRET)
    return tmp_path / "town"


@pytest.mark.parametrize("name", ["slots.csv", "instance.toml", "pairs.csv"])
def test_a_table_elsewhere_is_not_read(town: Path, name: str):
    (town / name).unlink(missing_ok=True)
    (town / name).symlink_to("../elsewhere")
    for read in (sm.io.read_instance, sm.io.read_records):
        with pytest.raises(InputError, match="is a link that leads out") as caught:
            read(town)
        assert name in str(caught.value)
        assert "a line for others" not in str(caught.value)


def test_a_link_inside_and_a_link_to_the_folder_are_followed(town: Path):
    (town / "slots.csv").rename(town / "slots-2027.csv")
    (town / "slots.csv").symlink_to("slots-2027.csv")
    (town.parent / "link").symlink_to("town", target_is_directory=True)
    expected = sm.io.read_instance(town)
    assert sm.io.read_instance(town.parent / "link") == expected


@pytest.mark.parametrize("target", ["slots.csv", "nowhere"])
def test_a_link_that_leads_nowhere_is_named(town: Path, target: str):
    (town / "slots.csv").unlink()
    (town / "slots.csv").symlink_to(target)
    with pytest.raises(InputError, match=r"slots\.csv"):
        sm.io.read_instance(town)


def test_other_standards_are_read_from_their_folder_only(tmp_path: Path):
    (tmp_path / "elsewhere").write_text(SECRET)
    for name in ("services.csv", "week.ics", "datapackage.json"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).symlink_to("../elsewhere")
    cutting = Cutting(
        first=date(2027, 3, 1), last=date(2027, 3, 2), zone="Europe/Berlin"
    )
    reads: dict[str, Callable[[Path], object]] = {
        "services": lambda path: sm.io.read_hsds(path, cutting),
        "datapackage": lambda path: sm.io.read_hsds(path, cutting),
        "week": lambda path: sm.io.read_ical(path, cutting),
    }
    for name, read in reads.items():
        with pytest.raises(InputError, match="is a link that leads out"):
            read(tmp_path / name)


def test_instances_and_results_of_a_run_lie_in_their_folders(
    town: Path, tmp_path: Path
):
    weeks, run = tmp_path / "weeks", tmp_path / "run"
    weeks.mkdir()
    town.rename(weeks / "one")
    run_folder(weeks, run)
    (weeks / "two").symlink_to(tmp_path)
    with pytest.raises(InputError, match="two: is a link that leads out"):
        run_folder(weeks, run)
    (weeks / "two").unlink()
    (run / "results" / "one.json").unlink()
    (run / "results" / "one.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"one\.json: is a link that leads out"):
        run_folder(weeks, run)
    assert (tmp_path / "elsewhere").read_text() == SECRET


def test_what_lies_beside_tables_is_hashed_from_the_folder_only(
    town: Path, tmp_path: Path
):
    weeks = tmp_path / "weeks"
    weeks.mkdir()
    (town / "notes").symlink_to(tmp_path / "elsewhere")
    town.rename(weeks / "one")
    (failure,) = run_folder(weeks, tmp_path / "run").failures
    assert "leads out" in failure.message
