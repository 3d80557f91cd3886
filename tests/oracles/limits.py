"""The limits that records set to a plan: quantities, capacities, all or nothing."""

# One straight list of conditions is easier to compare with the definitions.
# ruff: noqa: C901, PLR0912

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import combinations, pairwise, product
from typing import Any

from tests.oracles.eligibility import Eligibility
from tests.oracles.numbers import overlap
from tests.oracles.vocabulary import Pair, Plan


class Limits(Eligibility):
    """What breaks the fields of records, whatever the policy."""

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
