"""A plan as its units on pairs of a need and a slot."""

from collections.abc import Iterator
from functools import cached_property
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.columns.integers import product, total
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.moments import cells_of, time_of
from sharematch.core.eligibility.setup import load_of, setup_cells
from sharematch.core.measures.measures import Baseline
from sharematch.errors import InputError, Problem
from sharematch.model.canonical import time_text
from sharematch.plans.allocation import Allocation
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["PlanUnits", "Positions", "baseline_of", "lost_start", "positions"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class PlanUnits:
    """One plan: units on pairs, sorted by need and slot."""

    def __init__(self, columns: Columns, arcs: Arcs, units: Ints) -> None:
        self.columns, self.arcs, self.units = columns, arcs, units
        self.sizes = product(units, arcs.units)

    def places(self, need: int) -> list[int]:
        """Return where one need is, as pairs in the order of cells."""
        return [*range(*np.searchsorted(self.arcs.need, [need, need + 1]).tolist())]

    def of(self, need: int) -> tuple[list[int], list[int]]:
        """Return the slots of one need and its units there."""
        first, last = np.searchsorted(self.arcs.need, [need, need + 1])
        return self.arcs.slot[first:last].tolist(), self.units[first:last].tolist()

    def pins(self) -> Ints:
        """Return the decisions that keep units where they are."""
        keeping = [STATUSES.index("pinned"), STATUSES.index("accepted")]
        return np.flatnonzero(np.isin(self.columns.decision_status, keeping))

    def refused(self, pair: int, code: str, text: str) -> Violation:
        """Return what speaks against one pair in use."""
        need = self.columns.need_ids[self.arcs.need[pair]]
        slot = self.columns.slot_ids[self.arcs.slot[pair]]
        arcs = self.arcs
        ends = arcs.need[pair], arcs.slot[pair], arcs.cell[pair]
        named = self.pair_text(*map(int, ends))
        return Violation(code, about(named, text), need, slot)

    def pair_text(self, need: int, slot: int, cell: int) -> Text:
        """Return how a pair is called; in an opening with when it begins."""
        columns = self.columns
        names = {"need": columns.need_ids[need], "slot": columns.slot_ids[slot]}
        time = self._time(cell)
        if not time:
            return Text("violation.need_in_slot", **names)
        return Text("violation.need_in_slot_at", **names, time=time)

    def slot_text(self, cell: int) -> Text:
        """Return how the slot of a cell is called; of an opening with the time."""
        id_ = self.columns.slot_ids[self.columns.cells.slot[cell]]
        time = self._time(cell)
        if not time:
            return Text("violation.slot", id=id_)
        return Text("violation.slot_at", id=id_, time=time)

    def _time(self, cell: int) -> str:
        columns, cells = self.columns, self.columns.cells
        if cell == NONE or columns.slot_step[cells.slot[cell]] == NONE:
            return ""
        return time_text(time_of(columns, cell, int(cells.start[cell])))

    @cached_property
    def spans(self) -> tuple[Ints, Ints]:
        """Start and end of each pair's booking, in minutes."""
        cells = self.columns.cells
        return cells.start[self.arcs.cell], cells.last(self.arcs.cell, self.arcs.steps)

    def load(self, among: Bools | None = None) -> Ints:
        """Return by cell the units taken, of some pairs: by use, or by set-up after it.

        At each moment a need takes the greater of the two.
        """
        sizes = self.sizes if among is None else np.where(among, self.sizes, 0)
        return load_of(self.columns, self.arcs, sizes)

    def set_up(self, chosen: Ints) -> tuple[Ints, Ints]:
        """Return pairs in openings and the cells in which their units stay taken."""
        return setup_cells(self.columns, self.arcs, chosen)


class Positions(NamedTuple):
    """The known pairs of a plan, sorted by need and cell, and what is unknown."""

    unknown: list[Violation]
    need: Ints
    slot: Ints
    cell: Ints
    units: Ints


def positions(columns: Columns, plan: Allocation) -> Positions:
    """Return positions of all known pairs, each once."""
    need, slot = (
        np.fromiter(map(columns.position[kind].get, ids, repeat(NONE)), np.int64)
        for kind, ids in (("need", plan.needs), ("slot", plan.slots))
    )
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
    rows = np.flatnonzero((need != NONE) & (slot != NONE))
    cell = np.full(len(need), NONE, np.int64)
    is_known = len(rows) == len(need)
    starts = plan.starts if is_known else tuple(plan.starts[i] for i in rows)
    cell[rows] = cells_of(columns, slot[rows], starts)
    unknown += [
        Violation("start", lost_start(plan, i), plan.needs[i], plan.slots[i])
        for i in rows[cell[rows] == NONE].tolist()
    ]
    rows = rows[cell[rows] != NONE]
    unknown += _other_ends(columns, plan, rows, need[rows], cell[rows])
    # A plan by hand may name a pair twice: its units are added up.
    width = max(len(columns.cells), 1)
    key, first, place = np.unique(
        need[rows] * width + cell[rows], return_index=True, return_inverse=True
    )
    units = np.zeros(len(key), np.int64)
    np.add.at(units, place, plan.quantities[rows])
    order = rows[first]
    return Positions(unknown, need[order], slot[order], cell[order], units)


def _other_ends(
    columns: Columns, plan: Allocation, rows: Ints, need: Ints, cell: Ints
) -> Iterator[Violation]:
    """Yield bookings that are said to end when they do not."""
    if plan.ends.count(None) == len(plan.ends):
        return
    cells, slot = columns.cells, columns.cells.slot[cell]
    steps = columns.booking_steps(need, slot)
    last = np.minimum(cell + steps, cells.first[slot + 1]) - 1
    for row, begin, end in zip(
        rows.tolist(), cell.tolist(), cells.end[last].tolist(), strict=True
    ):
        told = plan.ends[row]
        if told is None or not columns.slot_is_timed[cells.slot[begin]]:
            continue
        due = time_of(columns, begin, end)
        if told != due:
            pair = {"need": plan.needs[row], "slot": plan.slots[row]}
            text = about(
                Text("violation.need_in_slot", **pair),
                "violation.another_end",
                time=time_text(told),
                end=time_text(due),
            )
            yield Violation("length", text, *pair.values())


def lost_start(plan: Allocation, row: int) -> Text:
    """Return what is said of an assignment that begins where nothing can."""
    names = {"need": plan.needs[row], "slot": plan.slots[row]}
    pair, start = Text("violation.need_in_slot", **names), plan.starts[row]
    if start is None:
        return about(pair, "violation.says_no_start")
    return about(pair, "violation.nothing_begins_at", time=time_text(start))


def baseline_of(
    columns: Columns, arcs: Arcs, baseline: Allocation | None
) -> Baseline | None:
    """Return an earlier plan's units on the pairs in use, and those elsewhere.

    A booking is where it was if it begins there, whatever its length.

    Raises
    ------
    InputError
        For a booking in an opening without a start.
    """
    if baseline is None:
        return None
    position_of = columns.position
    rows = [
        i
        for i, (need, slot) in enumerate(
            zip(baseline.needs, baseline.slots, strict=True)
        )
        if need in position_of["need"] and slot in position_of["slot"]
    ]
    need = np.array([position_of["need"][baseline.needs[i]] for i in rows], np.int64)
    slot = np.array([position_of["slot"][baseline.slots[i]] for i in rows], np.int64)
    starts = [baseline.starts[i] for i in rows]
    for i, is_opening in zip(rows, columns.slot_step[slot] != NONE, strict=True):
        if is_opening and baseline.starts[i] is None:
            raise InputError([Problem(lost_start(baseline, i), "baseline")])
    cell, units = cells_of(columns, slot, starts), baseline.quantities[rows]
    width = max(len(columns.cells), 1)
    place = find(arcs.need * width + arcs.cell, need * width + cell)
    place[cell == NONE] = NONE
    units_here = np.zeros(len(arcs), np.int64)
    np.add.at(units_here, place[place != NONE], units[place != NONE])
    # What began off today's steps counts where its slot does, if that still has any.
    first = columns.cells.first
    away = (place == NONE) & (first[slot] < first[slot + 1])
    begin = np.where(cell == NONE, first[slot], cell)
    gone = arcs_module.pairs(columns, need[away], slot[away], begin[away])
    num_gone = baseline.units - total(units_here)
    return Baseline(units_here, num_gone, gone, units[away])
