"""Instances: what is stored holds, and the checker sees what does not."""

import json
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from benchmarks.instances import __main__ as command
from benchmarks.instances import library
from benchmarks.instances.checking import check, judge, standing
from sharematch import generate
from sharematch.errors import InputError
from sharematch.io.native.plans import assignments_text

SMALL = [name for name, entry in library.ENTRIES.items() if entry.size == "community"]
PLANS = sorted((library.FOLDER / "plans").glob("*.json"))


def test_everything_has_a_value() -> None:
    found = {name: set(facts["best"]) for name, facts in library.known().items()}
    assert found == {n: set(e.policies) for n, e in library.ENTRIES.items()}
    names = {path.name for path in PLANS}
    assert names == {
        library.plan_path(n, p).name for n in SMALL for p in library.ENTRIES[n].policies
    }


def test_hashes_hold(pytestconfig: pytest.Config) -> None:
    sizes = tuple(generate.SIZES)
    largest = max(1, sizes.index(str(pytestconfig.getoption("--largest"))))
    for name, entry in library.ENTRIES.items():
        if sizes.index(entry.size) <= largest:
            instance, facts = library.build(name), library.known()[name]
            assert sm.io.instance_hash(instance) == facts["hash"], name
            assert len(instance.needs) == facts["needs"]
            assert sum(slot.capacity for slot in instance.slots) == facts["capacity"]


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_stored_plans_reach_the_best_values(path: Path) -> None:
    name, policy = path.stem.split(".")
    verdict = check(path)
    assert (verdict.instance, verdict.policy) == (name, policy)
    assert verdict.standing == "equal"
    proof = library.known()[name]["best"][policy]["proof"]
    assert verdict.is_certified == (proof == "certificate")


@pytest.mark.parametrize("name", [n for n in SMALL if "whole" not in n])
def test_flows_are_solved_to_the_best_values(name: str) -> None:
    for policy in ("fair", "efficient"):
        plan = sm.solve(library.build(name), library.policy(policy)).allocation
        assert judge(name, policy, plan).standing == "equal"


@pytest.mark.parametrize("name", library.ENTRIES)
def test_open_values_have_bounds(name: str) -> None:
    for policy, row in library.known()[name]["best"].items():
        assert ("bounds" in row) == (row["proof"] == "open")
        if row["proof"] == "open":
            values, bounds = tuple(row["values"]), tuple(row["bounds"])
            where, _ = standing(library.policy(policy), bounds, values)
            assert where in ("equal", "better")


def test_a_plan_of_another_solver(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The efficient plan, judged by what is fair: valid, worse at the first goal."""
    instance = library.build("community-plain-1")
    plan = sm.solve(instance, library.policy("efficient")).allocation
    path = tmp_path / "mine.csv"
    path.write_text(assignments_text(instance, plan), encoding="utf-8")
    given = ["check", str(path), "--instance", "community-plain-1", "--policy"]
    command.main([*given, "fair", "--json"])
    (verdict,) = json.loads(capsys.readouterr().out)
    assert (verdict["standing"], verdict["goal"]) == ("worse", 1)
    command.main([*given, "efficient"])
    assert capsys.readouterr().out == "community-plain-1, efficient: equal\n"
    with pytest.raises(InputError, match="--instance and --policy"):
        check(path)


def test_what_is_broken_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = library.plan_path("community-plain-1", "fair")
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    broken = tmp_path / "broken.json"

    stored["assignments"][0]["quantity"] += 1000
    broken.write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        command.main(["check", str(broken)])
    assert end.value.code == 1
    assert "invalid" in capsys.readouterr().out

    stored["provenance"]["instance"] = "sha256:0"
    broken.write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(InputError, match="not in the library"):
        check(broken)


def test_a_certificate_that_proves_nothing(tmp_path: Path) -> None:
    path = library.plan_path("community-plain-1", "fair")
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    stored["certificate"]["goals"] = []
    doubtful = tmp_path / "doubtful.json"
    doubtful.write_text(json.dumps(stored), encoding="utf-8")
    verdict = check(doubtful)
    assert verdict.standing == "invalid"
    assert not verdict.is_certified


def test_goals_count_in_turn() -> None:
    fair = library.policy("fair")
    assert standing(fair, (["1/2", "1/1"], 3, 9), (["1/2", "2/3"], 4, 0)) == (
        "better",
        1,
    )
    assert standing(fair, (["1/2"], 3, 9), (["1/2"], 3, 8)) == ("worse", 3)


def test_building(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "one.json"
    command.main(["build", "community-scarce-1", "--out", str(out)])
    digest = library.known()["community-scarce-1"]["hash"]
    assert sm.io.instance_hash(sm.io.read_instance(out)) == digest
    command.main(["list"])
    assert "community-scarce-1" in capsys.readouterr().out
