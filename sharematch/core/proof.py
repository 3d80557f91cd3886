"""Proofs that a plan is optimal, checked goal by goal with arrays.

The plans left to a goal are those within *bounds*: sets of arcs whose units may not
rise, or not fall, any more. A goal's optimum is proved by a *price* for each set: with
them added up along each arc, no arc that may rise is cheap enough to, and none that
may fall is dear enough to. By complementary slackness every optimal plan keeps exactly
the sets with a price where they are, which are the bounds for the next goal.

A leximin goal is proved in the same way, unit k of a group having the rank of its key
as its (negative) cost: groups that no bound on their own side binds together form an
M-natural-convex set, on which every increasing order of keys has the same optima
(Frank and Murota, 2022). Nothing here lowers or solves anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.arcs import Arcs
from sharematch.core.columns import NONE, STATUSES, Columns
from sharematch.core.lookup import find
from sharematch.core.measures import Key, Measures, bound_of

__all__ = ["Bound", "Proof", "name_of", "pinned", "provable"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
SIDES = ("need", "slot")
KEEPING = ("pinned", "accepted")
FAR = 2**60


def name_of(key: Key) -> str:
    """Return a group's name in a certificate."""
    return key if isinstance(key, str) else " | ".join(key)


def provable(rules: Sequence[Any], goals: Sequence[Any]) -> bool:
    """Return whether a proof may be given under these terms, as far as they tell."""
    terms = (*rules, *goals)
    return not any(
        term.measure == "moved"
        or getattr(term, "bound", None) == "alone"
        or getattr(term, "slack", None)
        or term.op == "within"
        for term in terms
    )


def pinned(columns: Columns, arcs: Arcs) -> Ints:
    """Return the units that decisions keep on each arc."""
    kept = np.isin(columns.decision_status, [STATUSES.index(x) for x in KEEPING])
    need, slot = columns.decision_need[kept], columns.decision_slot[kept]
    quantity = columns.decision_quantity[kept]
    quantity = np.where(quantity == NONE, columns.need_quantity[need], quantity)
    width = max(len(columns.slot_ids), 1)
    place = find(arcs.need * width + arcs.slot, need * width + slot)
    units = np.zeros(len(arcs), np.int64)
    np.maximum.at(units, place[place != NONE], quantity[place != NONE])
    return units


@dataclass
class Bound:
    """A family of disjoint sets of arcs, and whether their units may rise or fall.

    `label` is each arc's set or NONE; `can_rise` and `can_fall` are by set.
    """

    name: str
    keys: Sequence[Key]
    label: Ints
    can_rise: Bools
    can_fall: Bools
    is_decided: bool = True
    """Whether it bounds anything yet; groups of a goal do once that is decided."""


