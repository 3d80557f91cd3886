"""What is told of a plan when asked for is what it was when it was made."""

import gc
import json
import pickle
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import sharematch as sm
from sharematch import generate
from sharematch.claims import check_claims
from sharematch.core.columns.encoding import encode
from sharematch.core.network.program import Program
from sharematch.engine import afterwards
from sharematch.engine.choice import choose
from sharematch.engine.problem import Problem
from sharematch.measures import Pairs
from sharematch.model.measures import MEASURES
from sharematch.plans.certificates.prices import certify
from sharematch.plans.results.later import Later
from sharematch.plans.results.unmet import unmet_needs
from tests.engine.solved import solved_case

PARTS = ("unmet", "certificate")


def is_made(result: sm.Result, part: str) -> bool:
    """Return whether a part of a result is there already."""
    return not isinstance(vars(result)[part], Later)


def forget() -> None:
    """Let all plans go that flows are kept of."""
    for each in afterwards._held:
        if (plan := each()) is not None:
            plan.let_go()


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    forget()
    yield
    forget()


def solved(seed: int) -> tuple[sm.Instance, sm.Policy, sm.Result]:
    """Return a tiny case of flows that is solved; others are passed over."""
    instance, policy, result = solved_case(seed)
    assume(result.structure == "network" and result.status.has_plan)
    return instance, policy, result


@given(st.integers(0, 10**6))
def test_parts_are_those_of_the_flows_that_were_solved(seed: int):
    instance, policy, result = solved(seed)
    columns = encode(instance)
    assume(columns.cells.is_trivial)  # a pair is one arc
    problem = Problem.of(columns, policy)
    program = choose(problem).program(problem)
    assert isinstance(program, Program)
    arcs, plan = program.measures.arcs, result.allocation
    by_pair = {
        (columns.need_ids[n], columns.slot_ids[s]): i
        for i, (n, s) in enumerate(
            zip(arcs.need.tolist(), arcs.slot.tolist(), strict=True)
        )
    }
    units = 0 * arcs.need
    for assignment in plan:
        units[by_pair[assignment.need, assignment.slot]] = assignment.quantity
    assert not any(is_made(result, part) for part in PARTS)
    assert result.unmet == unmet_needs(program, units)
    proof = certify(program, policy.rules, policy.goals, units)
    if result.is_optimal and proof is not None:
        assert json.dumps(result.certificate) == json.dumps(proof)
    assert check_claims(instance, result) == ()


@given(st.integers(0, 10**6))
def test_what_was_let_go_is_made_again_to_the_last_byte(seed: int):
    instance, policy, result = solved(seed)
    at_once = json.dumps(result.to_dict())
    again, travelling = sm.solve(instance, policy), sm.solve(instance, policy)
    forget()
    assert json.dumps(again.to_dict()) == at_once
    travelled = pickle.loads(pickle.dumps(travelling))
    assert all(is_made(travelled, part) for part in PARTS)
    assert json.dumps(travelled.to_dict()) == at_once


def test_flows_again_are_those_of_a_baseline_with_its_limit_and_turns():
    town = generate.make("subdistrict", 1)
    before = sm.solve(town, sm.Policy.efficient(), seed=3)
    goals: tuple[Any, ...] = (sm.Maximize("served"), sm.Minimize("travel"))
    policy = sm.Policy(rules=[sm.AtMost("moved", 40)], goals=goals)
    turns = [need.id for need in town.needs[:5]]
    options: dict[str, Any]
    for options in (
        {"policy": policy, "baseline": before},
        {"policy": sm.Policy(goals=goals), "turns": turns, "seed": 2},
        {"policy": sm.Policy(method="first_come")},
    ):
        held, let_go = sm.solve(town, **options), sm.solve(town, **options)
        forget()
        assert vars(let_go)["unmet"] is not None
        assert [getattr(let_go, x) for x in PARTS] == [getattr(held, x) for x in PARTS]
        assert let_go.to_dict() == held.to_dict()


def test_a_part_is_made_once_and_then_stays():
    result = sm.solve(generate.make("community", 1))
    assert not is_made(result, "unmet")
    unmet = result.unmet
    assert is_made(result, "unmet")
    assert not is_made(result, "certificate")
    assert result.unmet is unmet
    assert result.certificate is result.certificate
    assert all(is_made(replace(result, answers=()), part) for part in PARTS)


def test_numbers_that_are_changed_later_change_no_certificate():
    town = generate.make("community", 1)
    homes = [community.id for community in town.communities]
    weights: dict[str, Any] = {home: 1 + i for i, home in enumerate(homes)}
    goal = sm.Leximin("served", by="community", weights=weights)
    policy = sm.Policy(goals=[goal, sm.Maximize("served")])
    kept = sm.solve(town, policy).certificate
    result = sm.solve(town, policy)
    forget()
    changed: Any = policy.goals[0]
    changed.weights[homes[0]] *= 7
    assert result.certificate == kept


def test_what_somebody_else_counts_is_told_at_once():
    before, counted = dict(MEASURES._measures), []

    def count(pairs: Pairs) -> Any:
        counted.append(len(pairs))
        return pairs.need("quantity")

    sm.register_measure("asked_for", count)
    try:
        policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("asked_for")])
        result = sm.solve(generate.make("community", 1), policy)
        assert all(is_made(result, part) for part in PARTS)
        times = len(counted)
        assert result.certificate is not None
        assert len(counted) == times
    finally:
        MEASURES._measures = before


def test_flows_are_kept_for_the_last_plans_only(monkeypatch: pytest.MonkeyPatch):
    town = generate.make("community", 1)
    one = sm.solve(town)
    size = _plan_of(one).size
    assert size > 0
    monkeypatch.setattr(afterwards, "MOST_HELD", 2 * size)
    results = [one, *(sm.solve(town) for _ in range(3))]
    assert [_plan_of(x).size for x in results] == [0, 0, size, size]
    monkeypatch.setattr(afterwards, "MOST_HELD", 0)
    results.append(sm.solve(town))
    assert [_plan_of(x).size for x in results] == [0, 0, 0, 0, size]
    assert len({json.dumps(x.to_dict()) for x in results}) == 1


def test_flows_end_with_their_result():
    result = sm.solve(generate.make("community", 1))
    plan = weakref.ref(_plan_of(result))
    assert plan() is not None
    assert result.certificate
    assert result.unmet is not None
    del result
    gc.collect()
    assert plan() is None


def _plan_of(result: sm.Result) -> afterwards.Afterwards:
    """Return what makes the parts of a result of which nobody has asked."""
    later = vars(result)["certificate"]
    assert isinstance(later, Later)
    plan: Any = later.make
    return plan.__self__  # type: ignore[no-any-return]
