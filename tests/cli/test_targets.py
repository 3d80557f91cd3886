"""What a command writes: apart from what it reads, in its own format, or told."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.cli import main

Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command that must end with exit code 1, and its error."""

    def run(*arguments: object) -> str:
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        assert caught.value.code == 1, arguments
        return capsys.readouterr().err

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a town, as a file and as tables, and its result."""
    town = sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["sport"], capacity=1)],
        needs=[sm.Need(id="n", community="junmiao", kind="sport")],
    )
    io.write_instance(town, tmp_path / "town.json")
    io.write_instance(town, tmp_path / "town")
    io.write_policy(sm.Policy.fair(), tmp_path / "fair.toml")
    io.write_result(sm.solve(town), tmp_path / "r.json")
    (tmp_path / "same.json").hardlink_to(tmp_path / "town.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


APART = [
    "solve town.json --out town.json",
    "solve town.json --out ./town.json",
    "solve town.json --out same.json",
    "solve town --assignments town/needs.csv",
    "solve town.json --out x.json --timings x.json",
    "solve town.json --out x.json --timings {folder}/x.json",
    "solve town.json --policy fair.toml --baseline r.json --out r.json",
    "resolve town.json r.json --out town.json",
    "report town.json r.json --out r.json",
    "convert town.json town.json",
    "convert town town --to csv",
    "convert town.json same.json",
    "draw town.json --seed x --out town.json",
    "publish town.json r.json --out p --tokens r.json",
    "batch town --out town",
]
FORMATS = [
    "solve town.json --out r.pdf",
    "solve town.json --report r.pdf",
    "solve town.json --assignments plan.txt",
    "solve town.json --timings t.pdf",
    "resolve town.json r.json --letters letters.html",
    "draw town.json --seed x --out r.toml",
    "draw town.json --seed x --commit --out r.csv",
    "report town.json r.json --out r.json.txt",
    "convert town.json plan.txt",
    "convert town.json t.pdf",
    "convert town.json x.json --to csv",
    "convert town.json x.toml --to json",
    "convert town.json x.txt --to geojson",
    "convert town.json x.ics --to parquet",
    "generate --out x.pdf",
    "publish town.json r.json --out p --tokens t.pdf",
    "demo --report r.txt",
]


@pytest.mark.parametrize("command", APART)
def test_no_output_replaces_an_input_or_another_output(
    folder: Path, run: Run, command: str
):
    before = {
        path: path.read_bytes() for path in folder.glob("**/*.*") if path.is_file()
    }
    error = run(*command.format(folder=folder).split())
    assert "is named twice" in error or "is read by this command" in error
    assert before == {p: p.read_bytes() for p in folder.glob("**/*.*") if p.is_file()}


@pytest.mark.parametrize("command", FORMATS)
def test_a_name_that_promises_another_format_is_refused(
    folder: Path, run: Run, command: str
):
    before = {*folder.glob("**/*")}
    error = run(*command.split())
    assert "is of no known type" in error or "does not go with the format" in error
    assert before == {*folder.glob("**/*")}


def test_names_without_a_suffix_promise_nothing(folder: Path):
    result = sm.solve(io.read_instance("town.json"))
    io.write_result(result, "plain")
    assert io.read_result("r.json").allocation == result.allocation
    with pytest.raises(sm.SharematchError, match="is of no known type"):
        io.write_result(result, "r.pdf")
    with pytest.raises(SystemExit) as caught:
        main(["solve", "town.json", "--out", "/dev/null", "--timings", "/dev/null"])
    assert caught.value.code == 0
    assert folder.joinpath("plain").exists()


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="there is no full device here")
@pytest.mark.parametrize(
    "command",
    ["demo", "schema instance", "--version", "solve --help", "validate {} --json"],
)
def test_a_full_device_is_told(folder: Path, command: str):
    arguments = command.format(folder / "town.json").split()
    with FULL.open("w") as full:
        options: dict[str, Any] = {"stdout": full, "stderr": subprocess.PIPE}
        done = subprocess.run(
            [sys.executable, "-m", "sharematch", *arguments],
            text=True,
            check=False,
            **options,
        )
    assert done.returncode == 1
    assert "standard output: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
