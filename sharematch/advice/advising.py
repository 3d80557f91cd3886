"""advise(): what is looked at, how, and in which order it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sharematch.advice.exact import Exact
from sharematch.advice.places import (
    ADD,
    Change,
    changed,
    later_hours,
    missing,
    new_slots,
    places_of,
    wider_reach,
)
from sharematch.advice.values import Advice, Option, Rates, Step, ranked
from sharematch.core import arcs as arcs_module
from sharematch.core.bounds import name_of
from sharematch.core.columns import Columns
from sharematch.core.encoding import encode
from sharematch.core.measures import Measures
from sharematch.engine import solve
from sharematch.errors import InputError
from sharematch.model.numbers import to_money
from sharematch.result import Result, Status

if TYPE_CHECKING:
    from sharematch.model.instance import Instance

__all__ = ["advise"]

Prices = Mapping[str, Any] | int | str | Decimal


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
    unequal ones nothing is promised, as `is_best` says.

    Raises
    ------
    InputError
        For unknown names, amounts below 1, a result without a plan or its instance,
        or a budget where places have to be solved anew.

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
    adviser = _Adviser(result, most, time_limit)
    _check(add, amounts, further, most)
    changes = adviser.changes(add, by, further)
    money = adviser.prices(prices, budget)
    found = adviser.options(changes, sorted({*amounts}), money)
    purchase = None
    if budget is not None:
        exact = adviser.exact
        if exact is None:
            raise InputError(
                "budget: under this policy each place has to be solved anew\n"
                "Maybe look at the options one by one"
            )
        for_sale = [slot for slot in adviser.columns.slot_ids if slot in money]
        purchase = exact.buy({s: money[s] for s in for_sale}, _amount("budget", budget))
    return Advice(
        options=tuple(ranked(found, adviser.rates, by_goals=adviser.exact is None)),
        rates=adviser.rates,
        num_places=len(changes),
        num_unseen=adviser.num_unseen,
        purchase=purchase,
    )


def _check(add: Sequence[str], amounts: Sequence[int], further: int, most: int) -> None:
    unknown = [name for name in add if name not in ADD]
    if isinstance(add, str) or unknown or not add:
        raise InputError(f"add {add!r}: must list some of {', '.join(ADD)}")
    for name, number in (
        ("amounts", min(amounts, default=0)),
        ("further", further),
        ("most", most),
    ):
        if number < 1:
            raise InputError(f"{name} {number}: must be 1 or more")


def _amount(name: str, value: object) -> Decimal:
    """Return money that is not below 0."""
    try:
        amount = to_money(value)
    except ValueError as error:
        raise InputError(f"{name} {value}: {error}") from None
    if amount < 0:
        raise InputError(f"{name} {value}: must not be below 0")
    return amount


def _has_plan(result: Result) -> bool:
    """Return whether a result has a plan."""
    return result.status in (Status.OPTIMAL, Status.FEASIBLE)


class _Adviser:
    """One result, and what changes to its instance would bring."""

    def __init__(self, result: Result, most: int, time_limit: float | None) -> None:
        if not _has_plan(result):
            raise InputError("there is no plan to improve: the result has none")
        if result.instance is None:
            raise InputError(
                "advice needs the instance of the result\n"
                "Maybe read_result(…, instance)"
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
        found = [change for name in dict.fromkeys(add) for change in makers[name]()]
        for change in found:
            self._new_slots += (change.records or {}).get("slots", ())
        return found

    def prices(self, prices: Prices | None, budget: object) -> dict[str, Decimal]:
        """Return the price of one place at each slot or facility that has one."""
        if prices is None:
            prices = {} if budget is None else 1
        columns = self.columns
        facility_of = {
            slot: columns.facility_ids[at]
            for slot, at in zip(
                columns.slot_ids, columns.slot_facility.tolist(), strict=True
            )
        }
        known = [*facility_of, *columns.facility_ids]
        if not isinstance(prices, Mapping):
            return dict.fromkeys(known, _amount("prices", prices))
        unknown = [id_ for id_ in prices if id_ not in {*known}]
        if unknown:
            raise InputError(f'prices: "{unknown[0]}" is no slot or facility')
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
        exact, rest, found = self.exact, list(changes), []
        if exact is not None:
            told = [change for change in changes if change.slots]
            found = self._told(exact, told, amounts, prices)
            others = [change for change in changes if not change.slots]
            rest = [change for change in others if exact.may_use(change.needs)]
        self.num_unseen += max(0, len(rest) - self.most)
        for change in self._promising(rest)[: self.most]:
            sizes = amounts if change.amount is None else [change.amount]
            tried = (self._solved(change, amount) for amount in sizes)
            steps = tuple(step for step in tried if step is not None)
            if any(map(self._brings, steps)):
                found.append(self._option(change, steps, prices))
        return found

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
        found = []
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
                found.append(self._option(change, steps, prices))
            else:
                self.num_unseen += 1
        return found

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

    def _solved(self, change: Change, amount: int) -> Step | None:
        """Return what a change brings by solving the instance that has it.

        None where no plan is found.
        """
        if len(change.slots) > 1:
            raise InputError(
                "by: under this policy each place has to be solved anew\n"
                'Maybe by="slot"'
            )
        instance = self.instance
        if change.records:
            instance = changed(instance, change.records)
        columns = encode(instance)
        if change.slots:
            room = columns.slot_capacity.copy()
            room[columns.position["slot"][change.slots[0]]] += amount
            columns = replace(columns, slot_capacity=room)
        before = self.result
        after = solve(
            columns,
            before.policy,
            time_limit=self.time_limit,
            seed=int(before.provenance["seed"]),
        )
        if not _has_plan(after):
            return None
        changes: dict[str, int] = {}
        rates: tuple[Fraction, ...] | None = None
        if self._fair is not None:
            new = _units(columns, after, self._fair)
            old = self._units_now
            changes = {g: new[g] - old.get(g, 0) for g in new if new[g] != old.get(g)}
            rates = _rates(after)
        return Step(
            amount,
            int(after.value("served")) - int(before.value("served")),
            changes,
            is_exact=before.is_optimal and after.is_optimal,
            rates=rates,
            goals=_worth(after),
        )

    def _brings(self, step: Step) -> bool:
        """Return whether a step that was solved brings anything."""
        if self.exact is None:
            return step.goals > _worth(self.result)
        return step.served > 0 or bool(step.changes)

    # ---- whom the policy is fair between

    @cached_property
    def _fair(self) -> Any:
        if self.exact is not None:
            return self.exact.goal
        goals = self.result.policy.goals
        return next((g for g in goals if g.op == "leximin"), None)

    @cached_property
    def _units_now(self) -> dict[str, int]:
        return _units(self.columns, self.result, self._fair)

    @cached_property
    def rates(self) -> Rates:
        """What the groups have now."""
        goal = self._fair
        if goal is None:
            return Rates("", {}, {})
        measures, units = _measured(self.columns, self.result)
        grouping = measures.grouping(goal.measure, goal.by, goal.where)
        values = measures.values(goal.measure, units, goal.by, goal.where)
        weights = measures.weights(goal, grouping)
        now, per_unit = {}, {}
        for i, key in enumerate(values.keys):
            if values.judged[i] and weights[i] > 0:
                under = int(values.denominator[i]) * weights[i]
                now[name_of(key)] = int(values.numerator[i]) / Fraction(under)
                per_unit[name_of(key)] = 1 / Fraction(under)
        return Rates(" and ".join(goal.groups), now, per_unit)


def _measured(columns: Columns, result: Result) -> tuple[Measures, Any]:
    at, plan = columns.position, result.allocation
    need = np.array([at["need"][n] for n in plan.needs], np.int64)
    slot = np.array([at["slot"][s] for s in plan.slots], np.int64)
    return Measures(columns, arcs_module.pairs(columns, need, slot)), plan.quantities


def _units(columns: Columns, result: Result, goal: Any) -> dict[str, int]:
    """Return the numerators of a group goal's measure, by group."""
    measures, units = _measured(columns, result)
    values = measures.values(goal.measure, units, goal.by, goal.where)
    return {
        name_of(key): int(values.numerator[i])
        for i, key in enumerate(values.keys)
        if values.judged[i]
    }


def _rates(result: Result) -> tuple[Fraction, ...]:
    """Return the value of the first leximin goal."""
    value = next(goal.value for goal in result.goals if goal.op == "leximin")
    assert isinstance(value, tuple)
    return value


def _worth(result: Result) -> tuple[Any, ...]:
    """Return the values of a policy's goals, the more the better."""
    if not result.goals:  # first come: whoever is served is a gain
        return (int(result.value("served")),)
    worth: list[Any] = []
    for goal in result.goals:
        value: Any = goal.value
        if goal.op == "leximax":
            value = tuple(-x for x in value)
        worth.append(-value if goal.op == "minimize" else value)
    return tuple(worth)
