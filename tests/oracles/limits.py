"""The limits of records: quantities, all or nothing, series, persons."""

# One straight list of conditions is easier to compare with the definitions.
# ruff: noqa: C901

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations, product
from typing import Any

from tests.oracles.moments import overlap
from tests.oracles.room import Room
from tests.oracles.vocabulary import Flow, Key, Plan


class Limits(Room):
    """What breaks the fields of records, whatever the policy."""

    def kept(self) -> dict[Key, int]:
        """Return the units that pinned and accepted decisions keep on each key."""
        least: dict[Key, int] = {}
        for d in self.instance.decisions:
            if d.status in ("pinned", "accepted"):
                need, slot = self.needs[d.need], self.slots[d.slot]
                units = need.quantity if d.quantity is None else d.quantity
                if need.minutes is not None:
                    units = need.quantity  # a booking stays whole
                timed = slot.step is not None and d.start is not None
                key = (d.need, d.slot, d.start) if timed else (d.need, d.slot)
                least[key] = max(least.get(key, 0), units)
        return least

    def structure(self, plan: Plan) -> list[str]:
        """Return what breaks the records' own limits, whoever is eligible."""
        wrong: list[str] = []
        for key, units in plan.items():
            n, s, *start = key
            if n not in self.needs or s not in self.slots:
                wrong.append(f"plan: ({n}, {s}) is no pair of a need and a slot")
            elif isinstance(units, bool) or not isinstance(units, int) or units < 1:
                wrong.append(f"plan: ({n}, {s}) has {units} units")
            elif start != [c.start for c in self.cells[s] if c and [c.start] == start]:
                wrong.append(f"plan: no booking of {s} begins at {start}")
            elif (self.slots[s].step is None) != (not start):
                wrong.append(f"plan: ({n}, {s}) begins at {start}")
        if wrong:
            return wrong
        for need in self.needs.values():
            served = sum(units for key, units in plan.items() if key[0] == need.id)
            if served > self.demand(need):
                wrong.append(f"quantity: {need.id} gets {served}")
        wrong += self.room_violations(plan)
        return wrong + self.coupled_violations(plan, list(self.needs))

    def couples(self) -> bool:
        """Say whether any field makes all-or-nothing or either-or of units."""
        needs, slots = self.needs.values(), self.slots.values()
        return any(
            n.whole
            or n.min_quantity > 1
            or n.sessions > 1
            or n.minutes is not None
            or (n.together, n.person) != (None, None)
            for n in needs
        ) or any(s.min_units > 1 or s.either is not None for s in slots)

    def coupled_violations(self, plan: Plan, need_ids: Sequence[str]) -> list[str]:
        """Return what breaks all-or-nothing and either-or fields of some needs."""
        wrong: list[str] = []
        uses: dict[str, dict[Key, int]] = {n: {} for n in need_ids}
        for key, units in plan.items():
            uses[key[0]][key] = units
        for n in need_ids:
            if uses[n]:
                wrong += self.need_violations(self.needs[n], uses[n])
        for one, other in combinations(need_ids, 2):
            first, second = self.needs[one], self.needs[other]
            if first.person is not None and first.person == second.person:
                for a, b in product(self._stays(uses[one]), self._stays(uses[other])):
                    if self._too_near(a, b):
                        wrong.append(f"person: {one} and {other}, {a.span}, {b.span}")
            joined = first.together is not None and first.together == second.together
            if joined and {k[1:] for k in uses[one]} != {k[1:] for k in uses[other]}:
                wrong.append(f"together: {one} and {other} part")
        return wrong + self.use_violations(plan)

    def need_violations(self, need: Any, mine: Mapping[Key, int]) -> list[str]:
        """Return what is wrong with all that one need has."""
        wrong: list[str] = []
        if sum(mine.values()) < need.min_quantity:
            wrong.append(f"min_quantity: {need.id} gets {sum(mine.values())}")
        if need.minutes is not None or need.sessions > 1:
            return wrong + self._booking_violations(need, mine)
        undivided = need.whole or need.together is not None
        if undivided and list(mine.values()) != [need.quantity]:
            wrong.append(f"whole: {need.id} gets {mine}")
        return wrong

    def _stays(self, keys: Mapping[Key, int]) -> list[Flow]:
        return [self.flow(key, units) for key, units in keys.items()]

    def _clash(self, one: Flow, other: Flow) -> bool:
        """Say whether two stays are at the same time."""
        if one.span is None or other.span is None:
            return False
        same = one.slot.id == other.slot.id and one.slot.step is None
        return same or overlap(one.span, other.span)

    def _too_near(self, one: Flow, other: Flow) -> bool:
        """Say whether two stays clash or leave too little rest between them."""
        if one.span is None or other.span is None:
            return False
        if self._clash(one, other):
            return True
        rest = max(one.need.rest, other.need.rest)
        if rest == 0:
            return False
        before, after = (
            (one, other) if one.span.start < other.span.start else (other, one)
        )
        seconds = 60 * int(rest)
        if self.instance.travel.unit == "min":
            seconds += self.way(before[:2], after[:2])
        assert before.span is not None
        assert after.span is not None
        return after.span.start - before.span.end < timedelta(seconds=seconds)

    def _booking_violations(self, need: Any, mine: Mapping[Key, int]) -> list[str]:
        """Return what is wrong with bookings or sessions of one need."""
        if set(mine.values()) != {need.quantity}:
            return [f"sessions: {need.id} gets {dict(mine)}"]
        stays = self._stays(mine)
        if need.times > 1:
            dates = [stay.span.start.date() for stay in stays if stay.span]
            if max(map(dates.count, dates), default=0) > need.per_day:
                return [f"per_day: {need.id} has {dates}"]
        if any(self._clash(one, other) for one, other in combinations(stays, 2)):
            return [f"sessions: {need.id} has {[stay.span for stay in stays]}"]
        faults = {self._fault(need, parts) for parts in partitions(stays, need.times)}
        if None in faults:
            return []
        told = [f"{s.slot.id} {s.span and s.span.start}" for s in stays]
        return [f"{fault}: {need.id} has {told}" for fault in sorted(map(str, faults))]

    def _fault(self, need: Any, parts: Sequence[Sequence[Flow]]) -> str | None:
        """Return what is wrong if a need has its bookings in such series."""
        for first, second in combinations(parts, 2):
            for one, other in product(first, second):
                if self._too_near(one, other):
                    return "rest"
        faults = [self._series_fault(need, part) for part in parts]
        return next((fault for fault in faults if fault), None)

    def _series_fault(self, need: Any, stays: Sequence[Flow]) -> str | None:
        """Return why bookings are not what a need asks for once, None: they are."""
        least = need.sessions if need.min_sessions is None else need.min_sessions
        places = {stay.slot.facility for stay in stays}
        if len(places) > 1 or not least <= len(stays) <= need.sessions:
            return "sessions"
        if need.every is None or need.sessions == 1:
            return None
        if any(stay.span is None for stay in stays):
            return "every"
        starts = [stay.span.start for stay in stays if stay.span]
        if need.every % 1440 == 0:  # by the clock, as written
            starts = [start.replace(tzinfo=None) for start in starts]
        rhythm = timedelta(minutes=int(need.every))
        first, last = min(starts), max(starts)
        in_step = all((start - first) % rhythm == timedelta(0) for start in starts)
        fits = in_step and last - first <= (need.sessions - 1) * rhythm
        return None if fits and len(set(starts)) == len(starts) else "every"


def partitions(stays: Sequence[Flow], most: int) -> Iterator[list[list[Flow]]]:
    """Yield all ways to part stays into at most so many sets."""
    if not stays:
        yield []
        return
    first, *others = stays
    for parts in partitions(others, most):
        for i in range(len(parts)):
            yield [*parts[:i], [first, *parts[i]], *parts[i + 1 :]]
        if len(parts) < most:
            yield [[first], *parts]
