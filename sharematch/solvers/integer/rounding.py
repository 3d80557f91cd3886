"""A first plan for large coupled problems: the relaxed flow, rounded and repaired.

    flow     goals over the network without what couples: optima are bounds
    round    needs stay where most of their units are, the rest is dropped
    repair   neighborhoods are filled anew toward the flow's values (`neighborhoods`)

Without what couples the goals are flows, solved exactly; their optima are bounds. What
the flow splits is dropped, then neighborhoods are filled anew until the bounds are
reached, nothing more is gained, or time is over.

Example: four whole needs of 2 and two slots of 4: the flow may give each slot two
halves of a need; rounded, each need goes to one of them, and all are served.
"""

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.partition import coupled_arcs
from sharematch.core.integer.program import FREE, Rows
from sharematch.core.integer.relaxation import Relaxation, relaxation
from sharematch.core.measures.ceilings import is_summed
from sharematch.core.network.program import Source
from sharematch.model.measures import MEASURES
from sharematch.model.rules import AtLeast, AtMost
from sharematch.progress import Stop
from sharematch.solvers.flow.lexicographic import solve_network
from sharematch.solvers.integer.completion import completed, with_totals
from sharematch.solvers.integer.cpsat import Model
from sharematch.solvers.integer.moves import Patched
from sharematch.solvers.integer.neighborhoods import Neighborhoods
from sharematch.solvers.integer.objectives import Aims
from sharematch.solvers.monitor import Monitor

