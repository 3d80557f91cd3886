"""Parts, flows around what couples, limits, progress and stops."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from benchmarks import coupled
from sharematch.core.integer.program import Rows
from sharematch.engine import problem as problems
from sharematch.progress import Progress, Stop
from sharematch.solvers import lexicographic
from sharematch.solvers import monitor as monitors
from sharematch.solvers.integer import cpsat as searches
from sharematch.solvers.integer import decomposition as parts
from sharematch.solvers.integer import (
    neighborhoods,
    packing,
    repacking,
    rounding,
    search,
)
from sharematch.solvers.integer.cpsat import Answer
from sharematch.solvers.integer.lagrangian import lagrangian_bound
from sharematch.solvers.monitor import Monitor
from tests import oracles
from tests.engine.test_coupled_brute_force import case
from tests.tiny_coupled import plan_of, tiny_coupled_case


def two_kinds(*, links: tuple[str, ...] = ("a", "b")) -> sm.Instance:
    """Return choirs that come whole, and checks that do not, of two communities."""
    return sm.Instance(
        communities=[sm.Community(id=c) for c in ("a", "b")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[
            sm.Slot(id="stage", facility="hall", kinds=["choir"], capacity=5),
            sm.Slot(id="desk", facility="hall", kinds=["check"], capacity=3),
        ],
        needs=[
            sm.Need(id="c1", community="a", kind="choir", quantity=3, whole=True),
            sm.Need(id="c2", community="a", kind="choir", quantity=4, whole=True),
            *(
                sm.Need(id=f"k{c}", community=c, kind="check", quantity=2)
                for c in links
            ),
        ],
    )


def test_what_does_not_couple_stays_a_flow():
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("travel")])
    result: Any = sm.solve(two_kinds(), policy)
    assert (result.status, result.structure) == ("optimal", "mixed")
    assert result.value("served") == 4 + 3


def test_groups_that_span_both_couple_them():
    result = sm.solve(two_kinds())
    assert (result.status, result.structure) == ("optimal", "coupled")
    assert sm.solve(two_kinds(links=("b",))).structure == "mixed"


def test_each_part_has_a_bound_of_its_own(monkeypatch: pytest.MonkeyPatch):
    hard = coupled.whole_needs(1, needs=60, slots=12, communities=2)
    alone = hard.slots[0].model_copy(update={"id": "own"})
    plain = sm.Need(id="k", community="c1", kind="any", quantity=9, choices=["own"])
    instance = hard.model_copy(
        update={"slots": (*hard.slots, alone), "needs": (*hard.needs, plain)}
    )
    monkeypatch.setattr(parts, "LARGEST", 10**6)
    result = sm.solve(instance, coupled.served_then_travel(), time_limit=0.5)
    assert result.structure == "mixed"
    values: list[Any] = [goal.value for goal in result.goals]
    bounds: list[Any] = [goal.bound for goal in result.goals]
    assert values[0] <= bounds[0]
    assert values[1] >= bounds[1]


def beats(goal: Any, one: Any, other: Any) -> bool:
    up = goal.op in ("maximize", "leximin")
    return bool(one > other) if up else bool(one < other)


@pytest.mark.parametrize("first", range(0, 155, 31))
def test_large_problems_have_valid_plans_and_bounds(
    first: int, monkeypatch: pytest.MonkeyPatch
):
    """Tiny problems on the way of large ones, against brute force."""
    monkeypatch.setattr(lexicographic, "SMALL", 0)
    monkeypatch.setattr(lexicographic, "LARGE", 0)
    monkeypatch.setattr(parts, "LARGEST", -1)
    monkeypatch.setattr(rounding, "MIXED", 1.1)
    seen = 0
    for seed in range(first, first + 31):
        fields, terms, baseline = tiny_coupled_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**terms)
        if any(getattr(goal, "slack", None) for goal in policy.goals):
            continue
        earlier = None if baseline is None else sm.Allocation(baseline)
        best = oracles.best(instance, policy, plan_of(baseline))
        result: Any = sm.solve(instance, policy, baseline=earlier)
        assert (best is None) == (result.status == "infeasible"), seed
        if best is None:
            continue
        seen += result.structure == "mixed"
        for goal, found, optimum in zip(
            policy.goals, result.goals, best[0], strict=True
        ):
            assert not beats(goal, found.value, optimum), seed
            assert not beats(goal, optimum, found.bound), seed
            if found.value != optimum:
                break
    assert seen


def test_a_limit_leaves_a_plan_with_gaps_and_a_warning():
    instance = coupled.whole_needs(2, needs=300, slots=30, communities=4)
    for policy in (coupled.served_then_travel(), sm.Policy.fair()):
        events: list[Progress] = []
        result: Any = sm.solve(
            instance, policy, time_limit=1, on_progress=events.append
        )
        assert result.status == "feasible"
        assert result.value("served") > 0
        assert all(goal.gap >= 0 for goal in result.goals)
        assert any(goal.gap > 0 for goal in result.goals)
        assert any("another run may differ" in text for text in result.warnings)
        seconds = [event.seconds for event in events]
        assert seconds == sorted(seconds)
        assert {event.goal for event in events if event.phase == "goal"}


def test_bounds_of_branch_and_bound_are_kept(monkeypatch: pytest.MonkeyPatch):
    """Limits are of work here, not of seconds: these would depend on the machine."""
    told: list[int] = []

    def stopped(rows: Rows, variable: Any, factor: Any, monitor: Monitor, **_: Any):
        cost = np.zeros(rows.num_variables, np.int64)
        np.add.at(cost, variable, factor)
        told.append(lagrangian_bound(rows, cost, 10**6, monitor) or 0)
        return Answer(None, told[-1], is_proved=False)

    monkeypatch.setattr(search, "solve_linear", stopped)
    monkeypatch.setattr(lexicographic, "SMALL", 0)
    monkeypatch.setattr(lexicographic, "PATIENCE", 0.5)
    monkeypatch.setattr(searches, "ALONE", 0.5)
    monkeypatch.setattr(repacking, "STILL", 1)
    monkeypatch.setattr(repacking, "LONGEST", 0.1)
    monkeypatch.setattr(neighborhoods, "EFFORT", 0.05)
    result: Any = sm.solve(*coupled.assignment(1, kind="d", agents=10, jobs=100))
    assert result.status == "feasible"
    assert told[0] <= 100 * result.goals[0].bound < 100 * result.goals[0].value
    assert result.goals[0].gap < 0.1


@pytest.mark.parametrize("kind", "ce")
def test_tight_rooms_are_packed_anew_up_to_the_bound(
    monkeypatch: pytest.MonkeyPatch, kind: str
):
    instance, policy = coupled.assignment(1, kind=kind, agents=4, jobs=40)
    optimum: Any = sm.solve(instance, policy).goals[0].value
    first: list[int] = []

    def any_plan(found: search.Search, goal: Any, _: int) -> Answer:
        """Return the bound of the optimum with any plan at all."""
        bound = found.best((goal.variable, goal.factor), maximize=False).bound
        found.values = np.zeros_like(found.values)
        found.has_plan = False
        found.best(None)
        first.append(int(goal.factor @ found.values[goal.variable]))
        return Answer(found.values, bound, is_proved=False)

    monkeypatch.setattr(packing, "best", any_plan)
    result = sm.solve(instance, policy)
    assert result.status == "optimal"
    assert result.goals[0].value == optimum
    assert first[0] > 100 * optimum  # in cents


def test_a_stop_leaves_the_best_plan_so_far():
    instance = coupled.whole_needs(2, needs=300, slots=30, communities=4)
    told = 0

    def stop(event: Progress) -> None:
        nonlocal told
        told += event.phase == "goal"
        if told > 3:
            raise Stop

    result: Any = sm.solve(instance, coupled.served_then_travel(), on_progress=stop)
    assert result.status == "feasible"
    assert result.value("served") > 0


def stop_at(phase: str) -> Any:
    def stop(event: Progress) -> None:
        if event.phase == phase:
            raise Stop

    return stop


EARLY: dict[str, dict[str, Any]] = {
    "work": {"effort": 1e-6},
    "limit": {"time_limit": 1e-9},
    "before rows": {"on_progress": stop_at("lower")},
    "in the first goal": {"on_progress": stop_at("goal")},
}


@pytest.mark.parametrize("end", EARLY)
def test_no_plan_is_behind_first_come_however_early_a_search_ends(
    end: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(monitors, "LAST_LOOK", 1000.0)  # whatever else runs beside
    num_open = 0
    for seed in (*range(64), 99, 100, 129):
        instance, policy, baseline, _ = case(seed)
        if any(rule.bound == "alone" for rule in policy.rules if rule.op == "at_least"):
            continue  # what each has alone is searched for before there is a plan
        in_turn = sm.Policy(rules=policy.rules, method="first_come")
        simple = sm.solve(instance, in_turn, baseline=baseline)
        if not simple.status.has_plan:
            continue
        result = sm.solve(instance, policy, baseline=baseline, **EARLY[end])
        assert result.status.has_plan, seed
        assert not is_behind(policy, result, simple), seed
        num_open += result.status == "feasible"
    assert num_open > 20


@pytest.mark.parametrize("end", [{}, {"effort": 0.02}, {"time_limit": 0.2}])
def test_no_plan_over_few_pairs_is_behind_first_come_over_them(
    end: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    """The way of problems with more pairs than rows can be made for, forced on all."""
    monkeypatch.setattr(
        problems.Problem, "is_wide", property(lambda p: not p.is_narrow)
    )
    monkeypatch.setattr(problems, "MANY", 10_000)
    num_plans = 0
    for seed in range(40):
        instance, policy, baseline, _ = case(seed)
        in_turn = sm.Policy(rules=policy.rules, method="first_come")
        simple = sm.solve(instance, in_turn, baseline=baseline)
        result = sm.solve(instance, policy, baseline=baseline, **end)
        if result.structure == "network" or not simple.status.has_plan:
            continue
        if any(rule.bound == "alone" for rule in policy.rules if rule.op == "at_least"):
            continue
        num_plans += 1
        assert result.status.has_plan, seed
        assert not sm.verify(instance, result.allocation, policy, baseline=baseline)
        assert not is_behind(policy, result, simple), seed
    assert num_plans > 15


def is_behind(policy: sm.Policy, result: sm.Result, other: sm.Result) -> bool:
    """Return whether another plan is better, slack being there for later goals."""
    own_worth, other_worth = worth(policy, result), worth(policy, other)
    for position, goal in enumerate(policy.goals):
        if slack := getattr(goal, "slack", None):
            reached = Fraction(own_worth[position])
            enough = reached - slack * abs(reached)
            own_worth[position] = enough
            other_worth[position] = min(other_worth[position], enough)
    return own_worth < other_worth


def worth(policy: sm.Policy, result: sm.Result) -> list[Any]:
    """Return the values of all goals, upward."""
    upward: list[Any] = []
    for goal in policy.goals:
        value: Any = result.goal_value(goal)
        sign = 1 if goal.op in ("maximize", "leximin") else -1
        is_vector = isinstance(value, tuple)
        upward.append(tuple(sign * x for x in value) if is_vector else sign * value)
    return upward


def test_any_other_error_in_on_progress_is_passed_on():
    instance = coupled.whole_needs(2, needs=300, slots=30, communities=4)

    def fail(event: Progress) -> None:
        if event.phase == "goal":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sm.solve(instance, coupled.served_then_travel(), on_progress=fail)


@pytest.mark.parametrize("kind", "cd")
def test_packing_needs_no_branch_and_bound(monkeypatch: pytest.MonkeyPatch, kind: str):
    """Prices alone say what a plan costs at least, and among which arcs to look."""
    instance, policy = coupled.assignment(2, kind=kind, agents=4, jobs=30)
    optimum: Any = sm.solve(instance, policy).goals[0].value
    monkeypatch.setattr(packing, "best", None)
    monkeypatch.setattr(packing, "PACE", 1e-9)
    monkeypatch.setattr(repacking, "LONGEST", 0.25)
    monkeypatch.setattr(repacking, "STILL", 3)
    result: Any = sm.solve(instance, policy, time_limit=300)
    assert result.status.has_plan
    assert result.goals[0].bound <= optimum <= result.goals[0].value
    assert result.goals[0].gap < 0.1


@pytest.mark.parametrize("has_prices", [True, False])
def test_packing_begins_among_few_arcs_or_all(
    monkeypatch: pytest.MonkeyPatch, has_prices: bool
):
    """Where rounding leaves no plan, CP-SAT finds one; where prices fail, it does."""
    instance, policy = coupled.assignment(2, kind="c", agents=5, jobs=40)
    optimum: Any = sm.solve(instance, policy).goals[0].value
    monkeypatch.setattr(packing._Packing, "_filled", lambda *_: None)
    if not has_prices:
        monkeypatch.setattr(packing, "relax", lambda *_, **__: None)
    result: Any = sm.solve(instance, policy)
    assert result.status == "optimal"
    assert result.goals[0].value == optimum
