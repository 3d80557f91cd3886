"""What needs and slots demand as a whole, one by one where a need couples slots."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from sharematch.core.columns.arrays import NONE
from sharematch.core.measures.groups import sums
from sharematch.plans.verification.units import PlanUnits
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["CoupledCheck"]


class CoupledCheck:
    """Whole needs, sessions, groups and persons, least use, one slot of several."""

    def __init__(self, plan: PlanUnits) -> None:
        self.plan, self.columns, self.arcs = plan, plan.columns, plan.arcs

    def violations(self) -> Iterator[Violation]:
        """Yield what is not kept."""
        yield from self._whole_needs()
        yield from self._together()
        yield from self._persons()
        yield from self._least_use()
        yield from self._either()

    def _least_use(self) -> Iterator[Violation]:
        columns = self.columns
        used = sums(self.arcs.slot, self.plan.sizes, len(columns.slot_ids))
        for i in np.flatnonzero((used > 0) & (used < columns.slot_min_units)).tolist():
            slot = columns.slot_ids[i]
            least = columns.slot_min_units[i]
            message = about(
                Text("violation.slot", id=slot),
                "violation.units_in_use_min_units",
                units=used[i],
                least=least,
            )
            yield Violation("min_units", message, slot=slot)

    def _either(self) -> Iterator[Violation]:
        columns = self.columns
        used = sums(self.arcs.slot, self.plan.sizes, len(columns.slot_ids))
        in_use = np.flatnonzero((used > 0) & (columns.slot_either != NONE))
        counts = np.bincount(columns.slot_either[in_use], minlength=1)
        for label in np.flatnonzero(counts > 1).tolist():
            slots = [
                columns.slot_ids[s] for s in in_use if columns.slot_either[s] == label
            ]
            name = columns.either_ids[label]
            message = about(
                Text("violation.either", name=name),
                "violation.in_use_are_at_most_one",
                slots=", ".join(slots),
            )
            yield Violation("either", message, slot=slots[0])

    def _whole_needs(self) -> Iterator[Violation]:
        columns = self.columns
        served = np.unique(self.arcs.need)
        is_whole = columns.need_whole | (columns.need_together != NONE)
        special = (
            is_whole | (columns.need_min_quantity > 1) | (columns.need_sessions > 1)
        )
        for need in served[special[served]].tolist():
            slots, units = self.plan.of(need)
            quantity = int(columns.need_quantity[need])
            sessions = int(columns.need_sessions[need])
            least = int(columns.need_min_quantity[need])
            if sessions > 1:
                yield from self._sessions(need, slots, units)
            elif is_whole[need] and units != [quantity]:
                yield self._need(
                    "whole",
                    need,
                    Text(
                        "violation.of_units_in_slots_all_in",
                        units=sum(units),
                        quantity=quantity,
                        count=len(slots),
                    ),
                )
            if sum(units) < least:
                text = Text(
                    "violation.units_served_min_quantity", units=sum(units), least=least
                )
                yield self._need("min_quantity", need, text)

    def _sessions(
        self, need: int, slots: list[int], units: list[int]
    ) -> Iterator[Violation]:
        columns = self.columns
        quantity, sessions = columns.need_quantity[need], columns.need_sessions[need]
        if len(slots) != sessions or any(u != quantity for u in units):
            yield self._need(
                "sessions",
                need,
                Text(
                    "violation.units_in_slots_in_each_of",
                    units=sum(units),
                    count=len(slots),
                    quantity=quantity,
                    sessions=sessions,
                ),
            )
        if len({int(columns.slot_facility[slot]) for slot in slots}) > 1:
            yield self._need(
                "sessions", need, Text("violation.sessions_are_at_different_facilities")
            )
        timed = sorted(
            (int(columns.slot_start[s]), int(columns.slot_end[s]))
            for s in slots
            if columns.slot_is_timed[s]
        )
        if any(
            _overlap(one, other) for i, one in enumerate(timed) for other in timed[:i]
        ):
            yield self._need("sessions", need, Text("violation.sessions_overlap"))
        every = int(columns.need_every[need])
        if every == NONE:
            return
        at = np.array(slots, np.int64)
        times = sorted(columns.starts(every, at[columns.slot_is_timed[at]]).tolist())
        gaps = {later - earlier for earlier, later in pairwise(times)}
        if len(timed) < len(slots) or gaps - {every}:
            text = Text("violation.sessions_do_not_start_every_minutes", minutes=every)
            yield self._need("every", need, text)

    def _together(self) -> Iterator[Violation]:
        columns = self.columns
        served = sums(self.arcs.need, self.plan.units, len(columns.need_ids)) > 0
        labels = columns.need_together
        for label in np.unique(labels[served & (labels != NONE)]).tolist():
            members = np.flatnonzero(labels == label).tolist()
            seats = {tuple(self.plan.of(need)[0]) for need in members}
            if len(seats) > 1:
                name = columns.together_ids[label]
                ids = ", ".join(columns.need_ids[need] for need in members)
                message = about(
                    Text("violation.together", name=name),
                    "violation.do_not_use_the_same_slots",
                    needs=ids,
                )
                yield Violation("together", message, columns.need_ids[members[0]])

    def _persons(self) -> Iterator[Violation]:
        columns, arcs = self.columns, self.arcs
        person = columns.need_person[arcs.need]
        mine = np.flatnonzero((person != NONE) & columns.slot_is_timed[arcs.slot])
        mine = mine[np.lexsort((columns.slot_start[arcs.slot[mine]], person[mine]))]
        open_: list[int] = []
        for i in mine.tolist():
            slot = int(arcs.slot[i])
            span = (int(columns.slot_start[slot]), int(columns.slot_end[slot]))
            open_ = [
                j
                for j in open_
                if person[j] == person[i]
                and (columns.slot_end[arcs.slot[j]] > span[0] or arcs.slot[j] == slot)
            ]
            for j in open_:
                other = int(arcs.slot[j])
                times = (int(columns.slot_start[other]), int(columns.slot_end[other]))
                clash = other == slot or _overlap(span, times)
                if clash and arcs.need[j] != arcs.need[i]:
                    name = columns.person_ids[person[i]]
                    names = [columns.need_ids[arcs.need[k]] for k in (j, i)]
                    slots = [columns.slot_ids[s] for s in (other, slot)]
                    message = about(
                        Text("violation.person", name=name),
                        "violation.and_clash_in_and",
                        one=names[0],
                        other=names[1],
                        slot=slots[0],
                        second=slots[1],
                    )
                    yield Violation("person", message, names[1], slots[1])
            open_.append(i)

    def _need(self, code: str, need: int, text: str) -> Violation:
        name = self.columns.need_ids[need]
        return Violation(code, about(Text("violation.need", id=name), text), name)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether two spans overlap; back to back is fine."""
    return one[0] < other[1] and other[0] < one[1]