__all__ = ["Begun", "begin", "flow_bounds", "is_mostly_flow"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SIZES = (6, 10, 10, 14)
"""Slots of a group in successive sweeps; the last is repeated, then grown."""
LARGEST = 30
CHAINS = 12
"""Times that chains are tried in a row."""
SHORT, LONG = 8, 12
"""Slots of a group along a chain."""
MIXED = 0.3
"""Share of arcs that couple up to which all else is a flow around them."""
SURE = 0.95
"""Share of groups that must be solved to the end for larger ones to be tried."""


@dataclass(frozen=True)
class Begun:
    """A plan that keeps all rows, and the optima of the relaxed goals, in order."""

    values: Ints
    optima: tuple[Any, ...]
    is_mixed: bool
    """Whether part of the plan is a flow around what couples."""


def is_mostly_flow(program: CoupledProgram) -> bool:
    """Return whether so little couples that all else can be a flow around it."""
    fixed = coupled_arcs(program)
    return bool(np.count_nonzero(fixed) < MIXED * len(fixed))


def begin(program: CoupledProgram, monitor: Monitor) -> Begun | None:
    """Return a good plan, or None where rounding finds none."""
    relaxed = relaxation(program)
    if relaxed is None:
        return None
    outcome = solve_network(relaxed.program, monitor.aside())
    if outcome is None:
        return None
    units = relaxed.lift(outcome.units)
    proved = min(outcome.num_proved, len(relaxed.program.goals))
    goals = program.terms.goals[:proved]
    optima = tuple(program.measures.goal_value(goal, units) for goal in goals)
    fixed, is_mixed = coupled_arcs(program), is_mostly_flow(program)
    values = _around(program, units, fixed, monitor) if is_mixed else None
    if values is None:
        values, is_mixed = _rounded(program, units, relaxed, monitor), False
    if values is None:
        return None
    aims = Aims(program, values, units, proved)
    if aims.targets[0] is not None:
        values = _filled(aims, values, to_target=True)
        aims = Aims(program, values, units, proved)
    # What a flow reaches without knowing all rules may be far out of reach.
    better = _chain if is_mixed else _refine if relaxed.has_rules else None
    hood = Neighborhoods(program, aims.rows, aims.values, aims.aims, monitor)
    with suppress(Stop):
        if better is not None:
            better(aims, hood)
    refined = hood.values[: program.rows.num_variables]
    plans = [refined, _filled(aims, refined)]
    if is_mixed and (refined != values).any():
        flowing = _flowing(program, refined, fixed)
        plans += [values, *([] if flowing is None else [flowing])]
    goals, measures = program.terms.goals, program.measures
    best = max(plans, key=lambda plan: measures.worth(goals, program.lift(plan)))
    return Begun(best, optima, is_mixed)


def _filled(aims: Aims, values: Ints, *, to_target: bool = False) -> Ints:
    """Return a plan with what still fits, large needs first.

    `to_target` gives groups of the first vector only what they lack of its relaxed
    values, so that none takes the room of others.
    """
    program = aims.program
    plan = Patched(program, program.rows, values)
    owner = np.zeros(program.rows.num_variables, np.int64)
    quota = np.array([FREE])
    if to_target:
        owner, quota = aims.lacks(values)
    order = np.argsort(-program.step, kind="stable")
    plan.fill(program.variable[order], owner, quota)
    filled = with_totals(program, plan.values)
    return filled if program.rows.holds(filled) else values


def flow_bounds(
    program: CoupledProgram, position: int, units: Ints, monitor: Monitor
) -> list[Any]:
    """Return what a goal, and each later one, can reach in a flow.

    The flow keeps what earlier goals reach; each later bound holds where the goals
    before it are at theirs. Empty where no flow says so.

    Raises
    ------
    Stop
        Where the monitor is over before there is a flow.
    """
    terms, measures = program.terms, program.measures
    rules: list[Any] = list(terms.rules)
    for goal in terms.goals[:position]:
        if goal.slack or goal.weights:
            continue
        if is_summed(goal):
            continue
        value = measures.goal_value(goal, units)
        if isinstance(value, tuple):
            value = value[0] if value else Fraction(0)
        value = Fraction(value) / MEASURES[goal.measure].scale
        bounded = AtLeast if goal.sense > 0 else AtMost
        rules.append(bounded(goal.measure, value, by=goal.by, where=goal.where))
    goals = terms.goals[position:]
    check = monitor.check
    relaxed = relaxation(program, rules=rules, goals=goals, check=check)
    if relaxed is None or not relaxed.program.goals:
        return []
    monitor.check()
    outcome = solve_network(relaxed.program, monitor)
    if outcome is None:
        return []
    flow = relaxed.lift(outcome.units)
    num_known = min(outcome.num_proved, len(relaxed.program.goals))
    return [measures.goal_value(goal, flow) for goal in goals[:num_known]]


# ---- rounding


def _around(
    program: CoupledProgram, units: Ints, fixed: Bools, monitor: Monitor
) -> Ints | None:
    """Return a plan in which all else flows around what couples, rounded first."""
    chosen = _nearest(program, units, fixed, monitor)
    if chosen is None:
        return None
    return _flowing(program, chosen, fixed)


def _flowing(program: CoupledProgram, values: Ints, fixed: Bools) -> Ints | None:
    """Return values with the best flow around what couples."""
    units = completed(program, fixed, program.lift(values))
    if units is None:
        return None
    free = np.flatnonzero(~fixed)
    whole = values.copy()
    whole[program.variable[free]] = units[free] // program.step[free]
    whole = with_totals(program, whole)
    return whole if program.rows.holds(whole) else None


def _nearest(
    program: CoupledProgram, units: Ints, fixed: Bools, monitor: Monitor
) -> Ints | None:
    """Return values in which only what couples is served, much as in a relaxed plan.

    A whole need goes where most of its units are, if at least half of it is served.
    """
    rows, arcs = program.rows, program.measures.arcs
    demand = program.measures.columns.need_demand
    served = np.zeros(len(demand), np.int64)
    np.add.at(served, arcs.need, units)
    there = np.flatnonzero(fixed & (units > 0))
    need = arcs.need[there]
    gain = np.zeros(rows.num_variables, np.int64)
    worth = 4 * served[need] - 2 * demand[need] + units[there] + 1
    np.add.at(gain, program.variable[there], worth)
    most = np.zeros(rows.num_variables, np.int64)
    np.maximum.at(
        most, program.variable[there], -(-units[there] // program.step[there])
    )
    is_arc = np.zeros(rows.num_variables, bool)
    is_arc[program.variable] = True
    upper = np.where(is_arc, np.minimum(most, rows.upper), rows.upper)
    upper = np.maximum(upper, rows.lower)
    free = np.flatnonzero(upper > rows.lower)
    # Rules and goals count all units: they are for the flow around.
    kinds = [source.kind not in ("goal", "rule") for source in rows.sources]
    return _most_kept(
        rows.only(np.array(kinds)[rows.source]), upper, free, gain, monitor
    )


def _rounded(
    program: CoupledProgram, units: Ints, relaxed: Relaxation, monitor: Monitor
) -> Ints | None:
    """Return the most of a relaxed plan that keeps all rows.

    None where that breaks rules of which the relaxation does not know, and by so much
    that it is not soon seen what to leave: it says little of plans that keep them.
    """
    rows = program.rows
    most = np.full(rows.num_variables, np.iinfo(np.int64).max)
    np.minimum.at(most, program.variable, units // program.step)
    is_arc = most < np.iinfo(np.int64).max
    upper = np.minimum(np.where(is_arc, most, rows.upper), rows.upper)
    upper = np.maximum(upper, rows.lower)
    plan = np.where(is_arc, upper, 0)
    plain = with_totals(program, plan)
    if rows.holds(plain):
        return plain
    free = np.flatnonzero(~is_arc | (upper > rows.lower))
    gain = np.zeros(rows.num_variables, np.int64)
    np.add.at(gain, program.variable, program.step)
    upper = np.where(is_arc, upper, rows.upper)
    is_sure = relaxed.has_rules
    return _most_kept(rows, upper, free, gain, monitor, is_sure=is_sure)


def _most_kept(
    rows: Rows,
    upper: Ints,
    free: Ints,
    gain: Ints,
    monitor: Monitor,
    *,
    is_sure: bool = True,
) -> Ints | None:
    """Return values below `upper` that keep all rows and gain as much as possible.

    Parameters
    ----------
    is_sure
        Whether it is worth while to look for them; else they are to be found at once.
    """
    part = rows.matrix[:, free]
    others = np.where(np.isin(np.arange(len(upper)), free), 0, rows.lower)
    fixed = rows.matrix @ others
    touched = np.flatnonzero(np.diff(part.indptr) > 0)
    least, most = rows.least[touched], rows.most[touched]
    inner = Rows(
        lower=rows.lower[free],
        upper=upper[free],
        matrix=part[touched],
        least=np.where(least <= -FREE, -FREE, least - fixed[touched]),
        most=np.where(most >= FREE, FREE, most - fixed[touched]),
        source=np.zeros(len(touched), np.int64),
        sources=(Source("use"),),
    )
    gaining = np.flatnonzero(gain[free])
    monitor = monitor.at_least(LEAST)
    answer = Model(inner).solve(
        monitor,
        variable=gaining,
        factor=gain[free][gaining],
        seconds=monitor.remaining(),
        effort=ROUNDING if is_sure else AT_ONCE,
    )
    if answer.values is None or not (is_sure or answer.is_proved):
        return None
    values = others
    values[free] = answer.values
    return values if rows.holds(values) else None


ROUNDING = 5.0
"""Deterministic seconds to make a rounded plan keep all rows."""
AT_ONCE = 0.3
"""The same where it may be of no use."""
LEAST = 0.5
"""Seconds that it gets in any case: a plan is better than none."""


# ---- refinement


def _refine(aims: Aims, hood: Neighborhoods) -> None:
    rng = np.random.default_rng(0)
    depth = len(aims.aims)
    if aims.targets[0] is None:
        hood.sweep(hood.partition(3, rng), _open(aims, hood) + 1)
    _chain(aims, hood)
    size, still = 0, 0
    sizes = list(SIZES)
    while still < 2 and not _is_best(aims, hood):
        size = sizes.pop(0) if sizes else size
        before = hood.value()
        sure = hood.sweep(hood.partition(size, rng), depth)
        if not sizes and sure >= SURE:
            size = min(size * 4 // 3, LARGEST)
        if _open(aims, hood) < depth - 1:
            _chain(aims, hood)
        still = 0 if sizes or hood.value() > before else still + 1


def _open(aims: Aims, hood: Neighborhoods) -> int:
    """Return the first aim that has not reached what it can, or the last."""
    for position, (value, most) in enumerate(zip(hood.value(), aims.most, strict=True)):
        if value != most:
            return position
    return len(aims.aims) - 1


def _is_best(aims: Aims, hood: Neighborhoods) -> bool:
    return list(hood.value()) == aims.most


def _chain(aims: Aims, hood: Neighborhoods) -> None:
    """Repair the first aim that falls short along chains, while that helps."""
    for attempt in range(CHAINS):
        hood.monitor.check()
        position = _open(aims, hood)
        if position == len(aims.aims) - 1:
            return
        before = hood.value()[: position + 1]
        size = SHORT if attempt < CHAINS // 3 else LONG
        groups = hood.chains(size, *aims.wanting(position, hood.values))
        hood.sweep(groups, position + 1)
        if hood.value()[: position + 1] == before and size == LONG:
            return
