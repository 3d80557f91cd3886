"""Brute force: slow, exact answers to compare the library with.

Everything here is computed from the public fields of records and policies, in plain
Python integers and fractions, by enumeration. Nothing of the library is imported.
A plan is a mapping from (need id, slot id) to a positive number of units.
"""

# One straight list of conditions is easier to compare with the definitions.
# ruff: noqa: C901, PLR0911, PLR0912, PLR0917

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import Any, TypeAlias

Pair: TypeAlias = tuple[str, str]
Plan: TypeAlias = Mapping[Pair, int]
Group: TypeAlias = str | tuple[str, ...]
By: TypeAlias = str | tuple[str, ...] | None
Where: TypeAlias = Mapping[str, Any] | None
Value: TypeAlias = int | Fraction | Decimal
GoalResult: TypeAlias = Value | tuple[Fraction, ...]
Flow: TypeAlias = tuple[Any, Any, int]

NEED_KEYS = ("community", "area", "kind", "need", "person", "group")
SLOT_KEYS = ("slot", "facility", "provider", "sector", "day", "week", "month")
NEED_MEASURES = ("demand", "unmet", "fill_rate", "weighted_served")
SLOT_MEASURES = (
    "cost",
    "subsidy",
    "used",
    "utilization",
    "opened_slots",
    "opened_facilities",
)
ARC_MEASURES = (
    "travel",
    "wait",
    "lateness",
    "fees",
    "parity_gap",
    "rank",
    "tier",
    "lent",
    "borrowed",
    "moved",
)
UNIT_MEASURES = (
    "served",
    "unmet",
    "fill_rate",
    "used",
    "utilization",
    "lent",
    "borrowed",
)
MONEY = ("fees", "parity_gap", "cost", "subsidy")
EARTH_RADIUS_KM = 6371.0088


# Numbers


def exact(value: Any) -> Fraction:
    """Return a number as the fraction that its decimal text says."""
    return Fraction(repr(value) if isinstance(value, float) else value)


def half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves upwards."""
    return math.floor(value + Fraction(1, 2))


def cents(value: Any) -> int:
    """Return an amount of money in minor units."""
    amount = exact(value) * 100
    if amount.denominator != 1:
        raise ValueError(f"{value} has more than two decimal places")
    return int(amount)


def overlap(one: Any, other: Any) -> bool:
    """Say whether two spans of time share more than an end point."""
    return bool(one.start < other.end and other.start < one.end)


def kind_within(kind: str, wider: str) -> bool:
    """Say whether the path `kind` is `wider` or lies below it."""
    return kind == wider or kind.startswith(wider + "/")


def plain(by: Any) -> By:
    """Return `by` as None, a string or a tuple of strings."""
    return by if by is None or isinstance(by, str) else tuple(by)


def values_of(value: Any) -> tuple[str, ...]:
    """Return the values of one key of a filter as texts."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(str(v) for v in value)
    return (str(value),)


