"""How far places are shared, by which policy: who is served, and what it takes."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import sharematch as sm
from benchmarks.toronto.city import IMPROVEMENT_AREA, LOW_INCOME, Assumptions
from sharematch.analysis.comparison.plans import gini
from sharematch.comparison import Comparison, FairnessPrice, price_of_fairness

__all__ = ["POLICIES", "RADII", "Study", "study"]

RADII = (0, 3, 5, 8)
"""Kilometers; 0 is the own neighborhood's places only."""
POLICIES = {
    "fair": sm.Policy.fair(),
    "efficient": sm.Policy.efficient(),
    "low income first": sm.Policy.vulnerable_first(LOW_INCOME),
}
_ADVISED = (0, 3, 5)
"""From 8 km on every place is full and everybody gains alike: nothing to choose."""


@dataclass(frozen=True)
class Study:
    """All plans and what they show.

    Parameters
    ----------
    instance
        One week.
    assumed
        What its requests are made of.
    plans
        By radius in km and name of the policy.
    sharing
        The fair plans, own places only first: who gains by each radius.
    prices
        By radius, what fairness costs; its comparison says who would gain without it.
    advice
        By radius, where one more session would do most.
    """

    instance: sm.Instance
    assumed: Assumptions
    plans: dict[tuple[int, str], sm.Result]
    sharing: Comparison
    prices: dict[int, FairnessPrice]
    advice: dict[int, Any]

    def figures(self) -> dict[str, Any]:
        """Return aggregate figures alone: nothing of any one neighborhood."""
        return {
            "assumed": asdict(self.assumed),
            "sizes": self._sizes(),
            "plans": [self._plan(*key) for key in self.plans],
            "sharing": [
                self._change(radius, change)
                for radius, change in zip(RADII[1:], self.sharing.changes, strict=True)
            ],
            "fairness": [self._price(radius) for radius in self.prices],
            "next": [self._next(radius) for radius in self.advice],
        }

    @property
    def improvement_areas(self) -> frozenset[str]:
        """The neighborhoods that the City has chosen for improvement."""
        communities = self.instance.communities
        return frozenset(c.id for c in communities if IMPROVEMENT_AREA in c.tags)

    def rates(self, radius: int, policy: str) -> dict[str, Fraction]:
        """Return the share of requests served by neighborhood."""
        each = self.plans[radius, policy].each("fill_rate", "community")
        return {name: Fraction(rate) for name, rate in each.items()}

    def _sizes(self) -> dict[str, int]:
        town = self.instance
        home = {facility.id: facility.community for facility in town.facilities}
        hosts = {home[slot.facility] for slot in town.slots}
        return {
            "neighborhoods": len(town.communities),
            "improvement_areas": len(self.improvement_areas),
            "with_sessions": len(hosts),
            "facilities": len(town.facilities),
            "sessions": len(town.slots),
            "places": sum(slot.capacity for slot in town.slots),
            "requests": sum(need.quantity for need in town.needs),
        }

    def _plan(self, radius: int, policy: str) -> dict[str, Any]:
        plan = self.plans[radius, policy]
        rates = self.rates(radius, policy)
        served = int(plan.value("served"))
        row = {
            "radius_km": radius,
            "policy": policy,
            "served": served,
            "served_nothing": sum(not rate for rate in rates.values()),
            "below_a_third": sum(rate < Fraction(1, 3) for rate in rates.values()),
            "lowest_of_served": _ratio(min(filter(None, rates.values()))),
            "gini": round(float(gini(rates.values())), 4),
            "meters_each": round(int(plan.value("travel")) / served),
            "improvement_areas": _ratio(_rate(plan, {"tags": IMPROVEMENT_AREA})),
        }
        if policy == "low income first":
            # The other policies do not say who in a neighborhood is served.
            row["low_income"] = _ratio(_rate(plan, {"group": LOW_INCOME}))
        return row

    def _change(self, radius: int, change: Any) -> dict[str, Any]:
        return {"radius_km": radius, **self._gained(change.gains, change.losses)}

    def _gained(self, gains: Any, losses: Any) -> dict[str, int]:
        areas = self.improvement_areas
        return {
            "gain": len(gains),
            "units_gained": sum(gains.values()),
            "gain_improvement_areas": len(areas & set(gains)),
            "lose": len(losses),
            "units_lost": sum(losses.values()),
            "lose_improvement_areas": len(areas & set(losses)),
        }

    def _price(self, radius: int) -> dict[str, Any]:
        found = self.prices[radius]
        served, travel = found.prices
        (other,) = found.comparison.changes
        meters = int(travel.price) / int(served.value)
        return {
            "radius_km": radius,
            "served": int(served.price),
            "meters_each": round(meters),
            # Who gains by fairness is who would lose by leaving it.
            **self._gained(other.losses, other.gains),
        }

    def _next(self, radius: int) -> dict[str, Any]:
        options = list(self.advice[radius])
        first = options[0].steps[0]
        hosts = {option.place["community"] for option in options}
        return {
            "radius_km": radius,
            "options": len(options),
            "in_neighborhoods": len(hosts),
            "in_improvement_areas": len(hosts & self.improvement_areas),
            "first_serves": first.served,
        }


def study(instance: sm.Instance, assumed: Assumptions) -> Study:
    """Solve every radius under every policy and compare the plans."""
    plans = {
        (radius, name): sm.solve(instance, policy)
        for radius in RADII
        for name, policy in _policies(radius)
    }
    fair = {radius: plans[radius, "fair"] for radius in RADII}
    prices = {
        radius: price_of_fairness(instance, fair[radius].policy, measures=["travel"])
        for radius in RADII[1:]
    }
    advice = {
        radius: sm.advise(
            fair[radius], add=["slot"], amounts=[assumed.places], most=1000
        )
        for radius in _ADVISED
    }
    return Study(instance, assumed, plans, sm.compare(*fair.values()), prices, advice)


def _policies(radius: int) -> Iterator[tuple[str, sm.Policy]]:
    reach = (
        sm.AtMost("travel", 1000 * radius, by="assignment")
        if radius
        else sm.AtMost("tier", "own", by="assignment")
    )
    where = f"within {radius} km" if radius else "own places only"
    for name, policy in POLICIES.items():
        yield (
            name,
            sm.Policy(name=f"{name}, {where}", rules=[reach], goals=policy.goals),
        )


def _rate(plan: sm.Result, where: dict[str, Any]) -> Fraction:
    return Fraction(plan.value("fill_rate", where))


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
