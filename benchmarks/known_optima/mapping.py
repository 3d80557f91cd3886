"""Each problem as an instance and a policy, and the value of a plan in its own units.

Every unit of demand must be served (a rule), then cost is made as small as possible.
Money has two places; costs per unit that have more are scaled up to whole numbers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import singledispatch
from math import lcm
from typing import Any

import sharematch as sm
from benchmarks.known_optima.problems import (
    Assignment,
    FacilityLocation,
    GeneralizedAssignment,
    MinCostFlow,
    PMedian,
)

__all__ = ["Mapped", "mapped"]


@dataclass(frozen=True)
class Mapped:
    """An instance, its policy, and how to read the value of its last goal."""

    instance: sm.Instance
    policy: sm.Policy
    value: Callable[[Any], Fraction]
    """From a goal's value or bound to the units of the file."""


@singledispatch
def mapped(problem: Any) -> Mapped:
    """Return the records of a published problem.

    Raises
    ------
    ValueError
        When costs have too many places to be scaled to whole numbers.
    """
    raise TypeError(f"no mapping for {type(problem).__name__}")


@mapped.register
def _assignment(problem: Assignment) -> Mapped:
    count = range(len(problem.cost))
    scale = _scale(cost for row in problem.cost for cost in row)
    return _by_cost(
        scale,
        slots=[_slot(f"{j}", 1) for j in count],
        needs=[_need(f"{i}") for i in count],
        pairs=[
            _pair(f"{i}", f"{j}", cost * scale)
            for i, row in enumerate(problem.cost)
            for j, cost in enumerate(row)
        ],
    )


@mapped.register
def _generalized_assignment(problem: GeneralizedAssignment) -> Mapped:
    jobs = range(len(problem.cost[0]) if problem.cost else 0)
    # A gain is what is left of the greatest: each job is served exactly once.
    top = max((c for row in problem.cost for c in row), default=0)
    sign = -1 if problem.maximize else 1
    offset = len(jobs) * top if problem.maximize else 0
    found = _by_cost(
        1,
        slots=[_slot(f"{i}", room) for i, room in enumerate(problem.capacity)],
        needs=[_need(f"{job}") for job in jobs],
        pairs=[
            _pair(
                f"{job}",
                f"{agent}",
                Fraction(top - cost if problem.maximize else cost),
                units=size,
            )
            for agent, row in enumerate(zip(problem.cost, problem.size, strict=True))
            for job, (cost, size) in enumerate(zip(*row, strict=True))
        ],
    )
    return Mapped(
        found.instance,
        found.policy,
        lambda cost: offset + sign * found.value(cost),
    )


@mapped.register
def _facility_location(problem: FacilityLocation) -> Mapped:
    # A customer that one facility serves is one unit, which takes all its room.
    asked = [
        min(units, 1) if problem.single_source else units for units in problem.demand
    ]
    per_unit = [
        [cost / units for cost in row] if units else []
        for row, units in zip(problem.cost, asked, strict=True)
    ]
    everything = [*problem.opening, *(cost for row in per_unit for cost in row)]
    scale = _scale(everything)
    return _by_cost(
        scale,
        slots=[
            _slot(f"{j}", room, opening_cost=_money(cost * scale))
            for j, (room, cost) in enumerate(
                zip(problem.capacity, problem.opening, strict=True)
            )
        ],
        needs=[_need(f"{i}", quantity=units) for i, units in enumerate(asked)],
        pairs=[
            _pair(
                f"{i}",
                f"{j}",
                cost * scale,
                units=problem.demand[i] if problem.single_source else 1,
            )
            for i, row in enumerate(per_unit)
            for j, cost in enumerate(row)
        ],
    )