class Proof:
    """The plans left after some goals, around one plan.

    Parameters
    ----------
    measures
        Over the arcs that the policy's rules admit.
    rules, goals
        Of the policy.
    units
        The plan, on each arc; it must keep records and rules.
    pins
        Units that must stay on each arc.
    """

    def __init__(
        self,
        measures: Measures,
        rules: Sequence[Any],
        goals: Sequence[Any],
        units: Ints,
        pins: Ints,
    ) -> None:
        self.measures, self.goals, self.units = measures, goals, units
        columns, arcs = measures.columns, measures.arcs
        self.arc_can_rise = np.ones(len(units), bool)
        self.arc_can_fall = units > pins
        served = _sums(arcs.need, units, len(columns.need_ids))
        self.need_can_rise = served < columns.need_demand
        self.need_can_fall = served > 0
        self.bounds: dict[str, Bound] = {}
        self._records()
        for position, rule in enumerate(rules):
            if rule.by != "assignment" and rule.measure != "demand":
                self._rule(f"rule {position + 1}", rule)
        for position, goal in enumerate(goals):
            if goal.op in ("leximin", "leximax"):
                self._group_goal(f"goal {position + 1}", goal)

    # ---- bounds

    def _records(self) -> None:
        columns, slot = self.measures.columns, self.measures.arcs.slot
        facility = columns.slot_facility[slot]
        guest = (columns.slot_reserve[slot] > 0) & (self.measures.arcs.tier > 0)
        limited = columns.facility_max_units[facility] != NONE
        spare = columns.slot_capacity - columns.slot_reserve
        self._at_most("capacity", columns.slot_ids, slot, columns.slot_capacity)
        self._at_most("reserve", columns.slot_ids, np.where(guest, slot, NONE), spare)
        where = np.where(limited, facility, NONE)
        most = columns.facility_max_units
        self._at_most("max_units", columns.facility_ids, where, most)

    def _at_most(self, name: str, keys: Sequence[str], label: Ints, most: Ints) -> None:
        total = _sums(label, self.units, len(keys))
        self.bounds[name] = Bound(name, keys, label, total < most, total > 0)

    def _label(self, term: Any) -> tuple[Any, Ints, Ints]:
        """Return groups, their arcs that count, and what a unit adds on each."""
        grouping = self.measures.grouping(term.measure, term.by, term.where)
        per_unit = self.measures.coefficients(term.measure)
        label = np.full(len(self.units), NONE, np.int64)
        label[grouping.arc] = grouping.group
        if term.by is not None:
            label[~np.append(grouping.judged, False)[label]] = NONE
        label[per_unit == 0] = NONE
        return grouping, label, per_unit

    def _rule(self, name: str, rule: Any) -> None:
        grouping, label, per_unit = self._label(rule)
        values = self.measures.values(rule.measure, self.units, rule.by, rule.where)
        bound = bound_of(self.measures.columns, rule)
        count = len(grouping.keys)
        step = np.zeros(count, np.int64)
        step[label[label != NONE]] = per_unit[label != NONE]
        free = [
            [
                self._keeps(rule.op, bound, values, group, change)
                for change in (int(step[group]), -int(step[group]))
            ]
            for group in range(count)
        ]
        rise, fall = np.array(free, bool).reshape(count, 2).T
        fall = fall & (_sums(label, self.units, count) > 0)
        self.bounds[name] = Bound(name, grouping.keys, label, rise.copy(), fall)

    @staticmethod
    def _keeps(op: str, bound: Fraction, values: Any, group: int, change: int) -> bool:
        value = int(values.numerator[group]) + change
        limit = bound * int(values.denominator[group])
        return value <= limit if op == "at_most" else value >= limit

    def _group_goal(self, name: str, goal: Any) -> None:
        grouping, label, _ = self._label(goal)
        weights = self.measures.weights(goal, grouping)
        takes_part = np.array([*(weight > 0 for weight in weights), False])
        label = np.where(takes_part[label], label, NONE)
        count = len(grouping.keys)
        free = np.ones(count, bool), _sums(label, self.units, count) > 0
        self.bounds[name] = Bound(name, grouping.keys, label, *free, is_decided=False)

    # ---- checking

    def problems(self, sides: Mapping[str, str]) -> Iterator[str]:
        """Yield why bounds do not stand on these sides, each side nested."""
        if {*sides} != {*self.bounds} or not {*sides.values()} <= {*SIDES}:
            yield "does not say on which side each bound stands"
            return
        families: dict[str, list[Ints]] = {
            "need": [self.measures.arcs.need],
            "slot": [],
        }
        for name, bound in self.bounds.items():
            family = families[sides[name]]
            if not all(_nested(bound.label, other) for other in family):
                yield f"{name} crosses other bounds of its side"
            family.append(bound.label)

    def is_outermost(self, name: str, sides: Mapping[str, str]) -> bool:
        """Return whether nothing on its side binds some groups of a goal together."""
        own = self.bounds[name].label
        for other in self.bounds.values():
            same_side = sides[other.name] == sides[name] and other.name != name
            if same_side and other.is_decided and not _binds_no_two(own, other.label):
                return False
        return True

    def step(
        self, position: int, claim: Mapping[str, Any], sides: Mapping[str, str]
    ) -> Iterator[str]:
        """Yield what is wrong with the proof of one goal; then keep to its optima.

        Parameters
        ----------
        claim
            ``prices`` by bound and set, for a group goal also ``levels`` by group.
        """
        goal, name = self.goals[position], f"goal {position + 1}"
        try:
            prices = {
                key: self._read(self.bounds[key], sets)
                for key, sets in claim["prices"].items()
            }
            level = None
            if goal.by is not None:
                level = self._read(self.bounds[name], claim["levels"])
        except (KeyError, TypeError, ValueError, AttributeError):
            yield "has prices of what is not there, or that are no numbers"
            return
        yield from self._check_prices(prices)
        total = self._costs(goal)
        for key, price in prices.items():
            total = total + _at(price, self.bounds[key].label)
        if level is not None:
            if not self.is_outermost(name, sides):
                yield "is of groups that other bounds bind together"
            yield from self._check_levels(position, level)
            total = total + _at(level, self.bounds[name].label)
        yield from self._settle(total)
        for key, price in prices.items():
            self.bounds[key].can_rise &= price >= 0
            self.bounds[key].can_fall &= price <= 0

    def _check_prices(self, prices: Mapping[str, Ints]) -> Iterator[str]:
        for key, price in prices.items():
            bound = self.bounds[key]
            if ((price > 0) & bound.can_rise).any():
                yield f"has a price on {key} where there is room"
            if ((price < 0) & bound.can_fall).any():
                yield f"has a reward on {key} where units may leave"

    def _read(self, bound: Bound, sets: Mapping[str, Any]) -> Ints:
        """Return prices by set; raises for unknown sets and for what is no integer."""
        at = {name_of(key): i for i, key in enumerate(bound.keys)}
        price = np.zeros(len(bound.keys), np.int64)
        for key, value in sets.items():
            if type(value) is not int or abs(value) > FAR:
                raise ValueError(value)
            price[at[key]] = value
        return price

    def _costs(self, goal: Any) -> Ints:
        """Return what a unit on each arc costs a goal, its groups apart."""
        if goal.by is not None:
            return np.zeros(len(self.units), np.int64)
        mask = self.measures.mask(goal.measure, goal.where)
        sign = 1 if goal.op == "minimize" else -1
        return np.where(mask, sign * self.measures.coefficients(goal.measure), 0)

    def levels(self, position: int) -> tuple[Ints, Ints, Bools]:
        """Return the rank of each group's last and next unit, and whether it has one.

        Ranks are below 0 and grow with the key: the ratio before the unit, then the
        larger step first. Where fewer units are better they are those of giving up a
        unit, with the other sign.
        """
        goal, bound = self.goals[position], self.bounds[f"goal {position + 1}"]
        grouping, _, per_unit = self._label(goal)
        values = self.measures.values(goal.measure, self.units, goal.by, goal.where)
        weights = self.measures.weights(goal, grouping)
        count = len(bound.keys)
        step = np.zeros(count, np.int64)
        known = bound.label != NONE
        step[bound.label[known]] = per_unit[known]
        better = 1 if goal.op == "leximin" else -1
        keys: list[tuple[tuple[Fraction, Fraction], ...]] = []
        for group in range(count):
            if not step[group]:
                keys.append(())
                continue
            under = int(values.denominator[group]) * weights[group]
            worth = better * int(values.numerator[group]) / under
            jump = abs(int(step[group])) / under
            keys.append(((worth - jump, -jump), (worth, -jump)))
        order = sorted({key for pair in keys for key in pair})
        rank = {key: i - len(order) for i, key in enumerate(order)}
        last, following = np.zeros((2, count), np.int64)
        for group, pair in enumerate(keys):
            if pair:
                low, high = rank[pair[0]], rank[pair[1]]
                if better * step[group] < 0:
                    low, high = -high, -low
                last[group], following[group] = low, high
        has_any = _sums(bound.label, self.units, count) > 0
        return last, following, has_any

    def _check_levels(self, position: int, level: Ints) -> Iterator[str]:
        last, following, has_any = self.levels(position)
        bound = self.bounds[f"goal {position + 1}"]
        if (level > following).any() or ((level < last) & has_any).any():
            yield "has a level between which and the plan a group would gain"
        bound.can_rise &= level == following
        bound.can_fall &= (level == last) & has_any
        bound.is_decided = True

    def _settle(self, cost: Ints) -> Iterator[str]:
        """Price needs as little as will do, check every arc, and keep to the optima."""
        need, count = self.measures.arcs.need, len(self.need_can_rise)
        least, most = np.full((2, count), -FAR) * np.array([[1], [-1]])
        up, down = self.arc_can_rise, self.arc_can_fall
        np.maximum.at(least, need[up], -cost[up])
        np.minimum.at(most, need[down], -cost[down])
        price = np.where(least > 0, least, np.where(most < 0, most, 0))
        if (least > most).any():
            yield "leaves an exchange that would be better"
        if ((price > 0) & self.need_can_rise).any():
            yield "leaves a need that would be better served"
        if ((price < 0) & self.need_can_fall).any():
            yield "leaves a need that would be better not served"
        cost = cost + price[need]
        self.arc_can_rise &= cost <= 0
        self.arc_can_fall &= cost >= 0
        self.need_can_rise &= price >= 0
        self.need_can_fall &= price <= 0


