"""A plan over its pairs of needs and slots, ready to be measured."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sharematch.allocation import Allocation
from sharematch.core import arcs as arcs_module
from sharematch.core.columns import Columns
from sharematch.core.encoding import encode
from sharematch.core.measures import Baseline, Measures, admitted
from sharematch.errors import InputError
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.verifier import baseline_of

__all__ = ["Plan", "measure_plan", "plan_of"]


@dataclass(frozen=True)
class Plan:
    """An allocation's arcs and units, ready to be measured."""

    measures: Measures
    units: Any


def measure_plan(
    columns: Columns,
    arcs: arcs_module.Arcs,
    units: Any,
    baseline: Baseline | None = None,
) -> Plan:
    """Return the plan over the arcs in use, distances settled among all `arcs`."""
    used = units > 0 if baseline is None else (units > 0) | (baseline.units > 0)
    on = np.flatnonzero(used)
    kept = replace(arcs, travel=arcs.distance).keep(on)
    base = None if baseline is None else baseline.keep(on)
    return Plan(Measures(columns, kept, base), units[on])


def plan_of(
    instance: Instance | Columns,
    allocation: Allocation,
    policy: Policy,
    baseline: Allocation | None = None,
) -> Plan:
    """Return a plan over its own pairs, ready to be measured.

    Raises
    ------
    InputError
        For ids that the instance does not have.
    """
    columns = encode(instance)
    at = columns.position
    unknown = [n for n in allocation.needs if n not in at["need"]]
    unknown += [s for s in allocation.slots if s not in at["slot"]]
    if unknown:
        raise InputError(f"{unknown[0]} is not in the instance")
    need = np.array([at["need"][n] for n in allocation.needs], np.int64)
    slot = np.array([at["slot"][s] for s in allocation.slots], np.int64)
    order = np.lexsort((slot, need))
    pairs = arcs_module.pairs(columns, need[order], slot[order])
    if pairs.num_unknown:
        everything = arcs_module.build(columns)
        left = everything.keep(admitted(Measures(columns, everything), policy.rules))
        largest = max(0, int(left.travel.max(initial=0)))
        known = pairs.travel != arcs_module.UNKNOWN
        pairs = replace(pairs, travel=np.where(known, pairs.travel, largest))
    before = baseline_of(columns, pairs, baseline)
    return Plan(Measures(columns, pairs, before), allocation.quantities[order])
