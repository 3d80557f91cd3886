"""Limits on places and on days at once, against every plan and against days alone."""

import os
import random
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

import sharematch as sm
from sharematch.engine import choice
from sharematch.solvers.siting import branches, nesting, solve_siting, solving
from tests import oracles

CHUNK = 20
CASES = 1_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 60
GOALS: list[Any] = [
    sm.Maximize("served"),
    sm.Maximize("served", where={"group": "frail"}),
    sm.Minimize("travel"),
    sm.Minimize("travel", where={"group": "frail"}),
    sm.Leximin("fill_rate", by="community"),
    sm.Minimize("wait"),
]


def town(seed: int, people: int, points: int, days: int) -> sm.Instance:
    """Return points with days of unequal room, and people who can come on some."""
    rng = random.Random(f"nesting {seed}")
    homes = ("tianfeng", "lianqiao", "junmiao")

    def spot() -> tuple[int, int]:
        return rng.randint(0, 900), rng.randint(0, 900)

    hours = [
        (datetime(2026, 3, 2 + day, 9), datetime(2026, 3, 2 + day, 11))
        for day in range(days)
    ]
    room = max(people // 4, 1)
    return sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=home) for home in homes],
        providers=[
            sm.Provider(id="office", sector="public"),
            sm.Provider(id="hospital", sector="host"),
        ],
        facilities=[
            sm.Facility(
                id=f"p{p}",
                community=rng.choice(homes),
                provider=rng.choice(("office", "hospital")),
                location=spot(),
            )
            for p in range(points)
        ],
        slots=[
            sm.Slot(
                id=f"p{p}-{day}",
                facility=f"p{p}",
                kinds=["payout"],
                capacity=rng.randint(1, room),
                start=hours[day][0],
                end=hours[day][1],
            )
            for p in range(points)
            for day in range(days)
            if rng.random() < 0.9
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=rng.choice(homes),
                kind="payout",
                quantity=rng.choice((1, 1, 1, 2)),
                location=spot(),
                groups=["frail"] if rng.random() < 0.4 else [],
                max_travel=rng.choice((None, None, 600)),
                windows=[rng.choice(hours)] if rng.random() < 0.4 else [],
            )
            for i in range(people)
        ],
    )


def policy(seed: int, places: int, days: int) -> sm.Policy:
    rng = random.Random(f"nesting policy {seed}")
    public = {"sector": "public"}
    rules: list[Any] = [
        rng.choice(
            [
                sm.AtMost("opened_facilities", places),
                sm.AtMost("opened_facilities", 1, by="community"),
                sm.AtMost("opened_facilities", max(places - 1, 1), where=public),
            ]
        ),
        rng.choice(
            [
                sm.AtMost("opened_slots", days),
                sm.AtMost("opened_slots", max(days // 2, 1), by="day"),
                sm.AtMost("opened_slots", max(days - 1, 1), where=public),
            ]
        ),
    ]
    if rng.random() < 0.2:
        rules.append(sm.AtLeast("served", rng.randint(1, 2)))
    if rng.random() < 0.2:
        rules.append(sm.AtMost("opened_facilities", places + 1))
    return sm.Policy(rules=rules, goals=rng.sample(GOALS, rng.choice((1, 2, 3))))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Let siting see every problem; count where places came before days."""
    count: Counter[str] = Counter()

    class Counted(nesting.NestedFlows):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            count["nested"] += 1

    monkeypatch.setattr(solving, "NestedFlows", Counted)
    monkeypatch.setattr(choice, "solve_parts", lambda *_: None)
    monkeypatch.setattr(choice, "solve_siting", solve_siting)
    return count


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_places_before_days_equal_brute_force(
    first: int, seen: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    for seed in range(first, first + CHUNK):
        instance, terms = town(seed, 3, 3, 2), policy(seed, 1 + seed % 2, 2)
        case = oracles.Case(instance, terms.rules, None)
        best = case.best(terms.goals)
        for few_sets, few in ((solving.FEW_SETS, branches.FEW), (0, 1)):
            monkeypatch.setattr(solving, "FEW_SETS", few_sets)
            monkeypatch.setattr(branches, "FEW", few)
            result = sm.solve(instance, terms)
            if best is None:
                assert result.status == "infeasible", seed
                continue
            assert result.status == "optimal", seed
            plan = {(a.need, a.slot): a.quantity for a in result.allocation}
            assert not case.violations(plan), seed
            assert [goal.value for goal in result.goals] == list(best[0]), seed
            assert [goal.bound for goal in result.goals] == list(best[0]), seed
    assert seen["nested"] >= 0.6 * CHUNK


@pytest.mark.parametrize("most_sets", [nesting.MOST_SETS, 3])
@pytest.mark.parametrize("seed", range(4))
def test_places_before_days_equal_days_alone(
    seed: int, most_sets: int, seen: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    """With few sets of days allowed they are decided alone, as without nesting."""
    monkeypatch.setattr(nesting, "MOST_SETS", most_sets)
    instance = town(seed, 40, 6, 2)
    rules = [sm.AtMost("opened_facilities", 3), sm.AtMost("opened_slots", 4)]
    terms = sm.Policy(rules=rules, goals=[GOALS[0], GOALS[3], GOALS[2]])
    result = sm.solve(instance, terms)
    assert result.status == "optimal"
    assert seen["nested"]
    monkeypatch.setattr(solving, "places_of", lambda _: None)
    alone = sm.solve(instance, terms)
    assert [goal.value for goal in result.goals] == [g.value for g in alone.goals]
