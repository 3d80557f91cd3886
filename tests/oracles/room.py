"""What bookings take of slots at each moment."""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from tests.oracles.eligibility import Eligibility
from tests.oracles.moments import Span, cells, overlap, touches
from tests.oracles.vocabulary import Key, Plan


class Load(NamedTuple):
    """Units by size in each cell of a slot: used, with set-up, of other communities."""

    used: list[int]
    taken: list[int]
    lent: list[int]


class Room(Eligibility):
    """The cells of slots, and who takes them."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.cells = {s: cells(slot) for s, slot in self.slots.items()}
        self.setups = {s: self._setup_steps(slot) for s, slot in self.slots.items()}
        self._cells_used: dict[Key, tuple[int, int, int]] = {}

    def _setup_steps(self, slot: Any) -> int:
        """Return how many steps stay taken after a booking."""
        if slot.step is None:
            return 0
        setup: int = self.facilities[slot.facility].setup
        return math.ceil(Fraction(setup, slot.step))

    def extent(self, key: Key) -> tuple[int, int, int]:
        """Return the first cell in use, the end of use, the end of set-up."""
        if key not in self._cells_used:
            self._cells_used[key] = self._extent(*key)
        return self._cells_used[key]

    def _extent(self, n: str, s: str, start: Any = None) -> tuple[int, int, int]:
        slot = self.slots[s]
        if slot.step is None:
            return 0, 1, 1
        steps = self.cells[s]
        first = [step.start for step in steps if step is not None].index(start)
        end = first + self.steps(self.needs[n], slot)
        free = end
        closed = self.facilities[slot.facility].closed
        while free < min(len(steps), end + self.setups[s]):
            if touches(closed, steps[free]):
                break
            free += 1
        return first, end, free

    def need_load(self, s: str, keys: Mapping[Key, int]) -> list[tuple[int, int]]:
        """Return what one need uses and takes of each cell of a slot, in units."""
        used = [0] * len(self.cells[s])
        kept = [0] * len(self.cells[s])
        for key, units in keys.items():
            first, end, free = self.extent(key)
            for i in range(first, end):
                used[i] += units
            for i in range(end, free):
                kept[i] = max(kept[i], units)
        return [(use, max(use, keep)) for use, keep in zip(used, kept, strict=True)]

    def loads(self, plan: Plan) -> dict[str, Load]:
        """Return what a plan takes of all slots."""
        found = {
            s: Load(*([0] * len(at) for _ in "utl")) for s, at in self.cells.items()
        }
        by_pair: dict[tuple[str, str], dict[Key, int]] = {}
        for key, units in plan.items():
            by_pair.setdefault((key[0], key[1]), {})[key] = units
        for (n, s), keys in by_pair.items():
            need, slot, load = self.needs[n], self.slots[s], found[s]
            size = self.size(need, slot)
            for i, (use, take) in enumerate(self.need_load(s, keys)):
                load.used[i] += use * size
                load.taken[i] += take * size
                if need.community != self.host(slot):
                    load.lent[i] += take * size
        return found

    def wear(self, keys: Iterable[tuple[Key, int]], facility: str) -> int:
        """Return the units by size and steps that a plan uses of a facility."""
        return sum(
            units * self.count("used", self.needs[key[0]], self.slots[key[1]])
            for key, units in keys
            if self.slots[key[1]].facility == facility
        )

    def room_violations(self, plan: Plan) -> list[str]:
        """Return where more is taken than there is."""
        wrong: list[str] = []
        for s, load in self.loads(plan).items():
            slot = self.slots[s]
            if max(load.taken, default=0) > slot.capacity:
                wrong.append(f"capacity: {s} takes {load.taken}")
            if max(load.lent, default=0) > slot.capacity - slot.reserve:
                wrong.append(f"reserve: {s} lends {load.lent}")
        for facility in self.facilities.values():
            used = self.wear(plan.items(), facility.id)
            if facility.max_units is not None and used > facility.max_units:
                wrong.append(f"max_units: {facility.id} takes {used}")
        return wrong

    def use_violations(self, plan: Plan) -> list[str]:
        """Return where too few are, or two uses of one room at a moment."""
        wrong: list[str] = []
        loads = {s: load for s, load in self.loads(plan).items() if any(load.taken)}
        for s, load in loads.items():
            if any(0 < units < self.slots[s].min_units for units in load.used):
                wrong.append(f"min_units: {s} has {load.used}")
        labelled = sorted(s for s in loads if self.slots[s].either is not None)
        for i, s in enumerate(labelled):
            for t in labelled[i + 1 :]:
                same = self.slots[s].either == self.slots[t].either
                if same and self._meet(s, loads[s], t, loads[t]):
                    wrong.append(f"either: {s} and {t} are both used")
        return wrong

    def _meet(self, s: str, load: Load, t: str, other: Load) -> bool:
        """Say whether two slots of one label are taken where only one may be."""
        if self.slots[s].step is None and self.slots[t].step is None:
            return True
        return any(
            overlap(one, two)
            for one in self._busy(s, load)
            for two in self._busy(t, other)
        )

    def _busy(self, s: str, load: Load) -> list[Span]:
        """Return the moments at which a slot is taken; what is untimed has none."""
        at = zip(self.cells[s], load.taken, strict=True)
        return [cell for cell, taken in at if taken and cell is not None]
