"""Siting from a coupled program to what was found."""

import logging
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.coupled import CoupledProgram
from sharematch.core.rows import Total
from sharematch.solvers.completion import with_totals
from sharematch.solvers.coupled import Watch, is_over
from sharematch.solvers.search import Found, Number, simple_bound
from sharematch.solvers.siting.branches import Branching
from sharematch.solvers.siting.flows import Flows
from sharematch.solvers.siting.sets import all_sets
from sharematch.solvers.siting.shape import recognized
from sharematch.solvers.siting.stages import Stages, stages_of
from sharematch.solvers.siting.trying import Trial, Tried

__all__ = ["solve_siting"]

log = logging.getLogger("sharematch")

Ints = NDArray[np.int64]
FEW_SETS = 2_000
"""Sets of sites up to which all are looked at, without branching first."""
MOST_SETS = 100_000
"""Sets of sites up to which all are looked at where branching does not prove a plan."""


def solve_siting(
    program: CoupledProgram, watch: Watch, before_goal: Callable[[int], None]
) -> Found | None:
    """Return the best plan found where nothing but openings couples.

    None where more does, where there is no plan, or where none was found.
    """
    siting = recognized(program)
    if siting is None or siting.base.broken or not program.goals:
        return None
    if not siting.num_sites:  # no arc reaches what opens
        return None
    flows = Flows(siting)
    tried = _tried(flows, stages_of(flows), watch)
    if tried.best is None:
        return None
    found = _found(program, flows, tried)
    if found is not None:
        _tell(found, watch, before_goal)
    return found


def _tried(flows: Flows, stages: Stages, watch: Watch) -> Tried:
    """Look at all sets of sites if they are few, else branch on sites first."""
    siting, sets = flows.siting, all_sets(flows.siting, FEW_SETS)
    tried = Tried(None, (False,) * len(flows.siting.flows), ())
    if sets is None and not siting.is_exact:
        log.debug("siting: branching on %d sites", siting.num_sites)
        tried = Branching(flows, stages).run(watch)
        if all(tried.is_proved) or is_over(watch):
            return tried
    if sets is None:
        sets = all_sets(siting, MOST_SETS)
    if sets is None:
        return tried
    log.debug("siting: %d sites, all %d sets", siting.num_sites, len(sets))
    return Trial(flows, stages, sets).run(watch, tried.best)


def _found(program: CoupledProgram, flows: Flows, tried: Tried) -> Found | None:
    """Return what was found in terms of the program; None if it breaks its rows."""
    assert tried.best is not None
    num = flows.base.network.num_arcs
    units = flows.base.lift(tried.best.edges[:num])
    values = _values(program, units)
    if values is None:
        return None
    measures, bounds = program.measures, []
    for term, goal, is_proved, short in zip(
        program.terms.goals, program.goals, tried.is_proved, tried.short, strict=True
    ):
        reached = measures.goal_value(term, units)
        bound: Number = simple_bound(program.rows, goal)
        if is_proved:
            bound = reached if isinstance(reached, tuple) else Fraction(reached)
        elif short is not None and isinstance(goal, Total):
            assert not isinstance(reached, tuple)
            less = Fraction(short, goal.denominator)
            bound = Fraction(reached) + (less if goal.maximize else -less)
        bounds.append(bound)
    return Found(units, tuple(bounds), tried.is_proved, values)


def _values(program: CoupledProgram, units: Ints) -> Ints | None:
    """Return values of all variables, with switches of what is in use and totals."""
    rows = program.rows
    values = rows.lower.copy()
    values[program.variable] = units // program.step
    values[0] = 0
    uses = np.array([source.kind == "use" for source in rows.sources], bool)
    at = np.flatnonzero(uses[rows.source] & (rows.most == 0))
    entry = rows.matrix[at].tocoo()
    is_arc = np.zeros(rows.num_variables, bool)
    is_arc[program.variable] = True
    in_use = np.zeros(len(at), bool)
    in_use[entry.row[(entry.data > 0) & (values[entry.col] > 0)]] = True
    switch = (entry.data < 0) & ~is_arc[entry.col] & in_use[entry.row]
    values[entry.col[switch]] = 1
    values = with_totals(program, values)
    return values if rows.holds(values) else None


def _tell(found: Found, watch: Watch, before_goal: Callable[[int], None]) -> None:
    with suppress(watch.stop):
        for position, is_proved in enumerate(found.is_proved):
            if position:
                before_goal(position)
            if is_proved:
                watch.tell(Fraction(0))