class Case:
    """One instance under the rules by assignment, with what follows looked up once.

    Parameters
    ----------
    instance
        The records.
    rules
        Rules of a policy; those by assignment decide which pairs are eligible.
    baseline
        An earlier plan, for the measure `moved`.
    """

    def __init__(
        self, instance: Any, rules: Iterable[Any] = (), baseline: Plan | None = None
    ) -> None:
        self.instance = instance
        self.rules = tuple(rules)
        self.baseline = baseline
        self.areas = {a.id: a for a in instance.areas}
        self.communities = {c.id: c for c in instance.communities}
        self.providers = {p.id: p for p in instance.providers}
        self.facilities = {f.id: f for f in instance.facilities}
        self.slots = {s.id: s for s in instance.slots}
        self.needs = {n.id: n for n in instance.needs}
        self.pairs = {(p.need, p.slot): p for p in instance.pairs}
        self.paths = shortest_paths(instance)
        self._levels = levels(instance)
        self._travel: dict[Pair, int | None] = {}
        self._groups: dict[Any, Selection] = {}
        self._alone: dict[str, int] = {}
        self.codes = {
            (need.id, slot.id): self.refusal(need, slot)
            for need in instance.needs
            for slot in instance.slots
        }
        self.arcs = [pair for pair, code in self.codes.items() if code is None]
        known = [self.travel(self.needs[n], self.slots[s]) for n, s in self.arcs]
        self.farthest = max((far for far in known if far is not None), default=0)

    # Geography

    def ancestors(self, community_id: str) -> list[str]:
        """Return the areas of a community, the lowest first."""
        chain: list[str] = []
        area_id = self.communities[community_id].area
        while area_id is not None:
            chain.append(area_id)
            area_id = self.areas[area_id].parent
        return chain

    def tier_between(self, one: str, other: str) -> int | None:
        """Return the tier between two communities, None if nothing is in common."""
        if one == other:
            return 0
        if not self.areas:
            return 1
        theirs = self.ancestors(other)
        for height, area_id in enumerate(self.ancestors(one), start=1):
            if area_id in theirs:
                return height
        return None

    def tier(self, need: Any, slot: Any) -> int | None:
        """Return the tier of a pair, None if it cannot be shared."""
        return self.tier_between(need.community, self.host(slot))

    def tier_number(self, name: Any) -> int:
        """Return the number of a tier given by name or number."""
        if isinstance(name, str):
            if name == "own":
                return 0
            if name in self._levels:
                return self._levels[name]
        return int(exact(name))

    def host(self, slot: Any) -> str:
        """Return the community of a slot's facility."""
        return str(self.facilities[slot.facility].community)

    def travel(self, need: Any, slot: Any) -> int | None:
        """Return whole metres or seconds between a need and a slot, None: unknown."""
        key = (need.id, slot.id)
        if key not in self._travel:
            self._travel[key] = self._compute_travel(need, slot)
        return self._travel[key]

    def _compute_travel(self, need: Any, slot: Any) -> int | None:
        instance = self.instance
        facility = self.facilities[slot.facility]
        if instance.links:
            linked = {end for k in instance.links for end in (k.source, k.target)}
            home = need.community
            place = facility.id if facility.id in linked else facility.community
            ends = (place, home) if slot.radius is not None else (home, place)
            if ends[0] == ends[1]:
                return 0
            if ends in self.paths:
                return self.paths[ends]
        here = need.location or self.communities[need.community].location
        there = facility.location or self.communities[facility.community].location
        if here is not None and there is not None:
            return distance(instance.travel, here, there)
        if here is None and there is None and need.community == facility.community:
            return 0
        places = (*instance.communities, *instance.facilities, *instance.needs)
        if not instance.links and all(place.location is None for place in places):
            return 0
        return None

    def distance(self, need: Any, slot: Any) -> int:
        """Return the travel of a pair as it counts in sums."""
        known = self.travel(need, slot)
        return self.farthest if known is None else known

    # Eligibility

    def refusal(self, need: Any, slot: Any) -> str | None:
        """Return the first reason why a need may not use a slot, None: it may."""
        facility = self.facilities[slot.facility]
        visiting = slot.radius is not None
        if not any(kind_within(kind, need.kind) for kind in slot.kinds):
            return "kind"
        if slot.start is not None:
            if need.windows and not any(
                w.start <= slot.start and slot.end <= w.end for w in need.windows
            ):
                return "time"
            if any(overlap(slot, window) for window in facility.closed):
                return "closed"
        tier_of_pair = self.tier(need, slot)
        share = facility.share if slot.share is None else slot.share
        if tier_of_pair is None:
            return "share"
        if share is not None and tier_of_pair > self.tier_number(share):
            return "share"
        far = self.travel(need, slot)
        limit = slot.radius if visiting else need.max_travel
        if limit is not None:
            scale = 1000 if self.instance.travel.unit == "km" else 60
            if far is None or far > half_up(exact(limit) * scale):
                return "radius" if visiting else "travel"
        if not visiting and not set(need.requires) <= set(facility.features):
            return "feature"
        if need.max_fee is not None and slot.fee > need.max_fee:
            return "fee"
        if slot.groups and not set(slot.groups) & set(need.groups):
            return "group"
        if need.choices and not {slot.id, facility.id} & set(need.choices):
            return "choice"
        for decision in self.instance.decisions:
            here = (decision.need, decision.slot) == (need.id, slot.id)
            if here and decision.status in ("declined", "forbidden"):
                return "decision"
        for rule in self.rules:
            if plain(rule.by) == "assignment" and not self._allows(rule, need, slot):
                return "rule"
        return None

    def _allows(self, rule: Any, need: Any, slot: Any) -> bool:
        if not self.matches(rule.measure, rule.where, need=need, slot=slot):
            return True
        value = self.unit_value(rule.measure, need, slot)
        if value is None:
            return False
        bound = self.bound(rule.measure, rule.bound)
        return value >= bound if rule.op == "at_least" else value <= bound

    def bound(self, name: str, bound: Any) -> Fraction:
        """Return the bound of a rule on a measure as an exact number."""
        if name == "tier":
            if isinstance(bound, str) and (bound == "own" or bound in self._levels):
                return Fraction(self.tier_number(bound))
            return exact(bound)
        if name == "travel":
            return Fraction(half_up(exact(bound)))
        return exact(bound)

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

    # Groups and filters

    def side(self, name: str, key: str) -> str:
        """Return "need" or "slot": whose property `key` is under a measure."""
        hosts = name in SLOT_MEASURES or name == "lent"
        if key in ("community", "area") and hosts:
            return "slot"
        if key in NEED_KEYS or key == "tags":
            return "need"
        if key in SLOT_KEYS:
            return "slot"
        raise ValueError(f"no group is called {key}")

    def values(self, side: str, key: str, record: Any) -> tuple[str, ...]:
        """Return the groups by one key that a need or a slot is in."""
        if side == "need":
            found = {
                "community": [record.community],
                "area": [self.communities[record.community].area],
                "kind": [record.kind],
                "need": [record.id],
                "person": [record.person],
                "group": sorted(record.groups),
            }[key]
        else:
            facility = self.facilities[record.facility]
            provider = self.providers.get(facility.provider)
            day = None if record.start is None else record.start.date()
            week = None if day is None else day.isocalendar()
            found = {
                "community": [facility.community],
                "area": [self.communities[facility.community].area],
                "slot": [record.id],
                "facility": [facility.id],
                "provider": [facility.provider],
                "sector": [None if provider is None else provider.sector],
                "day": [None if day is None else day.isoformat()],
                "week": [None if week is None else f"{week[0]}-W{week[1]:02d}"],
                "month": [None if day is None else f"{day.year:04d}-{day.month:02d}"],
            }[key]
        return tuple(str(value) for value in found if value is not None)

    def matches(
        self, name: str, where: Where, *, need: Any = None, slot: Any = None
    ) -> bool:
        """Say whether a need, a slot or both pass a filter; None passes."""
        for key, wanted in (where or {}).items():
            side = self.side(name, key)
            record = need if side == "need" else slot
            if record is None:
                continue
            allowed = values_of(wanted)
            home = record.community if side == "need" else self.host(record)
            if key == "tags":
                passes = bool(set(self.communities[home].tags) & set(allowed))
            elif key == "area":
                passes = bool(set(self.ancestors(home)) & set(allowed))
            elif key == "kind":
                passes = any(kind_within(need.kind, wider) for wider in allowed)
            else:
                passes = bool(set(self.values(side, key, record)) & set(allowed))
            if not passes:
                return False
        return True

    def selection(self, name: str, by: By, where: Where) -> "Selection":
        """Return what a measure by groups under a filter is taken over."""
        hosts = name in SLOT_MEASURES or name == "lent"
        texts = {key: values_of(value) for key, value in (where or {}).items()}
        key = (hosts, by, tuple(sorted(texts.items())))
        if key not in self._groups:
            self._groups[key] = Selection(self, name, by, where)
        return self._groups[key]

    # Measures

    def demand(self, need: Any) -> int:
        """Return the units that a need asks for."""
        return int(need.quantity * need.sessions)

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

    # Goals

    def weight(self, goal: Any, group: Group) -> Fraction:
        """Return the weight of a group in a leximin goal, 0: it takes no part."""
        weights = goal.weights
        if weights is None:
            return Fraction(1)
        if isinstance(weights, str):
            members = [
                c
                for c in self.instance.communities
                if group == (c.id if plain(goal.by) == "community" else c.area)
            ]
            given = [getattr(c, weights) for c in members]
            return sum((exact(w) for w in given if w is not None), Fraction(0))
        return exact(weights[group]) if group in weights else Fraction(0)

    def goal_value(self, goal: Any, plan: Plan) -> GoalResult:
        """Return the exact value of a goal: a sorted tuple, or one number."""
        if goal.op in ("maximize", "minimize"):
            value: Value = self.measure(plan, goal.measure, None, goal.where)
            return value
        values = self.judged(plan, goal.measure, goal.by, goal.where)
        if goal.op == "leximax":
            return tuple(sorted(values.values(), reverse=True))
        shares = [
            value / weight
            for group, value in values.items()
            if (weight := self.weight(goal, group)) > 0
        ]
        return tuple(sorted(shares))

    # Feasibility

    def violations(self, plan: Plan) -> list[str]:
        """Return what is wrong with a plan, in words; empty if it is feasible."""
        wrong = self.structure(plan)
        if any(line.startswith("plan:") for line in wrong):
            return wrong
        for n, s in plan:
            code = self.codes[n, s]
            if code is not None:
                wrong.append(f"{code}: need {n} may not use slot {s}")
        for pair, least in self.kept().items():
            code = self.codes[pair]
            if code is not None:
                wrong.append(f"decision: {pair} must stay, but is refused ({code})")
            elif plan.get(pair, 0) < least:
                wrong.append(f"decision: {pair} must keep {least} units")
        for rule in self.rules:
            wrong += self.rule_violations(rule, plan)
        return wrong

    def kept(self) -> dict[Pair, int]:
        """Return the units that pinned and accepted decisions keep on each pair."""
        least: dict[Pair, int] = {}
        for d in self.instance.decisions:
            if d.status in ("pinned", "accepted"):
                need = self.needs[d.need]
                units = need.quantity if d.quantity is None else d.quantity
                pair = (d.need, d.slot)
                least[pair] = max(least.get(pair, 0), units)
        return least

    def rule_violations(self, rule: Any, plan: Plan) -> list[str]:
        """Return the groups in which a plan breaks a rule not by assignment."""
        by = plain(rule.by)
        if by == "assignment":
            return []
        label = f"rule: {rule.op} {rule.measure}"
        where = getattr(rule, "where", None)
        if rule.op == "within":
            values = self.judged(plan, rule.measure, by, where)
            spread = max(values.values(), default=0) - min(values.values(), default=0)
            if spread <= self.bound(rule.measure, rule.width):
                return []
            return [f"{label} {rule.width} by {by}: the spread is {spread}"]
        if str(rule.bound).startswith("alone"):
            less = int(rule.bound.removeprefix("alone").removeprefix(" - ") or 0)
            groups = self.selection("served", "community", where).judged
            served = self.measure(plan, "served", "community", where)
            owed = {group: self.alone(str(group)) - less for group in groups}
            return [
                f"{label} {rule.bound}: {group} has {served[group]}, not {units}"
                for group, units in owed.items()
                if served[group] < units
            ]
        bound = self.bound(rule.measure, rule.bound)
        found: dict[Any, Fraction]
        unit = {"fill_rate": "need", "utilization": "slot"}.get(rule.measure)
        if by is None and unit and not self.judged(plan, rule.measure, unit, where):
            found = {}  # a share of nothing is no share
        elif by is None:
            found = {"all": Fraction(self.measure(plan, rule.measure, None, where))}
        else:
            found = self.judged(plan, rule.measure, by, where)
        return [
            f"{label} {rule.bound} by {by}: {group} has {value}"
            for group, value in found.items()
            if (value < bound if rule.op == "at_least" else value > bound)
        ]

    def alone(self, community_id: str) -> int:
        """Return the most units that a community's own slots could serve it."""
        if community_id not in self._alone:
            own = [
                (n, s)
                for n, s in self.arcs
                if self.needs[n].community == community_id
                and self.host(self.slots[s]) == community_id
            ]
            ids = [n.id for n in self.needs.values() if n.community == community_id]
            totals = (
                sum(plan.values())
                for plan in self.fillings(own, {})
                if not self.coupled_violations(plan, ids)
            )
            self._alone[community_id] = max(totals)
        return self._alone[community_id]

    def structure(self, plan: Plan) -> list[str]:
        """Return what breaks the records' own limits, whoever is eligible."""
        wrong: list[str] = []
        for (n, s), units in plan.items():
            if n not in self.needs or s not in self.slots:
                wrong.append(f"plan: ({n}, {s}) is no pair of a need and a slot")
            elif isinstance(units, bool) or not isinstance(units, int) or units < 1:
                wrong.append(f"plan: ({n}, {s}) has {units} units")
        if wrong:
            return wrong
        for need in self.needs.values():
            served = sum(units for (n, _), units in plan.items() if n == need.id)
            if served > self.demand(need):
                wrong.append(f"quantity: {need.id} gets {served}")
        taken = dict.fromkeys(self.slots, 0)
        lent = dict.fromkeys(self.slots, 0)
        for (n, s), units in plan.items():
            need, slot = self.needs[n], self.slots[s]
            size = units * self.size(need, slot)
            taken[s] += size
            if need.community != self.host(slot):
                lent[s] += size
        for slot in self.slots.values():
            if taken[slot.id] > slot.capacity:
                wrong.append(f"capacity: {slot.id} takes {taken[slot.id]}")
            if lent[slot.id] > slot.capacity - slot.reserve:
                wrong.append(f"reserve: {slot.id} lends {lent[slot.id]}")
        for facility in self.facilities.values():
            mine = [s.id for s in self.slots.values() if s.facility == facility.id]
            used = sum(taken[slot_id] for slot_id in mine)
            if facility.max_units is not None and used > facility.max_units:
                wrong.append(f"max_units: {facility.id} takes {used}")
        return wrong + self.coupled_violations(plan, list(self.needs))

    def couples(self) -> bool:
        """Say whether any field makes all-or-nothing or either-or of units."""
        needs, slots = self.needs.values(), self.slots.values()
        return any(
            n.whole
            or n.min_quantity > 1
            or n.sessions > 1
            or (n.together, n.person) != (None, None)
            for n in needs
        ) or any(s.min_units > 1 or s.either is not None for s in slots)

    def coupled_violations(self, plan: Plan, need_ids: Sequence[str]) -> list[str]:
        """Return what breaks all-or-nothing and either-or fields of some needs."""
        wrong: list[str] = []
        uses: dict[str, dict[str, int]] = {n: {} for n in need_ids}
        for (n, s), units in plan.items():
            uses[n][s] = units
        for n in need_ids:
            need, mine = self.needs[n], uses[n]
            if not mine:
                continue
            if sum(mine.values()) < need.min_quantity:
                wrong.append(f"min_quantity: {n} gets {sum(mine.values())}")
            if need.sessions > 1:
                wrong += self._session_violations(need, mine)
                continue
            undivided = need.whole or need.together is not None
            if undivided and list(mine.values()) != [need.quantity]:
                wrong.append(f"whole: {n} gets {mine}")
        for one, other in combinations(need_ids, 2):
            first, second = self.needs[one], self.needs[other]
            if first.person is not None and first.person == second.person:
                for s, t in product(uses[one], uses[other]):
                    if self._clash(self.slots[s], self.slots[t]):
                        wrong.append(f"person: {one} in {s} and {other} in {t}")
            joined = first.together is not None and first.together == second.together
            if joined and set(uses[one]) != set(uses[other]):
                wrong.append(f"together: {one} and {other} part")
        used = {s for mine in uses.values() for s in mine}
        for s in used:
            slot = self.slots[s]
            taken = sum(
                units * self.size(self.needs[n], slot)
                for (n, t), units in plan.items()
                if t == s
            )
            if taken < slot.min_units:
                wrong.append(f"min_units: {s} takes {taken}")
        for s, t in combinations(sorted(used), 2):
            label = self.slots[s].either
            if label is not None and label == self.slots[t].either:
                wrong.append(f"either: {s} and {t} are both used")
        return wrong

    def _clash(self, one: Any, other: Any) -> bool:
        if one.start is None or other.start is None:
            return False
        return one.id == other.id or overlap(one, other)

    def _session_violations(self, need: Any, mine: Mapping[str, int]) -> list[str]:
        slots = [self.slots[s] for s in mine]
        wrong: list[str] = []
        if len(slots) != need.sessions or set(mine.values()) != {need.quantity}:
            wrong.append(f"sessions: {need.id} gets {dict(mine)}")
        if len({slot.facility for slot in slots}) > 1:
            wrong.append(f"sessions: {need.id} uses several facilities")
        if any(self._clash(one, other) for one, other in combinations(slots, 2)):
            wrong.append(f"sessions: slots of {need.id} overlap")
        if need.every is not None:
            if any(slot.start is None for slot in slots):
                wrong.append(f"every: {need.id} uses an untimed slot")
            else:
                starts = [slot.start for slot in slots]
                if need.every % 1440 == 0:  # by the clock, as written
                    starts = [start.replace(tzinfo=None) for start in starts]
                starts.sort()
                step = timedelta(minutes=int(need.every))
                if any(b - a != step for a, b in pairwise(starts)):
                    wrong.append(f"every: {need.id} starts at {starts}")
        return wrong

    # Enumeration

    def fillings(
        self, arcs: Sequence[Pair], least: Mapping[Pair, int]
    ) -> Iterator[dict[Pair, int]]:
        """Yield all plans on `arcs` within quantities, capacities and reserves."""
        asked = {n: self.demand(need) for n, need in self.needs.items()}
        room = {s: slot.capacity for s, slot in self.slots.items()}
        open_room = {s: slot.capacity - slot.reserve for s, slot in self.slots.items()}
        wear = {
            f.id: math.inf if f.max_units is None else f.max_units
            for f in self.facilities.values()
        }
        plan: dict[Pair, int] = {}

        def step(position: int) -> Iterator[dict[Pair, int]]:
            if position == len(arcs):
                yield dict(plan)
                return
            n, s = arcs[position]
            need, slot = self.needs[n], self.slots[s]
            size = self.size(need, slot)
            away = need.community != self.host(slot)
            for units in range(least.get((n, s), 0), int(need.quantity) + 1):
                load = units * size
                if units > asked[n] or load > room[s] or load > wear[slot.facility]:
                    break
                if away and load > open_room[s]:
                    break
                asked[n] -= units
                room[s] -= load
                wear[slot.facility] -= load
                open_room[s] -= load if away else 0
                if units:
                    plan[n, s] = units
                yield from step(position + 1)
                plan.pop((n, s), None)
                asked[n] += units
                room[s] += load
                wear[slot.facility] += load
                open_room[s] += load if away else 0

        yield from step(0)

    def plans(self) -> Iterator[dict[Pair, int]]:
        """Yield every feasible plan once."""
        kept = self.kept()
        if not set(kept) <= set(self.arcs):
            return
        rules = [rule for rule in self.rules if plain(rule.by) != "assignment"]
        needs = [*self.needs] if self.couples() else []
        for plan in self.fillings(self.arcs, kept):  # within all other limits
            if needs and self.coupled_violations(plan, needs):
                continue
            if not any(self.rule_violations(rule, plan) for rule in rules):
                yield plan

    def smallest_units(self, goal: Any, value: Any) -> Fraction:
        """Return the value of a linear goal in its measure's smallest unit."""
        chosen = self.selection(goal.measure, None, goal.where)
        scale = 100 if goal.measure in MONEY else 1
        if goal.measure == "fill_rate":
            scale = sum(self.demand(n) for n in chosen.needs.values())
        if goal.measure == "utilization":
            scale = sum(s.capacity for s in chosen.slots.values())
        return Fraction(value) * scale

    def best(
        self, goals: Iterable[Any]
    ) -> tuple[list[GoalResult], dict[Pair, int]] | None:
        """Return the lexicographic optimum of the goals and one plan, None: none."""
        left = list(self.plans())
        if not left:
            return None
        optimum: list[GoalResult] = []
        for goal in goals:
            values: list[Any] = [self.goal_value(goal, plan) for plan in left]
            upward = goal.op in ("maximize", "leximin")
            best_value = max(values) if upward else min(values)
            optimum.append(best_value)
            slack = getattr(goal, "slack", None)
            if slack is None:
                keep = [value == best_value for value in values]
            else:
                units = self.smallest_units(goal, best_value)
                inside = [self.smallest_units(goal, value) for value in values]
                if upward:
                    least = math.ceil((1 - exact(slack)) * units)
                    keep = [value >= least for value in inside]
                else:
                    most = math.floor((1 + exact(slack)) * units)
                    keep = [value <= most for value in inside]
            left = [plan for plan, stays in zip(left, keep, strict=True) if stays]
        return optimum, left[0]


