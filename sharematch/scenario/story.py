"""The story of the old town: what sharing brings, and what fairness changes.

Values first (`Story`, `Plan`, `Gains`), their text last.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.engine import solve
from sharematch.model.instance import Instance
from sharematch.model.policy import AtLeast, AtMost, Policy
from sharematch.result import Result
from sharematch.scenario.facts import old_town

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

    def __str__(self) -> str:
        parts = (_opening(self), _sharing(self), _gains(self), _fairness(self))
        return "\n\n".join(parts)


def tell() -> Story:
    """Solve the old town five ways and return what sharing and fairness change.

    Raises
    ------
    SolverError
        When a plan does not pass the independent check.
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


def _percent(value: Fraction) -> str:
    return f"{100 * value.numerator / value.denominator:.0f} %"


def _worst(story: Story, plan: Plan) -> str:
    return _percent(min(story.fill_rate(plan, community) for community in story.demand))


def _losers(story: Story, plan: Plan) -> list[str]:
    alone = story.alone.served
    return [
        community for community in alone if plan.served[community] < alone[community]
    ]


def _cell(served: int, demand: int) -> str:
    return f"{served:12,}{_percent(Fraction(served, demand)):>7}"


def _marked(story: Story, community: str) -> str:
    return f"{community} *" if community in story.old else community


def _opening(story: Story) -> str:
    count = story.counts
    return (
        "The old town, one week in December 2026\n\n"
        f"{count['communities']} communities of two subdistricts in one district; "
        f"{count['facilities']} facilities of {count['providers']}\n"
        f"providers offer {count['slots']} slots; residents ask for "
        f"{sum(story.demand.values()):,} services.\n"
        "Old communities are marked *. Lianqiao has no room and no land of its own."
    )


def _sharing(story: Story) -> str:
    plans = (story.alone, story.subdistrict, story.district)
    head = f"{'':13}{'asked':>6}" + "".join(
        f"{name:>19}" for name in ("own places only", "subdistrict", "whole district")
    )
    lines = [
        f"{_marked(story, community):13}{demand:6,}"
        + "".join(_cell(plan.served[community], demand) for plan in plans)
        for community, demand in story.demand.items()
    ]
    demand = sum(story.demand.values())
    total = f"{'all':13}{demand:6,}"
    total += "".join(_cell(plan.total, demand) for plan in plans)
    return "\n".join(
        [
            "1  Who is served, the wider places are shared",
            "   Rule: the community served worst comes first, then the next worst, and",
            "   so on; then as many as possible; then the shortest ways.",
            "",
            head,
            *lines,
            total,
            "",
            *(
                f"   In the {plan.name}, served less than alone: "
                f"{', '.join(losers) or 'nobody'}."
                for plan in plans[1:]
                for losers in [_losers(story, plan)]
            ),
            "   With the rule that nobody may lose, the whole district serves "
            f"{story.nobody_loses.total:,},",
            f"   and the worst-served community {_worst(story, story.nobody_loses)} "
            "of its demand.",
        ]
    )


def _gains(story: Story) -> str:
    near, wide = story.gains_subdistrict, story.gains_district

    def row(what: str, a: object, b: object) -> str:
        return f"{what:41}{a:>18,}{b:>18,}"

    old_near, old_wide = (
        sum(gains.extra[c] for c in story.old) for gains in (near, wide)
    )
    return "\n".join(
        [
            "2  Three gains over own places only",
            "",
            f"{'':41}{'subdistrict':>18}{'whole district':>18}",
            row(
                "Residents: services more",
                sum(near.extra.values()),
                sum(wide.extra.values()),
            ),
            row("   of these in the old communities", old_near, old_wide),
            row(
                "Hosts: fees from other communities, CNY",
                sum(near.income.values(), Decimal(0)),
                sum(wide.income.values(), Decimal(0)),
            ),
            row(
                "Government: places not to be built",
                sum(near.places.values()),
                sum(wide.places.values()),
            ),
            *(
                row(f"   {service}", near.places.get(service, 0), places)
                for service, places in wide.places.items()
            ),
            "",
            "   Places not to be built: for each community and kind of service, the",
            "   most its residents borrow on one day. Services at home are left out.",
        ]
    )


def _fairness(story: Story) -> str:
    fair, cheapest = story.district, story.cheapest
    order = sorted(story.demand, key=lambda c: (story.fill_rate(cheapest, c), c))
    lines = [
        f"{_marked(story, community):41}"
        f"{_percent(story.fill_rate(cheapest, community)):>18}"
        f"{_percent(story.fill_rate(fair, community)):>18}"
        for community in order
    ]
    return "\n".join(
        [
            "3  What fairness changes in the whole district",
            "   Cheapest: as many as possible, then at least cost, then shortest ways.",
            "",
            f"{'':41}{'cheapest':>18}{'fair':>18}",
            *lines,
            f"{'Services':41}{cheapest.total:>18,}{fair.total:>18,}",
            f"{'Cost to providers, CNY':41}{cheapest.cost:>18,}{fair.cost:>18,}",
            f"{'Way per service, m':41}"
            f"{cheapest.travel / max(1, cheapest.total):>18,.0f}"
            f"{fair.travel / max(1, fair.total):>18,.0f}",
            "",
            f"   The worst-served community goes from {_worst(story, cheapest)} "
            f"to {_worst(story, fair)}.",
        ]
    )
