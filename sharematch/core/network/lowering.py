"""Lowering: columns, arcs and a policy become the program of a network.

    min Σ cost × flow, goal after goal, over circulations with lower ≤ flow ≤ upper

through hub → nested sets of needs → one arc → nested sets of slots → hub. A policy is
such a flow if nothing couples (`uncoupled`) and its bounded sets nest on either side
(`nesting`); `Program.lift` is the way back.

Example: needs a, b and slots s, t, any need in any slot: the edges hub → a, hub → b,
four arcs, s → hub, t → hub; a rule on a's and b's community is one more node, before
both needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.constant import negated, taken
from sharematch.core.columns.filters import check_filter
from sharematch.core.columns.integers import LIMIT, largest
from sharematch.core.eligibility.order import arc_order
from sharematch.core.measures.ceilings import Ceilings, is_summed
from sharematch.core.measures.measures import Measures, whole_weights
from sharematch.core.network.layers import Layer, Layers, takes_part
from sharematch.core.network.nesting import Views, nest, place, with_kept_edges
from sharematch.core.network.program import GroupGoal, LinearGoal, Program, Source
from sharematch.core.network.uncoupled import Reason, coupled_record, coupled_terms
from sharematch.errors import InputError, UnsupportedError
from sharematch.model.measures import MEASURES
from sharematch.model.wording import named_term

__all__ = ["flow_of", "lower"]

Ints = NDArray[np.int64]
Positions = NDArray[np.integer[Any]]


def lower(
    measures: Measures, rules: Sequence[Any], goals: Sequence[Any], **options: Any
) -> Program:
    """Return the program of a policy that is known to be a flow; see `flow_of`.

    Raises
    ------
    UnsupportedError
        For a record, rule or goal that leaves the network class, by name.
    """
    program = flow_of(measures, rules, goals, **options)
    if isinstance(program, Reason):
        raise UnsupportedError(program)
    return program


def flow_of(
    measures: Measures,
    rules: Sequence[Any],
    goals: Sequence[Any],
    *,
    seed: int = 0,
    alone: Mapping[str, int] | None = None,
    pins: Ints | None = None,
) -> Program | Reason:
    """Return the program of a policy over the arcs that its rules admit.

    Parameters
    ----------
    measures
        Over the admitted arcs.
    alone
        For the bound "alone": what each community can be served by itself.
    pins
        Units that must stay on each arc.

    Returns
    -------
    Where it is none of a network: the record, rule or goal that leaves the class.

    Raises
    ------
    InputError
        For a filter or weight that names what the instance does not have.
    """
    reason = _coupling(measures, rules, goals)
    if reason is not None:
        return reason
    policy_layers = Layers(measures, rules, goals, alone or {})
    bounds = [*policy_layers.of_records(), *policy_layers.of_rules()]
    layers = [*bounds, *policy_layers.of_goals()]
    views = Views(layers, measures)
    sides = place(views)
    if isinstance(sides, Reason):
        return sides
    arc_of_edge: Positions = arc_order(seed, measures.columns, measures.arcs)
    network, nodes = nest(
        views,
        sides,
        arc_of_edge,
        measures,
        unbounded=policy_layers.unbounded,
        pins=pins,
    )
    baseline = measures.baseline
    if baseline is not None and any(
        MEASURES[goal.measure].needs_baseline for goal in goals
    ):
        # Units that stay cost less than those that come anew, and flows take the
        # cheaper edge first: no variable has to say which is which.
        network, arc_of_edge = with_kept_edges(network, arc_of_edge, baseline.units)
    return Program(
        measures=measures,
        network=network,
        goals=tuple(
            _lowered_goal(
                measures,
                arc_of_edge,
                policy_layers.unbounded,
                position,
                goal,
                node=_nodes_of_goal(position, layers, nodes),
            )
            for position, goal in enumerate(goals)
        ),
        arc_of_edge=arc_of_edge,
        broken=tuple(dict.fromkeys(policy_layers.broken)),
        layers=tuple((x.source, x.label, x.lower, x.upper) for x in bounds),
        places=tuple(
            (layer.source, side, node)
            for layer, side, node in zip(layers, sides, nodes, strict=True)
        ),
    )


def _coupling(
    measures: Measures, rules: Sequence[Any], goals: Sequence[Any]
) -> Reason | None:
    """Return the first record or term that couples, whatever its groups cross."""
    reason = coupled_record(measures)
    if reason is not None:
        return reason
    for kind, terms in (("rule", rules), ("goal", goals)):
        for position, term in enumerate(terms):
            check_filter(measures.columns, term.where, kind, position)
    return next(coupled_terms(measures, rules, goals), None)


def _nodes_of_goal(
    position: int, layers: Sequence[Layer], nodes: Sequence[Ints]
) -> Ints | None:
    """Return the node of each group of a goal; None where it has no layer."""
    nodes_by_layer = [
        node
        for layer, node in zip(layers, nodes, strict=True)
        if layer.source == Source("goal", position)
    ]
    # Where groups overlap each has a layer, and a node in that one alone.
    return np.max(nodes_by_layer, axis=0) if nodes_by_layer else None


def _lowered_goal(
    measures: Measures,
    arc_of_edge: Positions,
    unbounded: int,
    position: int,
    goal: Any,
    *,
    node: Ints | None,
) -> LinearGoal | GroupGoal:
    """Return a goal over edges: between groups, or a cost of each unit."""
    if node is not None and goal.op in ("leximin", "leximax"):
        return _group_goal(measures, position, goal, node)
    linear = _linear_goal(measures, arc_of_edge, unbounded, position, goal)
    return linear if node is None else _with_drops(measures, goal, linear, node)


def _linear_goal(
    measures: Measures, arc_of_edge: Positions, unbounded: int, position: int, goal: Any
) -> LinearGoal:
    name = named_term("goal", position, goal)
    if MEASURES[goal.measure].needs_baseline:
        return LinearGoal(position, _moved_cost(measures, arc_of_edge, goal, name))
    if is_summed(goal):
        per_unit = Ceilings(measures, goal).gains()
    else:
        per_unit = measures.coefficients(goal.measure)
        if goal.where:
            per_unit = np.where(measures.mask(goal.measure, goal.where), per_unit, 0)
    most = largest(per_unit)
    # No plan has more than `unbounded` units: so much is the greatest sum of any.
    if most * max(unbounded, 1) >= LIMIT:
        raise InputError(
            "large.may_grow_beyond_64_bit_integers_per",
            measure=goal.measure,
            each=most,
            units=unbounded,
            record=str(name),
            hint="large.use_larger_units_for_quantities_or_money",
        )
    cost = taken(per_unit, arc_of_edge)
    return LinearGoal(position, negated(cost) if goal.sense > 0 else cost)


def _with_drops(
    measures: Measures, goal: Any, linear: LinearGoal, node: Ints
) -> LinearGoal:
    """Return a goal with what units cost more in the nodes of its groups."""
    drops = Ceilings(measures, goal).drops()
    keys = measures.grouping(goal.measure, goal.by, goal.where).keys
    return replace(linear, keys=keys, node=node, drops=drops)


def _moved_cost(
    measures: Measures, arc_of_edge: Positions, goal: Any, name: str
) -> Ints:
    if measures.baseline is None:
        raise InputError(
            "policy.needs_a_baseline_an_earlier",
            measure=goal.measure,
            record=str(name),
        )
    cost = np.zeros(len(arc_of_edge), np.int64)
    cost[len(measures.arcs) :] = -1
    return np.where(measures.mask(goal.measure, goal.where)[arc_of_edge], cost, 0)


def _group_goal(measures: Measures, position: int, goal: Any, node: Ints) -> GroupGoal:
    grouping = measures.grouping(goal.measure, goal.by, goal.where)
    is_part = takes_part(measures, goal, grouping)
    form = measures.form(goal.measure)
    start = goal.sense * measures.constant(form, grouping)
    weight = measures.denominator(form, grouping)
    if goal.weights is not None:
        weights = measures.weights(goal, grouping)
        weight[is_part] = whole_weights(
            named_term("goal", position, goal),
            [w for w, p in zip(weights, is_part, strict=True) if p],
        )
    return GroupGoal(
        position=position,
        keys=tuple(k for k, p in zip(grouping.keys, is_part, strict=True) if p),
        node=node[is_part],
        start=start[is_part],
        weight=weight[is_part],
        sign=goal.sense * form.unit_sign,
    )
