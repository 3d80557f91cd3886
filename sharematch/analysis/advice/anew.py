"""What is added to an instance brings, by solving it anew."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from sharematch.analysis.advice.groups import units_of
from sharematch.analysis.advice.places import changed
from sharematch.analysis.advice.values import Step
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.engine.solving import solve
from sharematch.model.instance import Instance
from sharematch.plans.results.result import Result

__all__ = ["Anew"]


class Anew:
    """A result, and what changes to its instance bring by solving that.

    Parameters
    ----------
    goal
        Between groups that the policy is fair to; None if there is none.
    time_limit
        Seconds for each solve.
    """

    def __init__(
        self, result: Result, instance: Instance, goal: Any, time_limit: float | None
    ) -> None:
        self.result, self.instance, self.goal = result, instance, goal
        self.time_limit = time_limit
        self.columns: Columns = encode(instance)
        self._known: dict[tuple[tuple[str, int], ...], Step | None] = {}

    def with_records(
        self, records: Mapping[str, Iterable[Any]], places: Mapping[str, int]
    ) -> Step | None:
        """Return what other records bring, with so many places more in their slots.

        None where no plan is found.
        """
        columns = encode(changed(self.instance, records))
        return self._step(columns, places, sum(places.values()))

    def with_places(self, places: Mapping[str, int]) -> Step | None:
        """Return what so many places more at each of some slots bring."""
        key = tuple(sorted((slot, n) for slot, n in places.items() if n))
        if not key:
            return self.nothing
        if key not in self._known:
            amount = sum(places.values())
            self._known[key] = self._step(self.columns, places, amount)
        return self._known[key]

    def brings(self, step: Step) -> bool:
        """Return whether a step is better under the policy's goals than nothing."""
        return step.goals > self.nothing.goals

    @cached_property
    def nothing(self) -> Step:
        """The plan as it is."""
        result = self.result
        return Step(0, 0, {}, is_exact=result.is_optimal, goals=_worth(result))

    def _step(
        self, columns: Columns, places: Mapping[str, int], amount: int
    ) -> Step | None:
        room = columns.slot_capacity.copy()
        for slot, count in places.items():
            room[columns.position["slot"][slot]] += count
        columns = replace(columns, slot_capacity=room)
        before = self.result
        after = solve(
            columns,
            before.policy,
            time_limit=self.time_limit,
            seed=int(before.provenance["seed"]),
        )
        if not after.status.has_plan:
            return None
        changes: dict[str, int] = {}
        rates: tuple[Fraction, ...] | None = None
        if self.goal is not None:
            new = units_of(columns, after, self.goal)
            old = self._units_now
            changes = {g: new[g] - old.get(g, 0) for g in new if new[g] != old.get(g)}
            rates = _rates(after)
        return Step(
            amount,
            int(after.value("served")) - int(before.value("served")),
            changes,
            is_exact=before.is_optimal and after.is_optimal,
            rates=rates,
            goals=_worth(after),
        )

    @cached_property
    def _units_now(self) -> dict[str, int]:
        return units_of(self.columns, self.result, self.goal)


def _rates(result: Result) -> tuple[Fraction, ...]:
    """Return the value of the first leximin goal."""
    value = next(goal.value for goal in result.goals if goal.op == "leximin")
    assert isinstance(value, tuple)
    return value


def _worth(result: Result) -> tuple[Any, ...]:
    """Return the values of a policy's goals, the more the better."""
    if not result.goals:  # first come: whoever is served is a gain
        return (int(result.value("served")),)
    worth: list[Any] = []
    for goal in result.goals:
        value: Any = goal.value
        if goal.op == "leximax":
            value = tuple(-x for x in value)
        worth.append(-value if goal.op == "minimize" else value)
    return tuple(worth)
