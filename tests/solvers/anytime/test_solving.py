"""The way of large coupled problems, forced on tiny ones, against every plan."""

import os
import random
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.solvers import lexicographic
from sharematch.solvers.anytime import models, solving
from sharematch.solvers.anytime.guidance import total_bound
from sharematch.solvers.anytime.models import Models
from sharematch.solvers.anytime.solving import solve_anytime
from sharematch.solvers.anytime.start import best_start
from sharematch.solvers.integer import mip
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.outcome import IntegerOutcome
from tests import oracles
from tests.engine.test_coupled_brute_force import case
from tests.solvers.anytime.test_construction import lowered
from tests.solvers.anytime.test_leftovers import season

CHUNK = 32
CASES = 3_072 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 96


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicographic, "SMALL", 0)
    monkeypatch.setattr(lexicographic, "FEW", 0)


def upward(goal: Any, value: Any) -> Any:
    sign = 1 if goal.op in ("maximize", "leximin") else -1
    if isinstance(value, tuple):
        return tuple(sign * x for x in value)
    return sign * value


def check_bounds(seeds: range, **options: Any) -> float:
    """Check plans, bounds and proofs; return the share of plans that are proved."""
    num_proved = num_plans = 0
    for seed in seeds:
        instance, policy, baseline, before = case(seed)
        oracle = oracles.Case(instance, policy.rules, before)
        best = oracle.best(policy.goals)
        result = sm.solve(instance, policy, baseline=baseline, **options)
        if result.status == "unsolved" and "time_limit" in options:
            continue  # on a busy machine
        if best is None:
            assert result.status == "infeasible", seed
            continue
        assert result.status.has_plan, seed
        plan = {(a.need, a.slot): a.quantity for a in result.allocation}
        assert not oracle.violations(plan), seed
        num_plans += 1
        for goal, optimum in zip(result.goals, best[0], strict=True):
            value = oracle.goal_value(goal.goal, plan)
            assert value == goal.value, seed
            assert upward(goal, goal.bound) >= upward(goal, optimum), seed
            if getattr(goal.goal, "slack", None):
                continue
            if value != optimum:
                assert upward(goal, value) < upward(goal, optimum), seed
                assert result.status == "feasible", seed
                break
        num_proved += result.status == "optimal"
        if result.status == "optimal":
            bounds = [goal.bound for goal in result.goals]
            assert bounds == list(best[0]), seed
    return num_proved / num_plans


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_no_plan_beats_the_bounds_and_proofs_hold(first: int):
    assert check_bounds(range(first, first + CHUNK), effort=2) >= 0.8


