"""What advice consists of: places, what more of them brings, and the order of both."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, cmp_to_key
from typing import Any

from sharematch.analysis.advice.wording import advice_text, gains_text
from sharematch.core.columns.labels import Label, as_ids
from sharematch.text.tables import Table, Value

__all__ = [
    "Advice",
    "Option",
    "Purchase",
    "Rates",
    "Step",
    "compare_differences",
    "difference",
    "ranked",
]

MOST_AMOUNTS = 4
"""Different amounts that have a column each; of more only the first is shown."""
Difference = tuple[tuple[Fraction, int], ...]
"""By how many the groups at each rate become more or fewer, sorted."""


@dataclass(frozen=True)
class Rates:
    """The shares served of the groups that a policy is fair between.

    Attributes
    ----------
    by
        What the groups are, such as ``community``; empty if the policy has no such
        goal.
    now
        Of each group, before anything is added.
    per_unit
        What one unit more adds to each.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> sm.advise(town, result).rates.by
    'community'
    """

    by: str
    now: Mapping[str, Fraction]
    per_unit: Mapping[str, Fraction]

    def after(self, changes: Mapping[str, int]) -> tuple[Fraction, ...]:
        """Return the rates when groups have so many units more, worst off first."""
        rates = dict(self.now)
        for group, units in changes.items():
            rates[group] += units * self.per_unit[group]
        return tuple(sorted(rates.values()))

    def difference(self, changes: Mapping[str, int]) -> Difference:
        """Return what so many units more do to the groups at each rate."""
        counts: Counter[Fraction] = Counter()
        for group, units in changes.items():
            counts[self.now[group]] -= 1
            counts[self.now[group] + units * self.per_unit[group]] += 1
        return tuple(sorted((rate, n) for rate, n in counts.items() if n))


@dataclass(frozen=True, slots=True)
class Step:
    """What so much more of something brings.

    Attributes
    ----------
    amount
        Places, or the further travel in the instance's unit; 1 for a feature.
    served
        Units served more.
    changes
        Units more, or fewer, of the groups that the policy is fair between.
    is_exact
        Whether solving anew would give just this; else it is what was found in time.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> step = sm.advise(town, result, add=["slot", "reach"]).options[0].steps[0]
    >>> step.amount, step.is_exact
    (1, True)
    """

    amount: int
    served: int
    changes: Mapping[str, int]
    is_exact: bool = True
    rates: tuple[Fraction, ...] | None = field(default=None, repr=False)
    """The groups' shares afterwards where it was solved anew, worst off first."""
    goals: tuple[Any, ...] = field(default=(), repr=False)
    """The policy's goals where it was solved anew, each the more the better."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to add at one place, with what each amount brings.

    Attributes
    ----------
    add
        ``capacity``, ``slot``, ``hours``, ``feature`` or ``reach``.
    place
        Where: ids by type, such as slot, facility and community.
    steps
        In the order of amounts; larger amounts only of the best places.
    price
        Of one unit of the amount, if prices are given.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> option = sm.advise(town, result, add=["slot", "reach"]).options[0]
    >>> option.add, sorted(option.place)
    ('slot', ['community', 'facility', 'kind'])
    """

    add: str
    place: Mapping[str, str]
    steps: tuple[Step, ...]
    price: Decimal | None = None

    @property
    def name(self) -> str:
        """The place in short."""
        return " | ".join(self.place.values())

    @property
    def per_money(self) -> Fraction | None:
        """Units served more for each unit of money, by the first amount."""
        if not self.price or not self.steps:
            return None
        return Fraction(self.steps[0].served) / (
            Fraction(self.price) * self.steps[0].amount
        )


@dataclass(frozen=True, slots=True)
class Purchase:
    """The places that a budget buys.

    Attributes
    ----------
    places
        How many more at each slot, in the order in which they were chosen first.
    spent
        Of the budget.
    step
        What they bring together; its amount is their number.
    is_best
        Whether it is sure that no other places for the budget are better under the
        policy.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> sm.advise(town, result, budget=2).purchase.spent
    Decimal('0.00')
    """

    places: Mapping[str, int]
    budget: Decimal
    spent: Decimal
    step: Step
    is_best: bool


