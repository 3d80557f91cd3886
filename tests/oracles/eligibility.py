"""Which need may use which slot, and the first reason why not."""

# One straight list of conditions is easier to compare with the definitions.
# ruff: noqa: C901, PLR0911

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tests.oracles.measures import Measures
from tests.oracles.moments import cells, holds, minutes_of, raster, touches
from tests.oracles.numbers import cents, exact, half_up
from tests.oracles.vocabulary import Key, Plan, kind_within, plain


class Eligibility(Measures):
    """Pairs that may be matched, under the rules by assignment."""

    def __init__(
        self, instance: Any, rules: Iterable[Any] = (), baseline: Plan | None = None
    ) -> None:
        super().__init__(instance, baseline)
        self.rules = tuple(rules)
        judged = {
            (need.id, slot.id): self.judge(need, slot)
            for need in self.needs.values()
            for slot in self.slots.values()
        }
        self.codes = {pair: code for pair, (code, _) in judged.items()}
        self.arcs: list[Key] = [
            pair if start is None else (*pair, start)
            for pair, (_, starts) in judged.items()
            for start in starts
        ]
        ends = [(self.needs[n], self.slots[s]) for n, s, *_ in self.arcs]
        known = [self.travel(need, slot) for need, slot in ends]
        self.farthest = max((far for far in known if far is not None), default=0)

    def refusal(self, need: Any, slot: Any) -> str | None:
        """Return the first reason why a need may not use a slot, None: it may."""
        return self.codes[need.id, slot.id]

    def judge(self, need: Any, slot: Any) -> tuple[str | None, list[Any]]:
        """Return the first reason why not, and the starts left (None: a plain slot)."""
        code, starts = self._when(need, slot)
        code = code or self._refusal(need, slot)
        if code is not None:
            return code, []
        for decision in self.instance.decisions:
            here = (decision.need, decision.slot) == (need.id, slot.id)
            if here and decision.status in ("declined", "forbidden"):
                gone = decision.start
                every = gone is None or slot.step is None
                starts = [] if every else [s for s in starts if s != gone]
        if not starts:
            return "decision", []
        for rule in self.rules:
            if plain(rule.by) == "assignment":
                starts = [s for s in starts if self._allows(rule, need, slot, s)]
        return (None, starts) if starts else ("rule", [])

    def _when(self, need: Any, slot: Any) -> tuple[str | None, list[Any]]:
        """Return why a need can be at no time in a slot, or all starts it could have.

        Windows and closed hours are judged by the first step of a start, the length by
        the whole booking.
        """
        if not any(kind_within(kind, need.kind) for kind in slot.kinds):
            return "kind", []
        closed = self.facilities[slot.facility].closed
        steps = cells(slot)
        timed = [step for step in steps if step is not None]
        if timed and need.windows:
            timed = [s for s in timed if any(holds(w, s) for w in need.windows)]
            if not timed:
                return "time", []
        if timed:
            timed = [s for s in timed if not touches(closed, s)]
            if not timed:
                return "closed", []
        if slot.step is None:
            short = need.minutes is not None and (
                slot.start is None or minutes_of(slot) < need.minutes
            )
            return ("length", []) if short else (None, [None])
        if need.minutes is None or need.minutes % slot.step:
            return "length", []
        starts = [step.start for step in timed if self._fits(need, slot, step.start)]
        return (None, starts) if starts else ("length", [])

    def _fits(self, need: Any, slot: Any, start: Any) -> bool:
        """Say whether a whole booking lies in its opening, a window and open hours."""
        span = self.span(need, slot, start)
        if span is None or span.end > raster(slot)[-1].end:
            return False
        inside = any(holds(window, span) for window in need.windows)
        closed = self.facilities[slot.facility].closed
        return (inside or not need.windows) and not touches(closed, span)

    def _refusal(self, need: Any, slot: Any) -> str | None:
        """Return the first reason that has nothing to do with the time."""
        facility = self.facilities[slot.facility]
        visiting = slot.radius is not None
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
        if need.max_fee is not None and self.pays(need, slot) > cents(need.max_fee):
            return "fee"
        if slot.groups and not set(slot.groups) & set(need.groups):
            return "group"
        if need.people is not None and not fits_heads(slot.people, need.people):
            return "people"
        if need.choices and not {slot.id, facility.id} & set(need.choices):
            return "choice"
        return None

    def _allows(self, rule: Any, need: Any, slot: Any, start: Any) -> bool:
        span = self.span(need, slot, start)
        if not self.matches(rule.measure, rule.where, need=need, slot=slot, span=span):
            return True
        value = self.unit_value(rule.measure, need, slot, span)
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


def fits_heads(asked: str | None, heads: int) -> bool:
    """Say whether so many heads are such as "10-30", "-30" or "10-"."""
    if asked is None:
        return True
    least, _, most = asked.partition("-")
    return int(least or 0) <= heads and (not most or heads <= int(most))
