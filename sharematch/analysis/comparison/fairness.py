"""What fairness costs: the measures of a fair plan against plans that only count."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sharematch.analysis.comparison.clauses import solved
from sharematch.analysis.comparison.plans import Comparison, compare
from sharematch.analysis.comparison.wording import way_text
from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.model.goals import Maximize, Minimize
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Goal, Policy
from sharematch.model.values import Number, write_value
from sharematch.text.tables import Table, Value

__all__ = ["FairnessPrice", "Price", "check_spent", "price_of_fairness"]


@dataclass(frozen=True, slots=True)
class Price:
    """What a policy gives up in one measure.

    `best` is what a plan under the same rules reaches that looks at nothing but those
    served and then this measure. `price` is how much worse the policy is; it is
    below 0 only where it serves fewer.

    Examples
    --------
    >>> Price("travel", 1_200, 1_000).value
    1200
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

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> found = sm.comparison.price_of_fairness(town)
    >>> [price.measure for price in found.prices]
    ['served', 'travel', 'cost']
    """

    prices: tuple[Price, ...]
    comparison: Comparison

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values: ratios as "a/b", money as text."""
        prices = [
            {
                "measure": price.measure,
                "value": write_value(price.value),
                "best": write_value(price.best),
                "price": write_value(price.price),
                "share": write_value(price.share),
            }
            for price in self.prices
        ]
        return {"prices": prices, **self.comparison.to_dict()}

    def __str__(self) -> str:
        rows: list[dict[str, Value]] = []
        for price in self.prices:
            row = {"policy": price.value, "best": price.best, "price": price.price}
            unit = self.comparison.unit
            shown = {k: way_text(price.measure, v, unit) for k, v in row.items()}
            rows.append({"measure": price.measure, **shown, "share": price.share})
        return str(Table(rows))


@typed
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
    measure   policy  best    price  share
    served         3     3        0     0%
    travel   2,000 m   0 m  2,000 m      -
    """
    policy = Policy.fair() if policy is None else policy
    if not measures:
        raise InputError("ask.no_measure_is_named", hint=_spent())
    for measure in measures:
        check_spent(measure)
    fair = solved(instance, policy, time_limit, seed)
    best = {}
    for measure in dict.fromkeys(measures):
        goals: list[Goal] = [Maximize("served"), Minimize(measure)]
        plain = Policy(name=f"least {measure}", rules=policy.rules, goals=goals)
        best[measure] = solved(instance, plain, time_limit, seed)
    any_plan = next(iter(best.values()))
    prices = (
        Price("served", fair.value("served"), any_plan.value("served")),
        *(Price(m, fair.value(m), plan.value(m)) for m, plan in best.items()),
    )
    return FairnessPrice(prices, compare(fair, *best.values()))


def check_spent(measure: str) -> None:
    """Refuse a measure that nobody wants little of."""
    if measure not in MEASURES or not MEASURES[measure].is_spent:
        raise InputError("ask.is_not_spent", measure=measure, hint=_spent())


def _spent() -> str:
    """Return what a plan is measured by besides those it serves."""
    return ", ".join(name for name, each in MEASURES.items() if each.is_spent)
