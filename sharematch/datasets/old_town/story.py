"""The story of the old town: what sharing brings, and what fairness changes.

Values first (`Story`, `Plan`, `Gains`); their text is made in `wording`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.datasets.old_town.facts import old_town
from sharematch.datasets.old_town.wording import story_text
from sharematch.engine.solving import solve
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.rules import AtLeast, AtMost
from sharematch.plans.results.result import Result
from sharematch.text import Lang

__all__ = ["Gains", "Plan", "Story", "tell"]


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to share: services by community, metres on the way, cost to providers."""

    name: str
    served: dict[str, int]
    travel: int
    cost: Decimal

    @property
    def total(self) -> int:
        """Services in all communities."""
        return sum(self.served.values())


@dataclass(frozen=True, slots=True)
class Gains:
    """The three gains of a plan over one in which each community stays alone.

    Attributes
    ----------
    extra
        Services more than alone, by community.
    income
        Fees that residents of other communities pay, by provider.
    places
        Places that need not be built, by kind of service: for each community the most
        that its residents borrow on any one day, added up. Services that come to the
        home are left out: they need no place.
    """

    extra: dict[str, int]
    income: dict[str, Decimal]
    places: dict[str, int]


@dataclass(frozen=True, slots=True)
class Story:
    """Five plans for one week of the old town, and what two of them gain.

    Examples
    --------
    >>> story = tell()
    >>> story.alone.served["lianqiao"] < story.district.served["lianqiao"]
    True
    """

    demand: dict[str, int]
    """Services asked for, by community."""
    old: frozenset[str]
    """The old communities."""
    counts: dict[str, int]
    """Numbers of records in the instance, by type."""
    alone: Plan
    subdistrict: Plan
    district: Plan
    nobody_loses: Plan
    """The whole district, with the rule that nobody is served less than alone."""
    cheapest: Plan
    gains_subdistrict: Gains
    gains_district: Gains

    def fill_rate(self, plan: Plan, community: str) -> Fraction:
        """Return the share of its demand that a community is served."""
        return Fraction(plan.served[community], self.demand[community])

    def to_dict(self) -> dict[str, Any]:
        """Return the story as plain values: ratios as "a/b", money with two places."""

        def plan(plan: Plan) -> dict[str, Any]:
            rates = {c: self.fill_rate(plan, c) for c in self.demand}
            return {
                "served": plan.total,
                "travel": plan.travel,
                "cost": str(plan.cost),
                "communities": [
                    {
                        "id": community,
                        "demand": self.demand[community],
                        "served": plan.served[community],
                        "fill_rate": f"{rate.numerator}/{rate.denominator}",
                    }
                    for community, rate in rates.items()
                ],
            }

        def gains(gains: Gains) -> dict[str, Any]:
            return {
                "extra_services": gains.extra,
                "host_income": {k: str(v) for k, v in gains.income.items()},
                "places_not_built": gains.places,
            }

        return {
            "plans": {
                "own": plan(self.alone),
                "subdistrict": plan(self.subdistrict),
                "district": plan(self.district),
                "district, nobody loses": plan(self.nobody_loses),
                "district, cheapest": plan(self.cheapest),
            },
            "gains": {
                "subdistrict": gains(self.gains_subdistrict),
                "district": gains(self.gains_district),
            },
        }

    def text(self, lang: Lang | str = Lang.EN, *, cells: int = 0) -> str:
        """Return the story for people, in a language; with bars if `cells` has room.

        Parameters
        ----------
        cells
            Of a line in a terminal that can draw block characters.
        """
        return story_text(self, lang, cells)

    def __str__(self) -> str:
        return self.text()


def tell() -> Story:
    """Solve the old town five ways and return what sharing and fairness change.

    Raises
    ------
    SolverError
        When a plan does not pass the independent check.

    Examples
    --------
    >>> story = tell()
    >>> story.alone.total < story.district.total
    True
    """
    town = old_town()
    fair = Policy.fair()
    subdistrict = Policy(
        name="fair, within the subdistrict",
        rules=[AtMost("tier", "subdistrict", by="assignment")],
        goals=fair.goals,
    )
    nobody_loses = Policy(
        name="fair, and nobody loses by sharing",
        rules=[AtLeast("fill_rate", "alone", by="community")],
        goals=fair.goals,
    )
    results = {
        "own": solve(town, Policy.own_only()),
        "subdistrict": solve(town, subdistrict),
        "district": solve(town, fair),
        "nobody loses": solve(town, nobody_loses),
        "cheapest": solve(town, Policy.efficient()),
    }
    order = [community.id for community in town.communities]
    plans = {name: _plan(name, result, order) for name, result in results.items()}
    alone = plans["own"]
    gains = {
        name: _measure(town, results[name], plans[name], alone)
        for name in ("subdistrict", "district")
    }
    return Story(
        demand=_by_community(results["own"], "demand", order),
        old=frozenset(c.id for c in town.communities if "old" in c.tags),
        counts={
            name: len(getattr(town, name))
            for name in ("communities", "providers", "facilities", "slots", "needs")
        },
        alone=alone,
        subdistrict=plans["subdistrict"],
        district=plans["district"],
        nobody_loses=plans["nobody loses"],
        cheapest=plans["cheapest"],
        gains_subdistrict=gains["subdistrict"],
        gains_district=gains["district"],
    )


def _by_community(result: Result, measure: str, order: Iterable[str]) -> dict[str, int]:
    return {c: int(result.value(measure, {"community": c})) for c in order}


def _plan(name: str, result: Result, order: Iterable[str]) -> Plan:
    return Plan(
        name=name,
        served=_by_community(result, "served", order),
        travel=int(result.value("travel")),
        cost=Decimal(str(result.value("cost"))),
    )


def _measure(town: Instance, result: Result, plan: Plan, alone: Plan) -> Gains:
    slots = {slot.id: slot for slot in town.slots}
    needs = {need.id: need for need in town.needs}
    facilities = {facility.id: facility for facility in town.facilities}
    income: dict[str, Decimal] = defaultdict(Decimal)
    borrowed: dict[tuple[str, str, object], int] = defaultdict(int)
    for a in result.allocation:
        slot, need = slots[a.slot], needs[a.need]
        facility = facilities[slot.facility]
        if facility.community == need.community:
            continue
        income[facility.provider or facility.id] += slot.fee * a.quantity
        if slot.radius is None and slot.start is not None:
            service = need.kind.split("/")[0]
            borrowed[service, need.community, slot.start.date()] += a.quantity
    peaks: dict[tuple[str, str], int] = defaultdict(int)
    for (service, community, _), units in borrowed.items():
        peaks[service, community] = max(peaks[service, community], units)
    places: dict[str, int] = defaultdict(int)
    for (service, _), units in peaks.items():
        places[service] += units
    return Gains(
        extra={c: plan.served[c] - alone.served[c] for c in plan.served},
        income={p: amount for p, amount in sorted(income.items()) if amount},
        places=dict(sorted(places.items())),
    )
