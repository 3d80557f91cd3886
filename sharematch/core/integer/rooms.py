"""Slots, openings and facilities as rows: how much fits at each moment, and over all.

In a slot without steps a moment is the whole of it. In an opening

    Σ over needs present at a step, in use or set-up, of their units ≤ capacity,

and who is there again while its set-up lasts counts once.

Example: an opening of 2 places in four steps, bookings of two steps from steps 0, 1 and
2: at step 1 those from 0 and 1 add up, at step 2 those from 1 and 2.
"""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import expand, numbered
from sharematch.core.eligibility.setup import setup_cells
from sharematch.core.integer.presence import is_one_at_most, moments, present
from sharematch.core.integer.variables import Seats
from sharematch.core.network.program import Source

__all__ = ["add_rooms"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def add_rooms(seats: Seats) -> None:
    """Bound what is taken of slots and facilities; ask for least use, one of many."""
    _rooms(seats)
    _least_use(seats)
    _either(seats)


def _rooms(seats: Seats) -> None:
    """Bound the room taken at each moment, by guests, and in each facility."""
    columns, arcs = seats.columns, seats.arcs
    capacity, reserve = columns.slot_capacity, columns.slot_reserve
    everybody = np.ones(len(arcs), bool)
    _fill(seats, Source("capacity"), everybody, capacity)
    guests = (arcs.tier > 0) & (reserve[arcs.slot] > 0)
    _fill(seats, Source("reserve"), guests, capacity - reserve)
    facility = columns.slot_facility[arcs.slot]
    limit = columns.facility_max_units
    place, variable, units = seats.expand(np.flatnonzero(limit[facility] != NONE))
    arc = np.flatnonzero(limit[facility] != NONE)[place]
    labels, row = np.unique(facility[arc], return_inverse=True)
    size = arcs.units[arc] * arcs.steps[arc] * units
    seats.draft.rows(
        Source("max_units"), row, variable, size, most=limit[labels], count=len(labels)
    )


def _fill(seats: Seats, source: Source, mask: Bools, room: Ints) -> None:
    """Add Σ size ≤ room at each cell, over the masked arcs."""
    columns, arcs = seats.columns, seats.arcs
    chosen = np.flatnonzero(mask)
    position, cell = expand(arcs.cell[chosen], arcs.cell[chosen] + arcs.steps[chosen])
    arc = chosen[position]
    setup_arc, setup_cell = setup_cells(columns, arcs, chosen)
    rows, variables, sizes = [], [], []
    if len(setup_cell):
        # Only where set-ups are may a need be there twice, as use and as set-up.
        with_setup = np.isin(cell, setup_cell)
        again = np.concatenate([arc[with_setup], setup_arc])
        where = np.concatenate([cell[with_setup], setup_cell])
        arc, cell = arc[~with_setup], cell[~with_setup]
        width = max(len(columns.need_ids), 1)
        pairs, label = np.unique(where * width + arcs.need[again], return_inverse=True)
        single = is_one_at_most(seats, label, again, len(pairs))
        single &= seats.is_indivisible[pairs % width]
        place, variable, _ = seats.expand(again)
        entries = present(seats, label[place], variable, single)
        need = pairs[entries.label] % width
        pair_units = np.zeros(len(pairs), np.int64)
        pair_units[label] = arcs.units[again]
        rows.append(pairs[entries.label] // width)
        variables.append(entries.variable)
        sizes.append(pair_units[entries.label] * columns.need_quantity[need])
    place, variable, units = seats.expand(arc)
    rows.append(cell[place])
    variables.append(variable)
    sizes.append(arcs.units[arc][place] * units)
    cells, row = numbered(np.concatenate(rows), len(columns.cells))
    seats.draft.rows(
        source,
        row,
        np.concatenate(variables),
        np.concatenate(sizes),
        most=room[columns.cells.slot[cells]],
        count=len(cells),
    )


def _least_use(seats: Seats) -> None:
    """Let slots be used at each moment by at least `min_units` or by nobody."""
    columns, arcs = seats.columns, seats.arcs
    chosen = np.flatnonzero(columns.slot_min_units[arcs.slot] > 1)
    position, cell = expand(arcs.cell[chosen], arcs.cell[chosen] + arcs.steps[chosen])
    place, variable, units = seats.expand(chosen[position])
    cells, row = numbered(cell[place], len(columns.cells))
    opened = seats.switches.any_of(row, variable, len(cells), exact=False)
    size = arcs.units[chosen[position][place]] * units
    least = columns.slot_min_units[columns.cells.slot[cells]]
    seats.draft.rows(
        Source("min_units"),
        np.concatenate([row, np.arange(len(cells))]),
        np.concatenate([variable, opened]),
        np.concatenate([size, -least]),
        least=0,
        count=len(cells),
    )


def _either(seats: Seats) -> None:
    """Let at most one slot of each label be used; of openings, at each moment."""
    columns = seats.columns
    labeled = seats.live[columns.slot_either[seats.arcs.slot[seats.live]] != NONE]
    slots = np.unique(seats.arcs.slot[labeled])
    is_opening = columns.slot_step[slots] != NONE
    _one_of_all(seats, slots[~is_opening])
    mixed = np.unique(columns.slot_either[slots[is_opening]])
    _one_at_once(seats, slots[np.isin(columns.slot_either[slots], mixed)])


def _one_of_all(seats: Seats, slots: Ints) -> None:
    labels, row, count = np.unique(
        seats.columns.slot_either[slots], return_inverse=True, return_counts=True
    )
    slots = slots[count[row] > 1]
    labels, row = np.unique(seats.columns.slot_either[slots], return_inverse=True)
    arc = np.flatnonzero(np.isin(seats.arcs.slot, slots))
    place = np.searchsorted(slots, seats.arcs.slot[arc])
    opened = seats.switches.used(place, arc, len(slots), exact=False)
    seats.draft.rows(Source("either"), row, opened, 1, most=1, count=len(labels))


def _one_at_once(seats: Seats, slots: Ints) -> None:
    """Keep the slots of a label, openings among them, apart at each moment."""
    columns, arcs, cells = seats.columns, seats.arcs, seats.columns.cells
    if not len(slots):
        return
    labeled = seats.live
    labeled = labeled[
        np.isin(arcs.slot[labeled], slots) & columns.slot_is_timed[arcs.slot[labeled]]
    ]
    start, end = (
        cells.start[arcs.cell[labeled]],
        cells.last(arcs.cell[labeled], arcs.steps[labeled]),
    )
    setup_arc, setup_cell = setup_cells(columns, arcs, labeled)
    np.maximum.at(end, np.searchsorted(labeled, setup_arc), cells.end[setup_cell])
    group = columns.slot_either[arcs.slot[labeled]]
    clique, member = moments(group, start, end, arcs.cell[labeled])
    arc, width = labeled[member], max(len(columns.slot_ids), 1)
    pairs, label = np.unique(clique * width + arcs.slot[arc], return_inverse=True)
    several = np.bincount(pairs // width)[clique] > 1
    label, arc = label[several], arc[several]
    pairs, again = np.unique(pairs[label], return_inverse=True)
    is_full = _is_full_with_one(seats, again, arc, len(pairs))
    place, variable, _ = seats.expand(arc)
    entries = present(seats, again[place], variable, is_full)
    names, row = np.unique(pairs[entries.label] // width, return_inverse=True)
    seats.draft.rows(
        Source("either"), row, entries.variable, 1, most=1, count=len(names)
    )


def _is_full_with_one(seats: Seats, label: Ints, arc: Ints, count: int) -> Bools:
    """Return the labels, each a slot at a moment, in which no two arcs have room."""
    columns, arcs = seats.columns, seats.arcs
    size = np.where(
        seats.is_indivisible[arcs.need[arc]], columns.need_quantity[arcs.need[arc]], 0
    )
    size = size * arcs.units[arc]
    least = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(least, label, size)
    room = np.zeros(count, np.int64)
    room[label] = columns.slot_capacity[arcs.slot[arc]]
    alone = np.ones(count, bool)
    alone[label[~seats.is_single[arcs.need[arc]]]] = False
    return np.asarray(alone & (2 * least > room), bool)
