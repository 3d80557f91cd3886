"""A result's plan in its surroundings, rebuilt from the records."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.facts import Bottleneck, Standing, Units
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.measures.capacity import LIMITS, full_by
from sharematch.core.measures.measures import Values
from sharematch.core.network.program import Program
from sharematch.engine.problem import Problem
from sharematch.model.measures import MEASURES
from sharematch.plans.results.plan import units_on
from sharematch.plans.results.result import Result

__all__ = ["Setting"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Setting:
    """The eligible pairs around a plan, and who has what.

    `everything` holds the pairs that the records allow, `arcs` those that the policy's
    rules leave; `units` is the plan on them.
    """

    def __init__(self, columns: Columns, result: Result) -> None:
        self.columns, self.result, self.policy = columns, result, result.policy
        seed = int(result.provenance.get("seed", 0))
        self.problem = Problem.of(columns, self.policy, seed)
        self.everything, self.measures = self.problem.everything, self.problem.measures
        self.arcs = self.measures.arcs
        self.units = units_on(columns, self.arcs, result.allocation)

    @cached_property
    def served(self) -> Ints:
        """Units of each need."""
        return sums(self.arcs.need, self.units, len(self.columns.need_ids))

    @cached_property
    def unmet(self) -> Ints:
        """Units that each need does not get."""
        return self.columns.need_demand - self.served

    @cached_property
    def used(self) -> Ints:
        """Places in use of each slot."""
        size = self.units * self.arcs.units
        return sums(self.arcs.slot, size, len(self.columns.slot_ids))

    @cached_property
    def full(self) -> Ints:
        """What holds the slot of each arc full, as in `core.room`."""
        return full_by(self.measures, self.units)

    @cached_property
    def is_moving(self) -> bool:
        """Whether the policy looks at an earlier plan, which results do not keep."""
        terms = (*self.policy.rules, *self.policy.goals)
        return any(MEASURES[term.measure].needs_baseline for term in terms)

    @cached_property
    def program(self) -> Program | CoupledProgram | None:
        """The program of the policy; None where it is not known."""
        return None if self.is_moving else self.problem.program

    def limit(self, arc: int) -> str:
        """Return the field that holds the slot of an arc full, or nothing."""
        code = int(self.full[arc])
        return "" if code == NONE else LIMITS[code]

    def users(self, arcs: Ints) -> tuple[Units, ...]:
        """Return the communities with units on some arcs, most first."""
        home = self.columns.need_community[self.arcs.need[arcs]]
        total = sums(home, self.units[arcs], len(self.columns.community_ids))
        return self.by_community(total)

    def by_community(self, total: Ints) -> tuple[Units, ...]:
        """Return the communities with more than nothing, most first."""
        order = np.lexsort((np.arange(len(total)), -total))
        ids = self.columns.community_ids
        return tuple(Units(ids[i], int(total[i])) for i in order if total[i] > 0)

    # ---- fairness

    @cached_property
    def fairness(self) -> tuple[int, Any, Values, list[Any]] | None:
        """The first fairness goal among communities or areas, with its values."""
        for position, goal in enumerate(self.policy.goals):
            is_share = goal.op == "leximin" and goal.measure in ("served", "fill_rate")
            if is_share and goal.by in ("community", "area"):
                values = self.measures.values(
                    goal.measure, self.units, goal.by, goal.where
                )
                grouping = self.measures.grouping(goal.measure, goal.by, goal.where)
                return position, goal, values, self.measures.weights(goal, grouping)
        return None

    def standing(self, community: int) -> Standing | None:
        """Return how a community, or its area, stands in the fairness goal."""
        if self.fairness is None:
            return None
        position, goal, values, weights = self.fairness
        key: str | None = self.columns.community_ids[community]
        if goal.by == "area":
            area = int(self.columns.community_area[community])
            key = None if area == NONE else self.columns.area_ids[area]
        if key is None or key not in values.keys:
            return None
        group = values.keys.index(key)
        if not values.judged[group] or not weights[group]:
            return None
        value = values.fraction(group) / weights[group]
        step = 1 / (int(values.denominator[group]) * weights[group])
        return Standing(
            goal=position + 1,
            measure=goal.measure,
            by=goal.by,
            group=key,
            value=value,
            one_more=value + step,
            one_fewer=value - step,
        )

    # ---- what binds

    def bottleneck(self, needs: Ints) -> Bottleneck | None:
        """Return the needs and slots around some needs if all places there are used.

        From a need to every slot that it may use, from a full slot to those who hold
        it full, and so on: what is reached has no way out (Hall 1935). None where some
        slot on the way has room, or nothing is in reach.
        """
        columns, arcs = self.columns, self.arcs
        facility = columns.slot_facility[arcs.slot]
        is_user = self.units > 0
        need = np.zeros(len(columns.need_ids), bool)
        need[needs] = True
        slot = np.zeros(len(columns.slot_ids), bool)
        count = 0
        while need.sum() > count:
            count = int(need.sum())
            here = need[arcs.need]
            if (self.full[here] == NONE).any():
                return None
            slot[arcs.slot[here]] = True
            full = [here & (self.full == code) for code in range(len(LIMITS))]
            held = _marks(arcs.slot, full[0])[arcs.slot]
            held |= _marks(arcs.slot, full[1])[arcs.slot] & (arcs.tier > 0)
            held |= _marks(facility, full[2])[facility]
            need[arcs.need[held & is_user]] = True
        if not slot.any():
            return None
        homes = np.unique(columns.need_community[need])
        return Bottleneck(
            needs=count,
            asked=int(columns.need_demand[need].sum()),
            slots=int(slot.sum()),
            places=int(columns.slot_capacity[slot].sum()),
            used=int(self.used[slot].sum()),
            communities=tuple(columns.community_ids[i] for i in homes.tolist()),
            slot_ids=tuple(map(columns.slot_ids.__getitem__, np.flatnonzero(slot))),
        )


def _marks(label: Ints, mask: Bools) -> Bools:
    marks = np.zeros(int(label.max(initial=-1)) + 1, bool)
    marks[label[mask]] = True
    return marks