class Selection:
    """Needs, slots and groups that a measure is taken over."""

    def __init__(self, case: Case, name: str, by: By, where: Where) -> None:
        self.case = case
        self.name = name
        self.keys = () if by is None else (by,) if isinstance(by, str) else by
        self.pair = isinstance(by, tuple)
        self.needs = {
            n.id: n for n in case.needs.values() if case.matches(name, where, need=n)
        }
        self.slots = {
            s.id: s for s in case.slots.values() if case.matches(name, where, slot=s)
        }
        self.sides = tuple(case.side(name, key) for key in self.keys)
        wanted = {} if name == "lent" else where or {}
        self.named = {key: values_of(wanted[key]) for key in self.keys if key in wanted}
        self.demand: dict[Group, int] = {}
        self.capacity: dict[Group, int] = {}
        self._of: dict[Pair, set[Group]] = {}
        needs: list[Any] = list(self.needs.values()) if "need" in self.sides else [None]
        slots: list[Any] = list(self.slots.values()) if "slot" in self.sides else [None]
        for need, slot in product(needs, slots) if self.keys else ():
            for group in self._names(need, slot):
                asked = 0 if need is None else case.demand(need)
                room = 0 if slot is None else slot.capacity
                self.demand[group] = self.demand.get(group, 0) + asked
                self.capacity[group] = self.capacity.get(group, 0) + room
        self.groups = sorted(self.demand)
        self.judged = [
            group
            for group in self.groups
            if ("need" not in self.sides or self.demand[group] > 0)
            and ("slot" not in self.sides or self.capacity[group] > 0)
        ]

    def _names(self, need: Any, slot: Any) -> set[Group]:
        parts = [
            [
                value
                for value in self.case.values(
                    side, key, need if side == "need" else slot
                )
                if key not in self.named or self._is_named(key, value)
            ]
            for side, key in zip(self.sides, self.keys, strict=True)
        ]
        names = set(product(*parts))
        return set(names) if self.pair else {name[0] for name in names}

    def _is_named(self, key: str, value: str) -> bool:
        """Say whether a filter on the key that groups are made by names a group."""
        if key == "kind":
            return any(kind_within(value, wider) for wider in self.named[key])
        names = {value}
        if key == "area":
            above: str | None = value
            while above is not None:
                names.add(above)
                above = self.case.areas[above].parent
        return bool(names & set(self.named[key]))

    def of(self, need: Any, slot: Any) -> set[Group]:
        """Return the groups that a unit of a pair counts for."""
        key = (need.id, slot.id)
        if key not in self._of:
            self._of[key] = self._names(need, slot)
        return self._of[key]

    def check_sides(self, name: str) -> None:
        """Refuse a measure of one side by groups of the other."""
        if name in NEED_MEASURES and "slot" in self.sides:
            raise ValueError(f"{name} is not measured by {self.keys}")
        if name in SLOT_MEASURES and "need" in self.sides:
            raise ValueError(f"{name} is not measured by {self.keys}")
        if name not in (*NEED_MEASURES, *SLOT_MEASURES, *ARC_MEASURES, "served"):
            raise ValueError(f"no measure is called {name}")


