"""What each community has and lacks, what is of no use, and what no slot can serve."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.arcs import Arcs
from sharematch.plans.results.unmet import commonest_slot_codes
from sharematch.text.tables import Table, Value

__all__ = ["Kinds", "idle_places", "idle_slots", "reasons", "supply", "unserved"]

Ints = NDArray[np.int64]


class Kinds:
    """Kinds cut to a depth, and which of them needs ask for and slots offer."""

    def __init__(self, columns: Columns, depth: int) -> None:
        cut = ["/".join(kind.split("/")[:depth]) for kind in columns.kinds]
        self.names = sorted(set(cut))
        position = {name: i for i, name in enumerate(self.names)}
        code = np.array([position[name] for name in cut], np.int64)
        self.need = code[columns.need_kind]
        labels, width = columns.slot_kinds, max(len(self.names), 1)
        pair = np.unique(labels.rows * width + code[labels.indices])
        self.slot, self.offered = np.divmod(pair, width)
        """Each slot with each kind it offers, once."""


def supply(columns: Columns, arcs: Arcs, kinds: Kinds, lone: Ints) -> Table:
    """Return what each community asks for, has and may borrow, by kind."""
    shape = len(columns.community_ids), len(kinds.names)
    host = columns.facility_community[columns.slot_facility]

    def sums(community: Ints, kind: Ints, amount: Ints) -> Ints:
        total = np.zeros(shape, np.int64)
        np.add.at(total, (community, kind), amount)
        return total

    home, demand = columns.need_community, columns.need_demand
    asked = sums(home, kinds.need, demand)
    offered_units = sums(
        host[kinds.slot], kinds.offered, columns.slot_capacity[kinds.slot]
    )
    no_slot = sums(home[lone], kinds.need[lone], demand[lone])
    guest = arcs.tier > 0
    need, slot = arcs.need[guest], arcs.slot[guest]
    width = max(len(columns.slot_ids), 1)
    place = home[need] * shape[1] + kinds.need[need]
    once, slot = np.divmod(np.unique(place * width + slot), width)
    open_ = (columns.slot_capacity - columns.slot_reserve)[slot]
    lend = sums(*np.divmod(once, max(shape[1], 1)), open_)
    rows = []
    for c, k in zip(*np.nonzero((asked > 0) | (offered_units > 0)), strict=True):
        wants, has, others = int(asked[c, k]), int(offered_units[c, k]), int(lend[c, k])
        row: dict[str, Value] = {
            "community": columns.community_ids[c],
            "kind": kinds.names[k],
            "asked": wants,
            "own": has,
            "missing": max(wants - has, 0),
            "lend": others,
            "no_slot": int(no_slot[c, k]),
            "stands": _stands(wants, has, others),
        }
        rows.append(row)
    return Table(
        rows,
        ("community", "kind", "asked", "own", "missing", "lend", "no_slot", "stands"),
    )


def _stands(asked: int, hosted: int, lend: int) -> str:
    if hosted >= asked:
        return "enough"
    if hosted:
        return "short"
    return "elsewhere" if lend else "nowhere"


def idle_places(columns: Columns, arcs: Arcs) -> Ints:
    """Return how many places of each slot no need can ever use."""
    wanted = np.zeros(len(columns.slot_ids), np.int64)
    np.add.at(wanted, arcs.slot, columns.need_demand[arcs.need] * arcs.units)
    idle: Ints = np.maximum(columns.slot_capacity - wanted, 0)
    return idle


def idle_slots(columns: Columns, arcs: Arcs, idle: Ints) -> Table:
    """Return the slots with places that no need can use, and why."""
    unused = columns.slot_capacity > 0
    unused[arcs.slot] = False
    slots = np.flatnonzero(unused)
    codes = dict(zip(slots.tolist(), commonest_slot_codes(columns, slots), strict=True))
    rows = []
    for slot in np.flatnonzero(idle).tolist():
        facility = columns.slot_facility[slot]
        row: dict[str, Value] = {
            "slot": columns.slot_ids[slot],
            "facility": columns.facility_ids[facility],
            "community": columns.community_ids[columns.facility_community[facility]],
            "places": int(columns.slot_capacity[slot]),
            "idle": int(idle[slot]),
            "reason": codes.get(slot, "few"),
        }
        rows.append(row)
    return Table(rows, ("slot", "facility", "community", "places", "idle", "reason"))


def unserved(columns: Columns, needs: Ints, codes: Iterable[str]) -> Table:
    """Return the needs that no slot can serve, and why."""
    rows = [
        {
            "need": columns.need_ids[need],
            "community": columns.community_ids[columns.need_community[need]],
            "kind": columns.kinds[columns.need_kind[need]],
            "units": int(columns.need_demand[need]),
            "reason": code,
        }
        for need, code in zip(needs.tolist(), codes, strict=True)
    ]
    return Table(rows, ("need", "community", "kind", "units", "reason"))


def reasons(columns: Columns, kinds: Kinds, needs: Ints, codes: Iterable[str]) -> Table:
    """Return units that no slot can serve, by community, kind and reason."""
    units: dict[tuple[str, str, str], int] = {}
    for need, code in zip(needs.tolist(), codes, strict=True):
        community = columns.community_ids[columns.need_community[need]]
        key = community, kinds.names[kinds.need[need]], code
        units[key] = units.get(key, 0) + int(columns.need_demand[need])
    names = ("community", "kind", "reason")
    rows: list[dict[str, Value]] = [
        {**dict(zip(names, key, strict=True)), "units": units[key]}
        for key in sorted(units)
    ]
    return Table(rows, (*names, "units"))
