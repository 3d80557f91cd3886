"""The vocabulary of measures: each a form over arcs, by group, under a filter.

Goals, rules, tables and the verifier all read measures from here and nowhere else.
Values are integers in the smallest unit (units, metres or seconds, days, minor units
of money); ratios come as numerator and denominator.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.arcs import Arcs
from sharematch.core.columns import NONE, SECTORS, Columns
from sharematch.errors import InputError, Problem
from sharematch.model.vocabulary import MEASURES, group_side

__all__ = [
    "Baseline",
    "Grouping",
    "Key",
    "Measures",
    "Members",
    "Values",
    "admitted",
    "bound_of",
]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Key = str | tuple[str, str]
Filter = Mapping[str, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups, and which arcs belong to which.

    Entry i says that arc `arc[i]` belongs to group `group[i]`; only groups by need's
    groups can overlap. `size` is the demand (need side) or capacity (slot side) of
    each group under the filter; groups of size 0 are not judged.
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


@dataclass(frozen=True, slots=True)
class Values:
    """A measure by group: `numerator` over `denominator` (1 unless a ratio)."""

    keys: tuple[Key, ...]
    numerator: Ints
    denominator: Ints
    judged: Bools

    def fraction(self, position: int) -> Fraction:
        """Return one group's value; 0 where the denominator is 0."""
        under = int(self.denominator[position])
        return Fraction(int(self.numerator[position]), under) if under else Fraction(0)


class Baseline(NamedTuple):
    """An earlier plan, for the measure `moved`.

    Parameters
    ----------
    units
        On each arc.
    num_gone
        Units on pairs that are no arcs any more.
    gone, lost
        Those of these pairs whose records are still there, and their units.
    """

    units: Ints
    num_gone: int
    gone: Arcs
    lost: Ints

    def keep(self, mask: Bools | Ints) -> "Baseline":
        """Return the baseline over some of the arcs."""
        return self._replace(units=self.units[mask])


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
            group, at = divmod(group, max(len(names), 1))
            parts.append(str(names[at]))
        return " | ".join(reversed(parts))


@dataclass(frozen=True)
class _Attribute:
    """What a group key is on one side: a code per need or slot, NONE for none."""

    names: tuple[Key, ...]
    code: Ints