def presented(name: str, value: int | Fraction) -> Value:
    """Return money as a decimal in major units, other values as they are."""
    return Decimal(int(value)).scaleb(-2) if name in MONEY else value


def levels(instance: Any) -> dict[str, int]:
    """Return the tier number of each level of areas, the lowest being 1."""
    parents = {area.id: area.parent for area in instance.areas}
    heights = dict.fromkeys(parents, 1)
    for _ in parents:
        for area_id, parent in parents.items():
            if parent is not None:
                heights[parent] = max(heights[parent], heights[area_id] + 1)
    found: dict[str, int] = {}
    for area in instance.areas:
        found[area.level] = max(found.get(area.level, 1), heights[area.id])
    return found


def shortest_paths(instance: Any) -> dict[tuple[str, str], int]:
    """Return the travel between linked places, by Floyd and Warshall."""
    scale = 1000 if instance.travel.unit == "km" else 60
    far: dict[tuple[str, str], int] = {}
    for link in instance.links:
        length = half_up(exact(link.travel) * scale)
        ends = [(link.source, link.target)]
        if link.two_way:
            ends.append((link.target, link.source))
        for end in ends:
            far[end] = min(length, far.get(end, length))
    places = sorted({place for ends in far for place in ends})
    for via in places:
        for start in places:
            for stop in places:
                if (start, via) in far and (via, stop) in far:
                    length = far[start, via] + far[via, stop]
                    far[start, stop] = min(length, far.get((start, stop), length))
    return far


