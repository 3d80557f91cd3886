"""advise(): what is looked at, how, and in which order it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from sharematch.analysis.advice.anew import Anew
from sharematch.analysis.advice.buying import buy
from sharematch.analysis.advice.exact import Exact
from sharematch.analysis.advice.groups import rates_of
from sharematch.analysis.advice.places import (
    ADD,
    Change,
    changed,
    later_hours,
    missing,
    new_slots,
    places_of,
    wider_reach,
)
from sharematch.analysis.advice.values import (
    Advice,
    Option,
    Purchase,
    Rates,
    Step,
    ranked,
)
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import labels
from sharematch.errors import InputError
from sharematch.model.arguments import expect
from sharematch.model.numbers import to_money
from sharematch.plans.results.given import instance_first
from sharematch.plans.results.result import Result
from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.core.columns.arrays import Columns
    from sharematch.model.instance import Instance

__all__ = ["advise"]

Prices = Mapping[str, Any] | int | str | Decimal


@instance_first
def advise(
    result: Result,
    *,
    add: Sequence[str] = ("capacity",),
    amounts: Sequence[int] = (1, 2, 5),
    by: str | Sequence[str] = "slot",
    further: int = 1,
    prices: Prices | None = None,
    budget: int | str | Decimal | None = None,
    most: int = 100,
    time_limit: float | None = None,
) -> Advice:
    """Say where more places, hours, access or reach would do most, the best first.

    What is added is compared as the policy compares plans: first what lifts those worst
    off, then the units served.

    Parameters
    ----------
    result
        A result with its instance: from `solve`, or read with it.
    add
        Of ``capacity`` (more places in slots that are there), ``slot`` (a new slot at a
        facility, of a kind that is short there, at any time), ``hours`` (the last slot
        of a facility's day once more, right after it), ``feature`` (what needs require
        and a facility lacks, such as step-free access) and ``reach`` (a community's
        needs travel further).
    amounts
        Places. The first is looked at everywhere, larger ones where it does most.
    by
        What places of ``capacity`` are gathered by, alone or two of them: ``slot``,
        ``facility``, ``community``, ``area``, ``kind``, ``provider``. Each place then
        goes to the best slot among those.
    further
        For ``reach``: by how many km or minutes, the instance's unit.
    prices
        Money for one place: a number, or by id of slots, facilities. What has none is
        not for sale.
    budget
        Money, spent on ``capacity`` slot by slot; without `prices` each place costs 1.
    most
        To how many places larger amounts are added, and how many are solved anew, where
        that is needed.
    time_limit
        Seconds for each solve.

    Returns
    -------
    Advice whose steps are exactly what solving anew would give (`is_exact`). Where the
    policy's first goal is leximin of groups of needs that no rule binds together, or
    most units served, they are read off the residual graph of the plan, all slots in
    less time than one solve. Else, and for ``feature`` and ``reach``, each is solved
    anew.

    A purchase buys one place at a time: for the group worst off, then at the least
    price. If no slot stands under a further limit (such as ``max_units``) it is the
    best one for policies that only count units, and for leximin with equal prices; with
    unequal ones nothing is promised, as `is_best` says. Where places are solved anew,
    each bought is the one that does most by all goals, then the cheapest; where no
    single one brings anything, as many at one slot as do. At the end nothing at any one
    slot looked at, for the money left, would bring anything more. It is known to be the
    best one if it reaches what all these places would bring together, or if the budget
    is for one place at most.

    Raises
    ------
    InputError
        For unknown names, amounts below 1, a result without a plan or its instance.

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
    ... )
    >>> advice = sm.advise(sm.solve(town))
    >>> print(advice.table)
    slot  facility  community  +1  +2  +5  gains
    mon   station   tianfeng    1   2   3  lianqiao
    >>> [str(rate) for rate in advice.rates_after(advice[0].steps[1])]
    ['3/4', '1']
    """
    expect(Result, result=result)
    expect(Sequence, str, add=add)  # one name is answered with all there are
    expect(Sequence, amounts=amounts)
    for number in amounts:
        expect(Integral, amounts=number)
    for name in add:
        expect(str, add=name)
    expect(str, Sequence, by=by)
    for name in () if isinstance(by, str) else by:
        expect(str, by=name)
    expect(Real, further=further)
    expect(Integral, most=most)
    expect(Real, str, Decimal, None, budget=budget)
    expect(Real, None, time_limit=time_limit)
    adviser = _Adviser(result, most, time_limit)
    _check(add, amounts, further, most)
    changes = adviser.changes(add, by, further)
    money = adviser.prices(prices, budget)
    options = adviser.options(changes, sorted({*amounts}), money)
    purchase = None
    if budget is not None:
        purchase = adviser.purchase(money, _amount("budget", budget))
    return Advice(
        options=tuple(ranked(options, adviser.rates, by_goals=adviser.exact is None)),
        rates=adviser.rates,
        num_places=len(changes),
        num_unseen=adviser.num_unseen,
        purchase=purchase,
        label=labels(adviser.columns),
    )


def _check(add: Sequence[str], amounts: Sequence[int], further: int, most: int) -> None:
    unknown = [name for name in add if name not in ADD]
    if isinstance(add, str) or unknown or not add:
        raise InputError(
            "ask.must_list_some_of", known=", ".join(ADD), field="add", value=repr(add)
        )
    for name, number in (
        ("amounts", min(amounts, default=0)),
        ("further", further),
        ("most", most),
    ):
        if number < 1:
            raise InputError("value.must_be_1_or_more", field=name, value=str(number))


def _amount(name: str, value: object) -> Decimal:
    """Return money that is not below 0."""
    try:
        amount = to_money(value)
    except ValueError as error:
        raise InputError(str(error), field=name, value=str(value)) from None
    if amount < 0:
        raise InputError("value.must_not_be_below_0", field=name, value=str(value))
    return amount


class _Adviser:
    """One result, and what changes to its instance would bring."""

    def __init__(self, result: Result, most: int, time_limit: float | None) -> None:
        if not result.status.has_plan:
            raise InputError("ask.there_is_no_plan_to_improve")
        if result.instance is None:
            raise InputError(
                "ask.advice_needs_the_instance_of_the", hint="read_result(…, instance)"
            )
        self.result, self.most, self.time_limit = result, most, time_limit
        self.instance: Instance = result.instance
        self.columns: Columns = encode(self.instance)
        self.num_unseen = 0
        self._new_slots: list[Any] = []

    # ---- what there is to add

    def changes(
        self, add: Sequence[str], by: str | Sequence[str], further: int
    ) -> list[Change]:
        """Return all that could be added."""
        kind_of = {need.id: need.kind for need in self.instance.needs}
        short = {kind_of[unmet.need] for unmet in self.result.unmet}
        makers: dict[str, Any] = {
            "capacity": lambda: places_of(self.columns, by),
            "slot": lambda: new_slots(self.instance, short),
            "hours": lambda: later_hours(self.instance),
            "feature": lambda: missing(self.instance),
            "reach": lambda: wider_reach(self.instance, further),
        }
        changes = [change for name in dict.fromkeys(add) for change in makers[name]()]
        for change in changes:
            self._new_slots += (change.records or {}).get("slots", ())
        return changes

    def prices(self, prices: Prices | None, budget: object) -> dict[str, Decimal]:
        """Return the price of one place at each slot or facility that has one."""
        if prices is None:
            prices = {} if budget is None else 1
        columns = self.columns
        facility_of = {
            slot: columns.facility_ids[facility]
            for slot, facility in zip(
                columns.slot_ids, columns.slot_facility.tolist(), strict=True
            )
        }
        sellable = [*facility_of, *columns.facility_ids]
        if not isinstance(prices, Mapping):
            return dict.fromkeys(sellable, _amount("prices", prices))
        unknown = [id_ for id_ in prices if id_ not in {*sellable}]
        if unknown:
            raise InputError(
                Text("ask.is_no_slot_or_facility", id=unknown[0]), field="prices"
            )
        money = {id_: _amount(f"price of {id_}", p) for id_, p in prices.items()}
        by_slot = {s: money[f] for s, f in facility_of.items() if f in money}
        return by_slot | money

    # ---- what it brings

    @cached_property
    def exact(self) -> Exact | None:
        """What tells without solving; knows the slots that could be new."""
        result = self.result
        if not result.is_optimal or result.structure != "network":
            return None
        columns = self.columns
        if self._new_slots:
            columns = encode(changed(self.instance, {"slots": self._new_slots}))
        return Exact.of(columns, result.policy, result.allocation)

    def options(
        self,
        changes: Sequence[Change],
        amounts: Sequence[int],
        prices: Mapping[str, Decimal],
    ) -> list[Option]:
        """Return the changes that bring something, with all that is known of them."""
        exact, to_solve, options = self.exact, list(changes), []
        if exact is not None:
            told = [change for change in changes if change.slots]
            options = self._told(exact, told, amounts, prices)
            without_slots = [change for change in changes if not change.slots]
            to_solve = [
                change for change in without_slots if exact.may_use(change.needs)
            ]
        self.num_unseen += max(0, len(to_solve) - self.most)
        for change in self._promising(to_solve)[: self.most]:
            sizes = amounts if change.amount is None else [change.amount]
            tried = (self._solved(change, amount) for amount in sizes)
            steps = tuple(step for step in tried if step is not None)
            if any(map(self._brings, steps)):
                options.append(self._option(change, steps, prices))
        return options

    def _told(
        self,
        exact: Exact,
        changes: Sequence[Change],
        amounts: Sequence[int],
        prices: Mapping[str, Decimal],
    ) -> list[Option]:
        first = [
            self._option(change, (exact.step(change.slots, 1),), prices)
            for change in changes
            if exact.may_gain(change.slots)
        ]
        by_place = {(c.add, *c.place.values()): c for c in changes}
        options = []
        for rank, option in enumerate(ranked(first, self.rates, by_goals=False)):
            change = by_place[option.add, *option.place.values()]
            sizes = amounts if change.amount is None else [change.amount]
            if rank >= self.most:
                sizes = [size for size in sizes if size == 1]
            steps = tuple(
                option.steps[0] if size == 1 else exact.step(change.slots, size)
                for size in sizes
            )
            if steps:
                options.append(self._option(change, steps, prices))
            else:
                self.num_unseen += 1
        return options

    def _option(
        self, change: Change, steps: tuple[Step, ...], prices: Mapping[str, Decimal]
    ) -> Option:
        names = (change.place.get("slot"), change.place.get("facility"))
        price = next((prices[n] for n in names if n is not None and n in prices), None)
        return Option(change.add, change.place, steps, price)

    def _promising(self, changes: Sequence[Change]) -> list[Change]:
        """Return changes in an order that puts those first which may do most."""
        unmet = {u.need: u.quantity for u in self.result.unmet}
        columns, plan = self.columns, self.result.allocation
        used = dict.fromkeys(columns.slot_ids, 0)
        for slot, units in zip(plan.slots, plan.quantities.tolist(), strict=True):
            used[slot] += units
        room = dict(zip(columns.slot_ids, columns.slot_capacity.tolist(), strict=True))

        def promise(change: Change) -> tuple[int, int]:
            full = sum(room.get(s, 0) <= used.get(s, 0) for s in change.slots)
            return -full, -sum(unmet.get(need, 0) for need in change.needs)

        return sorted(changes, key=promise)

    @cached_property
    def anew(self) -> Anew:
        """What tells by solving."""
        return Anew(self.result, self.instance, self._fair, self.time_limit)

    def _solved(self, change: Change, amount: int) -> Step | None:
        """Return what a change brings by solving, None where no plan is found."""
        if len(change.slots) > 1:
            raise InputError(
                "ask.under_this_policy_each_place_has", field="by", hint='by="slot"'
            )
        places = dict.fromkeys(change.slots, amount)
        if not change.records:
            return self.anew.with_places(places)
        step = self.anew.with_records(change.records, places)
        return None if step is None else replace(step, amount=amount)

    def _brings(self, step: Step) -> bool:
        """Return whether a step that was solved brings anything."""
        if self.exact is None:
            return self.anew.brings(step)
        return step.served > 0 or bool(step.changes)

    def purchase(self, prices: Mapping[str, Decimal], budget: Decimal) -> Purchase:
        """Return the places that a budget buys."""
        slots = [slot for slot in self.columns.slot_ids if slot in prices]
        if self.exact is not None:
            return self.exact.buy({slot: prices[slot] for slot in slots}, budget)
        priced_slots = set(slots)
        places = self._promising(places_of(self.columns, "slot"))
        promising_slots = [c.slots[0] for c in places if c.slots[0] in priced_slots][
            : self.most
        ]
        return buy(self.anew, promising_slots, prices, budget)

    # ---- whom the policy is fair between

    @cached_property
    def _fair(self) -> Any:
        if self.exact is not None:
            return self.exact.goal
        goals = self.result.policy.goals
        return next((g for g in goals if g.op == "leximin"), None)

    @cached_property
    def rates(self) -> Rates:
        """What the groups have now."""
        return rates_of(self.columns, self.result, self._fair)
