"""Siting against every plan there is, and against what is known of larger towns."""

import os
import random
import time
from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.engine import choice
from sharematch.engine.problem import Problem
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting import branches, solve_siting, solving
from sharematch.solvers.siting.shape import Siting
from tests import oracles

CHUNK = 50
CASES = 3_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 300
KINDS = ("health", "food")
GROUPS = ("frail", "young")
COUNTED = ("opened_slots", "opened_facilities")
PLACES = ("facility", "day", "community", "sector")
PUBLIC = {"sector": "public"}


def draw(seed: int) -> tuple[sm.Instance, sm.Policy, sm.Allocation | None]:
    """Return a tiny town in which openings couple, and a policy."""
    rng = random.Random(f"siting {seed}")
    homes = ("tianfeng", "lianqiao", "junmiao")
    money = (0, 0, 1, "2.50", 4)
    places = [f"p{i}" for i in range(rng.randint(2, 4))]
    days = rng.choice((1, 1, 2))
    opening = rng.random() < 0.5
    facilities = [
        sm.Facility(
            id=place,
            community=rng.choice(homes),
            provider=rng.choice(("office", "hospital")),
            location=(rng.randint(0, 900), rng.randint(0, 900)),
            opening_cost=rng.choice(money) if opening else 0,
            max_units=rng.choice((None, None, None, 1, 2)),
        )
        for place in places
    ]
    slots = [
        sm.Slot(
            id=f"{place}-{day}",
            facility=place,
            kinds=KINDS if rng.random() < 0.8 else (rng.choice(KINDS),),
            capacity=(room := rng.randint(1, 3)),
            reserve=rng.choice((0, 0, 0, room)),
            opening_cost=rng.choice(money) if opening else 0,
            unit_cost=rng.choice((0, 0, 1)) if opening else 0,
            start=datetime(2026, 3, 2 + day, 9),
            end=datetime(2026, 3, 2 + day, 11),
        )
        for place in places
        for day in range(days)
        if rng.random() < 0.9
    ]
    spots = [(rng.randint(0, 900), rng.randint(0, 900)) for _ in range(3)]
    needs = [
        sm.Need(
            id=f"n{i}",
            community=rng.choice(homes),
            kind=rng.choice(KINDS),
            quantity=rng.choice((1, 1, 1, 2)),
            location=rng.choice((None, *spots)),
            groups={rng.choice(GROUPS)},
            max_travel=rng.choice((None, None, None, 500)),
        )
        for i in range(rng.randint(2, 4))
    ]
    town = sm.Instance(
        travel={"metric": "plane"},
        communities=[
            sm.Community(id=home, location=(450 * i, 300))
            for i, home in enumerate(homes)
        ],
        providers=[
            sm.Provider(id="office", sector="public"),
            sm.Provider(id="hospital", sector="host"),
        ],
        facilities=facilities,
        slots=slots,
        needs=needs,
    )
    pairs = [(need, slot) for need in needs for slot in slots]
    kept = rng.choices(pairs, k=rng.randint(1, 2)) if pairs else []
    before = {(need.id, slot.id): need.quantity for need, slot in kept}
    if rng.random() < 0.15:
        decisions = [
            sm.Decision(need=need, slot=slot, status="pinned", quantity=1)
            for need, slot in before
        ]
        town = town.replace(decisions=decisions[:1])
    policy = _policy(rng, opening=opening)
    baseline = None
    if rng.random() < 0.15:
        rows = [{"need": n, "slot": s, "quantity": q} for (n, s), q in before.items()]
        baseline = sm.Allocation(rows)
        at = rng.randint(0, len(policy.goals))
        goals = (*policy.goals[:at], sm.Minimize("moved"), *policy.goals[at:])
        policy = sm.Policy(rules=policy.rules, goals=goals)
    return town, policy, baseline


def _policy(rng: random.Random, *, opening: bool) -> sm.Policy:
    rules = [
        rule
        for chance, rule in (
            (0.8, sm.AtMost(rng.choice(COUNTED), rng.randint(1, 3))),
            (0.2, sm.AtMost(rng.choice(COUNTED), 1, by=rng.choice(PLACES))),
            (0.15, sm.AtMost(rng.choice(COUNTED), rng.randint(0, 1), where=PUBLIC)),
            (0.15, sm.AtLeast(rng.choice(COUNTED), rng.randint(1, 2))),
            (0.1, sm.Within(rng.choice(COUNTED), rng.randint(0, 1), by="community")),
            (0.25, sm.AtLeast("served", rng.randint(1, 3))),
            (opening and 0.5, sm.AtMost("cost", rng.choice((2, 4, 6, "7.50")))),
            (opening and 0.1, sm.AtMost("cost", 3, by="facility")),
        )
        if rng.random() < chance
    ]
    goals: list[Any] = [
        sm.Maximize("served"),
        sm.Maximize("served", where={"group": "frail"}),
        sm.Minimize("travel"),
        sm.Minimize("travel", where={"group": "frail"}),
        sm.Leximin("fill_rate", by="community"),
        sm.Leximin("served", by="need"),
        sm.Leximin("utilization", by="facility"),
        sm.Leximax("unmet", by="community"),
        sm.Minimize("opened_slots"),
        sm.Minimize("opened_facilities"),
        sm.Minimize("cost"),
        sm.Maximize(rng.choice(COUNTED)),
    ]
    weights = (4, 2, 4, 3, 4, 1, 1, 1, 1, 2, 3 if opening else 0, 0.5)
    chosen: list[Any] = []
    for _ in range(rng.randint(1, 4)):
        (goal,) = rng.choices(goals, weights)
        if goal not in chosen:
            chosen.append(goal)
    return sm.Policy(rules=rules, goals=chosen)