def distance(travel_settings: Any, here: Any, there: Any) -> int | None:
    """Return whole metres or seconds between two locations, None: no speed known."""
    detour = exact(travel_settings.detour)
    in_time = travel_settings.unit == "min"
    if in_time and travel_settings.speed is None:
        return None
    speed = exact(travel_settings.speed) if in_time else Fraction(1)
    per_km = detour * (3600 / speed if in_time else 1000)
    if travel_settings.metric == "plane":
        # Exact even at halves: floor(r + 1/2) is (floor(2 r) + 1) // 2.
        squared = sum(
            (exact(a) - exact(b)) ** 2 for a, b in zip(here, there, strict=True)
        )
        doubled = math.isqrt(math.floor(4 * squared * per_km**2))
        return (doubled + 1) // 2
    (lon1, lat1), (lon2, lat2) = (
        map(math.radians, map(float, p)) for p in (here, there)
    )
    chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    arc = 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))
    return math.floor(arc * float(per_km) + 0.5)


# Functions


def refusal(
    instance: Any, policy_rules: Iterable[Any], need: Any, slot: Any
) -> str | None:
    """Return the code of the first reason why a pair may not be matched."""
    return Case(instance, policy_rules).refusal(need, slot)


def travel(instance: Any, need: Any, slot: Any) -> int | None:
    """Return whole metres or seconds of a pair, None: unknown."""
    return Case(instance).travel(need, slot)


