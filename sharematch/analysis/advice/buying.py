"""What a budget buys where each set of places has to be solved anew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cmp_to_key
from heapq import heapify, heappop, heappush
from typing import Any

from sharematch.analysis.advice.anew import Anew
from sharematch.analysis.advice.places import are_places_room
from sharematch.analysis.advice.values import (
    Purchase,
    Step,
    compare_differences,
    difference,
)
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import group_side

__all__ = ["buy"]

Gain = tuple[Any, ...]
"""What is gained in each goal: a number, or how groups change between rates."""


def buy(
    anew: Anew, slots: Sequence[str], prices: Mapping[str, Decimal], budget: Decimal
) -> Purchase:
    """Buy places one by one: each time what does most by the goals, then the cheapest.

    A place whose gain was known earlier is solved again only when no other is known to
    bring more (lazy evaluation, Minoux 1978). Where no single place brings anything,
    the cheapest number of places at one slot that does is bought at once. At the end
    nothing at any one slot that money is left for would bring anything.
    """
    return _Buyer(anew, slots, prices, budget).purchase()


class _Buyer:
    def __init__(
        self,
        anew: Anew,
        slots: Sequence[str],
        prices: Mapping[str, Decimal],
        budget: Decimal,
    ) -> None:
        self.anew, self.slots, self.prices = anew, slots, prices
        self.budget = self.left = budget
        self.bought: Counter[str] = Counter()
        self.here = anew.nothing
        self.is_exact = self.here.is_exact
        self.asked = int(anew.columns.need_demand.sum())
        policy = anew.result.policy
        self.never_harms = are_places_room(anew.columns, policy) and _counts(policy)

    def purchase(self) -> Purchase:
        # Where more places never harm, nothing is better than all of them together.
        ceiling = None
        if self.never_harms:
            ceiling = self._with({slot: self._most(slot) for slot in self.slots})
        goals = None if ceiling is None else ceiling.goals
        while self.here.goals != goals and (self._singly() or self._at_once()):
            pass
        is_all = self.here.goals == goals or self._is_one_at_most()
        return Purchase(
            dict(self.bought),
            self.budget,
            self.budget - self.left,
            self.here,
            is_best=self.is_exact and is_all,
        )

    def _is_one_at_most(self) -> bool:
        """Return whether all that could have been bought was looked at."""
        cheapest = sorted(self.prices[slot] for slot in self.slots)[:1]
        return all(2 * price > self.budget for price in cheapest)

    def _most(self, slot: str) -> int:
        """Return how many places at a slot money is left for, as far as they matter."""
        price = self.prices[slot]
        return min(int(self.left // price), self.asked) if price else self.asked

    def _with(self, more: Mapping[str, int]) -> Step | None:
        step = self.anew.with_places(self.bought + Counter(more))
        self.is_exact &= step is not None and step.is_exact
        return step

    def _gain(self, step: Step | None) -> Gain | None:
        """Return what a step brings beyond what is bought, None if it is no better."""
        if step is None or step.goals <= self.here.goals:
            return None
        pairs = zip(self.here.goals, step.goals, strict=True)
        return tuple(
            difference(before, after) if isinstance(after, tuple) else after - before
            for before, after in pairs
        )

    def _take(self, slot: str, count: int, step: Step) -> None:
        self.bought[slot] += count
        self.left -= count * self.prices[slot]
        self.here = step

    def _singly(self) -> bool:
        """Buy places one by one as long as one brings anything; return whether any."""
        queue: list[tuple[Any, Decimal, int, int]] = []
        for rank, slot in enumerate(self.slots):
            if self._most(slot) and (gain := self._gain(self._with({slot: 1}))):
                queue.append((_by_gain(gain), self.prices[slot], rank, 0))
        heapify(queue)
        count = 0
        while queue:
            gain_known, price, rank, seen = heappop(queue)
            slot = self.slots[rank]
            if price > self.left:
                continue
            step = self._with({slot: 1})
            if seen == count and step is not None:
                self._take(slot, 1, step)
                count += 1
                heappush(queue, (gain_known, price, rank, seen))
            elif (gain := self._gain(step)) is not None:
                heappush(queue, (_by_gain(gain), price, rank, count))
        return count > 0

    def _at_once(self) -> bool:
        """Buy the cheapest number of places at one slot that brings anything."""
        best: tuple[Decimal, Any, int, int] | None = None
        for rank, slot in enumerate(self.slots):
            most = self._most(slot)
            if most < 2 or self._gain(self._with({slot: most})) is None:
                continue
            least = 1
            while most - least > 1:
                middle = (least + most) // 2
                if self._gain(self._with({slot: middle})) is None:
                    least = middle
                else:
                    most = middle
            gain = self._gain(self._with({slot: most}))
            assert gain is not None
            offer = most * self.prices[slot], _by_gain(gain), rank, most
            best = offer if best is None else min(best, offer)
        if best is None:
            return False
        slot, count = self.slots[best[2]], best[3]
        step = self._with({slot: count})
        assert step is not None
        self._take(slot, count, step)
        return True


def _counts(policy: Policy) -> bool:
    """Return whether goals are of what people get, each kept to the last unit."""
    sides = (
        group_side(key, goal.measure) for goal in policy.goals for key in goal.groups
    )
    return "slot" not in sides and not any(
        goal.slack or MEASURES[goal.measure].is_share_of_places for goal in policy.goals
    )


def _compare(one: Gain, other: Gain) -> int:
    """Return below 0 where the first gain is the better one, above where the other."""
    for x, y in zip(one, other, strict=True):
        if x != y:
            if isinstance(x, tuple):
                return compare_differences(x, y)
            return -1 if x > y else 1
    return 0


_by_gain = cmp_to_key(_compare)
"""The better gain first."""
