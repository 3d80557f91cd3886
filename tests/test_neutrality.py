"""The audit finds what depends on names, order or splitting, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sharematch as sm
from sharematch import io
from sharematch.cli import app
from sharematch.neutrality import audit
from tests.tiny import tiny_case

TOWN = sm.Instance(
    communities=[sm.Community(id="a"), sm.Community(id="b")],
    facilities=[sm.Facility(id="hall", community="a")],
    slots=[
        sm.Slot(id="mon", facility="hall", kinds=["x"], capacity=3),
        sm.Slot(id="tue", facility="hall", kinds=["x"], capacity=1),
    ],
    needs=[
        *(sm.Need(id=f"n{i}", community="a", kind="x", quantity=2) for i in range(3)),
        sm.Need(id="m", community="b", kind="x", quantity=2, choices=["mon"]),
    ],
)


def by_name(instance: sm.Instance, policy: sm.Policy, *, seed: int) -> sm.Result:
    """Serve needs in the order of their names: not neutral."""
    first = min(need.id for need in instance.needs if need.kind == "x")
    goals = [sm.Maximize("served", where={"need": first}), sm.Maximize("served")]
    plan = sm.solve(instance, sm.Policy(goals=goals), seed=seed).allocation
    return replace(sm.solve(instance, policy, seed=seed), allocation=plan)


def test_the_library_is_neutral():
    found = audit(TOWN)
    assert found.is_neutral
    assert {c.change: c.verdict for c in found.changes}["shuffle"] == "same"
    assert all(not change.goals for change in found.changes)


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_random_towns_are_decided_neutrally(first: int):
    for seed in range(first, first + 20):
        fields, policy = tiny_case(seed)
        found = audit(sm.Instance(**fields), sm.Policy(**policy))
        assert found.is_neutral, (seed, found.to_dict())


def test_names_that_decide_are_found():
    found = audit(TOWN, solve=by_name)
    verdicts = {change.change: change.verdict for change in found.changes}
    assert verdicts["rename"] == "unexplained"
    assert not found.is_neutral


def test_from_files(tmp_path: Path):
    io.write_instance(TOWN, tmp_path / "town.json")
    done = CliRunner().invoke(app, ["audit", str(tmp_path / "town.json"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["neutral"] is True
    words = ["audit", str(tmp_path / "town.json"), "--lang", "zh"]
    assert "中立" in CliRunner().invoke(app, words).stdout
