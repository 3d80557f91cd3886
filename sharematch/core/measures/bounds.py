"""Bounds around one plan: sets of arcs whose units may not rise, or not fall.

    can_rise_S: one unit more in S keeps its bound; can_fall_S: one fewer does

Read from records and policy for the proof of a plan; nothing here lowers anything.

Example: a slot of capacity 2 with 2 units can fall and not rise; a community that must
get half of 4 units and has 2 can rise and not fall.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.attributes import Key
from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.columns.constant import constant
from sharematch.core.columns.integers import LIMIT, sums
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.bookings import cell_names, days_of
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.by_group import Numbers
from sharematch.core.measures.groups import Grouping
from sharematch.core.measures.measures import Measures, Values
from sharematch.model.vocabulary import units_below_alone

__all__ = [
    "Bound",
    "Members",
    "are_nested",
    "bind_no_two",
    "members",
    "name_of",
    "names_of",
    "pinned",
    "record_bounds",
    "rule_bounds",
    "sizes_of",
]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
KEEPING = ("pinned", "accepted")
"""The words of decisions that stay."""


def name_of(key: Key) -> str:
    """Return a group's name in a certificate."""
    return key if isinstance(key, str) else " | ".join(key)


def names_of(keys: Sequence[Key]) -> list[str]:
    """Return the names of groups."""
    if {*map(type, keys)} <= {str}:
        return [*map(str, keys)]
    return [*map(name_of, keys)]


@dataclass
class Bound:
    """A family of disjoint sets of arcs, and whether their units may rise or fall.

    `label` is each arc's set or NONE; `units`, those of the plan, `can_rise` and
    `can_fall` are by set.
    """

    name: str
    keys: Sequence[Key]
    label: Ints
    units: Ints
    can_rise: Bools
    can_fall: Bools
    is_decided: bool = True
    """Whether it bounds anything yet; groups of a goal do once that is decided."""


@dataclass(frozen=True)
class Members:
    """The groups of a rule or goal, and the arcs whose units count in them.

    `labels` holds the group of each arc or NONE: once, or once for each group where
    groups overlap.
    """

    grouping: Grouping
    labels: tuple[Ints, ...]
    step: Ints
    """What a unit adds to each group's measure, 0 where no arc counts."""

    def total(self, units: Ints) -> Ints:
        """Return the units of each group."""
        count = len(self.grouping.keys)
        total = np.zeros(count, np.int64)
        for label in self.labels:
            total += sums(label, units, count)
        return total

    def families(self, name: str) -> Iterator[tuple[str, Ints]]:
        """Yield a name for each family of disjoint sets, and its labels."""
        if len(self.labels) == 1:
            yield name, self.labels[0]
            return
        for key, label in zip(self.grouping.keys, self.labels, strict=True):
            yield f"{name}: {name_of(key)}", label

    def bounds(
        self, name: str, units: Ints, can_rise: Bools, can_fall: Bools
    ) -> list[Bound]:
        """Return the families of a goal, which bound nothing yet.

        What may rise and fall is shared: what is proved of a group holds in every
        family it stands in.
        """
        keys = self.grouping.keys
        return [
            Bound(family, keys, label, units, can_rise, can_fall, is_decided=False)
            for family, label in self.families(name)
        ]


def members(measures: Measures, term: Any, takes_part: Bools | None = None) -> Members:
    """Return the groups of a rule or goal; those that are not judged hold no arc."""
    grouping = measures.grouping(term.measure, term.by, term.where)
    per_unit = measures.coefficients(term.measure)
    judged = grouping.judged if term.by is not None else np.ones(1, bool)
    if takes_part is not None:
        judged = judged & takes_part
    counts = judged[grouping.group] & (per_unit[grouping.arc] != 0)
    step = np.zeros(len(grouping.keys), np.int64)
    step[grouping.group[counts]] = per_unit[grouping.arc[counts]]
    return Members(grouping, tuple(grouping.families(counts, len(measures.arcs))), step)


def record_bounds(measures: Measures, units: Ints) -> Iterator[Bound]:
    """Yield what capacities, reserves and wear limits bound."""
    columns, arcs = measures.columns, measures.arcs
    slot, cells, names = arcs.slot, columns.cells, cell_names(columns)
    guest = (columns.slot_reserve > 0)[slot] & (arcs.tier > 0)
    is_limited = columns.facility_max_units != NONE
    limited_facility: Ints = constant(NONE, len(arcs))
    if is_limited.any():
        facility = np.where(is_limited, np.arange(len(is_limited)), NONE)
        limited_facility = facility[columns.slot_facility][slot]
    carrying = np.flatnonzero(units)  # few of the arcs
    held = units[carrying]
    days, of_days, per_day = days_of(columns, arcs)
    if len(of_days):
        total = sums(days, units, len(of_days))
        yield Bound("per_day", of_days, days, total, total < per_day, total > 0)
    for name, keys, label, most in (
        ("capacity", names, arcs.cell, columns.slot_capacity[cells.slot]),
        (
            "reserve",
            names,
            np.where(guest, arcs.cell, NONE),
            (columns.slot_capacity - columns.slot_reserve)[cells.slot],
        ),
        (
            "max_units",
            columns.facility_ids,
            limited_facility,
            columns.facility_max_units,
        ),
    ):
        total = sums(label[carrying], held, len(keys))
        yield Bound(name, keys, label, total, total < most, total > 0)


