"""Groups: which arcs belong to which, and how much each group asks for or offers.

    size of a group of needs = Σ demand, of slots = Σ capacity at each cell,
    of both at once = the less of the two; groups of size 0 are not judged

Example: four arcs of two needs, one for elderly, one for elderly and disabled, by
"group": the entries (arc, group) of the second need stand twice, the groups overlap.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.attributes import Attribute, Key, attribute, by_cell
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.filters import Filter, booking_mask, cell_mask, need_mask
from sharematch.core.columns.integers import sums
from sharematch.core.columns.sets import Labels
from sharematch.core.eligibility.arcs import Arcs
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import group_side

__all__ = ["By", "Grouping", "Members", "group", "group_members", "grouped_by"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
By = str | tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups, and which arcs belong to which.

    Entry i says that arc `arc[i]` belongs to group `group[i]`; only groups by need's
    groups can overlap. `size` is the demand (need side) or capacity (slot side) of
    each group under the filter, that of an opening at each step; groups of size 0 are
    not judged.
    """

    keys: tuple[Key, ...]
    arc: Ints
    group: Ints
    size: Ints
    overlaps: bool
    past_served: Ints
    past_demand: Ints

    @property
    def judged(self) -> Bools:
        """The groups that goals and rules look at."""
        return self.size > 0

    def families(self, mask: Bools, num_arcs: int) -> list[Ints]:
        """Return the group of each arc, NONE elsewhere, as families of disjoint sets.

        One family, or one for each group where the masked entries overlap.
        """
        arc, group = self.arc[mask], self.group[mask]
        overlaps = self.overlaps and len(np.unique(arc)) < len(arc)
        labels = []
        for only_group in range(len(self.keys)) if overlaps else (None,):
            entries = slice(None) if only_group is None else group == only_group
            label = np.full(num_arcs, NONE, np.int64)
            label[arc[entries]] = group[entries]
            labels.append(label)
        return labels


class Members(NamedTuple):
    """Which records, of one side, lie in which group.

    `group` counts groups in the order of their `names`, the last key fastest.
    """

    side: str
    record: Ints
    group: Ints
    names: tuple[tuple[Key, ...], ...]

    def name(self, group: int) -> str:
        """Return the name of a group, "" for the whole."""
        parts = []
        for names in reversed(self.names):
            group, index = divmod(group, max(len(names), 1))
            parts.append(str(names[index]))
        return " | ".join(reversed(parts))


def group(
    columns: Columns, arcs: Arcs, name: str, by: By, where: Filter = None
) -> Grouping:
    """Return the groups of measure `name` under a filter.

    Without `by` there is one group, the whole, with the key "". Past rounds count
    where the measure has any, by community, area or person, never under a filter.
    """
    grouping = _Groups(columns, arcs, name, where).by(by)
    has_past = MEASURES[name].has_past and by in ("community", "area", "person")
    if where or not has_past:
        return grouping
    served, demand = _past(columns, by, grouping.keys)
    return replace(grouping, past_served=served, past_demand=demand)


def grouped_by(name: str, by: By, where: Filter) -> Hashable:
    """Return what the groups of a measure hang on beside the arcs.

    Without a filter many measures have the same groups.
    """
    if where:
        return name, by, tuple(where.items())
    keys = () if by is None else (by,) if isinstance(by, str) else by
    sides = tuple(group_side(key, name) for key in keys)
    return MEASURES[name].side == "slot", MEASURES[name].has_past, by, sides


