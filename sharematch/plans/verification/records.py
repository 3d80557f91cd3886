"""What single records say: who may use what, and how much there is of it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE, STATUSES
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.measures.groups import sums
from sharematch.plans.verification.units import PlanUnits
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["RecordCheck"]

Ints = NDArray[np.int64]


class RecordCheck:
    """Eligible pairs, limits of needs, slots and facilities, decisions."""

    def __init__(self, plan: PlanUnits) -> None:
        self.plan, self.columns, self.arcs = plan, plan.columns, plan.arcs

    def violations(self) -> Iterator[Violation]:
        """Yield pairs that are no arcs, and limits of needs, slots, facilities."""
        columns, arcs = self.columns, self.arcs
        reasons = arcs_module.reasons(columns, arcs.need, arcs.slot)
        for i in np.flatnonzero(reasons >= 0).tolist():
            code = arcs_module.CODES[reasons[i]]
            yield self.plan.refused(
                i,
                code,
                Text("violation.may_not_be_matched", code=Text(f"reason.{code}")),
            )
        yield from self._above("quantity", "need", arcs.need, columns.need_demand)
        yield from self._above("capacity", "slot", arcs.slot, columns.slot_capacity)
        guest = np.where(arcs.tier != 0, arcs.slot, NONE)
        left = columns.slot_capacity - columns.slot_reserve
        yield from self._above("reserve", "slot", guest, left)
        limited = columns.facility_max_units[columns.slot_facility[arcs.slot]] != NONE
        facility = np.where(limited, columns.slot_facility[arcs.slot], NONE)
        most = columns.facility_max_units
        yield from self._above("max_units", "facility", facility, most)
        yield from self._decisions()

    def _above(
        self, code: str, record: str, label: Ints, limit: Ints
    ) -> Iterator[Violation]:
        ids = getattr(self.columns, f"{record}_ids")
        amount = self.plan.units if record == "need" else self.plan.sizes
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

    def _decisions(self) -> Iterator[Violation]:
        columns, pins = self.columns, self.plan.pins()
        need, slot = columns.decision_need[pins], columns.decision_slot[pins]
        quantity = columns.decision_quantity[pins]
        least = np.where(quantity == NONE, columns.need_quantity[need], quantity)
        slots = max(len(columns.slot_ids), 1)
        key = self.arcs.need * slots + self.arcs.slot
        held = dict(zip(key.tolist(), self.plan.units.tolist(), strict=True))
        reasons = arcs_module.reasons(columns, need, slot)
        for i in range(len(pins)):
            ids = columns.need_ids[need[i]], columns.slot_ids[slot[i]]
            units = held.get(int(need[i]) * slots + int(slot[i]), 0)
            status = STATUSES[columns.decision_status[pins[i]]]
            pair = Text("violation.need_in_slot", need=ids[0], slot=ids[1])
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
