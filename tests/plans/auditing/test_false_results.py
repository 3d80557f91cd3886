"""Results changed at random or by somebody who knows: no false claim is accepted."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.claims import Verdict, judge
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError
from sharematch.plans.auditing.audited import flows_of
from sharematch.plans.checking import measured
from sharematch.plans.results.gaps import assure, goal_value
from sharematch.plans.results.plan import plan_of
from sharematch.plans.results.result import Result
from sharematch.plans.results.unmet import unmet_needs
from sharematch.season import draw
from tests.plans.auditing.test_conflict import crowded
from tests.plans.certificates.test_false import mutated
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

FILES = {"ci": 300, "deep": 10_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 120)
PLANS = {"ci": 12, "deep": 300}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 8)
Case = tuple[sm.Instance, sm.Result]


def cases(count: int) -> Iterator[Case]:
    """Yield results of all kinds: flows, what couples, lots, conflicts."""
    for seed in range(count):
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        yield instance, sm.solve(instance, policy)
        yield instance, draw(instance, policy, seed=str(seed), round="spring").result
        yield instance, sm.solve(instance, crowded(seed, tiny_case)[1])
        fields, policy_fields, rows = tiny_coupled_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        baseline = None if rows is None else sm.Allocation(rows)
        yield instance, sm.solve(instance, policy, baseline=baseline)


@pytest.fixture(scope="module")
def honest() -> list[Case]:
    return [*cases(8)]


def check(true: sm.Result, document: Any, read: sm.Result, verdict: Verdict) -> None:
    """Assert that what is accepted of a changed document is so."""
    if not verdict.is_valid:
        assert not verdict.is_proved
        return
    if verdict.is_proved:
        assert read.status == true.status
        assert [g.value for g in read.goals] == [g.value for g in true.goals]
    if read.status.has_plan and read.allocation == true.allocation:
        told = true.to_dict()
        for name, value in document["measures"].items():
            assert told["measures"][name] == value
        for group, rows in document["by"].items():
            for mine, row in zip(rows, told["by"][group], strict=True):
                assert mine.items() <= row.items()
        for mine, row in zip(document["goals"], told["goals"], strict=True):
            loose = ("bound", "gap")  # of what is not claimed to be the best
            assert [(k, v) for k, v in mine.items() if k not in loose] == [
                (k, v) for k, v in row.items() if k not in loose
            ]
        assert {(u["need"], u["quantity"]) for u in document["unmet"]} == {
            (u["need"], u["quantity"]) for u in told["unmet"]
        }
        assert document["provenance"]["text"] == told["provenance"]["text"]


def test_no_changed_file_is_accepted_for_more_than_it_is(
    honest: list[Case], tmp_path: Path
):
    rng, path = random.Random(3), tmp_path / "result.json"
    seen: Counter[str] = Counter()
    for _ in range(FILES):
        instance, true = rng.choice(honest)
        document = mutated(json.loads(json.dumps(true.to_dict())), rng)
        try:
            path.write_text(json.dumps(document))
        except (ValueError, RecursionError):  # not even JSON can be made of it
            continue
        try:
            read = io.read_result(path, instance)
            verdict = judge(instance, read)
        except InputError:
            seen["unreadable"] += 1
            continue
        check(true, json.loads(path.read_text()), read, verdict)
        seen["accepted" if verdict.is_valid else "refused"] += 1
    assert seen["unreadable"] > FILES // 8
    assert seen["refused"] > FILES // 8


def claimed(true: sm.Result, instance: sm.Instance, plan: sm.Allocation) -> sm.Result:
    """Return another plan as the best, with all its own numbers and reasons."""
    columns, policy = encode(instance), true.policy
    measures, units = measured(columns, replace(true, allocation=plan))
    goals = []
    for goal in true.goals:
        value = goal_value(measures, units, goal)
        goals.append(replace(goal, value=value, bound=value, gap=Fraction(0)))
    program = flows_of(measures, policy.rules, policy.goals)
    unmet = true.unmet if program is None else unmet_needs(program, units)
    certificate = true.certificate
    if (certificate or {}).get("kind") != "prices":
        certificate = assure(measures, units, policy.rules, goals)
    made = replace(
        true,
        goals=tuple(goals),
        allocation=plan,
        unmet=unmet,
        certificate=certificate,
        _plan=plan_of(columns, plan, policy, true.baseline),
    )
    return Result.from_dict(json.loads(json.dumps(made.to_dict())), instance)


def others(plan: sm.Allocation, instance: sm.Instance) -> Iterator[sm.Allocation]:
    """Yield plans near one: without a unit, with one elsewhere or of another need."""
    units = {(a.slot, a.need): a.quantity for a in plan}
    for slot, need in units:
        fewer = dict(units)
        fewer[slot, need] -= 1
        for other in (None, *instance.slots):
            for mine in (need, *(n.id for n in instance.needs)):
                changed = dict(fewer)
                if other is not None:
                    changed[other.id, mine] = changed.get((other.id, mine), 0) + 1
                yield sm.Allocation((s, n, q) for (s, n), q in changed.items() if q)


def test_no_worse_plan_is_accepted_as_the_best(honest: list[Case]):
    """Everything about it is recomputed, as by somebody who has this library."""
    rng, seen = random.Random(4), Counter[str]()
    for instance, true in honest:
        if not true.is_optimal:
            continue
        near = [*others(true.allocation, instance)]
        for plan in rng.sample(near, min(len(near), PLANS)):
            if sm.verify(instance, plan, true.policy, baseline=true.baseline):
                continue
            forged = claimed(true, instance, plan)
            verdict = judge(instance, forged)
            is_worse = [g.value for g in forged.goals] != [g.value for g in true.goals]
            if is_worse:
                assert not verdict.is_proved
                if true.structure == "network":
                    assert not verdict.is_valid
            seen["worse" if is_worse else "as good"] += 1
    assert seen["worse"] > 4 * PLANS
