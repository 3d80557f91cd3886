"""Which need may use which slot, and the first reason why not."""

# One straight list of conditions is easier to compare with the definitions.
# ruff: noqa: C901, PLR0911, PLR0912

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tests.oracles.measures import Measures
from tests.oracles.numbers import exact, half_up, overlap
from tests.oracles.vocabulary import Plan, kind_within, plain


class Eligibility(Measures):
    """Pairs that may be matched, under the rules by assignment."""

    def __init__(
        self, instance: Any, rules: Iterable[Any] = (), baseline: Plan | None = None
    ) -> None:
        super().__init__(instance, baseline)
        self.rules = tuple(rules)
        self.codes = {
            (need.id, slot.id): self.refusal(need, slot)
            for need in instance.needs
            for slot in instance.slots
        }
        self.arcs = [pair for pair, code in self.codes.items() if code is None]
        known = [self.travel(self.needs[n], self.slots[s]) for n, s in self.arcs]
        self.farthest = max((far for far in known if far is not None), default=0)

    def refusal(self, need: Any, slot: Any) -> str | None:
        """Return the first reason why a need may not use a slot, None: it may."""
        facility = self.facilities[slot.facility]
        visiting = slot.radius is not None
        if not any(kind_within(kind, need.kind) for kind in slot.kinds):
            return "kind"
        if slot.start is not None:
            if need.windows and not any(
                w.start <= slot.start and slot.end <= w.end for w in need.windows
            ):
                return "time"
            if any(overlap(slot, window) for window in facility.closed):
                return "closed"
        tier_of_pair = self.tier(need, slot)
        share = facility.share if slot.share is None else slot.share
        if tier_of_pair is None:
            return "share"
        if share is not None and tier_of_pair > self.tier_number(share):
            return "share"
        far = self.travel(need, slot)
        limit = slot.radius if visiting else need.max_travel
        if limit is not None:
            scale = 1000 if self.instance.travel.unit == "km" else 60
            if far is None or far > half_up(exact(limit) * scale):
                return "radius" if visiting else "travel"
        if not visiting and not set(need.requires) <= set(facility.features):
            return "feature"
        if need.max_fee is not None and slot.fee > need.max_fee:
            return "fee"
        if slot.groups and not set(slot.groups) & set(need.groups):
            return "group"
        if need.choices and not {slot.id, facility.id} & set(need.choices):
            return "choice"
        for decision in self.instance.decisions:
            here = (decision.need, decision.slot) == (need.id, slot.id)
            if here and decision.status in ("declined", "forbidden"):
                return "decision"
        for rule in self.rules:
            if plain(rule.by) == "assignment" and not self._allows(rule, need, slot):
                return "rule"
        return None

    def _allows(self, rule: Any, need: Any, slot: Any) -> bool:
        if not self.matches(rule.measure, rule.where, need=need, slot=slot):
            return True
        value = self.unit_value(rule.measure, need, slot)
        if value is None:
            return False
        bound = self.bound(rule.measure, rule.bound)
        return value >= bound if rule.op == "at_least" else value <= bound

    def bound(self, name: str, bound: Any) -> Fraction:
        """Return the bound of a rule on a measure as an exact number."""
        if name == "tier":
            if isinstance(bound, str) and (bound == "own" or bound in self._levels):
                return Fraction(self.tier_number(bound))
            return exact(bound)
        if name == "travel":
            return Fraction(half_up(exact(bound)))
        return exact(bound)