class _Groups:
    """What groups of one measure are made of: the arcs, needs and slots that pass."""

    def __init__(self, columns: Columns, arcs: Arcs, name: str, where: Filter) -> None:
        self.columns, self.arcs, self.name = columns, arcs, name
        self.labels = _named_labels(columns, name, where)
        # A mix is a share of all units there: its filter of needs names some of them.
        self.needs = need_mask(columns, name, None if name == "mix" else where)
        self.cells = cell_mask(columns, name, where)
        self.passing = np.arange(len(arcs))
        if where:
            inside = booking_mask(columns, name, where, arcs.cell, arcs.steps)
            self.passing = np.flatnonzero(self.needs[arcs.need] & inside)

    def by(self, by: By) -> Grouping:
        """Return the groups by these keys."""
        if by is None:
            side = "slot" if MEASURES[self.name].side == "slot" else "need"
            code = np.zeros(self._count(side), np.int64)
            return self._grouped(side, Attribute(("",), code))
        keys = (by,) if isinstance(by, str) else by
        if "group" in keys:
            return self._overlapping(keys)
        parts = [(group_side(key, self.name), key) for key in keys]
        attributes = [(side, self._attribute(key, side)) for side, key in parts]
        if len(attributes) == 1:
            side, first = attributes[0]
            return self._grouped(side, first)
        (side, first), (other_side, second) = attributes
        if side != other_side:
            return self._mixed(attributes)
        missing = (first.code == NONE) | (second.code == NONE)
        code = np.where(missing, NONE, first.code * len(second.names) + second.code)
        return self._grouped(side, Attribute(_pairs(first.names, second.names), code))

    def _attribute(self, key: str, side: str) -> Attribute:
        """Return what a key is for each need, or for each cell of a slot."""
        of = attribute(self.columns, key, side)
        return of if side == "need" else by_cell(self.columns, key, of)

    def _count(self, side: str) -> int:
        columns = self.columns
        return len(columns.need_ids) if side == "need" else len(columns.cells)

    def _ends(self, side: str) -> Ints:
        """Return the need of each arc, or the cell at which it begins."""
        return self.arcs.need if side == "need" else self.arcs.cell

    def _sizes(self, side: str) -> Ints:
        """Return each need's demand or each cell's capacity, 0 outside the filter."""
        if side == "need":
            return np.where(self.needs, self.columns.need_demand, 0)
        capacity = self.columns.slot_capacity[self.columns.cells.slot]
        return np.where(self.cells, capacity, 0)

    def _grouped(self, side: str, of: Attribute) -> Grouping:
        names, code = of.names, of.code
        size = sums(code, self._sizes(side), len(names))
        ends = self._ends(side)
        group = code[ends if len(self.passing) == len(ends) else ends[self.passing]]
        arc = self.passing
        if (code == NONE).any():
            present = np.flatnonzero(group != NONE)
            arc, group = arc[present], group[present]
        return _compact(names, arc, group, size, overlaps=False)

    def _overlapping(self, keys: tuple[str, ...]) -> Grouping:
        """Return groups by a need's groups; an arc may stand in several of them."""
        labels = self.labels
        demand = self._sizes("need")
        size = sums(labels.indices, demand[labels.rows], len(labels.names))
        entry, group = _join(
            self.arcs.need[self.passing],
            labels.rows,
            labels.indices,
            self._count("need"),
        )
        arc = self.passing[entry]
        names: tuple[Key, ...] = labels.names
        if len(keys) == 2:
            (key,) = (key for key in keys if key != "group")
            side = group_side(key, self.name)
            other = self._attribute(key, side)
            width = len(other.names)
            code = other.code[self._ends(side)[arc]]
            arc, group = arc[code != NONE], (group * width + code)[code != NONE]
            if side == "need":
                other_code = other.code[labels.rows]
                pair = np.where(
                    other_code == NONE, NONE, labels.indices * width + other_code
                )
                size = sums(pair, demand[labels.rows], len(names) * width)
            else:
                # No group gets more than it asks for, or than there is for it.
                room = sums(other.code, self._sizes(side), width)
                size = np.minimum.outer(size, room).ravel()
            names = _pairs(names, other.names)
            if keys[0] != "group":
                names = tuple((key[1], key[0]) for key in names)
        overlaps = bool((labels.counts > 1).any())
        return _compact(names, arc, group, size, overlaps=overlaps)

    def _mixed(self, attributes: Sequence[tuple[str, Attribute]]) -> Grouping:
        """Return groups by a need's and a slot's key: only arcs tell both."""
        first, second = (of for _, of in attributes)
        ends = [a.code[self._ends(side)[self.passing]] for side, a in attributes]
        present = (ends[0] != NONE) & (ends[1] != NONE)
        group = (ends[0] * len(second.names) + ends[1])[present]
        sizes = [
            sums(a.code, self._sizes(side), len(a.names)) for side, a in attributes
        ]
        size = np.minimum.outer(sizes[0], sizes[1]).ravel()
        names = _pairs(first.names, second.names)
        return _compact(names, self.passing[present], group, size, overlaps=False)