def _at(price: Ints, label: Ints) -> Ints:
    """Return the price of each arc's set, 0 where it is in none."""
    return np.append(price, 0)[label]


def _sums(label: Ints, units: Ints, count: int) -> Ints:
    sums = np.zeros(count, np.int64)
    known = label != NONE
    np.add.at(sums, label[known], units[known])
    return sums


def _meets(one: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the pairs of sets that share arcs, and how many they share."""
    both = (one != NONE) & (other != NONE)
    width = int(other.max(initial=0)) + 1
    pairs, count = np.unique(one[both] * width + other[both], return_counts=True)
    first, second = np.divmod(pairs, width)
    return first, second, count


def _sizes(label: Ints) -> Ints:
    return np.bincount(label[label != NONE], minlength=1)


def _nested(one: Ints, other: Ints) -> bool:
    """Return whether any two sets of two families are nested or disjoint."""
    first, second, count = _meets(one, other)
    inside = (count == _sizes(one)[first]) | (count == _sizes(other)[second])
    return bool(inside.all())


def _binds_no_two(own: Ints, other: Ints) -> bool:
    """Return whether each set lies in one group, or holds none of them, or all."""
    in_group = own != NONE
    _, sets, count = _meets(own, other)
    size = _sizes(other)
    held = np.bincount(sets, weights=count, minlength=len(size)).astype(np.int64)
    groups = np.bincount(sets, minlength=len(size))
    all_groups = held == int(in_group.sum())
    return bool(((groups == 0) | all_groups | ((groups == 1) & (held == size))).all())
