"""Every method once on the smallest problem; what a plan is worth, by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import __main__ as quality
from benchmarks.quality import methods
from benchmarks.quality.methods import METHODS
from benchmarks.quality.problems import PROBLEMS, load, problem_of, save


def test_methods_agree_where_they_must() -> None:
    problem = problem_of("community", PROBLEMS["community"]())
    found = {row["method"]: row for row in quality.measure(problem)}
    plain = ["sharematch efficient", "OR-Tools flow", "networkx", "scipy HiGHS"]
    plain += [name for name in ("LEMON",) if name in METHODS]
    worths = {(found[name]["served"], found[name]["cost_per_unit"]) for name in plain}
    assert len(worths) == 1
    fair = found["sharematch fair"]
    assert fair["served"] == found["sharematch efficient"]["served"]
    for row in found.values():
        assert fair["rates"] >= row["rates"]


def test_who_finds_no_plan_in_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of("community", PROBLEMS["community"]())
    monkeypatch.setattr(methods, "SECONDS", 1e-9)
    only = {"CP-SAT weighted sum": METHODS["CP-SAT weighted sum"]}
    monkeypatch.setattr(quality, "METHODS", only)
    (row,) = quality.measure(problem)
    assert row == {"method": "CP-SAT weighted sum", "left_out": "no answer in 1e-09 s"}


def test_what_a_plan_is_worth() -> None:
    assert quality.gini(np.array([0.5, 0.5])) == 0
    assert quality.gini(np.array([1.0, 0.0])) == 0.5
    assert quality.first_gap([0.5, 0.7], [0.5, 0.6]) == pytest.approx(0.1)


def test_problems_travel_as_files(tmp_path: Path) -> None:
    problem = problem_of("community", PROBLEMS["community"]())
    path = tmp_path / "community.npz"
    save(problem, path)
    again = load(path)
    assert again.name == "community"
    assert (again.owner == problem.owner).all()
    assert (again.arrays.cost == problem.arrays.cost).all()


def test_a_rerun_tells_what_differs() -> None:
    stored = json.loads(quality.STORED.read_text(encoding="utf-8"))
    assert quality.differences(stored, stored) == []
    changed = json.loads(json.dumps(stored))
    row = next(row for row in changed["rows"] if "served" in row)
    row["served"] += 1
    row["seconds"] *= 9
    lines = quality.differences(stored, changed)
    assert [("served was" in line, "seconds" in line) for line in lines] == [
        (True, False),
        (False, True),
    ]
    others = [row for row in stored["rows"] if row["method"] != "LEMON"]
    lines = quality.differences(stored, stored | {"rows": others})
    assert len(lines) == len(stored["rows"]) - len(others)
    assert lines[0] == "community, LEMON: was run, is not here"


def test_the_stored_table_is_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    quality.main([])
    assert "| subdistrict | sharematch fair |" in capsys.readouterr().out
    quality.main(["figure", "--out", str(tmp_path / "rates.svg")])
    assert (tmp_path / "rates.svg").read_text(encoding="utf-8").startswith("<?xml")
