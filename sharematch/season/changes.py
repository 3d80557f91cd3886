"""What differs between a draft and the plan made anew, and why."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.moments import cells_of
from sharematch.model.answers import Answer
from sharematch.model.canonical import time_text
from sharematch.model.instance import Instance
from sharematch.plans.allocation import Allocation

__all__ = ["Change", "changes_between", "forced_moves"]

Ints = NDArray[np.int64]
Pair = tuple[str, str, datetime | None]
"""Need, slot, and in an opening when the booking begins."""
Units = Mapping[Pair, int]


@dataclass(frozen=True, slots=True)
class Change:
    """Units of one need in one slot, or one booking of it, before and after, and why.

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
    start, end
        When the booking begins and ends, in an opening.
    parts
        Names of the parts of its hall that it had, or has now.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> first = next(iter(result.allocation))
    >>> no = sm.Decision(need=first.need, slot=first.slot, status="declined")
    >>> [change.cause for change in sm.season.resolve(result, [no]).changes][0]
    'declined'
    """

    need: str
    slot: str
    before: int
    after: int
    cause: str
    code: str = ""
    others: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    parts: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain values, what is empty left out."""
        times = {
            name: "" if time is None else time_text(time)
            for name, time in (("start", self.start), ("end", self.end))
        }
        lists = {"others": list(self.others), "parts": list(self.parts)}
        values = {**asdict(self), **lists, **times}
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
    differ = (p for p in old.keys() | new.keys() if old.get(p) != new.get(p))
    pairs = sorted(differ, key=lambda p: (*p[:2], time_text(p[2]) if p[2] else ""))
    causes = _Causes(instance, old, new, pairs, answers=answers, known=known)
    shown = {(a.need, a.slot, a.start): a for plan in (before, after) for a in plan}
    return tuple(
        replace(causes.of(pair), end=shown[pair].end, parts=shown[pair].parts)
        for pair in pairs
    )


def forced_moves(instance: Instance, before: Allocation) -> int:
    """Return how many units of a plan no plan for these records can keep.

    A lower bound of ``moved`` that needs no solver: pairs that may not be matched any
    more, and of the rest what slots or needs have too much.
    """
    columns = encode(instance)
    need, slot, cell, units = _located(columns, before)
    missing = before.units - int(units.sum())
    fits = arcs_module.reasons(columns, need, slot, cell) < 0
    lost = int(units[~fits].sum())
    excess = []
    # Of an opening it is enough to look at where bookings begin.
    for end, room in (
        (need, columns.need_demand),
        (cell, columns.slot_capacity[columns.cells.slot]),
    ):
        held = np.zeros(len(room), np.int64)
        np.add.at(held, end[fits], units[fits])
        excess.append(int(np.maximum(held - room, 0).sum()))
    return missing + lost + max(excess)


def _units(plan: Allocation) -> dict[Pair, int]:
    pairs = zip(plan.needs, plan.slots, plan.starts, strict=True)
    return dict(zip(pairs, plan.quantities.tolist(), strict=True))


def _located(columns: Columns, plan: Allocation) -> tuple[Ints, Ints, Ints, Ints]:
    """Return needs, slots, cells and units of the pairs whose records are there."""
    position, units = columns.position, _units(plan)
    known_pairs = [
        p for p in units if p[0] in position["need"] and p[1] in position["slot"]
    ]
    need = np.array([position["need"][n] for n, *_ in known_pairs], np.int64)
    slot = np.array([position["slot"][s] for _, s, _ in known_pairs], np.int64)
    cell = cells_of(columns, slot, [start for *_, start in known_pairs])
    units_held = np.array([units[pair] for pair in known_pairs], np.int64)
    has_cell = cell != NONE
    return need[has_cell], slot[has_cell], cell[has_cell], units_held[has_cell]


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
        self.status = {a.pair: a.status for a in answers}
        self.left: dict[str, list[str]] = {}
        self.came: dict[str, list[str]] = {}
        for pair in pairs:
            need, slot, _ = pair
            if new.get(pair, 0) > old.get(pair, 0):
                self.came.setdefault(slot, []).append(need)
            else:
                self.left.setdefault(need, []).append(slot)
        self.codes = self._codes(pairs)
        self.in_slot, self.of_need = Counter[Any](), Counter[str]()
        for (need, slot, start), units in old.items():
            self.in_slot[slot, start] += units
            self.of_need[need] += units

    def _codes(self, pairs: Sequence[Pair]) -> dict[Pair, str]:
        """Return why pairs may not be matched now."""
        known_pairs = [
            p for p in pairs if p[0] in self.at["need"] and p[1] in self.at["slot"]
        ]
        need = np.array([self.at["need"][n] for n, *_ in known_pairs], np.int64)
        slot = np.array([self.at["slot"][s] for _, s, _ in known_pairs], np.int64)
        cell = cells_of(self.columns, slot, [start for *_, start in known_pairs])
        codes = arcs_module.reasons(self.columns, need, slot, cell).tolist()
        return {
            pair: arcs_module.CODES[code]
            for pair, code in zip(known_pairs, codes, strict=True)
            if code >= 0
        }

    def of(self, pair: Pair) -> Change:
        """Return the change of one pair."""
        before, after = self.old.get(pair, 0), self.new.get(pair, 0)
        cause, others = self._of_loss(pair) if after < before else self._of_gain(pair)
        code = self.codes.get(pair, "") if cause == "not_possible" else ""
        need, slot, start = pair
        told = cause, code, tuple(others), start
        return Change(need, slot, before, after, *told)

    def _of_loss(self, pair: Pair) -> tuple[str, Sequence[str]]:
        need, slot, start = pair
        others = [other for other in self.came.get(slot, ()) if other != need]
        asks_less = self.of_need[need] > self._most("need", need)
        reasons = (
            ("declined", self._said(pair) == "declined"),
            ("forbidden", self._said(pair) == "forbidden"),
            ("withdrawn", self._is_answered(need, "") or need not in self.at["need"]),
            ("gone", self._is_answered("", slot) or slot not in self.at["slot"]),
            ("not_possible", pair in self.codes),
            ("capacity", self.in_slot[slot, start] > self._most("slot", slot)),
            ("withdrawn", asks_less),
            ("made_way", bool(others)),
            ("better", True),
        )
        cause = next(cause for cause, holds in reasons if holds)
        return cause, others if cause == "made_way" else ()

    def _said(self, pair: Pair) -> str | None:
        """Return what was said of a pair, or of all bookings of its need and slot."""
        return self.status.get(pair, self.status.get((*pair[:2], None)))

    def _is_answered(self, need: str, slot: str) -> bool:
        return (need, slot, None) in self.status

    def _most(self, end: str, id_: str) -> int:
        """Return a need's demand or a slot's capacity, 0 if it is not there."""
        columns = self.columns
        most = columns.need_demand if end == "need" else columns.slot_capacity
        position = self.at[end].get(id_)
        return 0 if position is None else int(most[position])

    def _of_gain(self, pair: Pair) -> tuple[str, Sequence[str]]:
        need, *_ = pair
        if self._said(pair) in ("pinned", "accepted"):
            return "decided", ()
        if self.known is not None and need not in self.known:
            return "arrived", ()
        left_slots = self.left.get(need, ())
        return ("instead", left_slots) if left_slots else ("room", ())
