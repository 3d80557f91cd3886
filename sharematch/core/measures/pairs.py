"""Arcs as measures see them: fields of records by pair."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.charges import fee_of
from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.preferences import position_preferred
from sharematch.core.measures.by_group import lots_of_needs
from sharematch.errors import InputError

__all__ = ["ArcPairs"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class ArcPairs:
    """The arcs of one instance, with their fields as arrays; see `Pairs`.

    Parameters
    ----------
    columns, arcs
        The instance and its pairs; all arrays are aligned with `arcs`.
    earlier
        Units of a baseline on each arc, None without one.
    has_distances
        Whether distances are known, or may be taken for known.
    """

    def __init__(
        self,
        columns: Columns,
        arcs: Arcs,
        earlier: Ints | None = None,
        *,
        has_distances: bool = True,
    ) -> None:
        self.columns, self.arcs = columns, arcs
        self.earlier, self.has_distances = earlier, has_distances

    def __len__(self) -> int:
        return len(self.arcs)

    def need(self, field: str) -> Ints:
        """Return a field of each arc's need."""
        return self._field("need", field)[self.arcs.need]

    def slot(self, field: str) -> Ints:
        """Return a field of each arc's slot."""
        return self._field("slot", field)[self.arcs.slot]

    def facility(self, field: str) -> Ints:
        """Return a field of each arc's facility."""
        return self._field("facility", field)[self._place("facility")]

    def _field(self, record: str, field: str) -> Ints:
        values = getattr(self.columns, f"{record}_{field}", None)
        if not isinstance(values, np.ndarray) or values.dtype != np.int64:
            raise InputError("measure.has_no_such_number", kind=record, field=field)
        return values

    def pair(self, field: str) -> Ints:
        """Return what is known of each arc itself."""
        if field == "travel":
            if not self.has_distances:
                raise InputError("measure.needs_distances")
            return self.arcs.distance
        if field == "wait":
            told = self.arcs.wait
            return self._days(self.columns.need_since) if told is None else told
        if field == "lateness":
            told = self.arcs.lateness
            return self._days(self.columns.need_due) if told is None else told
        if field == "earlier":
            none = np.zeros(len(self), np.int64)
            return none if self.earlier is None else self.earlier
        if field in ("tier", "rank", "cost", "units", "steps"):
            values: Ints = getattr(self.arcs, field)
            return values
        if field not in _OF_BOOKINGS:
            raise InputError("measure.has_no_such_number", kind="pair", field=field)
        return _OF_BOOKINGS[field](self.columns, self.arcs)

    def ids(self, record: str) -> tuple[str, ...]:
        """Return the id of each pair's record."""
        names = self._names(record)
        return tuple(names[i] for i in self._place(record).tolist())

    def numbers(self, record: str, by_id: Mapping[str, int], other: int = 0) -> Ints:
        """Return numbers known by id for each pair's record, `other` where unknown."""
        by_position = [by_id.get(name, other) for name in self._names(record)]
        return np.array([*by_position, other])[self._place(record)]

    def bears(self, record: str, label: str) -> Bools:
        """Return whether each pair's record bears a label, or has it for its id."""
        columns = self.columns
        has_id = np.array([name == label for name in self._names(record)], bool)
        labels = {
            "need": columns.need_groups,
            "slot": columns.slot_groups,
            "facility": columns.facility_features,
        }.get(record, columns.community_tags)
        return (has_id | labels.bears(label.__eq__))[self._place(record)]

    def _names(self, record: str) -> tuple[str, ...]:
        if record not in ("need", "slot", "facility", "community", "host"):
            raise InputError("measure.is_no_record", value=record)
        kind = "community" if record == "host" else record
        names: tuple[str, ...] = getattr(self.columns, f"{kind}_ids")
        return names

    def _place(self, record: str) -> Ints:
        """Return the position of each pair's record."""
        if record == "need":
            return self.arcs.need
        if record == "slot":
            return self.arcs.slot
        if record == "community":
            return self.columns.need_community[self.arcs.need]
        facility = self.columns.slot_facility[self.arcs.slot]
        return (
            self.columns.facility_community[facility] if record == "host" else facility
        )

    def _days(self, first: Ints) -> Ints:
        """Return days from `first` of the need to the slot's date, 0 where unknown."""
        first = first[self.arcs.need]
        date_ = self.columns.cells.date[self.arcs.cell]
        # Who says no date does not wait, and is never late.
        is_known = (first != NONE) & (date_ != NONE)
        return np.where(is_known, np.maximum(date_ - first, 0), 0)


def _fee(columns: Columns, arcs: Arcs) -> Ints:
    told = arcs.fee
    per_step = fee_of(columns, arcs.need, arcs.slot) if told is None else told
    return per_step * arcs.steps


def _staff_fee(columns: Columns, arcs: Arcs) -> Ints:
    staff = columns.slot_staff_fee[arcs.slot]
    return np.where(staff == NONE, NONE, staff * arcs.steps)


def _minutes(columns: Columns, arcs: Arcs) -> Ints:
    cells = columns.cells
    return cells.last(arcs.cell, arcs.steps) - cells.start[arcs.cell]


def _lot(columns: Columns, arcs: Arcs) -> Ints:
    return lots_of_needs(columns)[arcs.need]


def _unpreferred(columns: Columns, arcs: Arcs) -> Ints:
    told = arcs.unpreferred
    return position_preferred(columns, arcs) if told is None else told


_OF_BOOKINGS: dict[str, Callable[[Columns, Arcs], Ints]] = {
    "start": lambda columns, arcs: columns.cells.start[arcs.cell],
    "minutes": _minutes,
    "fee": _fee,
    "staff_fee": _staff_fee,
    "unit_cost": lambda columns, arcs: columns.slot_unit_cost[arcs.slot] * arcs.steps,
    "unpreferred": _unpreferred,
    "lot": _lot,
}
"""What is known of a unit's whole booking."""
