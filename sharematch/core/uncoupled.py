"""What leaves the network class is refused, by name: its units are not independent."""

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns import NONE
from sharematch.core.measures import Measures
from sharematch.errors import UnsupportedError

__all__ = ["refuse_coupled_records", "refuse_opening"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def refuse_coupled_records(measures: Measures) -> None:
    """Refuse a field of a record that couples needs or slots which arcs reach."""
    columns, arcs = measures.columns, measures.arcs
    reached = np.bincount(arcs.need, minlength=len(columns.need_ids)) > 0
    used = np.bincount(arcs.slot, minlength=len(columns.slot_ids)) > 0
    several = columns.need_quantity > 1
    together = columns.need_together
    grouped = (together != NONE) & reached & (_repeated(together) | several)
    tests: tuple[tuple[str, str, Bools, tuple[str, ...]], ...] = (
        ("need", "whole", columns.need_whole & several & reached, columns.need_ids),
        (
            "need",
            "min_quantity",
            (columns.need_min_quantity > 1) & reached,
            columns.need_ids,
        ),
        (
            "need",
            "sessions",
            (columns.need_sessions > 1) & reached,
            columns.need_ids,
        ),
        ("need", "person", _clashing(measures), columns.need_ids),
        ("need", "together", grouped, columns.need_ids),
        (
            "slot",
            "min_units",
            (columns.slot_min_units > 1) & used,
            columns.slot_ids,
        ),
        (
            "slot",
            "either",
            _repeated(columns.slot_either, used) & used,
            columns.slot_ids,
        ),
    )
    for record, field_, found, ids in tests:
        if found.any():
            raise _unsupported(f'{record} "{ids[int(found.argmax())]}"', field_)
    if (arcs.units > 1).any():
        at = int((arcs.units > 1).argmax())
        need, slot = (
            columns.need_ids[arcs.need[at]],
            columns.slot_ids[arcs.slot[at]],
        )
        raise _unsupported(f'pair "{need} → {slot}"', "units")


def _clashing(measures: Measures) -> Bools:
    """Return needs of one person that could be in two places at once."""
    columns, arcs = measures.columns, measures.arcs
    person = columns.need_person[arcs.need]
    at = np.flatnonzero((person != NONE) & columns.slot_is_timed[arcs.slot])
    at = at[np.lexsort((columns.slot_start[arcs.slot[at]], person[at]))]
    clash = np.zeros(len(columns.need_ids), bool)
    running: list[tuple[int, int, int]] = []  # need, end, slot of one person
    last = NONE
    for arc in at.tolist():
        need, slot = int(arcs.need[arc]), int(arcs.slot[arc])
        if person[arc] != last:
            last, running = int(person[arc]), []
        begin, end = int(columns.slot_start[slot]), int(columns.slot_end[slot])
        # The same slot clashes even if it lasts no time.
        running = [x for x in running if x[1] > begin or x[2] == slot]
        others = [x[0] for x in running if x[0] != need]
        clash[others] = True
        clash[need] |= bool(others)
        running.append((need, end, slot))
    return clash


def refuse_opening(measures: Measures, name: str, measure: str) -> None:
    """Refuse a term over `cost` or `subsidy` that is more than a sum over arcs."""
    columns, arcs = measures.columns, measures.arcs
    slots = np.unique(arcs.slot)
    slot_open = columns.slot_opening_cost[slots] > 0
    facility_open = columns.facility_opening_cost[columns.slot_facility[slots]] > 0
    if slot_open.any() or facility_open.any():
        raise UnsupportedError(f"{name}: opening_cost couples the units of a slot")
    if measure == "subsidy" and (arcs.cost > 0).any():
        raise UnsupportedError(f"{name}: subsidy with pair costs couples")


def _unsupported(record: str, field_: str) -> UnsupportedError:
    return UnsupportedError(f"{record}: {field_} couples needs or slots")


def _repeated(label: Ints, among: Bools | None = None) -> Bools:
    """Return the entries whose label stands at least twice among the marked ones."""
    there = label != NONE
    marked = there if among is None else there & among
    counts = np.bincount(label[marked], minlength=int(label.max(initial=0)) + 1)
    return np.asarray(there & (counts[np.maximum(label, 0)] > 1), bool)
