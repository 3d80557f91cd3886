"""What single records say: who may use what, and how much there is of it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.columns.integers import product, sums
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.plans.verification.units import PlanUnits
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["RecordCheck"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class RecordCheck:
    """Eligible pairs, limits of needs, slots and facilities, decisions."""

    def __init__(self, plan: PlanUnits) -> None:
        self.plan, self.columns, self.arcs = plan, plan.columns, plan.arcs

    def violations(self) -> Iterator[Violation]:
        """Yield pairs that are no arcs, and limits of needs, slots, facilities."""
        columns, arcs = self.columns, self.arcs
        reasons = arcs_module.reasons(columns, arcs.need, arcs.slot, arcs.cell)
        for i in np.flatnonzero(reasons >= 0).tolist():
            code = arcs_module.CODES[reasons[i]]
            yield self.plan.refused(
                i,
                code,
                Text("violation.may_not_be_matched", code=Text(f"reason.{code}")),
            )
        yield from self._above("quantity", "need", arcs.need, columns.need_demand)
        yield from self._full("capacity", columns.slot_capacity)
        guests = columns.slot_capacity - columns.slot_reserve
        yield from self._full("reserve", guests, arcs.tier != 0)
        limited = columns.facility_max_units[columns.slot_facility[arcs.slot]] != NONE
        facility = np.where(limited, columns.slot_facility[arcs.slot], NONE)
        most = columns.facility_max_units
        yield from self._above("max_units", "facility", facility, most)
        yield from self._decisions()

    def _above(
        self, code: str, record: str, label: Ints, limit: Ints
    ) -> Iterator[Violation]:
        ids = getattr(self.columns, f"{record}_ids")
        amount = self.plan.units
        if record != "need":
            amount = product(self.plan.sizes, self.arcs.steps)
        total = sums(label, amount, len(ids))
        inside = sums(label, np.ones(len(label), np.int64), len(ids)) > 0
        for i in np.flatnonzero(inside & (total > limit)).tolist():
            named = {record: ids[i]} if record in ("need", "slot") else {}
            message = about(
                Text(f"violation.{record}", id=ids[i]),
                f"violation.above_{code}",
                units=total[i],
                limit=limit[i],
            )
            yield Violation(code, message, **named)

    def _full(
        self, code: str, limit: Ints, among: Bools | None = None
    ) -> Iterator[Violation]:
        """Yield slots of which more is taken, at some moment, than there is."""
        load = self.plan.load(among)
        columns, slot = self.columns, self.columns.cells.slot
        over = np.flatnonzero((load > 0) & (load > limit[slot]))
        # Of an opening its first full moment is told.
        for cell in over[np.unique(slot[over], return_index=True)[1]].tolist():
            id_ = columns.slot_ids[slot[cell]]
            message = about(
                self.plan.slot_text(cell),
                f"violation.above_{code}",
                units=load[cell],
                limit=limit[slot[cell]],
            )
            yield Violation(code, message, slot=id_)

    def _decisions(self) -> Iterator[Violation]:
        columns, pins = self.columns, self.plan.pins()
        if not len(pins):
            return
        need, slot = columns.decision_need[pins], columns.decision_slot[pins]
        quantity, cell = columns.decision_quantity[pins], columns.decided_cell[pins]
        # A booking stays as a whole.
        is_whole = (quantity == NONE) | (columns.need_minutes[need] != NONE)
        least = np.where(is_whole, columns.need_quantity[need], quantity)
        width = max(len(columns.cells), 1)
        key = self.arcs.need * width + self.arcs.cell
        held = dict(zip(key.tolist(), self.plan.units.tolist(), strict=True))
        reasons = arcs_module.reasons(columns, need, slot, cell)
        for i in range(len(pins)):
            ids = columns.need_ids[need[i]], columns.slot_ids[slot[i]]
            units = held.get(int(need[i]) * width + int(cell[i]), 0)
            status = STATUSES[columns.decision_status[pins[i]]]
            pair = self.plan.pair_text(int(need[i]), int(slot[i]), int(cell[i]))
            if reasons[i] >= 0:
                code = arcs_module.CODES[reasons[i]]
                message = about(
                    pair,
                    "violation.is_but_may_not_be_matched",
                    status=status,
                    code=Text(f"reason.{code}"),
                )
                yield Violation("decision", message, *ids)
            elif units < least[i]:
                message = about(
                    pair,
                    "violation.units_are",
                    units=units,
                    status=status,
                    least=least[i],
                )
                yield Violation("decision", message, *ids)
