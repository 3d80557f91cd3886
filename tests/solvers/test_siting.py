"""Siting against every plan there is, and against what is known of larger towns."""

import os
import random
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

import sharematch as sm
from sharematch.solvers import lexicographic
from sharematch.solvers.siting import solve_siting
from tests import oracles

CHUNK = 50
CASES = 3_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 300
KINDS = ("health", "food")
GROUPS = ("frail", "young")


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
    needs = [
        sm.Need(
            id=f"n{i}",
            community=rng.choice(homes),
            kind=rng.choice(KINDS),
            quantity=rng.choice((1, 1, 1, 2)),
            location=(rng.randint(0, 900), rng.randint(0, 900)),
            groups={rng.choice(GROUPS)},
            max_travel=rng.choice((None, None, None, 500)),
        )
        for i in range(rng.randint(2, 4))
    ]
    town = sm.Instance(
        travel={"metric": "plane"},
        communities=[
            sm.Community(id=home, location=(450 * i, 300)) for i, home in enumerate(homes)
        ],
        providers=[
            sm.Provider(id="office", sector="public"),
            sm.Provider(id="hospital", sector="host"),
        ],
        facilities=facilities,
        slots=slots,
        needs=needs,
    )
    return town, _policy(rng, opening=opening), None


def _policy(rng: random.Random, *, opening: bool) -> sm.Policy:
    counted = ("opened_slots", "opened_facilities")
    rules: list[Any] = []
    if rng.random() < 0.8:
        rules.append(sm.AtMost(rng.choice(counted), rng.randint(1, 3)))
    if rng.random() < 0.2:
        by = rng.choice(("facility", "day", "community", "sector"))
        rules.append(sm.AtMost(rng.choice(counted), 1, by=by))
    if rng.random() < 0.15:
        where = {"sector": "public"}
        rules.append(sm.AtMost(rng.choice(counted), rng.randint(0, 1), where=where))
    if rng.random() < 0.15:
        rules.append(sm.AtLeast(rng.choice(counted), rng.randint(1, 2)))
    if rng.random() < 0.1:
        rules.append(sm.Within(rng.choice(counted), rng.randint(0, 1), by="community"))
    if rng.random() < 0.25:
        rules.append(sm.AtLeast("served", rng.randint(1, 3)))
    if opening and rng.random() < 0.5:
        rules.append(sm.AtMost("cost", rng.choice((2, 4, 6, "7.50"))))
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
        sm.Maximize(rng.choice(counted)),
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

    monkeypatch.setattr(lexicographic, "solve_parts", lambda *_: None)
    monkeypatch.setattr(lexicographic, "solve_siting", counted)
    return seen


def check(seed: int) -> None:
    """Compare a solve with brute force, every goal's value and bound."""
    town, policy, baseline = draw(seed)
    case = oracles.Case(town, policy.rules, None)
    best = case.best(policy.goals)
    result = sm.solve(town, policy, baseline=baseline)
    if best is None:
        assert result.status == "infeasible", seed
        return
    assert result.status == "optimal", seed
    plan = {(a.need, a.slot): a.quantity for a in result.allocation}
    assert not case.violations(plan), seed
    assert not sm.verify(town, result.allocation, policy), seed
    assert [goal.value for goal in result.goals] == list(best[0]), seed
    assert [goal.bound for goal in result.goals] == list(best[0]), seed


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_siting_equals_brute_force(first: int, siting_alone: Counter[str]):
    for seed in range(first, first + CHUNK):
        check(seed)
    assert siting_alone["siting"] >= 0.4 * CHUNK
