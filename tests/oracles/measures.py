"""Measures of a plan, one by one."""

# One straight list of cases is easier to compare with the definitions.
# ruff: noqa: C901, PLR0911, PLR0912

from fractions import Fraction
from typing import Any

from tests.oracles.groups import Groups
from tests.oracles.numbers import cents, presented
from tests.oracles.vocabulary import MONEY, By, Flow, Group, Plan, Value, Where, plain


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

    def count(self, name: str, need: Any, slot: Any) -> int:
        """Return what one unit of a pair adds to a measure; money in minor units."""
        facility = self.facilities[slot.facility]
        if name in ("served", "moved"):
            return 1
        if name == "weighted_served":
            return int(need.weight)
        if name == "travel":
            return self.distance(need, slot)
        if name == "wait":
            if slot.start is None or need.since is None:
                return 0
            return int(max(0, (slot.start.date() - need.since).days))
        if name == "lateness":
            if slot.start is None or need.due is None:
                return 0
            return int(max(0, (slot.start.date() - need.due).days))
        if name == "fees":
            return cents(slot.fee)
        if name == "parity_gap":
            if slot.staff_fee is None:
                return 0
            return max(0, cents(slot.fee) - cents(slot.staff_fee))
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
        if name == "cost":
            return cents(slot.unit_cost) + self.pair_cost(need, slot)
        if name == "used":
            return self.size(need, slot)
        raise ValueError(f"the measure {name} has no value per unit")

    def unit_value(self, name: str, need: Any, slot: Any) -> Fraction | None:
        """Return the value per unit that a rule by assignment bounds, None: unknown."""
        if name == "travel" and self.travel(need, slot) is None:
            return None
        value = Fraction(self.count(name, need, slot))
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

    def flows(self, name: str, plan: Plan) -> list[Flow]:
        """Return need, slot and units of what a measure sums up."""
        if name == "moved":
            if self.baseline is None:
                raise ValueError("moved needs a baseline")
            gone = {
                pair: units - plan.get(pair, 0) for pair, units in self.baseline.items()
            }
            plan = {pair: units for pair, units in gone.items() if units > 0}
        return [(self.needs[n], self.slots[s], units) for (n, s), units in plan.items()]

    def total(
        self, name: str, flows: list[Flow], demand: int, capacity: int
    ) -> int | Fraction:
        """Return a measure over some flows; money in minor units, no past."""
        if name == "demand":
            return demand
        if name == "unmet":
            return demand - sum(units for _, _, units in flows)
        if name == "fill_rate":
            return Fraction(sum(units for _, _, units in flows), demand or 1)
        if name == "utilization":
            return Fraction(self.total("used", flows, 0, 0), capacity or 1)
        slots = {slot.id: slot for _, slot, _ in flows}
        facilities = {slot.facility for slot in slots.values()}
        if name == "opened_slots":
            return len(slots)
        if name == "opened_facilities":
            return len(facilities)
        rooms = sum(cents(self.facilities[f].opening_cost) for f in facilities)
        if name == "subsidy":
            total = rooms
            for slot in slots.values():
                here = [flow for flow in flows if flow[1] is slot]
                spent = sum(u * self.count("cost", n, slot) for n, _, u in here)
                earned = sum(u * cents(slot.fee) for _, _, u in here)
                total += max(0, spent + cents(slot.opening_cost) - earned)
            return total
        total = sum(units * self.count(name, n, s) for n, s, units in flows)
        if name == "cost":
            total += rooms + sum(cents(s.opening_cost) for s in slots.values())
        return total

    def measure(self, plan: Plan, name: str, by: By = None, where: Where = None) -> Any:
        """Return a measure of a plan, a mapping by group if `by` is given."""
        by = plain(by)
        chosen = self.selection(name, by, where)
        chosen.check_sides(name)
        flows = [
            flow
            for flow in self.flows(name, plan)
            if flow[0].id in chosen.needs and flow[1].id in chosen.slots
        ]
        if by is None:
            demand = sum(self.demand(n) for n in chosen.needs.values())
            capacity = sum(s.capacity for s in chosen.slots.values())
            return presented(name, self.total(name, flows, demand, capacity))
        result: dict[Group, Value] = {}
        within: dict[Group, list[Flow]] = {group: [] for group in chosen.groups}
        for flow in flows:
            for group in chosen.of(flow[0], flow[1]):
                within[group].append(flow)
        for group, mine in within.items():
            demand = chosen.demand.get(group, 0)
            capacity = chosen.capacity.get(group, 0)
            if name == "fill_rate":
                before, asked = self.past(by, where, group)
                if asked + demand == 0:
                    continue
                served = before + sum(units for _, _, units in mine)
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
