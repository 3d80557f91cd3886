"""Measures of a plan, one by one."""

# One straight list of cases is easier to compare with the definitions.
# ruff: noqa: C901, PLR0911, PLR0912

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracles.groups import Groups
from tests.oracles.moments import Span, holds, minutes_of
from tests.oracles.numbers import cents, presented
from tests.oracles.vocabulary import (
    MONEY,
    By,
    Flow,
    Group,
    Key,
    Plan,
    Value,
    Where,
    plain,
)


class Measures(Groups):
    """Measures by their definitions."""

    def __init__(self, instance: Any, baseline: Plan | None = None) -> None:
        super().__init__(instance)
        self.baseline = baseline

    def size(self, need: Any, slot: Any) -> int:
        """Return the capacity that one unit of a need takes in a slot."""
        pair = self.pairs.get((need.id, slot.id))
        return 1 if pair is None else int(pair.units)

    def pair_cost(self, need: Any, slot: Any) -> int:
        """Return the cost of one unit on top of the slot's, in minor units."""
        pair = self.pairs.get((need.id, slot.id))
        return 0 if pair is None else cents(pair.cost)

    def steps(self, need: Any, slot: Any) -> int:
        """Return how many steps a booking takes; a plain slot is one."""
        if slot.step is None or need.minutes is None:
            return 1
        return int(need.minutes // slot.step)

    def pays(self, need: Any, slot: Any) -> int:
        """Return what one unit pays for a whole booking, in minor units."""
        fees = [
            slot.fee,
            *(slot.concessions[g] for g in need.groups & slot.concessions.keys()),
        ]
        return min(map(cents, fees)) * self.steps(need, slot)

    def costs(self, need: Any, slot: Any) -> int:
        """Return what one unit costs for a whole booking, in minor units."""
        spent = cents(slot.unit_cost) * self.steps(need, slot)
        return spent + self.pair_cost(need, slot)

    def counts_once(self, need: Any) -> bool:
        """Say whether what a need has in one place is one booking."""
        return bool(
            need.minutes is not None
            or need.sessions > 1
            or need.whole
            or need.together is not None
        )

    def count(self, name: str, need: Any, slot: Any, span: Span | None = None) -> int:
        """Return what one unit of a pair adds to a measure; money in minor units."""
        facility = self.facilities[slot.facility]
        span = self.span(need, slot) if span is None else span
        if name in ("served", "moved"):
            return 1
        if name == "weighted_served":
            return int(need.weight)
        if name == "travel":
            return self.distance(need, slot)
        if name == "wait":
            return days_after(need.since, span)
        if name == "lateness":
            return days_after(need.due, span)
        if name == "minutes":
            return 0 if span is None else minutes_of(span)
        if name == "unpreferred":
            if span is None:
                return 0
            inside = [holds(window, span) for window in need.preferred]
            return inside.index(True) if True in inside else len(inside)
        if name == "fees":
            return self.pays(need, slot)
        if name == "parity_gap":
            if slot.staff_fee is None:
                return 0
            staff = cents(slot.staff_fee) * self.steps(need, slot)
            return max(0, self.pays(need, slot) - staff)
        if name == "rank":
            places = [
                position
                for position, choice in enumerate(need.choices)
                if choice in (slot.id, facility.id)
            ]
            return min(places, default=0)
        if name == "tier":
            return self.tier(need, slot) or 0
        if name in ("lent", "borrowed"):
            return int(need.community != facility.community)
        if name in ("cost", "unit_cost"):
            return self.costs(need, slot)
        if name == "unit_subsidy":
            return max(0, self.costs(need, slot) - self.pays(need, slot))
        if name == "used":
            return self.size(need, slot) * self.steps(need, slot)
        raise ValueError(f"the measure {name} has no value per unit")

    def unit_value(
        self, name: str, need: Any, slot: Any, span: Span | None = None
    ) -> Fraction | None:
        """Return the value per unit that a rule by assignment bounds, None: unknown."""
        if name == "travel" and self.travel(need, slot) is None:
            return None
        value = Fraction(self.count(name, need, slot, span))
        return value / 100 if name in MONEY else value

    def past(self, by: By, where: Where, group: Group | None) -> tuple[int, int]:
        """Return units served and asked in earlier rounds that count for a group."""
        if where or by not in ("community", "area", "person"):
            return 0, 0
        served = asked = 0
        for row in self.instance.past:
            if by == "person":
                counts = row.person is not None and row.person == group
            elif row.community is None:
                counts = False
            elif by == "community":
                counts = row.community == group
            else:
                counts = self.communities[row.community].area == group
            if counts:
                served += row.served
                asked += row.demand
        return served, asked

    def asked(self, name: str, needs: Iterable[Any]) -> int:
        """Return what needs ask for, in a measure."""
        if name == "minutes":
            return sum(self.demand(need) * need.minutes for need in needs)
        if name == "bookings":
            return sum(
                need.times * need.sessions
                if self.counts_once(need) and need.quantity
                else self.demand(need)
                for need in needs
            )
        if name == "weighted_served":
            return sum(self.demand(need) * need.weight for need in needs)
        return sum(map(self.demand, needs))

    def flow(self, key: Key, units: int) -> Flow:
        """Return the units of a key as a flow."""
        need, slot = self.needs[key[0]], self.slots[key[1]]
        return Flow(need, slot, self.span(need, slot, *key[2:]), units)

    def flows(self, name: str, plan: Plan) -> list[Flow]:
        """Return what a measure sums up."""
        if name == "moved":
            if self.baseline is None:
                raise ValueError("moved needs a baseline")
            gone = {
                pair: units - plan.get(pair, 0) for pair, units in self.baseline.items()
            }
            plan = {pair: units for pair, units in gone.items() if units > 0}
        return [self.flow(key, units) for key, units in plan.items()]

    def total(
        self, name: str, flows: list[Flow], demand: int, capacity: int
    ) -> int | Fraction:
        """Return a measure over some flows; money in minor units, no past."""
        if name == "demand":
            return demand
        if name == "unmet":
            return demand - sum(flow.units for flow in flows)
        if name == "fill_rate":
            return Fraction(sum(flow.units for flow in flows), demand or 1)
        if name == "utilization":
            return Fraction(self.total("used", flows, 0, 0), capacity or 1)
        if name == "bookings":
            return sum(1 if self.counts_once(f.need) else f.units for f in flows)
        slots = {flow.slot.id: flow.slot for flow in flows}
        facilities = {slot.facility for slot in slots.values()}
        if name == "opened_slots":
            return len(slots)
        if name == "opened_facilities":
            return len(facilities)
        rooms = sum(cents(self.facilities[f].opening_cost) for f in facilities)
        if name == "subsidy":
            total = rooms
            for slot in slots.values():
                here = [flow for flow in flows if flow.slot is slot]
                spent = sum(f.units * self.costs(f.need, slot) for f in here)
                earned = sum(f.units * self.pays(f.need, slot) for f in here)
                total += max(0, spent + cents(slot.opening_cost) - earned)
            return total
        total = sum(f.units * self.count(name, *f[:3]) for f in flows)
        if name == "cost":
            total += rooms + sum(cents(s.opening_cost) for s in slots.values())
        return total

    def measure(self, plan: Plan, name: str, by: By = None, where: Where = None) -> Any:
        """Return a measure of a plan, a mapping by group if `by` is given."""
        by = plain(by)
        chosen = self.selection(name, by, where)
        chosen.check_sides(name)
        flows = [flow for flow in self.flows(name, plan) if chosen.admits(flow)]
        if by is None:
            demand = sum(self.demand(n) for n in chosen.needs.values())
            capacity = chosen.capacity_of_all()
            return presented(name, self.total(name, flows, demand, capacity))
        result: dict[Group, Value] = {}
        within: dict[Group, list[Flow]] = {group: [] for group in chosen.groups}
        for flow in flows:
            for group in chosen.of(*flow[:3]):
                within[group].append(flow)
        for group, mine in within.items():
            demand = chosen.demand.get(group, 0)
            capacity = chosen.capacity.get(group, 0)
            if name == "fill_rate":
                before, asked = self.past(by, where, group)
                if asked + demand == 0:
                    continue
                served = before + sum(flow.units for flow in mine)
                result[group] = Fraction(served, asked + demand)
            else:
                value = self.total(name, mine, demand, capacity)
                result[group] = presented(name, value)
        return result

    def judged(
        self, plan: Plan, name: str, by: By, where: Where
    ) -> dict[Group, Fraction]:
        """Return a measure by the groups that a goal or rule looks at."""
        by = plain(by)
        groups = self.selection(name, by, where).judged
        values = self.measure(plan, name, by, where)
        return {group: Fraction(values[group]) for group in groups}


def days_after(day: date | None, span: Span | None) -> int:
    """Return how many days after a date a span starts, 0 where either is missing."""
    if day is None or span is None:
        return 0
    return max(0, (span.start.date() - day).days)