@dataclass(frozen=True)
class Advice:
    """Where more would do most, the best place first.

    Attributes
    ----------
    options
        Ranked as the policy ranks plans: what lifts the worst off comes first; then
        the lower price.
    rates
        The shares served of the groups that the policy is fair between.
    num_places
        How many places were looked at; those that bring nothing are no options.
    num_unseen
        How many were not looked at because each has to be solved anew.
    purchase
        What a budget buys, if one is given.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> advice = sm.advise(town, result)
    >>> advice.num_places, len(advice)
    (3, 0)
    """

    options: tuple[Option, ...]
    rates: Rates
    num_places: int
    num_unseen: int = 0
    purchase: Purchase | None = None
    label: Label = field(default=as_ids, repr=False, compare=False)
    """What people are shown for a record, by type and id."""

    def __iter__(self) -> Iterator[Option]:
        return iter(self.options)

    def __len__(self) -> int:
        return len(self.options)

    def __getitem__(self, position: int) -> Option:
        return self.options[position]

    def rates_after(self, step: Step) -> tuple[Fraction, ...]:
        """Return the groups' shares served after a step, worst off first."""
        return self.rates.after(step.changes) if step.rates is None else step.rates

    @property
    def table(self) -> Table:
        """One row for each option: where, its price, and units served more."""
        places = list(dict.fromkeys(key for o in self.options for key in o.place))
        amounts = sorted({s.amount for o in self.options for s in o.steps})
        has_price = any(option.price is not None for option in self.options)
        several = len({option.add for option in self.options}) > 1
        rows = []
        for option in self.options:
            row: dict[str, Value] = {"add": option.add} if several else {}
            row |= {key: option.place.get(key) for key in places}
            if has_price:
                row["price"] = option.price
            if len(amounts) > MOST_AMOUNTS:
                first = option.steps[0]
                row |= {"more": first.amount, "served": first.served}
            else:
                served = {step.amount: step.served for step in option.steps}
                row |= {f"+{amount}": served.get(amount) for amount in amounts}
            if self.rates.by:
                changes = option.steps[0].changes
                row["gains"] = gains_text([g for g, n in changes.items() if n > 0])
            rows.append(row)
        return Table(rows)

    def to_dict(self, most: int = 100) -> dict[str, Any]:
        """Return plain values: ratios as "a/b", money as text; the first options.

        Parameters
        ----------
        most
            How many options.
        """

        def plain(step: Step) -> dict[str, Any]:
            return {
                "amount": step.amount,
                "served": step.served,
                "changes": dict(step.changes),
                "rates": [_ratio(rate) for rate in self.rates_after(step)],
                "is_exact": step.is_exact,
            }

        options = [
            {
                "add": option.add,
                "place": dict(option.place),
                "price": _money(option.price),
                "steps": [plain(step) for step in option.steps],
            }
            for option in self.options[:most]
        ]
        bought = self.purchase
        return {
            "by": self.rates.by,
            "rates": {group: _ratio(rate) for group, rate in self.rates.now.items()},
            "num_places": self.num_places,
            "num_unseen": self.num_unseen,
            "num_options": len(self.options),
            "options": options,
            "purchase": None
            if bought is None
            else {
                "places": dict(bought.places),
                "budget": _money(bought.budget),
                "spent": _money(bought.spent),
                "is_best": bought.is_best,
                **plain(bought.step),
            },
        }

    def __str__(self) -> str:
        return advice_text(self)


def ranked(options: Sequence[Option], rates: Rates, *, by_goals: bool) -> list[Option]:
    """Return options in order, the best first.

    With `by_goals` steps are compared by all goals of the policy, else by the groups'
    rates and units served. Of equal ones the cheaper comes first, then by name.
    """

    @cache
    def moved(changes: tuple[tuple[str, int], ...]) -> Difference:
        return rates.difference(dict(changes))

    def compare(one: Step, other: Step) -> int:
        if by_goals:
            return (one.goals < other.goals) - (one.goals > other.goals)
        mine, yours = (tuple(step.changes.items()) for step in (one, other))
        comparison = 0
        if mine != yours:
            comparison = compare_differences(moved(mine), moved(yours))
        return comparison or other.served - one.served

    def order(one: Option, other: Option) -> int:
        for rank, (a, b) in enumerate(zip(one.steps, other.steps, strict=False)):
            is_alike = rank == 0 or a.amount == b.amount
            if is_alike and (comparison := compare(a, b)):
                return comparison
        # Larger amounts were tried where smaller ones promised most.
        comparison = len(other.steps) - len(one.steps)
        mine, yours = _order(one), _order(other)
        return comparison or (mine > yours) - (mine < yours)

    return sorted(options, key=cmp_to_key(order))


def _order(option: Option) -> tuple[Any, ...]:
    return option.price is None, option.price or 0, option.add, option.name


def difference(before: Iterable[Fraction], after: Iterable[Fraction]) -> Difference:
    """Return what has become of the groups at each rate."""
    counts = Counter(after)
    counts.subtract(before)
    return tuple(sorted((rate, n) for rate, n in counts.items() if n))


def compare_differences(one: Difference, other: Difference) -> int:
    """Return below 0 where the first change of rates is better by leximin, else above.

    At the lowest rate where they differ, the one that leaves fewer groups is better.
    """
    for (rate, count), (rate_other, count_other) in zip(one, other, strict=False):
        if rate < rate_other:
            return count
        if rate > rate_other:
            return -count_other
        if count != count_other:
            return count - count_other
    shorter = min(len(one), len(other))
    if len(one) > shorter:
        return one[shorter][1]
    return -other[shorter][1] if len(other) > shorter else 0


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"