def tier(instance: Any, need: Any, slot: Any) -> int | None:
    """Return the tier of a pair, None: nothing in common."""
    return Case(instance).tier(need, slot)


def eligible_pairs(instance: Any, rules: Iterable[Any] = ()) -> list[Pair]:
    """Return all pairs of ids that may be matched, in the order of the records."""
    return Case(instance, rules).arcs


def measure(
    instance: Any,
    plan: Plan,
    name: str,
    by: By = None,
    where: Where = None,
    baseline: Plan | None = None,
    rules: Iterable[Any] = (),
) -> Any:
    """Return a measure of a plan, exactly.

    Units, metres, seconds, days and counts are integers, ratios fractions, money is
    decimal. With `by` the result maps every group that has a value to it. The rules
    matter only for `travel`: they decide what an unknown distance counts as.
    """
    return Case(instance, rules, baseline).measure(plan, name, by, where)


def violations(
    instance: Any, policy: Any, plan: Plan, baseline: Plan | None = None
) -> list[str]:
    """Return what is wrong with a plan, each as "code: words"; empty if feasible."""
    return Case(instance, policy.rules, baseline).violations(plan)


def alone(instance: Any, rules: Iterable[Any], community_id: str) -> int:
    """Return the most units that a community's own slots could serve it."""
    return Case(instance, rules).alone(community_id)