def rule_bounds(
    measures: Measures, name: str, rule: Any, units: Ints, alone: Mapping[str, int]
) -> Iterator[Bound]:
    """Yield what a rule by group bounds.

    Parameters
    ----------
    alone
        For the bound "alone": what each community can be served by itself.
    """
    groups = members(measures, rule)
    held = groups.total(units)
    values = measures.values(rule.measure, units, rule.by, rule.where)
    below = units_below_alone(rule)
    if below is not None:
        bound: Any = np.array([alone.get(str(k), 0) for k in values.keys], np.int64)
        bound = np.maximum(bound - below, 0)
        values = replace(values, numerator=held)
    else:
        bound = bounds_of(measures.columns, rule, groups.grouping)
    rise = _keeps(rule.op, bound, values, groups.step)
    fall = _keeps(rule.op, bound, values, -groups.step)
    fall &= held > 0
    for family, label in groups.families(name):
        yield Bound(family, groups.grouping.keys, label, held, rise, fall)


def _keeps(op: str, bound: Ints | Numbers, values: Values, change: Ints) -> Bools:
    """Return the groups that keep their bound with a changed numerator, or have none.

    Bounds are floors in units, or ratios.
    """
    value, denominator = values.numerator + change, values.denominator
    if isinstance(bound, np.ndarray):
        return np.asarray(value >= bound)
    has_bound = np.array([ratio is not None for ratio in bound], bool)
    ratios = [ratio or Fraction(0) for ratio in bound]
    upper = np.array([ratio.numerator for ratio in ratios], object)
    lower = np.array([ratio.denominator for ratio in ratios], object)
    largest = max(int(np.abs(value).max(initial=0)), int(denominator.max(initial=0)), 1)
    # Ratios are compared crosswise, without rounding; in Python's integers if need be.
    if largest * max([1, *abs(upper), *lower]) < LIMIT:
        upper, lower = upper.astype(np.int64), lower.astype(np.int64)
    scaled_value, scaled_bound = value * lower, denominator * upper
    keeps = (
        scaled_value <= scaled_bound
        if op == "at_most"
        else scaled_value >= scaled_bound
    )
    return np.asarray(~has_bound | keeps.astype(bool))


def pinned(columns: Columns, arcs: Arcs) -> Ints:
    """Return the units that decisions keep on each arc."""
    keeps = np.isin(columns.decision_status, [STATUSES.index(x) for x in KEEPING])
    need, cell = columns.decision_need[keeps], columns.decided_cell[keeps]
    quantity = columns.decision_quantity[keeps]
    is_whole = (quantity == NONE) | columns.is_booked[need]
    quantity = np.where(is_whole, columns.need_quantity[need], quantity)
    width = max(len(columns.cells), 1)
    place = find(arcs.need * width + arcs.cell, need * width + cell)
    place[cell == NONE] = NONE
    units = np.zeros(len(arcs), np.int64)
    np.maximum.at(units, place[place != NONE], quantity[place != NONE])
    return units


# How families lie to each other


def are_nested(label: Ints, other: Ints) -> bool:
    """Return whether any two sets of two families are nested or disjoint."""
    if _lies_within(label, other) or _lies_within(other, label):
        return True
    first, second, count = _meets(label, other)
    # What two sets share is all of one of them. As in `laminar`, and apart from it:
    # proofs do not rely on the lowering that they check.
    inside = (count == sizes_of(label)[first]) | (count == sizes_of(other)[second])
    return bool(inside.all())


def _lies_within(label: Ints, other: Ints) -> bool:
    """Return whether each set of one family lies in one set of another, or in none."""
    around = np.full(int(label.max(initial=NONE)) + 2, NONE, np.int64)
    around[label] = other
    is_within = around[label] == other
    return bool(is_within.all() or (is_within | (label == NONE)).all())


def bind_no_two(group_label: Ints, other: Ints) -> bool:
    """Return whether each set lies in one group, or holds none of them, or all."""
    in_group = group_label != NONE
    _, sets, count = _meets(group_label, other)
    size = sizes_of(other)
    held = np.bincount(sets, weights=count, minlength=len(size)).astype(np.int64)
    groups = np.bincount(sets, minlength=len(size))
    all_groups = held == int(in_group.sum())
    return bool(((groups == 0) | all_groups | ((groups == 1) & (held == size))).all())


def _meets(label: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the pairs of sets that share arcs, and how many they share."""
    in_both = (label != NONE) & (other != NONE)
    width = int(other.max(initial=0)) + 1
    pairs, count = np.unique(
        label[in_both] * width + other[in_both], return_counts=True
    )
    first, second = np.divmod(pairs, width)
    return first, second, count


def sizes_of(label: Ints) -> Ints:
    """Return how many arcs each set of a family has."""
    return np.bincount(label + 1, minlength=2)[1:]  # NONE comes first
