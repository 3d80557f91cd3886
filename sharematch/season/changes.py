"""What differs between a draft and the plan made anew, and why."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.model.answers import Answer
from sharematch.model.instance import Instance
from sharematch.plans.allocation import Allocation

__all__ = ["Change", "changes_between", "forced_moves"]

Ints = NDArray[np.int64]
Pair = tuple[str, str]
Units = Mapping[Pair, int]


@dataclass(frozen=True, slots=True)
class Change:
    """Units of one need in one slot, before and after, and the cause.

    Parameters
    ----------
    cause
        Of units that left: ``declined``, ``forbidden``, ``withdrawn`` (the need asks
        for less), ``gone`` (the slot is no longer there), ``capacity`` (it has less
        room), ``not_possible`` (the pair may no longer be matched, see `code`),
        ``made_way`` (others, who needed the places, have them now), ``better`` (the
        goals of the policy are served better so). Of units that came: ``decided``,
        ``arrived`` (the need is new), ``instead`` (of places lost elsewhere),
        ``room`` (there is a free place).
    code
        For ``not_possible`` the reason code of the pair.
    others
        For ``made_way`` the needs that came, for ``instead`` the slots left.
    """

    need: str
    slot: str
    before: int
    after: int
    cause: str
    code: str = ""
    others: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain values, what is empty left out."""
        values = {**asdict(self), "others": list(self.others)}
        return {k: v for k, v in values.items() if v not in ("", [])}

    @property
    def lost(self) -> int:
        """Units no longer there."""
        return max(self.before - self.after, 0)

    @property
    def gained(self) -> int:
        """Units there that were not."""
        return max(self.after - self.before, 0)


def changes_between(
    instance: Instance,
    before: Allocation,
    after: Allocation,
    answers: Sequence[Answer] = (),
    known: Collection[str] | None = None,
) -> tuple[Change, ...]:
    """Return every pair with other units than before, by need, then slot.

    Parameters
    ----------
    instance
        The records as they are now.
    known
        Needs that were there before; the others are new. None if nobody knows.
    """
    old, new = _units(before), _units(after)
    pairs = sorted(p for p in old.keys() | new.keys() if old.get(p) != new.get(p))
    causes = _Causes(instance, old, new, pairs, answers=answers, known=known)
    return tuple(causes.of(pair) for pair in pairs)


def forced_moves(instance: Instance, before: Allocation) -> int:
    """Return how many units of a plan no plan for these records can keep.

    A lower bound of ``moved`` that needs no solver: pairs that may not be matched any
    more, and of the rest what slots or needs have too much.
    """
    columns = encode(instance)
    need, slot, units = _located(columns.position, before)
    missing = before.units - int(units.sum())
    fits = arcs_module.reasons(columns, need, slot) < 0
    lost = int(units[~fits].sum())
    excess = []
    for end, room in (
        (need, columns.need_demand),
        (slot, columns.slot_capacity),
    ):
        held = np.zeros(len(room), np.int64)
        np.add.at(held, end[fits], units[fits])
        excess.append(int(np.maximum(held - room, 0).sum()))
    return missing + lost + max(excess)


def _units(plan: Allocation) -> dict[Pair, int]:
    pairs = zip(plan.needs, plan.slots, strict=True)
    return dict(zip(pairs, plan.quantities.tolist(), strict=True))


def _located(
    at: Mapping[str, Mapping[str, int]], plan: Allocation
) -> tuple[Ints, Ints, Ints]:
    """Return needs, slots and units of the pairs whose records are there."""
    found = [
        (at["need"][need], at["slot"][slot], units)
        for (need, slot), units in _units(plan).items()
        if need in at["need"] and slot in at["slot"]
    ]
    need, slot, units = np.array(found, np.int64).reshape(-1, 3).T
    return need, slot, units


class _Causes:
    def __init__(
        self,
        instance: Instance,
        old: Units,
        new: Units,
        pairs: Sequence[Pair],
        *,
        answers: Sequence[Answer],
        known: Collection[str] | None,
    ) -> None:
        self.old, self.new, self.known = old, new, known
        self.columns = encode(instance)
        self.at = self.columns.position
        self.status = {(a.need, a.slot): a.status for a in answers}
        self.left: dict[str, list[str]] = {}
        self.came: dict[str, list[str]] = {}
        for need, slot in pairs:
            if new.get((need, slot), 0) > old.get((need, slot), 0):
                self.came.setdefault(slot, []).append(need)
            else:
                self.left.setdefault(need, []).append(slot)
        self.codes = self._codes(pairs)
        self.in_slot, self.of_need = Counter[str](), Counter[str]()
        for (need, slot), units in old.items():
            self.in_slot[slot] += units
            self.of_need[need] += units

    def _codes(self, pairs: Sequence[Pair]) -> dict[Pair, str]:
        """Return why pairs may not be matched now."""
        there = [
            p for p in pairs if p[0] in self.at["need"] and p[1] in self.at["slot"]
        ]
        need = np.array([self.at["need"][n] for n, _ in there], np.int64)
        slot = np.array([self.at["slot"][s] for _, s in there], np.int64)
        found = arcs_module.reasons(self.columns, need, slot).tolist()
        return {
            pair: arcs_module.CODES[code]
            for pair, code in zip(there, found, strict=True)
            if code >= 0
        }

    def of(self, pair: Pair) -> Change:
        """Return the change of one pair."""
        before, after = self.old.get(pair, 0), self.new.get(pair, 0)
        cause, others = self._of_loss(pair) if after < before else self._of_gain(pair)
        code = self.codes.get(pair, "") if cause == "not_possible" else ""
        return Change(*pair, before, after, cause, code, tuple(others))

    def _of_loss(self, pair: Pair) -> tuple[str, Sequence[str]]:
        need, slot = pair
        others = [other for other in self.came.get(slot, ()) if other != need]
        asks_less = self.of_need[need] > self._most("need", need)
        reasons = (
            ("declined", self.status.get(pair) == "declined"),
            ("forbidden", self.status.get(pair) == "forbidden"),
            ("withdrawn", (need, "") in self.status or need not in self.at["need"]),
            ("gone", ("", slot) in self.status or slot not in self.at["slot"]),
            ("not_possible", pair in self.codes),
            ("capacity", self.in_slot[slot] > self._most("slot", slot)),
            ("withdrawn", asks_less),
            ("made_way", bool(others)),
            ("better", True),
        )
        cause = next(cause for cause, holds in reasons if holds)
        return cause, others if cause == "made_way" else ()

    def _most(self, end: str, id_: str) -> int:
        """Return a need's demand or a slot's capacity, 0 if it is not there."""
        columns = self.columns
        most = columns.need_demand if end == "need" else columns.slot_capacity
        at = self.at[end].get(id_)
        return 0 if at is None else int(most[at])

    def _of_gain(self, pair: Pair) -> tuple[str, Sequence[str]]:
        need, _ = pair
        if self.status.get(pair) in ("pinned", "accepted"):
            return "decided", ()
        if self.known is not None and need not in self.known:
            return "arrived", ()
        left = self.left.get(need, ())
        return ("instead", left) if left else ("room", ())