def test_levels_proved_first_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(solving, "PROVABLE", -1)
    check_bounds(range(6_000, 6_004), effort=2)  # loads what solves, without a clock
    check_bounds(range(6_000, 6_000 + CASES // 8), time_limit=0.3)


def test_bounds_from_rough_prices_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(solving, "PROVABLE", -1)
    monkeypatch.setattr(solving, "LEVELED", -1)
    monkeypatch.setattr(mip, "LARGE", -1)
    priced = []

    def told(*args: Any) -> Any:
        priced.append(total_bound(*args))
        return priced[-1]

    monkeypatch.setattr(models, "total_bound", told)
    check_bounds(range(5_000, 5_004), effort=2)  # loads what solves, without a clock
    for time_limit in (0.3, 1, 3):  # on a busy machine prices take long
        check_bounds(range(5_000, 5_000 + CASES // 4), time_limit=time_limit)
        if any(bound is not None for bound in priced):
            break
    assert any(bound is not None for bound in priced)


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_never_behind_first_come(first: int):
    for seed in range(first, first + CHUNK):
        instance, policy, baseline, _ = case(seed)
        if any(getattr(goal, "slack", None) for goal in policy.goals):
            continue
        turns = sm.Policy(rules=policy.rules, method="first_come")
        simple = sm.solve(instance, turns, baseline=baseline)
        if not simple.status.has_plan:
            continue
        result = sm.solve(instance, policy, baseline=baseline, effort=0.2)
        assert result.status.has_plan, seed
        plan = [(a.slot, a.need, a.quantity) for a in simple.allocation]
        for goal in result.goals:
            other = simple.goal_value(goal.goal)
            ours, theirs = upward(goal, goal.value), upward(goal, other)
            assert ours >= theirs, (seed, plan)
            if ours > theirs:
                break


def test_equal_work_gives_equal_plans_in_any_order_of_records():
    instance, policy = season(1)
    results = []
    for seed in range(3):
        rng = random.Random(seed)
        shuffled: dict[str, Any] = {
            name: rng.sample(getattr(instance, name), len(getattr(instance, name)))
            for name in ("communities", "facilities", "slots", "needs")
        }
        result = sm.solve(sm.Instance(**shuffled), policy, effort=1)
        results.append(result.to_dict())
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("price", [10**6, 10**11])
def test_large_sums_are_judged_exactly(price: int):
    instance, policy = season(2)
    rng = random.Random(price)
    slots = [
        slot.model_copy(update={"unit_cost": price + rng.randrange(price)})
        for slot in instance.slots
    ]
    dear = instance.model_copy(update={"slots": slots})
    goals = (sm.Leximin("fill_rate", by="community"), sm.Minimize("cost"))
    result = sm.solve(dear, sm.Policy(rules=policy.rules, goals=goals), effort=0.5)
    taken = {slot.id: slot.unit_cost for slot in slots}
    cost = sum(taken[a.slot] * a.quantity for a in result.allocation)
    bound: Any = result.goals[1].bound
    assert result.value("cost") == cost
    assert bound <= cost


def test_a_share_is_known_to_whom_it_is_told():
    instance, policy, _, _ = case(7)
    events: list[Any] = []
    sm.solve(instance, policy, time_limit=5, on_progress=events.append)
    inside = [event for event in events if event.phase == "goal"]
    assert inside
    assert all(0 <= event.share <= 1 for event in inside)
    assert all(isinstance(e.value, Fraction | None) for e in inside)


def test_a_flow_bounds_later_goals_only_beside_what_it_reaches():
    # The flow uses 5 units, plans 4 at the most: these may take less in fees.
    check_bounds(range(910_192, 910_193), effort=2)


def shared_budget(needs: int) -> tuple[sm.Instance, sm.Policy]:
    """Return a town whose communities share what courses may cost, but for one.

    That has a hall of its own: all find a place there, few where they would like to.
    """
    rng = random.Random(needs)
    places = ("tianfeng", "lianqiao", "junmiao", "shuangliu", "wuhou")
    slots = [
        sm.Slot(
            id=f"s{i}",
            facility="hall",
            kinds=["lesson"],
            capacity=rng.randint(5, 20),
            unit_cost=rng.randint(3, 15),
        )
        for i in range(8)
    ]
    slots += [
        sm.Slot(id=f"own{i}", facility="hall", kinds=["lesson"], capacity=3 + 97 * i)
        for i in range(2)
    ]
    asking = []
    for i in range(needs):
        community = rng.choice(places)
        shared = rng.sample([slot.id for slot in slots[:8]], 7)
        asking.append(
            sm.Need(
                id=f"n{i}",
                community=community,
                kind="lesson",
                quantity=rng.randint(1, 5),
                choices=["own0", "own1"] if community == "tianfeng" else shared,
            )
        )
    instance = sm.Instance(
        communities=[sm.Community(id=name) for name in places],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=slots,
        needs=asking,
    )
    rules = [sm.AtMost("cost", 12 * needs)]
    goals = (sm.Leximin("fill_rate", by="community"), sm.Minimize("rank"))
    return instance, sm.Policy(rules=rules, goals=goals)


def test_what_all_share_is_proved_to_be_shared_out_as_evenly_as_can_be(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(Models, "whole", lambda *_, **__: (None, None, False))
    result = sm.solve(*shared_budget(12), effort=5)
    assert result.goals[0].gap == 0


def test_time_that_bounds_leave_is_used():
    program = lowered(*shared_budget(12))
    over, told = Monitor.of(limit=0.0), []

    def tightened(outcome: IntegerOutcome) -> IntegerOutcome:
        told.append(outcome.is_proved)
        return outcome

    until = Monitor.of(limit=60)  # it ends with a proof, after a second or two
    outcome = solve_anytime(program, over, (), tightened, until)
    assert outcome is not None
    assert told == [(False, False)]
    assert outcome.is_proved == (True, True)


@pytest.mark.parametrize("needs", [30, 35, 40])
def test_the_whole_is_searched_for_plans_that_no_vector_loses_by(needs: int):
    program = lowered(*shared_budget(needs))
    values = best_start(program, UNWATCHED)
    assert values is not None
    stages = solving._Stages(program, values, Monitor.of(effort=20))
    stages._take(0, stages.models.whole(0, stages.monitor, effort=2))
    stages.plan.floors.append(None)
    found = stages.models.whole(1, stages.monitor, effort=2)[0]
    assert found is not None
    assert stages.plan.offer(found[: program.rows.num_variables])