@mapped.register
def _min_cost_flow(problem: MinCostFlow) -> Mapped:
    """Map arcs to needs that either end may serve, after Orlin.

    Node j has its supply and all that could enter it. An arc's units that are served
    by its tail flow, at their cost; those served by its head do not.
    """
    if sum(problem.supply):
        raise ValueError(f"supplies add up to {sum(problem.supply)}, not to 0")
    room = list(problem.supply)
    base = Fraction(0)
    needs, pairs = [], []
    for a, (tail, head, least, most, cost) in enumerate(problem.arcs):
        room[tail] -= least
        room[head] += least
        base += least * cost
        if tail == head:
            base += (most - least) * min(cost, 0)
            continue
        room[head] += most - least
        # Where flow earns, what does not flow is charged instead.
        pays = Fraction(cost) if cost > 0 else Fraction(0)
        waits = Fraction(-cost) if cost < 0 else Fraction(0)
        base += (most - least) * min(cost, 0)
        needs.append(_need(f"{a}", quantity=most - least, choices=[tail, head]))
        pairs += [_pair(f"{a}", f"{tail}", pays), _pair(f"{a}", f"{head}", waits)]
    # What a node must receive beyond all its arcs nobody can serve: no flow exists.
    found = _by_cost(
        1,
        slots=[_slot(f"{j}", max(units, 0)) for j, units in enumerate(room)],
        needs=needs,
        pairs=pairs,
        beyond=-sum(min(units, 0) for units in room),
    )
    return Mapped(found.instance, found.policy, lambda x: base + found.value(x))


@mapped.register
def _p_median(problem: PMedian) -> Mapped:
    ids = [f"{vertex}" for vertex in range(problem.num_vertices)]
    communities = [sm.Community(id=id_) for id_ in ids]
    instance = sm.Instance(
        communities=communities,
        facilities=[sm.Facility(id=f"at {id_}", community=id_) for id_ in ids],
        slots=[
            sm.Slot(id=id_, facility=f"at {id_}", kinds=["any"], capacity=len(ids))
            for id_ in ids
        ],
        needs=[sm.Need(id=id_, community=id_, kind="any") for id_ in ids],
        links=[
            sm.Link(source=ids[a], target=ids[b], travel=length)
            for a, b, length in problem.edges
        ],
    )
    policy = sm.Policy(
        name="p-median",
        rules=[
            sm.AtLeast("served", len(ids)),
            sm.AtMost("opened_facilities", problem.p),
        ],
        goals=[sm.Minimize("travel")],
    )
    return Mapped(instance, policy, lambda metres: Fraction(metres, 1000))


# ---- records


def _by_cost(
    scale: int,
    *,
    slots: list[sm.Slot],
    needs: list[sm.Need],
    pairs: list[sm.Pair],
    beyond: int = 0,
) -> Mapped:
    instance = sm.Instance(
        communities=[sm.Community(id="all")],
        facilities=[sm.Facility(id="all", community="all")],
        slots=slots,
        needs=needs,
        pairs=pairs,
    )
    demand = sum(need.quantity for need in needs) + beyond
    policy = sm.Policy(
        name="everything at least cost",
        rules=[sm.AtLeast("served", demand)],
        goals=[sm.Minimize("cost")],
    )
    return Mapped(instance, policy, lambda cost: Fraction(cost) / scale)


def _slot(id_: str, capacity: int, **more: Any) -> sm.Slot:
    return sm.Slot(id=id_, facility="all", kinds=["any"], capacity=capacity, **more)


def _need(id_: str, *, choices: Iterable[Any] = (), **more: Any) -> sm.Need:
    few = [str(choice) for choice in choices]
    return sm.Need(id=id_, community="all", kind="any", choices=few, **more)


def _pair(need: str, slot: str, cost: Fraction, **more: Any) -> sm.Pair:
    return sm.Pair(need=need, slot=slot, cost=_money(cost), **more)


def _money(amount: Fraction) -> Decimal:
    """Return an amount of at most two places."""
    cents = amount * 100
    assert cents.denominator == 1
    return Decimal(cents.numerator) / 100


def _scale(amounts: Iterable[Fraction]) -> int:
    """Return the factor that leaves all amounts at most two places."""
    scale = 1
    for amount in amounts:
        scale = lcm(scale, (amount * 100).denominator)
        if scale > 10**9:
            raise ValueError("costs per unit have too many places")
    return scale
