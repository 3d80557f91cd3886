"""A test that fails with a random town tells the smallest: with a broken solver."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.tiny import tiny_case

BROKEN = """
import pytest
from hypothesis import Phase, given, settings, strategies as st

from tests import oracles
from tests.tiny import namespace, policy_namespace, tiny_case


def solve(case):
    "Serve needs in turn, and forget what is reserved."
    asked = {n: case.demand(need) for n, need in case.needs.items()}
    room = {s: slot.capacity for s, slot in case.slots.items()}
    for facility in case.facilities.values():
        if facility.max_units is not None:
            return {}
    plan = {}
    for n, s in case.arcs:
        units = min(asked[n], room[s])
        asked[n] -= units
        room[s] -= units
        if units:
            plan[n, s] = units
    return plan


def check(seed):
    fields, terms = tiny_case(seed)
    case = oracles.Case(namespace(fields), policy_namespace(terms).rules)
    wrong = case.structure(solve(case))
    assert not [line for line in wrong if line.startswith("reserve")]


@pytest.mark.parametrize("first", [0])
def test_loop(first):
    for seed in range(first, first + 120):
        check(seed)


@pytest.mark.parametrize("seed", [1, 46, 2])
def test_each(seed):
    check(seed)


@given(st.integers(0, 10**6))
@settings(derandomize=True, database=None, deadline=None, phases=[Phase.generate])
def test_given(seed):
    check(seed)
"""


def test_the_smallest_instance_is_told(tmp_path: Path):
    (tmp_path / "test_broken.py").write_text(BROKEN, encoding="utf-8")
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.smallest"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--rootdir={tmp_path}", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert run.returncode == 1, run.stdout + run.stderr
    reports = re.split(r"^_+ (\w+).* _+$", run.stdout, flags=re.MULTILINE)[1:]
    names, texts = reports[::2], reports[1::2]
    assert set(names) == {"test_loop", "test_each", "test_given"}
    for text in texts:
        head, _, told = text.partition(" fails; so does this, the smallest")
        seed = int(head.rpartition("tiny_case(")[2].removesuffix(")"))
        lines = [line.removeprefix("E").strip() for line in told.splitlines()[1:]]
        town, _ = json.JSONDecoder().raw_decode("\n".join(lines))
        instance, policy = town
        assert len(instance.get("needs", ())) <= 2
        assert len(instance["slots"]) <= 2
        assert any("reserve" in slot for slot in instance["slots"])
        assert not policy
        assert len(json.dumps(town)) < len(json.dumps(tiny_case(seed))) / 2
