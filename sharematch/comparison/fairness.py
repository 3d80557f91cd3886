"""What fairness costs: against plans that only count, and step by step between both."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from sharematch.comparison.clauses import solved
from sharematch.comparison.plans import Comparison, compare, written
from sharematch.core import arcs as arcs_module
from sharematch.core.encoding import encode
from sharematch.core.measures import Measures
from sharematch.errors import InputError
from sharematch.model.instance import Instance
from sharematch.model.policy import AtLeast, Goal, Leximin, Maximize, Minimize, Policy
from sharematch.result import Result
from sharematch.tables import Table, Value

__all__ = [
    "FairnessPrice",
    "Frontier",
    "FrontierPoint",
    "Price",
    "frontier",
    "price_of_fairness",
]

Number = int | Fraction | Decimal
SPENT = ("travel", "wait", "lateness", "fees", "cost", "subsidy")
"""What a plan may be measured by besides those it serves: the less the better."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a policy gives up in one measure.

    `best` is what a plan under the same rules reaches that looks at nothing but those
    served and then this measure. `price` is how much worse the policy is; it is
    below 0 only where it serves fewer.
    """

    measure: str
    value: Number
    best: Number

    @property
    def price(self) -> Number:
        """How much worse the policy's plan is."""
        one: Any = self.best if self.measure == "served" else self.value
        other: Any = self.value if self.measure == "served" else self.best
        price: Number = one - other
        return price

    @property
    def share(self) -> Fraction | None:
        """The price as a share of the best; None where that is 0."""
        return Fraction(self.price) / Fraction(self.best) if self.best else None


@dataclass(frozen=True)
class FairnessPrice:
    """The price of a policy's fairness, and the plans it is computed from.

    `comparison` has the policy first, then for each measure the plan that is best in
    it: its changes say who would gain and who would lose if that were done instead.
    """

    prices: tuple[Price, ...]
    comparison: Comparison

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values: ratios as "a/b", money as text."""
        prices = [
            {
                "measure": price.measure,
                "value": written(price.value),
                "best": written(price.best),
                "price": written(price.price),
                "share": written(price.share),
            }
            for price in self.prices
        ]
        return {"prices": prices, **self.comparison.to_dict()}

    def __str__(self) -> str:
        rows: list[dict[str, Value]] = [
            {
                "measure": price.measure,
                "policy": price.value,
                "best": price.best,
                "price": price.price,
                "share": price.share,
            }
            for price in self.prices
        ]
        return str(Table(rows))


def price_of_fairness(
    instance: Instance,
    policy: Policy | None = None,
    *,
    measures: Sequence[str] = ("travel", "cost"),
    time_limit: float | None = None,
    seed: int = 0,
) -> FairnessPrice:
    """Return what a policy costs against plans that serve as many as possible.

    For each of `measures` the same rules are solved for the most served and then the
    least of it. In units served the price is never above 0 for leximin by community
    with no bound across communities; there fairness costs travel or money only.

    Parameters
    ----------
    instance, policy
        `Policy.fair()` if left out. Its rules stay, its goals do not.
    measures
        Of ``travel``, ``wait``, ``lateness``, ``fees``, ``cost``, ``subsidy``.
    time_limit
        Seconds for each solve.
    seed
        For ties that all goals leave.

    Raises
    ------
    InputError
        For another measure, or none.
    InfeasibleError, SolverError
        When there is no plan, or none is found within the limit.

    Notes
    -----
    In units served, `share` is the price of fairness of Bertsimas, Farias and
    Trichakis (2011).

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ...     links=[sm.Link(source="tianfeng", target="lianqiao", travel=2)],
    ... )
    >>> print(price_of_fairness(town, measures=["travel"]))
    measure  policy  best  price  share
    served        3     3      0    0 %
    travel     2000     0   2000      -
    """
    policy = Policy.fair() if policy is None else policy
    if not measures:
        raise InputError(f"no measure is named\nMaybe {', '.join(SPENT)}")
    for measure in measures:
        _check_spent(measure)
    fair = solved(instance, policy, time_limit, seed)
    best = {}
    for measure in dict.fromkeys(measures):
        goals: list[Goal] = [Maximize("served"), Minimize(measure)]
        plain = Policy(name=f"least {measure}", rules=policy.rules, goals=goals)
        best[measure] = solved(instance, plain, time_limit, seed)
    some = next(iter(best.values()))
    prices = (
        Price("served", fair.value("served"), some.value("served")),
        *(Price(m, fair.value(m), plan.value(m)) for m, plan in best.items()),
    )
    return FairnessPrice(prices, compare(fair, *best.values()))


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """One plan between efficient and fair.

    Attributes
    ----------
    floor
        Every group that fairness would give at least this fill rate gets at least it;
        None for the fair plan itself.
    served, spent
        Units, and how much of the frontier's measure.
    rates
        Fill rates of the groups, ascending.
    is_proved
        Whether every goal behind this point is proved.
    """

    floor: Fraction | None
    served: int
    spent: Number
    rates: tuple[Fraction, ...]
    is_proved: bool


@dataclass(frozen=True, slots=True)
class Frontier:
    """Plans from the cheapest to the fairest; each later one is fairer and dearer.

    `by` are the groups whose fill rates count, `measure` is what is spent.
    """

    by: str
    measure: str
    points: tuple[FrontierPoint, ...]

    @property
    def table(self) -> Table:
        """The points as rows, from the cheapest to the fairest."""
        return Table(
            {
                "floor": "fair" if point.floor is None else _percent(point.floor),
                "served": point.served,
                self.measure: point.spent,
                "least_fill_rate": point.rates[0] if point.rates else Fraction(0),
                "median_fill_rate": _median(point.rates),
            }
            for point in self.points
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the points as plain values: ratios as "a/b", money as text."""
        points = [
            {
                "floor": written(point.floor),
                "served": point.served,
                "spent": written(point.spent),
                "rates": written(point.rates),
                "is_proved": point.is_proved,
            }
            for point in self.points
        ]
        return {"by": self.by, "measure": self.measure, "points": points}

    def __str__(self) -> str:
        return str(self.table)


