"""From the cheapest plan to the fairest, step by step: what each step costs."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from sharematch.analysis.comparison.clauses import solved
from sharematch.analysis.comparison.fairness import check_spent
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.measures.measures import Measures
from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.model.goals import Leximin, Maximize, Minimize
from sharematch.model.instance import Instance
from sharematch.model.policy import Goal, Policy
from sharematch.model.rules import AtLeast
from sharematch.model.values import Number, write_value
from sharematch.plans.results.result import Result
from sharematch.text import percent
from sharematch.text.tables import Table

__all__ = ["Frontier", "FrontierPoint", "frontier"]


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

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> first = sm.comparison.frontier(town, points=2).points[0]
    >>> first.spent >= 0
    True
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

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> found = sm.comparison.frontier(town, points=2)
    >>> len(found.points) >= 1
    True
    """

    by: str
    measure: str
    points: tuple[FrontierPoint, ...]

    @property
    def table(self) -> Table:
        """The points as rows, from the cheapest to the fairest."""
        return Table(
            {
                "floor": "fair" if point.floor is None else percent(point.floor),
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
                "floor": write_value(point.floor),
                "served": point.served,
                "spent": write_value(point.spent),
                "rates": write_value(point.rates),
                "is_proved": point.is_proved,
            }
            for point in self.points
        ]
        return {"by": self.by, "measure": self.measure, "points": points}

    def __str__(self) -> str:
        return str(self.table)


@typed
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
    0%          3       0               0%               38%
    fair        3   2,000              50%               50%
    """
    check_spent(measure)
    if by not in ("community", "area"):
        raise InputError("ask.a_frontier_is_between_communities_or", record=str(by))
    if points < 2:
        raise InputError(
            "value.must_be_at_least", low=2, field="points", value=str(points)
        )
    rules = () if policy is None else policy.rules
    fairness = Leximin("fill_rate", by=by)
    spend: list[Goal] = [Maximize("served"), Minimize(measure)]

    def plan(name: str, floors: Sequence[Any], goals: Sequence[Goal]) -> Result:
        steps = Policy(name=name, rules=[*rules, *floors], goals=goals)
        return solved(instance, steps, time_limit, seed)

    fair = plan("fair", (), [fairness, *spend])
    rates = {str(row["id"]): row["fill_rate"] for row in fair.by(by) if row["demand"]}
    plans = [(Fraction(0), plan("cheapest", (), [*spend, fairness]))]
    levels = _spread(sorted({Fraction(r) for r in rates.values() if r}), points - 2)
    for number, level in enumerate(levels, 1):
        floors = list(_floors(instance, by, rates, levels[:number]))
        plans.append((level, plan("between", floors, [*spend, fairness])))
    line = [_point(floor, result, by, measure) for floor, result in plans]
    line.append(_point(None, fair, by, measure))
    return Frontier(by, measure, tuple(_undominated(line)))


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
    for (measure, bound), group_ids in floors.items():
        yield AtLeast(measure, bound, by=by, where={by: group_ids})


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
