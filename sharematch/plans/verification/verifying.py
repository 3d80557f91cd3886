"""verify(): everything a plan does not keep."""

from collections.abc import Iterable
from typing import Any

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.model.arguments import expect
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.plans.allocation import Allocation
from sharematch.plans.verification.coupled import CoupledCheck
from sharematch.plans.verification.records import RecordCheck
from sharematch.plans.verification.rules import RuleCheck
from sharematch.plans.verification.units import PlanUnits, positions
from sharematch.plans.verification.violation import Violation

__all__ = ["verified", "verify"]


def verify(
    instance: Instance | Columns,
    allocation: Allocation | Iterable[Any],
    policy: Policy | None = None,
    *,
    baseline: Allocation | None = None,
) -> tuple[Violation, ...]:
    """Return everything a plan does not keep; empty if it is valid.

    Parameters
    ----------
    instance
        The records, or their columns.
    allocation
        The plan, from `solve` or made by hand (anything `Allocation` takes).
    policy
        Its rules are checked too; goals are not.
    baseline
        For rules on ``moved``.

    Raises
    ------
    InputError
        For a rule on ``moved`` without a baseline, or a filter or tier that names
        what the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> print(*sm.verify(town, [("mon", "t", 2)]))
    slot "mon": 2 units in use, capacity 1
    """
    expect(Instance, Columns, instance=instance)
    expect(Allocation, Iterable, allocation=allocation)
    expect(Policy, None, policy=policy)
    expect(Allocation, None, baseline=baseline)
    plan = allocation if isinstance(allocation, Allocation) else Allocation(allocation)
    return verified(encode(instance), plan, policy, baseline)[0]


def verified(
    columns: Columns,
    plan: Allocation,
    policy: Policy | None,
    baseline: Allocation | None,
) -> tuple[tuple[Violation, ...], PlanUnits]:
    """Return everything a plan does not keep, and its units on the pairs it knows."""
    violations, need, slot, cell, units = positions(columns, plan)
    arcs = arcs_module.pairs(columns, need, slot, cell)
    held = PlanUnits(columns, arcs, units)
    violations += [*RecordCheck(held).violations(), *CoupledCheck(held).violations()]
    if policy is not None:
        violations += RuleCheck(held, policy, baseline).violations()
    return tuple(violations), held