def plans(
    instance: Any, policy: Any, baseline: Plan | None = None
) -> Iterator[dict[Pair, int]]:
    """Yield every feasible plan of a tiny instance once."""
    return Case(instance, policy.rules, baseline).plans()


def goal_value(
    instance: Any,
    goal: Any,
    plan: Plan,
    baseline: Plan | None = None,
    rules: Iterable[Any] = (),
) -> GoalResult:
    """Return a goal's value: sorted fractions for leximin and leximax, or a number."""
    return Case(instance, rules, baseline).goal_value(goal, plan)


def is_feasible(instance: Any, policy: Any) -> bool:
    """Say whether there is any plan."""
    return next(plans(instance, policy), None) is not None


def best(
    instance: Any, policy: Any, baseline: Plan | None = None
) -> tuple[list[GoalResult], dict[Pair, int]] | None:
    """Return the optimal values of all goals and one optimal plan, None: infeasible.

    The value of a goal is its optimum given the goals before it; with slack, the plan
    returned may fall short of it by what the slack allows.
    """
    return Case(instance, policy.rules, baseline).best(policy.goals)


def is_network(instance: Any, policy: Any) -> bool:
    """Say whether a problem is of the network class, by its sets of eligible arcs."""
    case = Case(instance, policy.rules)
    if any(case.size(case.needs[n], case.slots[s]) != 1 for n, s in case.arcs):
        return False
    if any(
        n.whole or n.min_quantity > 1 or n.sessions > 1 or n.together is not None
        for n in case.needs.values()
    ):
        return False
    if any(s.min_units > 1 or s.either is not None for s in case.slots.values()):
        return False
    sets: dict[str, list[frozenset[Pair]]] = {"need": [], "slot": []}
    for n in case.needs:
        sets["need"].append(frozenset(arc for arc in case.arcs if arc[0] == n))
    for s, slot in case.slots.items():
        mine = frozenset(arc for arc in case.arcs if arc[1] == s)
        sets["slot"].append(mine)
        if slot.reserve:
            lent = (a for a in mine if case.needs[a[0]].community != case.host(slot))
            sets["slot"].append(frozenset(lent))
    for facility in case.facilities.values():
        if facility.max_units is not None:
            here = (a for a in case.arcs if case.slots[a[1]].facility == facility.id)
            sets["slot"].append(frozenset(here))
    bounded = [rule for rule in policy.rules if plain(rule.by) != "assignment"]
    bounded += [goal for goal in policy.goals if goal.op.startswith("lexi")]
    for term in bounded:
        by, where = plain(term.by), getattr(term, "where", None)
        name = term.measure
        plain_weights = name == "weighted_served" and all_weigh_one(case, where)
        if term.op == "within" or not (name in UNIT_MEASURES or plain_weights):
            return False
        chosen = case.selection(name, by, where)
        keys = {case.side(name, key) for key in (where or {})} | set(chosen.sides)
        if len(set(chosen.sides)) > 1:
            return False
        side = "slot" if keys == {"slot"} else "need"
        if chosen.sides:
            side = chosen.sides[0]
        parts: dict[Group, set[Pair]] = {}
        for n, s in case.arcs:
            need, slot = case.needs[n], case.slots[s]
            if n not in chosen.needs or s not in chosen.slots:
                continue
            if name in ("lent", "borrowed") and need.community == case.host(slot):
                continue
            for group in chosen.of(need, slot) if by is not None else ("all",):
                parts.setdefault(group, set()).add((n, s))
        sets[side] += [frozenset(part) for part in parts.values()]
    for goal in policy.goals:
        if getattr(goal, "slack", None) is not None or opens(case, goal.measure):
            return False
    if shares_person(case):
        return False
    return all(
        one <= other or other <= one or not one & other
        for family in sets.values()
        for one, other in combinations(set(family), 2)
    )


def all_weigh_one(case: Case, where: Where) -> bool:
    """Say whether all needs that pass a filter have weight 1."""
    chosen = case.selection("weighted_served", None, where)
    return all(need.weight == 1 for need in chosen.needs.values())


def opens(case: Case, name: str) -> bool:
    """Say whether a measure depends on which slots or facilities are in use."""
    if name.startswith("opened"):
        return True
    if name == "subsidy" and any(pair.cost for pair in case.pairs.values()):
        return True
    places = (*case.slots.values(), *case.facilities.values())
    return name in ("cost", "subsidy") and any(place.opening_cost for place in places)


def shares_person(case: Case) -> bool:
    """Say whether two needs of one person could clash on timed slots."""
    for (n, s), (m, t) in combinations(case.arcs, 2):
        one, other = case.needs[n], case.needs[m]
        same = n != m and one.person is not None and one.person == other.person
        if same and case._clash(case.slots[s], case.slots[t]):
            return True
    return False
