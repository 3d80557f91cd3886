"""A plan as its units on pairs of a need and a slot."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE, STATUSES, Columns
from sharematch.core.columns.integers import product, total
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.measures.measures import Baseline
from sharematch.plans.allocation import Allocation
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["PlanUnits", "baseline_of", "positions"]

Ints = NDArray[np.int64]


class PlanUnits:
    """One plan: units on pairs, sorted by need and slot."""

    def __init__(self, columns: Columns, arcs: Arcs, units: Ints) -> None:
        self.columns, self.arcs, self.units = columns, arcs, units
        self.sizes = product(units, arcs.units)

    def of(self, need: int) -> tuple[list[int], list[int]]:
        """Return the slots of one need and its units there."""
        first, last = np.searchsorted(self.arcs.need, [need, need + 1])
        return self.arcs.slot[first:last].tolist(), self.units[first:last].tolist()

    def pins(self) -> Ints:
        """Return the decisions that keep units where they are."""
        kept = [STATUSES.index("pinned"), STATUSES.index("accepted")]
        return np.flatnonzero(np.isin(self.columns.decision_status, kept))

    def refused(self, pair: int, code: str, text: str) -> Violation:
        """Return what speaks against one pair in use."""
        need = self.columns.need_ids[self.arcs.need[pair]]
        slot = self.columns.slot_ids[self.arcs.slot[pair]]
        named = Text("violation.need_in_slot", need=need, slot=slot)
        return Violation(code, about(named, text), need, slot)


def positions(
    columns: Columns, plan: Allocation
) -> tuple[list[Violation], Ints, Ints, Ints]:
    """Return positions of all known pairs, sorted, and what is unknown."""
    at = columns.position
    need = np.array([at["need"].get(n, NONE) for n in plan.needs], np.int64)
    slot = np.array([at["slot"].get(s, NONE) for s in plan.slots], np.int64)
    unknown = [
        Violation(
            "unknown",
            Text(
                "policy.is_not_in_the_instance",
                what=Text("violation.need", id=plan.needs[i]),
            ),
            plan.needs[i],
        )
        for i in np.flatnonzero(need == NONE)
    ]
    unknown += [
        Violation(
            "unknown",
            Text(
                "policy.is_not_in_the_instance",
                what=Text("violation.slot", id=plan.slots[i]),
            ),
            slot=plan.slots[i],
        )
        for i in np.flatnonzero(slot == NONE)
    ]
    known = np.flatnonzero((need != NONE) & (slot != NONE))
    order = known[np.lexsort((slot[known], need[known]))]
    return unknown, need[order], slot[order], plan.quantities[order]


def baseline_of(
    columns: Columns, arcs: Arcs, baseline: Allocation | None
) -> Baseline | None:
    """Return an earlier plan's units on the pairs in use, and those elsewhere."""
    if baseline is None:
        return None
    _, need, slot, units = positions(columns, baseline)
    width = max(len(columns.slot_ids), 1)
    at = find(arcs.need * width + arcs.slot, need * width + slot)
    kept = np.zeros(len(arcs), np.int64)
    kept[at[at != NONE]] = units[at != NONE]
    away = at == NONE
    gone = arcs_module.pairs(columns, need[away], slot[away])
    num_gone = baseline.units - total(kept)
    return Baseline(kept, num_gone, gone, units[away])