def frontier(
    instance: Instance,
    policy: Policy | None = None,
    *,
    by: str = "community",
    measure: str = "travel",
    points: int = 8,
    time_limit: float | None = None,
    seed: int = 0,
) -> Frontier:
    """Return plans between the cheapest and the fairest, each the cheapest so fair.

    The first serves as many as possible and then spends least, the last is leximin of
    the fill rates. Between them floors rise: every group that the last plan gives at
    least a level gets at least that level. What others beat, being fairer for no
    more, is left out.

    Parameters
    ----------
    instance, policy
        Of the policy only the rules are used; none if left out.
    by
        The groups that fairness is between: ``community`` or ``area``.
    measure
        What is spent: ``travel``, ``wait``, ``lateness``, ``fees``, ``cost`` or
        ``subsidy``.
    points
        The most points wanted, at least 2; each is one solve.
    time_limit
        Seconds for each solve.
    seed
        For ties that all goals leave.

    Raises
    ------
    InputError
        For another group or measure, or fewer than 2 points.
    InfeasibleError, SolverError
        When there is no plan, or none is found within the limit.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ...     links=[sm.Link(source="tianfeng", target="lianqiao", travel=2)],
    ... )
    >>> print(frontier(town))
    floor  served  travel  least_fill_rate  median_fill_rate
    0 %         3       0              0 %              38 %
    fair        3    2000             50 %              50 %
    """
    _check_spent(measure)
    if by not in ("community", "area"):
        raise InputError(f"{by}: a frontier is between communities, or areas")
    if points < 2:
        raise InputError(f"points {points}: must be at least 2")
    rules = () if policy is None else policy.rules
    fairness = Leximin("fill_rate", by=by)
    spend: list[Goal] = [Maximize("served"), Minimize(measure)]

    def plan(name: str, floors: Sequence[Any], goals: Sequence[Goal]) -> Result:
        steps = Policy(name=name, rules=[*rules, *floors], goals=goals)
        return solved(instance, steps, time_limit, seed)

    fair = plan("fair", (), [fairness, *spend])
    rates = {str(row["id"]): row["fill_rate"] for row in fair.by(by) if row["demand"]}
    found = [(Fraction(0), plan("cheapest", (), [*spend, fairness]))]
    levels = _spread(sorted({Fraction(r) for r in rates.values() if r}), points - 2)
    for number, level in enumerate(levels, 1):
        floors = list(_floors(instance, by, rates, levels[:number]))
        found.append((level, plan("between", floors, [*spend, fairness])))
    line = [_point(floor, result, by, measure) for floor, result in found]
    line.append(_point(None, fair, by, measure))
    return Frontier(by, measure, tuple(_undominated(line)))


