"""All plans within the limits of records."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
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

    def add_all(self, choice: Mapping[Key, int]) -> bool:
        """Take units away, if there are enough for all, and say so."""
        taken: dict[Key, int] = {}
        for key, units in choice.items():
            if not self._change(key, units, 1):
                self.remove_all(taken)
                return False
            taken[key] = units
        return True

    def remove_all(self, choice: Mapping[Key, int]) -> None:
        """Give units back."""
        for key, units in choice.items():
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
        self._choices: dict[tuple[Any, ...], list[dict[Key, int]]] = {}

    def fillings(
        self, arcs: Sequence[Any], least: Mapping[Any, int]
    ) -> Iterator[dict[Any, int]]:
        """Yield all plans on `arcs` within quantities, capacities and reserves.

        What one need has in bookings is right by itself; the rest may be wrong.
        """
        stages = list(self._stages(arcs, least))
        plan: dict[Key, int] = {}
        remaining = Remaining(self)

        def step(position: int) -> Iterator[dict[Key, int]]:
            if position == len(stages):
                yield dict(plan)
                return
            for choice in stages[position]:
                if remaining.add_all(choice):
                    plan.update(choice)
                    yield from step(position + 1)
                    for key in choice:
                        del plan[key]
                    remaining.remove_all(choice)

        yield from step(0)

    def _stages(
        self, arcs: Sequence[Any], least: Mapping[Any, int]
    ) -> Iterator[list[dict[Key, int]]]:
        """Yield what is chosen one after the other.

        That is the units of each key, and all bookings of one need at once.
        """
        for n, own in groupby(arcs, key=lambda key: key[0]):
            need, keys = self.needs[n], list(own)
            if need.minutes is not None:
                yield [
                    choice
                    for choice in self._bookings(need, keys)
                    if all(choice.get(k, 0) >= least.get(k, 0) for k in keys)
                ]
                continue
            for key in keys:
                amounts = range(least.get(key, 0), int(need.quantity) + 1)
                yield [{key: units} if units else {} for units in amounts]

    def _bookings(self, need: Any, keys: list[Any]) -> list[dict[Key, int]]:
        """Return all that one need may have in bookings, by itself."""
        name = (need.id, *keys)
        if name not in self._choices:
            stays = [self.flow(key, int(need.quantity)) for key in keys]
            most = need.times * need.sessions
            free: list[tuple[int, ...]] = [()]
            for i, stay in enumerate(stays if need.quantity else ()):
                free += [
                    (*chosen, i)
                    for chosen in free
                    if len(chosen) < most
                    and not any(self._clash(stay, stays[j]) for j in chosen)
                ]
            plans = [{keys[i]: int(need.quantity) for i in chosen} for chosen in free]
            self._choices[name] = [
                plan
                for plan in plans
                if not plan or not self.need_violations(need, plan)
            ]
        return self._choices[name]

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
