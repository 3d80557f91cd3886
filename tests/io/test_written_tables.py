"""Tables that are written are read back, whatever their letters could be too."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import sharematch as sm
from sharematch import io
from sharematch.batch.inputs import find_inputs
from sharematch.batch.rundir import RunFolder
from sharematch.batch.summary import COLUMNS, csv_line
from sharematch.cli import main
from sharematch.cli.what_if import _read_prices
from sharematch.errors import InputError
from sharematch.io.native.encodings import read_table_text, write_table_text
from sharematch.io.native.plans import assignments_text, questions_text
from sharematch.io.publishing.files import write_tokens
from sharematch.openings import Cutting
from tests.strategies import ANY_TEXT

# Whole folders are written; `test_what_is_written_is_read` tries all examples.
in_folders = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 5,  # type: ignore[union-attr]
)
MARK = b"\xef\xbb\xbf"

# Letters of two bytes, which may be those of one Chinese character.
LETTERS = st.text(st.characters(min_codepoint=0xA1, max_codepoint=0x7FF), min_size=1)
TEXTS = (LETTERS | ANY_TEXT).filter(lambda text: text == text.strip())
DOUBTFUL = ("·", "¡", "ɐɑ", "Ψж", "²")
"""Names whose bytes alone say nothing of what they are."""


def town_of(name: str) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id=name)],
        providers=[sm.Provider(id=name, sector="public")],
        facilities=[sm.Facility(id=name, community=name, provider=name)],
        slots=[
            sm.Slot(
                id=name,
                facility=name,
                kinds=["health"],
                capacity=2,
                start="2026-03-02T09:00",
                end="2026-03-02T10:00",
            )
        ],
        needs=[sm.Need(id=name, community=name, kind="health", quantity=1)],
    )


@given(text=st.text(st.characters(exclude_categories=["Cs"])) | LETTERS)
@example("·")
@example("a\0b")
@example("a\r\nb\rc\u2028")
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.getbasetemp() / "written.csv"
    text = f"id\n{text}\n"
    write_table_text(path, text)
    content = path.read_bytes()
    assert read_table_text(path) == text
    assert content.removeprefix(MARK) == text.encode()
    if content.startswith(MARK):
        path.write_bytes(text.encode())
        with pytest.raises(InputError):
            read_table_text(path)


@in_folders
@given(name=TEXTS)
@example("·")
def test_instances_and_plans_are_read_back(tmp_path: Path, name: str):
    town = town_of(name)
    io.write_instance(town, tmp_path / "town")
    assert io.read_instance(tmp_path / "town") == town
    plan = sm.Allocation([(name, name, 1)])
    table = tmp_path / "plan.csv"
    write_table_text(table, assignments_text(town, plan))
    assert io.read_plan(table, town) == plan
    write_table_text(table, questions_text(town, plan))
    table.write_bytes(table.read_bytes().replace(b",asked,", b",declined,"))
    (answer,) = io.read_answers(table, town)
    assert (answer.need, answer.slot) == (name, name)


@in_folders
@given(name=LETTERS | ANY_TEXT)
@example("·")
@example(" a\u3000")
def test_directories_are_read_back(tmp_path_factory: pytest.TempPathFactory, name: str):
    if not name.strip():
        return
    path = tmp_path_factory.mktemp("hsds") / "town"
    io.write_hsds(town_of(name), path)
    days = Cutting(first=date(2026, 3, 1), last=date(2026, 3, 8))
    town = io.read_hsds(path, days).instance
    assert [item.id for item in town.slots] == [name]
    (hall,) = town.facilities
    assert (hall.id, hall.community, hall.provider) == (name, name, name)


@pytest.mark.parametrize("name", DOUBTFUL)
def test_every_table_that_is_handed_out_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.chdir(tmp_path)
    town = town_of(name)
    io.write_instance(town, tmp_path / "town.json")
    for command in (
        "solve town.json --assignments plan.csv",
        "season init s.db",
        "season open s.db spring town.json",
        "season solve s.db spring",
        "season export s.db spring export",
        "season carry s.db spring town.json --weeks 0 --assignments carried.csv",
    ):
        with pytest.raises(SystemExit) as end:
            main(command.split())
        assert not end.value.code, command
    result = sm.solve(town)
    made = sm.publication.publish(town, result, b"a key of the office")
    write_tokens(made.tokens, tmp_path / "tokens.csv")
    with RunFolder.opened(tmp_path / "run") as folder:
        folder.write_table("summary.csv", COLUMNS, [csv_line([name])])
    tables = sorted(tmp_path.rglob("*.csv"))
    assert len(tables) == 5
    for table in tables:
        assert table.read_bytes().startswith(MARK), table
        rows = csv.reader(read_table_text(table).splitlines())
        assert any(name in row for row in rows)


def test_a_table_in_no_doubt_has_no_mark(tmp_path: Path):
    for name in ("a", "Größe", "天封社区", "Лекарь"):
        write_table_text(tmp_path / "t.csv", f"id\n{name}\n")
        assert (tmp_path / "t.csv").read_bytes() == f"id\n{name}\n".encode()


def test_spaces_are_part_of_paths_and_of_ids_with_prices(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text(" path ,name\na.json , b\n")
    (one,) = find_inputs(path)
    assert (one.name, one.path.name) == (" b", "a.json ")
    path.write_text("id,price\nc , 1.50 \n")
    assert _read_prices(path) == {"c ": Decimal("1.50")}
