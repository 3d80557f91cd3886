"""check_certificate(): whether a plan is the best its policy allows, without a solver.

Shares the records, the eligible pairs and the measures with the rest; no lowering, no
solver. What a certificate says, and why it proves a plan, stands in
`sharematch.core.proof`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core import arcs as arcs_module
from sharematch.core.columns import encode
from sharematch.core.lookup import find
from sharematch.core.measures import Measures, admitted
from sharematch.core.proof import Proof, pinned, provable
from sharematch.model.instance import Instance
from sharematch.result import GoalValue, Result
from sharematch.verifier import Violation, verify

__all__ = ["check_certificate"]

Ints = NDArray[np.int64]


def check_certificate(instance: Instance, result: Result) -> tuple[Violation, ...]:
    """Return why a result's certificate does not prove its plan; empty if it does.

    Without a solver, in linear time after a sort: the plan keeps records and rules, and
    for each goal in turn the certificate's prices show that no plan which is as good
    in all earlier goals is better.

    Parameters
    ----------
    instance
        The records that the result is of.
    result
        From `solve`, or read from a file.

    Returns
    -------
    Empty exactly if every goal is proved. A result without a certificate, such as one
    of a policy that couples, is not proved.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> sm.check_certificate(town, sm.solve(town))
    ()
    """
    found = verify(instance, result.allocation, result.policy)
    return found or tuple(
        Violation("certificate", message) for message in _problems(instance, result)
    )


def _problems(instance: Instance, result: Result) -> Iterator[str]:
    certificate, policy = result.certificate, result.policy
    if not isinstance(certificate, Mapping):
        yield "this result carries no certificate: its plan is checked, not proved best"
        return
    if not provable(policy.rules, policy.goals):
        yield "the policy has terms that no certificate covers"
        return
    claims, sides = certificate.get("goals"), certificate.get("sides")
    if not isinstance(claims, list) or not isinstance(sides, Mapping):
        yield "the certificate has no list of goals, or no sides"
        return
    if not len(claims) == len(result.goals) == len(policy.goals):
        yield f"the certificate has {len(claims)} goals, the policy {len(policy.goals)}"
        return
    proof = _proof(instance, result)
    yield from (f"the certificate {problem}" for problem in proof.problems(sides))
    for position, claim in enumerate(claims):
        name = f"goal {position + 1}"
        if not _has_value(proof, result.goals[position]):
            yield f"{name}: its value is not that of the plan"
        for problem in proof.step(position, claim, sides):
            yield f"{name}: the certificate {problem}"


def _proof(instance: Instance, result: Result) -> Proof:
    columns, policy = encode(instance), result.policy
    arcs = arcs_module.build(columns)
    arcs = arcs.keep(admitted(Measures(columns, arcs), policy.rules))
    at, plan = columns.position, result.allocation
    need = np.array([at["need"][n] for n in plan.needs], np.int64)
    slot = np.array([at["slot"][s] for s in plan.slots], np.int64)
    width = max(len(columns.slot_ids), 1)
    units = np.zeros(len(arcs), np.int64)
    place = find(arcs.need * width + arcs.slot, need * width + slot)
    units[place] = plan.quantities
    pins = pinned(columns, arcs)
    return Proof(Measures(columns, arcs), policy.rules, policy.goals, units, pins)


def _has_value(proof: Proof, claimed: GoalValue) -> bool:
    value: Any = claimed.value
    if isinstance(value, Decimal):  # money, in major units
        value = int(value.scaleb(2))
    return bool(proof.measures.goal_value(claimed.goal, proof.units) == value)
