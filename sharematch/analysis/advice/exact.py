"""What places bring, exactly and without solving anew, where that can be told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.advice.gains import Gains, Move, gains
from sharematch.analysis.advice.places import are_places_room
from sharematch.analysis.advice.values import Purchase, Step
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.bounds import name_of, pinned
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import flow_of
from sharematch.core.network.uncoupled import Reason
from sharematch.model.policy import Policy
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.plan import units_on

__all__ = ["Exact"]

Ints = NDArray[np.int64]


class Exact:
    """An optimal plan of an instance, and what more places in it would bring.

    `columns` may have slots without places that the plan was not made with.
    """

    def __init__(self, columns: Columns, policy: Policy, gains: Gains) -> None:
        self.columns, self._gains = columns, gains
        goal = gains.goal
        self.goal = None if goal is None else policy.goals[goal.position]
        """The goal between groups that decides who gains; None if units only count."""
        self._groups = [] if goal is None else [name_of(key) for key in goal.keys]
        self._first = gains.first_moves()
        self._slot_row = columns.position["slot"]

    @classmethod
    def of(cls, columns: Columns, policy: Policy, plan: Allocation) -> "Exact | None":
        """Return None where only solving anew can tell."""
        if not are_places_room(columns, policy):
            return None
        arcs = admitted_arcs(columns, policy.rules)
        pins = pinned(columns, arcs)
        measures = Measures(columns, arcs)
        program = flow_of(measures, policy.rules, policy.goals, pins=pins)
        if isinstance(program, Reason):
            return None
        all_gains = gains(program, units_on(columns, arcs, plan))
        if all_gains is None:
            return None
        exact = cls(columns, policy, all_gains)
        is_known = exact.goal is None or exact.goal.measure in ("fill_rate", "served")
        return exact if is_known else None

    def may_gain(self, slots: Iterable[str]) -> bool:
        """Return whether a place more at any of some slots brings anything."""
        return any(self._first[self._slot_row[slot]] for slot in slots)

    def may_use(self, needs: Iterable[str]) -> bool:
        """Return whether new pairs of some needs could bring anything."""
        position = self.columns.position["need"]
        return self._gains.may_push(
            np.array([position[need] for need in needs], np.int64)
        )

    def step(self, slots: Sequence[str], amount: int) -> Step:
        """Return what so many places bring, each at the best of some slots."""
        slot_positions = np.array([self._slot_row[slot] for slot in slots], np.int64)
        if amount == 1 and len(slots) == 1:
            return self._step(1, self._first[slot_positions[0]])
        with self._gains.trial():
            return self._step(amount, self._gains.extend(slot_positions, amount))

    def _step(self, amount: int, moves: Sequence[Move]) -> Step:
        changes: Counter[str] = Counter()
        served = 0
        for move in moves:
            served += move.lowered == NONE
            if self._groups:
                changes[self._groups[move.raised]] += 1
                if move.lowered != NONE:
                    changes[self._groups[move.lowered]] -= 1
        return Step(amount, served, {g: n for g, n in changes.items() if n})

    def buy(self, prices: Mapping[str, Decimal], budget: Decimal) -> Purchase:
        """Buy places one by one: for the worst-off group, then at the least price.

        Each time the best place that money is left for. What places bring never becomes
        more as others are added, so a price at which it was looked at again and is
        still the best needs no look at the others (lazy evaluation, Minoux 1978).
        """
        gains_now, money_left = self._gains, budget
        at_price: dict[Decimal, list[int]] = {}
        for slot, price in prices.items():
            if self._first[self._slot_row[slot]]:
                at_price.setdefault(price, []).append(self._slot_row[slot])
        heap: list[tuple[Any, Decimal, int]] = [
            (min(self._first[slot][0].key for slot in slots), price, NONE)
            for price, slots in at_price.items()
        ]
        heapify(heap)
        bought: Counter[str] = Counter()
        moves: list[Move] = []
        with gains_now.trial():
            while heap:
                key, price, seen = heappop(heap)
                if price > money_left:
                    continue
                slots = np.array(at_price[price], np.int64)
                if seen == len(moves):
                    new_moves = gains_now.extend(slots, 1)
                    moves += new_moves
                    money_left -= price
                    bought[self.columns.slot_ids[new_moves[0].slot]] += 1
                    heappush(heap, (key, price, NONE))
                    continue
                with gains_now.trial():
                    new_moves = gains_now.extend(slots, 1)
                if new_moves:
                    heappush(heap, (new_moves[0].key, price, len(moves)))
        is_best = gains_now.always_leads and (
            not self._groups or len({*prices.values()}) <= 1
        )
        step = self._step(sum(bought.values()), moves)
        return Purchase(dict(bought), budget, budget - money_left, step, is_best)
