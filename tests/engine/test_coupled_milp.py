"""Mid-size problems that couple against a second formulation, solved by HiGHS."""

import math
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

import sharematch as sm
from benchmarks import coupled


class Second:
    """A program of its own: a variable for each pair, and one for each room."""

    def __init__(self, instance: sm.Instance, policy: sm.Policy) -> None:
        self.needs = {need.id: need for need in instance.needs}
        self.slots = {slot.id: slot for slot in instance.slots}
        self.pairs = [
            (need.id, slot.id)
            for need in instance.needs
            for slot in instance.slots
            if not need.choices or slot.id in need.choices
        ]
        at = {facility.id: facility.location for facility in instance.facilities}
        self.places = {need.id: need.location or (0, 0) for need in instance.needs}
        self.places |= {s.id: at[s.facility] or (0, 0) for s in instance.slots}
        self.special = {(pair.need, pair.slot): pair for pair in instance.pairs}
        self.most = np.array([self.needs[need].quantity for need, _ in self.pairs])
        whole = [self.needs[need].whole for need, _ in self.pairs]
        self.step = np.where(whole, self.most, 1)
        self.num = len(self.pairs)
        self.room = {slot: self.num + i for i, slot in enumerate(self.slots)}
        self.rows: list[tuple[list[int], list[float], float, float]] = []
        for ids, position in ((self.needs, 0), (self.slots, 1)):
            for id_ in ids:
                own = [i for i in range(self.num) if self.pairs[i][position] == id_]
                self._row(id_, own, is_need=position == 0)
        for i, (_, slot) in enumerate(self.pairs):
            factors = [self.step[i], -self.most[i]]
            self.rows.append(([i, self.room[slot]], factors, -np.inf, 0))
        for rule in policy.rules:
            assert isinstance(rule, sm.AtLeast)
            least = float(str(rule.bound))
            self.rows.append((list(range(self.num)), self.step.tolist(), least, np.inf))

    def _row(self, id_: str, own: list[int], *, is_need: bool) -> None:
        if is_need:
            factors = [float(self.step[i]) for i in own]
            self.rows.append((own, factors, -np.inf, self.needs[id_].quantity))
        else:
            factors = [float(self.step[i] * self._size(i)) for i in own]
            room = self.slots[id_].capacity
            self.rows.append(([*own, self.room[id_]], [*factors, -room], -np.inf, 0.0))

    def _size(self, i: int) -> int:
        pair = self.special.get(self.pairs[i])
        return pair.units if pair else 1

    def per_unit(self, goal: Any) -> np.ndarray:
        if goal.measure == "served":
            each = np.ones(self.num)
        elif goal.measure == "cost":
            pairs = [self.special.get(pair) for pair in self.pairs]
            each = np.array([float(pair.cost) if pair else 0.0 for pair in pairs])
        else:
            each = np.array([self._travel(*pair) for pair in self.pairs], float)
        opening = [float(slot.opening_cost) for slot in self.slots.values()]
        if goal.measure != "cost":
            opening = [0.0] * len(opening)
        return np.concatenate([each * self.step, opening])

    def _travel(self, need: str, slot: str) -> int:
        (a, b), (c, d) = self.places[need], self.places[slot]
        return round(math.hypot(a - c, b - d) * 1000)

    def solve(self, goals: Any) -> list[float]:
        """Return the optimum of each goal in strict order."""
        found = []
        upper = np.concatenate([self.most / self.step, np.ones(len(self.slots))])
        for goal in goals:
            sign = -1 if goal.op == "maximize" else 1
            cost = self.per_unit(goal)
            answer = milp(
                sign * cost,
                integrality=np.ones(len(cost), int),
                bounds=Bounds(0, upper),
                constraints=self._constraints(),
                options={"mip_rel_gap": 0},
            )
            assert answer.status == 0
            value = sign * answer.fun
            found.append(value)
            everything = list(range(len(cost)))
            slack = 1e-6 * max(1, abs(value))
            least = value - slack if sign < 0 else -np.inf
            most = np.inf if sign < 0 else value + slack
            self.rows.append((everything, cost.tolist(), least, most))
        return found

    def _constraints(self) -> LinearConstraint:
        count = len(self.rows)
        row = np.repeat(np.arange(count), [len(r[0]) for r in self.rows])
        column = np.concatenate([r[0] for r in self.rows])
        data = np.concatenate([r[1] for r in self.rows])
        matrix = coo_array((data, (row, column)), (count, self.num + len(self.slots)))
        least, most = [r[2] for r in self.rows], [r[3] for r in self.rows]
        return LinearConstraint(matrix.tocsr(), least, most)


def check(instance: sm.Instance, policy: sm.Policy) -> None:
    result = sm.solve(instance, policy)
    assert result.status == "optimal"
    second = Second(instance, policy)
    best = second.solve(policy.goals)
    values = [float(str(goal.value)) for goal in result.goals]
    assert values == pytest.approx(best, rel=1e-8)
    assert [goal.gap for goal in result.goals] == [0] * len(best)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_facility_location(seed: int):
    check(*coupled.location(seed, sites=16, room=5000, opening=7500))


@pytest.mark.parametrize("kind", "abcde")
def test_generalized_assignment(kind: str):
    check(*coupled.assignment(2, kind=kind, agents=4, jobs=20))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whole_needs(seed: int):
    instance = coupled.whole_needs(seed, needs=24, slots=12, communities=2)
    check(instance, coupled.served_then_travel())


@pytest.mark.parametrize("seed", [1, 2])
def test_opening_costs_and_whole_needs(seed: int):
    rng = Random(seed)
    instance, policy = coupled.location(seed, sites=8, room=15000, opening=7500)
    needs = [n.model_copy(update={"whole": rng.random() < 0.5}) for n in instance.needs]
    fields = {name: getattr(instance, name) for name in type(instance).model_fields}
    check(sm.Instance(**{**fields, "needs": needs}), policy)
