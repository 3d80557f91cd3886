"""Whatever ends a search: nothing is left lying, and no reason contradicts the plan."""

import random
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

import sharematch as sm
from sharematch.solvers import lexicographic
from sharematch.solvers.anytime import solving
from sharematch.solvers.anytime import start as beginning
from tests import oracles

MONDAY = datetime(2027, 3, 1, 17)
COMMUNITIES = ("tianfeng", "lianqiao", "junmiao")


def season(seed: int) -> tuple[sm.Instance, sm.Policy]:
    """Return clubs that ask for a run of half hours, with trainers, in tight halls."""
    rng = random.Random(seed)

    def at(day: int, step: int) -> datetime:
        return MONDAY + timedelta(days=day, minutes=30 * step)

    halls, days, steps = [f"h{h}" for h in range(3)], range(3), range(6)
    instance = sm.Instance(
        communities=[sm.Community(id=c) for c in COMMUNITIES],
        facilities=[sm.Facility(id=h, community="tianfeng") for h in halls],
        slots=[
            sm.Slot(
                id=f"{h}-{d}-{k}",
                facility=h,
                kinds=["hall"],
                capacity=2,
                start=at(d, k),
                end=at(d, k + 1),
            )
            for h, d, k in product(halls, days, steps)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=rng.choice(COMMUNITIES),
                kind="hall",
                quantity=rng.choice([1, 1, 2]),
                sessions=rng.choice([2, 3]),
                every=30,
                person=f"p{i // 2}",
                choices=rng.sample(halls, 2),
                windows=[(at(d, 0), at(d, 6)) for d in rng.sample(days, 2)],
            )
            for i in range(40)
        ],
    )
    rule = sm.AtMost("served", 6, by=("person", "day"))
    goals: list[Any] = [
        sm.Leximin("fill_rate", by="community"),
        sm.Maximize("served"),
        sm.Minimize("rank"),
    ]
    return instance, sm.Policy(rules=[rule], goals=goals)


def runs(instance: sm.Instance, need: sm.Need) -> list[list[str]]:
    """Return the ids of slots of each run that a need could have in an empty town."""
    slots = {(slot.facility, slot.start): slot for slot in instance.slots}
    found = []
    for hall, start in slots:
        assert start is not None
        times = [start + timedelta(minutes=30 * step) for step in range(need.sessions)]
        end = times[-1] + timedelta(minutes=30)
        dated = [w for w in need.windows if not isinstance(w, str)]
        is_inside = any(w.start <= start and end <= w.end for w in dated)
        if is_inside and hall in need.choices:
            found.append([slots[hall, time].id for time in times])
    return found


def better(policy: sm.Policy, one: list[Any], other: list[Any]) -> bool:
    for goal, a, b in zip(policy.goals, one, other, strict=True):
        if a != b:
            return bool(a > b) if goal.op in ("maximize", "leximin") else bool(a < b)
    return False


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cut", ["start", "work"])
def test_nothing_that_fits_is_left_lying(
    seed: int, cut: str, monkeypatch: pytest.MonkeyPatch
):
    if cut == "start":  # the worst start there is: nothing at all
        monkeypatch.setattr(beginning, "constructed", lambda *_: iter(()))
        monkeypatch.setattr(
            beginning,
            "first_come_values",
            lambda program, *_, **__: program.nothing,
        )
        monkeypatch.setattr(solving._Stages, "run", lambda *_: None)
    monkeypatch.setattr(lexicographic, "SMALL", 0)
    instance, policy = season(seed)
    result = sm.solve(instance, policy, effort=0.01)
    plan = [(a.slot, a.need, a.quantity) for a in result.allocation]
    assert not sm.verify(instance, plan, policy)
    now = [result.goal_value(goal) for goal in policy.goals]
    oracle = oracles.Case(instance, policy.rules, None)
    unmet = {one.need: one.reason for one in result.unmet}
    assert unmet
    for need in instance.needs:
        if need.id not in unmet:
            continue
        for run in runs(instance, need):
            more = [*plan, *((slot, need.id, need.quantity) for slot in run)]
            if sm.verify(instance, more, policy):
                continue
            assert unmet[need.id] in ("goal", "search"), need.id
            wider = {(n, s): quantity for s, n, quantity in more}
            values = [oracle.goal_value(goal, wider) for goal in policy.goals]
            assert not better(policy, values, now), need.id
