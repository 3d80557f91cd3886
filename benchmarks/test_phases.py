"""Phases measured apart; what comes out is checked after the clock has stopped.

pytest benchmarks --largest=district
pytest benchmarks --benchmark-disable    # smoke: each case once, smallest size
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

import sharematch as sm
from benchmarks.arrays import Arrays, solve
from benchmarks.plain import solve_ortools
from benchmarks.registry import Case
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import lower
from sharematch.model.instance import Instance
from sharematch.plans.verification import verify
from sharematch.solvers.flow.lexicographic import solve_network

_INT32 = np.iinfo(np.int32).max
"""The most that scipy's maximum flow knows."""

InstanceCase = tuple[Case[Instance], str]
ArrayCase = tuple[Case[Arrays], str]


def test_solve(benchmark: Any, instance_case: InstanceCase) -> None:
    case, size = instance_case
    instance, policy = case.build(size), case.policy()
    result = benchmark(lambda: sm.solve(_fresh(instance), policy))
    assert result.status in ("optimal", "feasible")
    assert not verify(instance, result.allocation, policy)
    if case.name in ("fair", "scarce", "ample", "near", "far", "one-kind"):
        # Fair to communities, no rule: as many are served as without fairness.
        most = sm.solve(instance, sm.Policy(goals=[sm.Maximize("served")]))
        assert result.value("served") == most.value("served")


def test_columns(benchmark: Any, instance_case: InstanceCase) -> None:
    case, size = instance_case
    instance = case.build(size)
    columns = benchmark(lambda: encode(_fresh(instance)))
    assert len(columns.need_ids) == len(instance.needs)


def test_arcs(benchmark: Any, instance_case: InstanceCase) -> None:
    case, size = instance_case
    columns = encode(case.build(size))
    arcs = benchmark(arcs_module.build, columns)
    assert (arcs_module.reasons(columns, arcs.need, arcs.slot) == -1).all()


def test_lower(benchmark: Any, instance_case: InstanceCase) -> None:
    case, size = instance_case
    columns, policy = encode(case.build(size)), case.policy()
    everything = arcs_module.build(columns)
    arcs = everything.keep(admitted(Measures(columns, everything), policy.rules))
    measures = Measures(columns, arcs)
    program = benchmark(lower, measures, policy.rules, policy.goals)
    outcome = solve_network(program)
    assert outcome is not None
    assert outcome.num_proved == len(policy.goals)


def test_verify(benchmark: Any, instance_case: InstanceCase) -> None:
    case, size = instance_case
    instance, policy = case.build(size), case.policy()
    plan = sm.solve(instance, policy).allocation
    assert not benchmark(verify, instance, plan, policy)


def _fresh(instance: Instance) -> Instance:
    """Return an instance of which no columns were made yet."""
    return instance.replace()


def test_solver(benchmark: Any, array_case: ArrayCase) -> None:
    case, size = array_case
    arrays = case.build(size)
    units = benchmark(solve, arrays)
    arrays.check(units)
    assert units.sum() == most_served(arrays)


def most_served(arrays: Arrays) -> int:
    """Return the most units that can be served, by another solver."""
    if max(arrays.quantity.max(), arrays.capacity.max()) > _INT32:
        return int(solve_ortools(arrays).sum())
    needs, slots = len(arrays.quantity), len(arrays.capacity)
    source, sink = needs + slots, needs + slots + 1
    room = np.concatenate(
        [
            np.minimum(arrays.quantity[arrays.need], arrays.capacity[arrays.slot]),
            arrays.quantity,
            arrays.capacity,
        ]
    ).astype(np.int32)
    tail = [arrays.need, np.full(needs, source), needs + np.arange(slots)]
    head = [needs + arrays.slot, np.arange(needs), np.full(slots, sink)]
    ends = np.concatenate(tail), np.concatenate(head)
    graph = csr_array((room, ends), shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, source, sink).flow_value)