@pytest.fixture
def siting_alone(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Let siting see every problem, whatever its parts; count what it solves."""
    seen: Counter[str] = Counter()

    def counted(*args: Any) -> Any:
        found = solve_siting(*args)
        seen["siting" if found is not None else "other"] += 1
        return found

    monkeypatch.setattr(choice, "solve_parts", lambda *_: None)
    monkeypatch.setattr(choice, "solve_siting", counted)
    return seen


def check(seed: int) -> None:
    """Compare a solve with brute force, every goal's value and bound."""
    town, policy, baseline = draw(seed)
    before = None
    if baseline is not None:
        before = {(row.need, row.slot): row.quantity for row in baseline}
    case = oracles.Case(town, policy.rules, before)
    best = case.best(policy.goals)
    result = sm.solve(town, policy, baseline=baseline)
    if best is None:
        assert result.status == "infeasible", seed
        return
    assert result.status == "optimal", seed
    plan = {(a.need, a.slot): a.quantity for a in result.allocation}
    assert not case.violations(plan), seed
    assert not sm.verify(town, result.allocation, policy, baseline=baseline), seed
    assert [goal.value for goal in result.goals] == list(best[0]), seed
    assert [goal.bound for goal in result.goals] == list(best[0]), seed


@pytest.fixture(params=["all sets", "branching"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Look at all sets, or branch as if they were many."""
    if request.param == "branching":
        monkeypatch.setattr(solving, "FEW_SETS", 0)
        monkeypatch.setattr(branches, "FEW", 1)
    return str(request.param)


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
@pytest.mark.usefixtures("way")
def test_siting_equals_brute_force(first: int, siting_alone: Counter[str]):
    for seed in range(first, first + CHUNK):
        check(seed)
    assert siting_alone["siting"] >= 0.4 * CHUNK


@pytest.mark.parametrize("first", range(0, CASES // 3, CHUNK))
def test_a_search_cut_short_has_valid_bounds(
    first: int, siting_alone: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(solving, "FEW_SETS", 0)
    monkeypatch.setattr(solving, "MOST_SETS", 0)
    monkeypatch.setattr(branches, "FEW", 1)
    monkeypatch.setattr(solving, "WORK", 0.01)
    cut = 0
    for seed in range(first, first + CHUNK):
        town, policy, baseline = draw(seed)
        if baseline is not None:
            continue
        best = oracles.Case(town, policy.rules, None).best(policy.goals)
        result = sm.solve(town, policy)
        if best is None:
            assert result.status == "infeasible", seed
            continue
        cut += result.status == "feasible"
        for goal, found, optimum in zip(
            policy.goals, result.goals, best[0], strict=True
        ):
            upward = goal.op in ("maximize", "leximin")
            value: Any = found.value
            bound: Any = found.bound
            assert value <= optimum <= bound or not upward, seed
            assert bound <= optimum <= value or upward, seed
            if found.value != optimum:
                break  # later goals are bounded where earlier ones are best
    assert cut
    assert siting_alone["siting"]


def random_town(seed: int, people: int, points: int, capacity: int) -> sm.Instance:
    """Return people at addresses, some frail, and points of limited room."""
    rng = random.Random(f"town {seed}")

    def spot() -> tuple[float, float]:
        return rng.randint(0, 3000) / 1000, rng.randint(0, 3000) / 1000

    return sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        facilities=[
            sm.Facility(
                id=f"p{i}", community="tianfeng", location=spot(), opening_cost=i % 3
            )
            for i in range(points)
        ],
        slots=[
            sm.Slot(id=f"s{i}", facility=f"p{i}", kinds=["payout"], capacity=capacity)
            for i in range(points)
        ],
        needs=[
            sm.Need(
                id=f"r{i}",
                community=("tianfeng", "lianqiao")[i % 2],
                kind="payout",
                location=spot(),
                groups={"frail"} if i % 5 == 0 else (),
            )
            for i in range(people)
        ],
    )


def direct_optimum(town: sm.Instance, most: int) -> list[int]:
    """Return most served, least travel of the frail, least travel, by HiGHS."""
    case = oracles.Case(town, (), None)
    needs, slots = list(town.needs), list(town.slots)
    pairs = [(n, s) for n in range(len(needs)) for s in range(len(slots))]
    way = np.array([case.distance(needs[n], slots[s]) for n, s in pairs])
    is_frail = np.array([bool(needs[n].groups) for n, _ in pairs])
    num, total = len(pairs), len(pairs) + len(slots)
    rows, limits = [], []

    def at_most(entries: dict[int, float], bound: float) -> None:
        row = np.zeros(total)
        row[list(entries)] = list(entries.values())
        rows.append(row)
        limits.append(bound)

    for n in range(len(needs)):
        at_most({i: 1 for i, pair in enumerate(pairs) if pair[0] == n}, 1)
    for s, slot in enumerate(slots):
        here = {i: 1.0 for i, pair in enumerate(pairs) if pair[1] == s}
        at_most({**here, num + s: -slot.capacity}, 0)
    for i, (_, s) in enumerate(pairs):
        at_most({i: 1, num + s: -1}, 0)
    at_most({num + s: 1 for s in range(len(slots))}, most)
    found = []
    for cost in (-np.ones(num), way * is_frail, way):
        whole = np.append(cost, np.zeros(len(slots)))
        answer = milp(
            whole,
            constraints=LinearConstraint(np.array(rows), ub=np.array(limits)),
            integrality=(np.arange(total) >= num).astype(int),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0},
        )
        assert answer.fun is not None
        found.append(round(answer.fun))
        rows.append(whole)
        limits.append(found[-1])
    return [-found[0], *found[1:]]


@pytest.mark.parametrize(
    ("seed", "points", "capacity", "most"),
    [
        (0, 7, 40, 3),
        (1, 7, 12, 3),
        (2, 7, 9, 4),
        (3, 7, 15, 3),
        (4, 16, 40, 5),
        (5, 16, 9, 5),
        (6, 20, 7, 6),
    ],
)
def test_towns_equal_a_direct_model(seed: int, points: int, capacity: int, most: int):
    town = random_town(seed, 40, points, capacity)
    rules = [sm.AtMost("opened_facilities", most)]
    goals = (
        sm.Maximize("served"),
        sm.Minimize("travel", where={"group": "frail"}),
        sm.Minimize("travel"),
    )
    result = sm.solve(town, sm.Policy(rules=rules, goals=goals))
    assert result.status == "optimal"
    assert [goal.value for goal in result.goals] == direct_optimum(town, most)


@pytest.mark.parametrize(("points", "most"), [(9, 4), (20, 6)])
def test_rows_in_any_order_give_the_same_plan(points: int, most: int):
    town = random_town(7, 60, points, 10)
    policy = sm.Policy(
        rules=[sm.AtMost("opened_facilities", most), sm.AtMost("cost", 3)],
        goals=[sm.Maximize("served"), sm.Minimize("travel")],
    )
    other = town.replace(
        needs=town.needs[::-1], slots=town.slots[::-1], facilities=town.facilities[::-1]
    )
    assert sm.solve(town, policy).allocation == sm.solve(other, policy).allocation


def test_a_set_with_room_for_all_is_found_where_one_site_would_be_nearest():
    town = random_town(8, 60, 14, 10)
    policy = sm.Policy(
        rules=[sm.AtLeast("served", 60)],
        goals=[sm.Minimize("opened_facilities"), sm.Minimize("travel")],
    )
    result = sm.solve(town, policy)
    assert result.status == "optimal"
    assert result.goals[0].value == 6


def test_a_time_limit_leaves_a_plan_and_bounds():
    town = random_town(9, 400, 60, 12)
    policy = sm.Policy(
        rules=[sm.AtMost("opened_slots", 20)],
        goals=[sm.Leximin("fill_rate", by="community"), sm.Minimize("travel")],
    )
    begin = time.perf_counter()
    result = sm.solve(town, policy, time_limit=2)
    assert time.perf_counter() - begin < 30  # a machine may be busy
    value, bound = result.goals[0].value, result.goals[0].bound
    assert isinstance(value, tuple)
    assert isinstance(bound, tuple)
    assert 0 < value[0] <= bound[0] <= 1
    assert not sm.verify(town, result.allocation, policy)


@pytest.mark.parametrize("effort", [0.02, 0.2])
def test_work_ends_it_with_a_plan_and_bounds(effort: float):
    town = random_town(9, 200, 40, 9)
    policy = sm.Policy(
        rules=[sm.AtMost("opened_slots", 20)],
        goals=[sm.Maximize("served"), sm.Minimize("travel")],
    )
    problem = Problem.of(encode(town), policy)
    assert isinstance(problem.siting, Siting)
    works = []
    for _ in range(2):
        monitor = Monitor.of(effort=effort)
        outcome = solve_siting(problem.rows, problem.siting, monitor)
        assert outcome is not None
        assert not all(outcome.is_proved)
        assert problem.rows.rows.holds(outcome.values)
        works.append((monitor.run.work, outcome.bounds, outcome.units.tolist()))
    assert works[0] == works[1]
    assert effort <= works[0][0] < effort + 0.2  # one step more at the most
