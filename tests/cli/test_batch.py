"""`sharematch batch`: a folder of towns, one after another or many at once."""

import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def weeks(town: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "weeks"
    folder.mkdir()
    for number in range(3):
        (folder / f"week-{number}.json").write_text(town.read_text())
    return folder


def test_batch_solves_a_folder_and_then_keeps_it(run, weeks: Path, tmp_path: Path):
    out = tmp_path / "run"
    arguments = ("batch", weeks, "--out", out, "--workers", 1)
    first = run(*arguments)
    assert first.code == 0
    assert "3 instances: 3 solved, 0 as before, 0 without a result" in first.out
    assert f"Written: {out}" in first.err
    again = run(*arguments, "--json")
    assert again.document == {
        "instances": 3,
        "solved": 0,
        "kept": 3,
        "failures": [],
        "written": str(out),
    }
    checked = run("verify", weeks / "week-1.json", out / "results" / "week-1.json")
    assert checked.code == 0


def test_batch_names_what_has_no_result_and_succeeds(run, weeks: Path, tmp_path: Path):
    (weeks / "broken.json").write_text("{")
    done = run("batch", weeks, "--out", tmp_path / "run", "--workers", "1")
    assert done.code == 0
    assert "1 without a result" in done.out
    assert "Warning: broken: " in done.err
    chinese = run("batch", weeks, "--out", tmp_path / "run", "--lang", "zh")
    assert "4 个实例" in chinese.out


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--workers", 2, "--dask", "tcp://x:1"), 2, "one of --workers, --dask, --ray"),
        (("--workers", 0), 2, "--workers"),
        (("--time-limit", 0), 2, "--time-limit"),
        (("--policy", "nowhere.toml"), 1, "nowhere.toml: No such file"),
        (("--dask", "nonsense"), 1, "no Dask scheduler answers at nonsense"),
    ],
)
def test_batch_refuses_wrong_options(
    run, weeks: Path, tmp_path: Path, *, options, code, message
):
    if "--dask" in options:
        pytest.importorskip("distributed", reason="distributed is of the extra dask")
    done = run("batch", weeks, "--out", tmp_path / "run", *options)
    assert done.code == code
    assert message in done.err
    assert not (tmp_path / "run").exists()


def test_interrupted_batch_says_that_it_goes_on(
    run, weeks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sharematch.batch.run_folder", interrupt)
    done = run("batch", weeks, "--out", tmp_path / "run", "--workers", "1")
    assert done.code == 130
    assert "the same command goes on from here" in done.err


def test_batch_shows_how_far_it_is(
    run, weeks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    done = run("batch", weeks, "--out", tmp_path / "run", "--workers", "1")
    assert "100%" in done.err
