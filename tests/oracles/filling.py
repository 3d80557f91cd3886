"""All plans within the limits of records."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.oracles.limits import Limits
from tests.oracles.vocabulary import Key


class Remaining:
    """What is left of demand, room and wear while a plan is filled key by key."""

    def __init__(self, case: Limits) -> None:
        self.case = case
        self.asked = {n: case.demand(need) for n, need in case.needs.items()}
        self.room: dict[str, list[int]] = {}
        self.open_room: dict[str, list[int]] = {}
        for s, slot in case.slots.items():
            self.room[s] = [slot.capacity] * len(case.cells[s])
            self.open_room[s] = [slot.capacity - slot.reserve] * len(case.cells[s])
        self.wear = {
            f.id: math.inf if f.max_units is None else f.max_units
            for f in case.facilities.values()
        }
        self.keys: dict[tuple[str, str], dict[Key, int]] = {}

    def add(self, key: Key, units: int) -> bool:
        """Take units away, if there are enough, and say so."""
        return self._change(key, units, 1)

    def remove(self, key: Key, units: int) -> None:
        """Give units back."""
        self._change(key, units, -1)

    def _change(self, key: Key, units: int, sign: int) -> bool:
        n, s = key[:2]
        case, mine = self.case, self.keys.setdefault((n, s), {})
        need, slot = case.needs[n], case.slots[s]
        away = need.community != case.host(slot)
        before = case.need_load(s, mine)
        after = {**mine, key: units}
        if sign < 0:
            del after[key]
        size = case.size(need, slot)
        change = [
            (new - old) * size
            for (_, old), (_, new) in zip(before, case.need_load(s, after), strict=True)
        ]
        worn = sign * units * size * case.steps(need, slot)
        room = [r - c for r, c in zip(self.room[s], change, strict=True)]
        open_room = self.open_room[s]
        if away:
            open_room = [r - c for r, c in zip(open_room, change, strict=True)]
        asked = self.asked[n] - sign * units
        wear = self.wear[slot.facility] - worn
        if sign > 0 and min(asked, wear, *room, *(open_room if away else ())) < 0:
            return False
        self.keys[n, s] = after
        self.asked[n], self.wear[slot.facility] = asked, wear
        self.room[s], self.open_room[s] = room, open_room
        return True


class Filling(Limits):
    """Enumeration of plans, before any rule."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._alone: dict[str, int] = {}

    def fillings(
        self, arcs: Sequence[Any], least: Mapping[Any, int]
    ) -> Iterator[dict[Any, int]]:
        """Yield all plans on `arcs` within quantities, capacities and reserves.

        What one need has in bookings is right by itself; the rest may be wrong.
        """
        ends = {key[0]: i for i, key in enumerate(arcs)}
        plan: dict[Key, int] = {}
        remaining = Remaining(self)

        def step(position: int) -> Iterator[dict[Key, int]]:
            if position == len(arcs):
                yield dict(plan)
                return
            key = arcs[position]
            need = self.needs[key[0]]
            for units in self._amounts(need, least.get(key, 0)):
                if units and not remaining.add(key, units):
                    break
                if units:
                    plan[key] = units
                if position < ends[need.id] or self._is_right(need, plan):
                    yield from step(position + 1)
                if units:
                    del plan[key]
                    remaining.remove(key, units)

        yield from step(0)

    def _amounts(self, need: Any, least: int) -> Sequence[int]:
        """Return how many units a need may have at one place: bookings are whole."""
        most = int(need.quantity)
        amounts = range(most + 1) if need.minutes is None else sorted({0, most})
        return [units for units in amounts if units >= least]

    def _is_right(self, need: Any, plan: Mapping[Key, int]) -> bool:
        """Say whether what a need has is right by itself, if it has bookings."""
        mine = {key: units for key, units in plan.items() if key[0] == need.id}
        if need.minutes is None or not mine:
            return True
        return not self.need_violations(need, mine)

    def alone(self, community_id: str) -> int:
        """Return the most units that a community's own slots could serve it."""
        if community_id not in self._alone:
            own = [
                key
                for key in self.arcs
                if self.needs[key[0]].community == community_id
                and self.host(self.slots[key[1]]) == community_id
            ]
            ids = [n.id for n in self.needs.values() if n.community == community_id]
            totals = (
                sum(plan.values())
                for plan in self.fillings(own, {})
                if not self.coupled_violations(plan, ids)
            )
            self._alone[community_id] = max(totals)
        return self._alone[community_id]