class Measures:
    """Measures over the arcs of one instance.

    Parameters
    ----------
    columns, arcs
        The instance and its pairs; coefficients are aligned with `arcs`.
    baseline
        For the measure `moved`.
    """

    def __init__(
        self,
        columns: Columns,
        arcs: Arcs,
        baseline: Baseline | None = None,
    ) -> None:
        self.columns = columns
        self.arcs = arcs
        self.baseline = baseline

    # ---- per unit of an arc

    def coefficients(self, name: str) -> Ints:
        """Return what one unit on each arc adds to `name`; opening costs apart."""
        return _PER_UNIT[name](self)

    def ones(self) -> Ints:
        """Return 1 per unit on each arc."""
        return np.ones(len(self.arcs), np.int64)

    def wait(self) -> Ints:
        """Return days from `since` to the slot's date."""
        own = self.arcs.wait
        return self.days(self.columns.need_since) if own is None else own

    def lateness(self) -> Ints:
        """Return days from `due` to the slot's date."""
        own = self.arcs.lateness
        return self.days(self.columns.need_due) if own is None else own

    def days(self, first: Ints) -> Ints:
        """Return days from `first` of the need to the slot's date, 0 where unknown."""
        first = first[self.arcs.need]
        date_ = self.columns.slot_date[self.arcs.slot]
        known = (first != NONE) & (date_ != NONE)
        return np.where(known, np.maximum(date_ - first, 0), 0)

    def parity_gap(self) -> Ints:
        """Return what a fee is above the staff fee."""
        staff = self.columns.slot_staff_fee
        gap = np.maximum(self.columns.slot_fee - staff, 0)
        return np.where(staff == NONE, 0, gap)[self.arcs.slot]

    def cost(self) -> Ints:
        """Return the slot's unit cost and the pair's own."""
        return self.columns.slot_unit_cost[self.arcs.slot] + self.arcs.cost

    def subsidy(self) -> Ints:
        """Return what the fee leaves of the cost, not below 0."""
        fee = self.columns.slot_fee[self.arcs.slot]
        left: Ints = np.maximum(self.cost() - fee, 0)
        return left

    def across(self) -> Ints:
        """Return 1 where facility and need are of different communities."""
        return (self.arcs.tier > 0).astype(np.int64)

    # ---- filters

    def mask(self, name: str, where: Filter) -> Bools:
        """Return the arcs that pass the filter, read for measure `name`."""
        good = self.need_mask(name, where)[self.arcs.need]
        good &= self.slot_mask(name, where)[self.arcs.slot]
        return good

    def need_mask(self, name: str, where: Filter) -> Bools:
        """Return the needs that pass the need side of the filter."""
        good = np.ones(len(self.columns.need_ids), bool)
        for key, values in (where or {}).items():
            if group_side(key, name) == "need":
                good &= self._passes(key, values, "need")
        return good

    def slot_mask(self, name: str, where: Filter) -> Bools:
        """Return the slots that pass the slot side of the filter."""
        good = np.ones(len(self.columns.slot_ids), bool)
        for key, values in (where or {}).items():
            if group_side(key, name) == "slot":
                good &= self._passes(key, values, "slot")
        return good

    def _passes(self, key: str, values: tuple[str, ...], side: str) -> Bools:
        columns = self.columns
        wanted = set(values)
        if key == "group":
            return columns.need_groups.bears(wanted.__contains__)
        if key == "tags":
            tagged = columns.community_tags.bears(wanted.__contains__)
            return tagged[columns.need_community]
        if key == "kind":
            fits = [
                any(kind == v or kind.startswith(f"{v}/") for v in wanted)
                for kind in columns.kinds
            ]
            return np.asarray(np.array(fits, bool)[columns.need_kind], bool)
        if key == "area":
            chosen = np.array([area in wanted for area in columns.area_ids] + [False])
            inside = np.any(chosen[columns.community_ancestors], axis=0)
            community = (
                columns.need_community
                if side == "need"
                else columns.facility_community[columns.slot_facility]
            )
            return np.asarray(inside[community], bool)
        attribute = self._attribute(key, side)
        chosen = np.array([name in wanted for name in attribute.names] + [False])
        return np.asarray(chosen[attribute.code], bool)

    def unknown_values(self, where: Filter) -> list[tuple[str, str]]:
        """Return filter values that name no record of the instance."""
        known: dict[str, tuple[str, ...]] = {
            "community": self.columns.community_ids,
            "area": self.columns.area_ids,
            "need": self.columns.need_ids,
            "slot": self.columns.slot_ids,
            "facility": self.columns.facility_ids,
            "provider": self.columns.provider_ids,
            "sector": SECTORS,
        }
        return [
            (key, value)
            for key, values in (where or {}).items()
            if key in known
            for value in values
            if value not in known[key]
        ]

    def check_filter(self, where: Filter, kind: str, position: int) -> None:
        """Refuse a filter of a rule or goal that names what the instance has not."""
        unknown = self.unknown_values(where)
        if unknown:
            number = str(position + 1)
            raise InputError(
                [
                    Problem(
                        f"names no {key} of this instance",
                        kind,
                        number,
                        f"where.{key}",
                        value,
                    )
                    for key, value in unknown
                ]
            )

    # ---- groups

    def _attribute(self, key: str, side: str) -> _Attribute:
        columns = self.columns
        facility = columns.slot_facility
        if key in ("community", "area"):
            community = columns.facility_community[facility]
            if side == "need":
                community = columns.need_community
            if key == "community":
                return _Attribute(columns.community_ids, community)
            return _Attribute(columns.area_ids, columns.community_area[community])
        if key in ("day", "week", "month"):
            return self._calendar(key)
        provider = columns.facility_provider[facility]
        names, code = {
            "kind": (columns.kinds, columns.need_kind),
            "need": (columns.need_ids, np.arange(len(columns.need_ids))),
            "person": (columns.person_ids, columns.need_person),
            "slot": (columns.slot_ids, np.arange(len(columns.slot_ids))),
            "facility": (columns.facility_ids, facility),
            "provider": (columns.provider_ids, provider),
            "sector": (SECTORS, np.append(columns.provider_sector, NONE)[provider]),
        }[key]
        return _Attribute(names, code)

    def _calendar(self, key: str) -> _Attribute:
        dates, code = np.unique(self.columns.slot_date, return_inverse=True)
        texts = [_calendar_text(key, int(day)) for day in dates]
        names = tuple(sorted({text for text in texts if text is not None}))
        at = {name: i for i, name in enumerate(names)}
        codes = np.array([NONE if t is None else at[t] for t in texts], np.int64)
        return _Attribute(names, codes[code] if len(codes) else code.astype(np.int64))

    def grouping(
        self, name: str, by: str | tuple[str, str] | None, where: Filter = None
    ) -> Grouping:
        """Return the groups of measure `name` under a filter.

        Without `by` there is one group, the whole, with the key "". Past rounds count
        for `fill_rate` by community, area or person, never under a filter.
        """
        grouping = self._grouping(name, by, where)
        if name != "fill_rate" or where or by not in ("community", "area", "person"):
            return grouping
        served, demand = self._past(by, grouping.keys)
        return replace(grouping, past_served=served, past_demand=demand)

    def _grouping(
        self, name: str, by: str | tuple[str, str] | None, where: Filter
    ) -> Grouping:
        arcs = np.flatnonzero(self.mask(name, where))
        if by is None:
            side = "slot" if MEASURES[name].side == "slot" else "need"
            whole = np.zeros(self._count(side), np.int64)
            return self._grouped(name, arcs, side, _Attribute(("",), whole), where)
        keys = (by,) if isinstance(by, str) else by
        if "group" in keys:
            return self._overlapping(name, keys, arcs, where)
        parts = [(group_side(key, name), key) for key in keys]
        attributes = [(side, self._attribute(key, side)) for side, key in parts]
        if len(attributes) == 1:
            side, one = attributes[0]
            return self._grouped(name, arcs, side, one, where)
        (side, one), (other_side, other) = attributes
        names = _pairs(one.names, other.names)
        width = len(other.names)
        if side == other_side:
            missing = (one.code == NONE) | (other.code == NONE)
            code = np.where(missing, NONE, one.code * width + other.code)
            return self._grouped(name, arcs, side, _Attribute(names, code), where)
        return self._mixed(name, arcs, attributes, where)

    def _count(self, side: str) -> int:
        columns = self.columns
        return len(columns.need_ids if side == "need" else columns.slot_ids)

    def _ends(self, side: str) -> Ints:
        return self.arcs.need if side == "need" else self.arcs.slot

    def _sizes(self, name: str, side: str, where: Filter) -> Ints:
        """Return each need's demand or each slot's capacity, 0 outside the filter."""
        if side == "need":
            return np.where(self.need_mask(name, where), self.columns.need_demand, 0)
        return np.where(self.slot_mask(name, where), self.columns.slot_capacity, 0)

    def _grouped(
        self, name: str, arcs: Ints, side: str, attribute: _Attribute, where: Filter
    ) -> Grouping:
        names, code = attribute.names, attribute.code
        size = _sums(code, self._sizes(name, side, where), len(names))
        group = code[self._ends(side)[arcs]]
        present = group != NONE
        return self._compact(names, arcs[present], group[present], size, overlaps=False)

    def _overlapping(
        self, name: str, keys: tuple[str, ...], arcs: Ints, where: Filter
    ) -> Grouping:
        """Return groups by a need's groups; an arc may stand in several of them."""
        labels = self.columns.need_groups
        demand = self._sizes(name, "need", where)
        bears = _Attribute(labels.names, labels.indices)
        size = _sums(labels.indices, demand[labels.rows], len(labels.names))
        entry, group = _join(
            self.arcs.need[arcs], labels.rows, labels.indices, self._count("need")
        )
        arc, names = arcs[entry], bears.names
        if len(keys) == 2:
            (key,) = (key for key in keys if key != "group")
            side = group_side(key, name)
            other = self._attribute(key, side)
            width = len(other.names)
            code = other.code[self._ends(side)[arc]]
            arc, group = arc[code != NONE], (group * width + code)[code != NONE]
            if side == "need":
                both = other.code[labels.rows]
                pair = np.where(both == NONE, NONE, labels.indices * width + both)
                size = _sums(pair, demand[labels.rows], len(names) * width)
            else:
                room = _sums(other.code, self._sizes(name, side, where), width)
                size = np.minimum.outer(size, room).ravel()
            names = _pairs(names, other.names)
            if keys[0] != "group":
                names = tuple((key[1], key[0]) for key in names)
        overlaps = bool((labels.counts > 1).any())
        return self._compact(names, arc, group, size, overlaps=overlaps)

    def _mixed(
        self,
        name: str,
        arcs: Ints,
        attributes: Sequence[tuple[str, _Attribute]],
        where: Filter,
    ) -> Grouping:
        """Return groups by a need's and a slot's key: only arcs tell both."""
        one, other = (attribute for _, attribute in attributes)
        ends = [a.code[self._ends(side)[arcs]] for side, a in attributes]
        present = (ends[0] != NONE) & (ends[1] != NONE)
        group = (ends[0] * len(other.names) + ends[1])[present]
        sizes = [
            _sums(a.code, self._sizes(name, side, where), len(a.names))
            for side, a in attributes
        ]
        size = np.minimum.outer(sizes[0], sizes[1]).ravel()
        names = _pairs(one.names, other.names)
        return self._compact(names, arcs[present], group, size, overlaps=False)

    def _compact(
        self,
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
        kept = sorted(np.flatnonzero(alive).tolist(), key=lambda i: names[i])
        new = np.full(len(names), NONE, np.int64)
        new[kept] = np.arange(len(kept))
        keys = tuple(names[i] for i in kept)
        none = np.zeros(len(keys), np.int64)
        return Grouping(keys, arc, new[group], size[kept], overlaps, none, none)

    def members(
        self, name: str, by: str | tuple[str, str] | None, where: Filter = None
    ) -> list[Members]:
        """Return which needs or slots the groups of a measure consist of.

        Those that pass the filter of their own side, with arcs or without. Where only
        arcs tell a group, all needs and all slots are one.
        """
        keys = () if by is None else (by,) if isinstance(by, str) else by
        sides = {group_side(key, name) for key in keys}
        if not sides:
            sides = {"slot" if MEASURES[name].side == "slot" else "need"}
        found = []
        for side in sorted(sides):
            passes = self.need_mask if side == "need" else self.slot_mask
            record = np.flatnonzero(passes(name, where))
            code, names = np.zeros(len(record), np.int64), []
            for key in keys if len(sides) == 1 else ():
                if key == "group":
                    labels = self.columns.need_groups
                    entry, more = _join(
                        record, labels.rows, labels.indices, self._count("need")
                    )
                    attribute = _Attribute(labels.names, more)
                else:
                    attribute = self._attribute(key, side)
                    more = attribute.code[record]
                    entry = np.flatnonzero(more != NONE)
                    more = more[entry]
                record, code = record[entry], code[entry]
                code = code * max(len(attribute.names), 1) + more
                names.append(attribute.names)
            found.append(Members(side, record, code, tuple(names)))
        return found

    def _past(self, by: str, keys: tuple[Key, ...]) -> tuple[Ints, Ints]:
        columns = self.columns
        served, demand = columns.community_past_served, columns.community_past_demand
        names = columns.community_ids
        if by == "person":
            served, demand = columns.person_past_served, columns.person_past_demand
            names = columns.person_ids
        elif by == "area":
            names = columns.area_ids
            served = _sums(columns.community_area, served, len(names))
            demand = _sums(columns.community_area, demand, len(names))
        at = {name: i for i, name in enumerate(names)}
        positions = [at[key] for key in keys if isinstance(key, str)]
        return served[positions], demand[positions]

    # ---- values of a plan

    def values(
        self,
        name: str,
        units: Ints,
        by: str | tuple[str, str] | None = None,
        where: Filter = None,
    ) -> Values:
        """Return measure `name` of a plan with `units` on each arc.

        Raises
        ------
        KeyError
            For `moved` without a baseline.
        """
        grouping = self.grouping(name, by, where)
        count = len(grouping.keys)
        one = np.ones(count, np.int64)
        on = units[grouping.arc]

        def total(per_unit: Ints) -> Ints:
            each = per_unit[grouping.arc]
            largest = float(np.abs(each).max(initial=0))
            if largest * float(on.sum()) >= 2.0**62:
                raise InputError(f"{name} grows beyond 64-bit integers in this plan")
            return _sums(grouping.group, on * each, count)

        denominator = one
        if name in ("opened_slots", "opened_facilities", "cost", "subsidy"):
            numerator = self._opened(name, grouping, units)
        elif name == "moved":
            lost = self.gone(grouping, by, where)
            numerator = self._moved(grouping, units) + lost
        else:
            numerator = total(self.coefficients(name))
        if name in ("demand", "unmet"):
            numerator = grouping.size + numerator
        elif name == "fill_rate":
            numerator = grouping.past_served + numerator
            denominator = grouping.past_demand + grouping.size
        elif name == "utilization":
            denominator = grouping.size
        return Values(grouping.keys, numerator, denominator, grouping.judged)

    def weights(self, goal: Any, grouping: Grouping) -> list[Fraction]:
        """Return what a group goal divides each group by, 0 for no part in it.

        Raises
        ------
        InputError
            For weights of groups that the instance does not have.
        """
        weights = getattr(goal, "weights", None)
        if weights is None:
            return [Fraction(1)] * len(grouping.keys)
        if isinstance(weights, Mapping):
            self._check_weight_keys(goal, weights)
            return [weights.get(key, Fraction(0)) for key in grouping.keys]
        columns = self.columns
        if weights == "population":
            numbers = [Fraction(max(int(p), 0)) for p in columns.community_population]
        else:
            numbers = [e or Fraction(0) for e in columns.community_entitlement]
        of = dict(zip(columns.community_ids, numbers, strict=True))
        if goal.by == "area":
            of = dict.fromkeys(columns.area_ids, Fraction(0))
            for area, number in zip(columns.community_area, numbers, strict=True):
                if area != NONE:
                    of[columns.area_ids[area]] += number
        return [of[key] for key in grouping.keys if isinstance(key, str)]

    def _check_weight_keys(self, goal: Any, keys: Iterable[Key]) -> None:
        groups = goal.groups
        for key in keys:
            parts = (key,) if isinstance(key, str) else key
            named = {g: (part,) for g, part in zip(groups, parts, strict=False)}
            if len(parts) != len(groups) or self.unknown_values(named):
                by = " and ".join(groups)
                problem = Problem(
                    f"names no {by} of this instance", goal.op, "", "weights", str(key)
                )
                raise InputError([problem])

    def goal_value(
        self, goal: Any, units: Ints
    ) -> int | Fraction | tuple[Fraction, ...]:
        """Return what a goal is worth in a plan: a total, or the sorted vector."""
        values = self.values(goal.measure, units, goal.by, goal.where)
        if goal.by is None:
            if MEASURES[goal.measure].unit == "ratio":
                return values.fraction(0)
            return int(values.numerator[0])
        grouping = self.grouping(goal.measure, goal.by, goal.where)
        weights = self.weights(goal, grouping)
        vector = sorted(
            values.fraction(i) / weight
            for i, weight in enumerate(weights)
            if weight > 0 and values.judged[i]
        )
        return tuple(vector if goal.op == "leximin" else reversed(vector))

    def gone(
        self, grouping: Grouping, by: str | tuple[str, str] | None, where: Filter
    ) -> Ints:
        """Return each group's units of the baseline on pairs that are no arcs now.

        Raises
        ------
        KeyError
            Without a baseline.
        """
        if self.baseline is None:
            raise KeyError("moved")
        if by is None and not where:
            return np.array([self.baseline.num_gone])
        other = Measures(self.columns, self.baseline.gone)
        there = other.grouping("moved", by, where)
        sums = _sums(there.group, self.baseline.lost[there.arc], len(there.keys))
        by_key = dict(zip(there.keys, sums.tolist(), strict=True))
        return np.array([by_key.get(key, 0) for key in grouping.keys], np.int64)

    def _moved(self, grouping: Grouping, units: Ints) -> Ints:
        assert self.baseline is not None
        lost = np.maximum(self.baseline.units - units, 0)
        return _sums(grouping.group, lost[grouping.arc], len(grouping.keys))

    def _opened(self, name: str, grouping: Grouping, units: Ints) -> Ints:
        """Measures that look at whether slots and facilities are in use at all."""
        columns, count = self.columns, len(grouping.keys)
        on = units[grouping.arc] > 0
        arc, group = grouping.arc[on], grouping.group[on]
        slots = len(columns.slot_ids)
        slot_key, at = np.unique(
            group * max(slots, 1) + self.arcs.slot[arc], return_inverse=True
        )
        slot_group, slot = np.divmod(slot_key, max(slots, 1))
        facilities = len(columns.facility_ids)
        facility_key = np.unique(
            slot_group * max(facilities, 1) + columns.slot_facility[slot]
        )
        facility_group, facility = np.divmod(facility_key, max(facilities, 1))
        if name == "opened_slots":
            return np.bincount(slot_group, minlength=count).astype(np.int64)
        if name == "opened_facilities":
            return np.bincount(facility_group, minlength=count).astype(np.int64)
        per_unit = columns.slot_unit_cost[self.arcs.slot[arc]] + self.arcs.cost[arc]
        if name == "subsidy":
            per_unit = per_unit - columns.slot_fee[self.arcs.slot[arc]]
        amount = _sums(at, units[arc] * per_unit, len(slot_key))
        amount = amount + columns.slot_opening_cost[slot]
        if name == "subsidy":
            amount = np.maximum(amount, 0)
        opening = columns.facility_opening_cost[facility]
        return _sums(slot_group, amount, count) + _sums(facility_group, opening, count)


_PER_UNIT: dict[str, Callable[[Measures], Ints]] = {
    "served": Measures.ones,
    "fill_rate": Measures.ones,
    "demand": lambda m: 0 * m.ones(),
    "unmet": lambda m: -m.ones(),
    "used": lambda m: m.arcs.units,
    "utilization": lambda m: m.arcs.units,
    "weighted_served": lambda m: m.columns.need_weight[m.arcs.need],
    "travel": lambda m: m.arcs.distance,
    "wait": Measures.wait,
    "lateness": Measures.lateness,
    "fees": lambda m: m.columns.slot_fee[m.arcs.slot],
    "parity_gap": Measures.parity_gap,
    "rank": lambda m: m.arcs.rank,
    "tier": lambda m: m.arcs.tier,
    "lent": Measures.across,
    "borrowed": Measures.across,
    "cost": Measures.cost,
    "subsidy": Measures.subsidy,
}


def admitted(measures: Measures, rules: Sequence[Any]) -> Bools:
    """Return the arcs that every rule by assignment admits."""
    good = np.ones(len(measures.arcs), bool)
    for rule in rules:
        if rule.by != "assignment":
            continue
        value = measures.coefficients(rule.measure)
        bound = bound_of(measures.columns, rule)
        limit = floor(bound) if rule.op == "at_most" else ceil(bound)
        limit = max(min(limit, 2**62), -(2**62))
        fits = value <= limit if rule.op == "at_most" else value >= limit
        if rule.measure == "travel":
            fits &= measures.arcs.travel >= 0
        good &= fits | ~measures.mask(rule.measure, rule.where)
    return good


def bound_of(columns: Columns, rule: Any) -> Fraction:
    """Return a rule's bound in the measure's smallest unit."""
    if isinstance(rule.bound, str):
        tier = columns.tier_number(rule.bound)
        if tier is None:
            known = ", ".join(("own", *columns.levels))
            raise InputError(
                [
                    Problem(
                        "is no tier of this instance",
                        "policy",
                        field="bound",
                        value=rule.bound,
                        hint=f"one of {known}",
                    )
                ]
            )
        return Fraction(tier)
    bound: Fraction = rule.bound
    return bound * 100 if MEASURES[rule.measure].unit == "money" else bound


def _pairs(one: Sequence[Key], other: Sequence[Key]) -> tuple[Key, ...]:
    return tuple((str(a), str(b)) for a in one for b in other)


def _calendar_text(key: str, day: int) -> str | None:
    if day == NONE:
        return None
    when = date.fromordinal(day)
    if key == "day":
        return when.isoformat()
    if key == "month":
        return f"{when.year:04}-{when.month:02}"
    year, week, _ = when.isocalendar()
    return f"{year:04}-W{week:02}"


def _sums(code: Ints, amount: Ints, count: int) -> Ints:
    """Return exact integer sums of `amount` by `code`; NONE counts nowhere."""
    sums = np.zeros(count, np.int64)
    known = code != NONE
    np.add.at(sums, code[known], amount[known])
    return sums


def _join(left: Ints, rows: Ints, values: Ints, count: int) -> tuple[Ints, Ints]:
    """Join `left` with the sorted `rows` on equality: positions in left, values."""
    counts = np.bincount(rows, minlength=count)
    starts = np.cumsum(counts) - counts
    times = counts[left]
    entry = np.repeat(np.arange(len(left)), times)
    offset = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
    return entry, values[starts[left[entry]] + offset]
