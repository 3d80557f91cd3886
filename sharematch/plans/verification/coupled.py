"""What needs and slots demand as a whole, one by one where a need couples slots."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.columns.lookup import expand
from sharematch.core.eligibility.ways import Ways
from sharematch.plans.verification.bookings import BookingCheck
from sharematch.plans.verification.units import PlanUnits
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["CoupledCheck"]

Ints = NDArray[np.int64]


class CoupledCheck:
    """Whole needs, sessions, groups and persons, least use, one slot of several."""

    def __init__(self, plan: PlanUnits) -> None:
        self.plan, self.columns, self.arcs = plan, plan.columns, plan.arcs
        self.ways = Ways(plan.columns)
        self.bookings = BookingCheck(plan, self.ways)

    def violations(self) -> Iterator[Violation]:
        """Yield what is not kept."""
        yield from self._whole_needs()
        yield from self._together()
        yield from self._persons()
        yield from self._least_use()
        yield from self._either()

    def _least_use(self) -> Iterator[Violation]:
        columns, slot = self.columns, self.columns.cells.slot
        if not (columns.slot_min_units > 1).any():
            return
        row, cell = expand(self.arcs.cell, self.arcs.cell + self.arcs.steps)
        used = sums(cell, self.plan.sizes[row], len(slot))
        below = np.flatnonzero((used > 0) & (used < columns.slot_min_units[slot]))
        # Of an opening its first moment is told, not each of them.
        for i in below[np.unique(slot[below], return_index=True)[1]].tolist():
            id_, least = columns.slot_ids[slot[i]], columns.slot_min_units[slot[i]]
            message = about(
                self.plan.slot_text(i),
                "violation.units_in_use_min_units",
                units=used[i],
                least=least,
            )
            yield Violation("min_units", message, slot=id_)

    def _either(self) -> Iterator[Violation]:
        columns, arcs = self.columns, self.arcs
        labeled = np.flatnonzero(columns.slot_either[arcs.slot] != NONE)
        labels = columns.slot_either[arcs.slot]
        for label in np.unique(labels[labeled]).tolist():
            of_label = labeled[labels[labeled] == label]
            slots = np.unique(arcs.slot[of_label])
            plain = slots[columns.slot_step[slots] == NONE]
            if len(plain) > 1:
                yield self._used_together(label, plain.tolist())
            elif len(slots) > len(plain) and len(slots) > 1:
                yield from self._at_once(label, of_label)

    def _at_once(self, label: int, of_label: Ints) -> Iterator[Violation]:
        """Yield where two slots of a label, one an opening, are taken at one moment."""
        columns, arcs, cells = self.columns, self.arcs, self.columns.cells
        of_label = of_label[columns.slot_is_timed[arcs.slot[of_label]]]
        begin = arcs.cell[of_label]
        used = expand(begin, begin + arcs.steps[of_label])[1]
        cell = np.unique(np.concatenate([used, self.plan.set_up(of_label)[1]]))
        order = cell[np.argsort(cells.start[cell], kind="stable")]
        for nth, first in enumerate(order.tolist()):
            later = order[nth + 1 :]
            later = later[cells.start[later] < cells.end[first]]
            clash = later[cells.slot[later] != cells.slot[first]]
            clash = clash[cells.end[clash] > cells.start[first]]
            if len(clash):
                yield self._used_together(
                    label, [int(cells.slot[x]) for x in (first, clash[0])]
                )
                return

    def _used_together(self, label: int, slots: Sequence[int]) -> Violation:
        names = [self.columns.slot_ids[slot] for slot in slots]
        name = self.columns.either_ids[label]
        message = about(
            Text("violation.either", name=name),
            "violation.in_use_are_at_most_one",
            slots=", ".join(names),
        )
        return Violation("either", message, slot=names[0])

    def _whole_needs(self) -> Iterator[Violation]:
        columns = self.columns
        served = np.unique(self.arcs.need)
        is_whole = columns.need_whole | (columns.need_together != NONE)
        special = (
            is_whole | (columns.need_min_quantity > 1) | (columns.need_sessions > 1)
        )
        in_bookings = columns.is_booked | (columns.need_min_sessions != NONE)
        for need in served[in_bookings[served]].tolist():
            yield from self.bookings.violations(need)
        for need in served[(special & ~in_bookings)[served]].tolist():
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
            _overlap(span, other) for i, span in enumerate(timed) for other in timed[:i]
        ):
            yield self._need("sessions", need, Text("violation.sessions_overlap"))
        every = int(columns.need_every[need])
        if every == NONE:
            return
        held_slots = np.array(slots, np.int64)
        cells = columns.cells.first[held_slots[columns.slot_is_timed[held_slots]]]
        times = sorted(columns.cells.starts(every, cells).tolist())
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
            seats = {
                tuple(self.arcs.cell[self.plan.places(need)].tolist())
                for need in members
            }
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
        start, end = self.plan.spans
        person = columns.need_person[arcs.need]
        mine = np.flatnonzero((person != NONE) & columns.slot_is_timed[arcs.slot])
        mine = mine[np.lexsort((start[mine], person[mine]))]
        longest = int(columns.need_rest.max(initial=0)) + self._longest_way(mine)
        open_: list[int] = []
        for i in mine.tolist():
            slot, need = int(arcs.slot[i]), int(arcs.need[i])
            # In order of start: only who has not left may clash with who comes.
            open_ = [
                j
                for j in open_
                if person[j] == person[i]
                and (end[j] + longest > start[i] or arcs.slot[j] == slot)
            ]
            for j in open_:
                other = int(arcs.slot[j])
                if arcs.need[j] != need and self._clash(j, i):
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

    def _longest_way(self, pairs: Ints) -> int:
        if not self.ways.matter or not len(pairs):
            return 0
        places = np.unique(self.bookings.place[pairs])
        count = len(places)
        ways = self.ways.minutes(np.repeat(places, count), np.tile(places, count))
        return int(ways.max(initial=0))

    def _clash(self, first: int, second: int) -> bool:
        """Return whether a person cannot be at two bookings or slots of two needs."""
        columns, arcs = self.columns, self.arcs
        start, end = self.plan.spans
        slot = int(arcs.slot[first])
        if slot == arcs.slot[second] and columns.slot_step[slot] == NONE:
            return True
        rest_minutes = int(columns.need_rest[arcs.need[[first, second]]].max())
        if rest_minutes:
            return self.bookings.gap_is_short(first, second, rest_minutes)
        spans = [(int(start[i]), int(end[i])) for i in (first, second)]
        return _overlap(*spans)

    def _need(self, code: str, need: int, text: str) -> Violation:
        name = self.columns.need_ids[need]
        return Violation(code, about(Text("violation.need", id=name), text), name)


def _overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Return whether two spans overlap; back to back is fine."""
    return first[0] < second[1] and second[0] < first[1]
