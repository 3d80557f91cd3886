"""All plans within the limits of records."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.oracles.limits import Limits
from tests.oracles.vocabulary import Pair, Plan


class Filling(Limits):
    """Enumeration of plans, before any rule."""

    def __init__(
        self, instance: Any, rules: Iterable[Any] = (), baseline: Plan | None = None
    ) -> None:
        super().__init__(instance, rules, baseline)
        self._alone: dict[str, int] = {}

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