def _check_spent(measure: str) -> None:
    if measure not in SPENT:
        raise InputError(f"{measure} is not spent\nMaybe {', '.join(SPENT)}")


def _spread(levels: Sequence[Fraction], most: int) -> list[Fraction]:
    """Return at most so many of the levels, evenly chosen; the last is the fair plan's.

    The highest level is left out: with it the floors give all that fairness does.
    """
    inner = levels[:-1]
    if len(inner) <= most:
        return list(inner)
    return [inner[(i + 1) * len(inner) // (most + 1)] for i in range(most)]


def _floors(
    instance: Instance, by: str, rates: dict[str, Any], levels: Sequence[Fraction]
) -> Iterator[AtLeast]:
    """Yield rules that give every group the highest of the levels that it can have.

    A filter leaves earlier rounds out, so groups with a past get their units by number.
    """
    columns, none = encode(instance), np.empty(0, np.int64)
    measures = Measures(columns, arcs_module.pairs(columns, none, none))
    groups = measures.grouping("fill_rate", by)
    floors: dict[tuple[str, Fraction], list[str]] = defaultdict(list)
    sizes = groups.size, groups.past_served, groups.past_demand
    for key, *numbers in zip(groups.keys, *map(np.ndarray.tolist, sizes), strict=True):
        group, (demand, past_served, past_demand) = str(key), numbers
        level = max((v for v in levels if v <= rates.get(group, -1)), default=None)
        if level is None:
            continue
        if past_demand:
            units = ceil(level * (past_demand + demand)) - past_served
            floors["served", Fraction(max(units, 0))].append(group)
        else:
            floors["fill_rate", level].append(group)
    for (measure, bound), own in floors.items():
        yield AtLeast(measure, bound, by=by, where={by: own})


def _point(
    floor: Fraction | None, result: Result, by: str, measure: str
) -> FrontierPoint:
    rates = sorted(Fraction(str(r["fill_rate"])) for r in result.by(by) if r["demand"])
    served, spent = int(result.value("served")), result.value(measure)
    return FrontierPoint(floor, served, spent, tuple(rates), result.is_optimal)


def _undominated(points: Sequence[FrontierPoint]) -> Iterator[FrontierPoint]:
    """Yield the points that no other beats in served, spent and fairness."""
    worth: list[Any] = [(p.served, p.rates, p.spent) for p in points]
    for i, (served, rates, spent) in enumerate(worth):
        is_beaten = any(
            other[0] >= served and other[1] >= rates and other[2] <= spent
            for other in worth
            if other != worth[i]
        )
        if not is_beaten and worth[i] not in worth[i + 1 :]:
            yield points[i]


def _median(rates: Sequence[Fraction]) -> Fraction:
    if not rates:
        return Fraction(0)
    half = len(rates) // 2
    return rates[half] if len(rates) % 2 else (rates[half - 1] + rates[half]) / 2


def _percent(ratio: Fraction) -> str:
    return f"{round(ratio * 100)} %"