def _named_labels(columns: Columns, name: str, where: Filter) -> Labels:
    """Return the groups of needs that are compared: those that a filter names, if any.

    A need bears other labels too, and passes the filter for one of them. What is lent
    is told by who lends: there a filter takes no group out of the comparison.
    """
    labels = columns.need_groups
    if not where or "group" not in where or MEASURES[name].place == "slot":
        return labels
    wanted = np.array([group in where["group"] for group in labels.names], bool)
    return labels.only(wanted)


def _compact(
    names: tuple[Key, ...],
    arc: Ints,
    group: Ints,
    size: Ints,
    *,
    overlaps: bool,
) -> Grouping:
    """Drop groups that have neither size nor arcs; sort the others by key."""
    alive = (size > 0) | (np.array([name == "" for name in names], bool))
    alive[group] = True
    in_order = sorted(np.flatnonzero(alive).tolist(), key=lambda i: names[i])
    keys = tuple(names[i] for i in in_order)
    if in_order != list(range(len(names))):
        new = np.full(len(names), NONE, np.int64)
        new[in_order] = np.arange(len(in_order))
        group, size = new[group], size[in_order]
    none = np.zeros(len(keys), np.int64)
    return Grouping(keys, arc, group, size, overlaps, none, none)


def _past(columns: Columns, by: By, keys: tuple[Key, ...]) -> tuple[Ints, Ints]:
    """Return what groups were served of their demand in past rounds."""
    served, demand = columns.community_past_served, columns.community_past_demand
    names = columns.community_ids
    if by == "person":
        served, demand = columns.person_past_served, columns.person_past_demand
        names = columns.person_ids
    elif by == "area":
        names = columns.area_ids
        served = sums(columns.community_area, served, len(names))
        demand = sums(columns.community_area, demand, len(names))
    position_of = {name: i for i, name in enumerate(names)}
    positions = [position_of[key] for key in keys if isinstance(key, str)]
    return served[positions], demand[positions]


def group_members(
    columns: Columns, name: str, by: By, where: Filter = None
) -> list[Members]:
    """Return which needs or slots the groups of a measure consist of.

    Those that pass the filter of their own side, with arcs or without. Where only
    arcs tell a group, all needs and all slots are one.
    """
    keys = () if by is None else (by,) if isinstance(by, str) else by
    sides = {group_side(key, name) for key in keys}
    if not sides:
        sides = {"slot" if MEASURES[name].side == "slot" else "need"}
    by_side = []
    for side in sorted(sides):
        passes = need_mask if side == "need" else cell_mask
        cells = columns.cells
        record = np.flatnonzero(passes(columns, name, where))
        code, names = np.zeros(len(record), np.int64), []
        for key in keys if len(sides) == 1 else ():
            if key == "group":
                labels = _named_labels(columns, name, where)
                entry, key_code = _join(
                    record, labels.rows, labels.indices, len(columns.need_ids)
                )
                of = Attribute(labels.names, key_code)
            else:
                of = attribute(columns, key, side)
                of = of if side == "need" else by_cell(columns, key, of)
                key_code = of.code[record]
                entry = np.flatnonzero(key_code != NONE)
                key_code = key_code[entry]
            record, code = record[entry], code[entry]
            code = code * max(len(of.names), 1) + key_code
            names.append(of.names)
        if side == "slot" and not cells.is_trivial:
            count = int(code.max(initial=0)) + 1
            record, code = np.divmod(
                np.unique(cells.slot[record] * count + code), count
            )
        by_side.append(Members(side, record, code, tuple(names)))
    return by_side


def _pairs(first: Sequence[Key], second: Sequence[Key]) -> tuple[Key, ...]:
    return tuple((str(a), str(b)) for a in first for b in second)


def _join(wanted: Ints, rows: Ints, values: Ints, count: int) -> tuple[Ints, Ints]:
    """Join `wanted` with the sorted `rows` on equality: positions in it, and values."""
    counts = np.bincount(rows, minlength=count)
    starts = np.cumsum(counts) - counts
    times = counts[wanted]
    entry = np.repeat(np.arange(len(wanted)), times)
    offset = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
    return entry, values[starts[wanted[entry]] + offset]
