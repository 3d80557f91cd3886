"""Siting from a coupled program to its outcome: few sets, branches, or both in turn.

    few sets (≤ FEW_SETS)       all of them, by bounds (`trying`)
    else                        a good set, few branches (`branches`);
    room is short               linear programs (`programs`), more branches;
    no proof yet                all sets (≤ MOST_SETS); then branches to the end

Each way ends with a proof, or with the best set so far and what each goal may still
lack. Branch and bound beside complete enumeration and the strong linear relaxation
(Efroymson and Ray 1966; Balinski 1965).

Four nodes: the hub, a need and two halls, of which one may open: two sets, both tried.
With 20 halls, of which 6 may open, there are 38,760 sets and branches come first.
"""

import logging
from contextlib import suppress
from fractions import Fraction

import numpy as np

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Total
from sharematch.core.network.program import LinearGoal
from sharematch.progress import Stop
from sharematch.solvers.integer.search import simple_bound
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import IntegerOutcome, Number
from sharematch.solvers.siting.bounds import Pricing
from sharematch.solvers.siting.branches import Branching
from sharematch.solvers.siting.flows import Flows, Worth
from sharematch.solvers.siting.nesting import NestedFlows, TooManyError, places_of
from sharematch.solvers.siting.programs import by_programs
from sharematch.solvers.siting.sets import all_sets
from sharematch.solvers.siting.shape import Siting
from sharematch.solvers.siting.stages import GroupStage, Stages, stages_of
from sharematch.solvers.siting.trying import Trial, Tried
from sharematch.solvers.siting.values import values_of

__all__ = ["solve_siting"]

log = logging.getLogger("sharematch")

FEW_SETS = 2_000
"""Sets of sites up to which all are looked at, without branching first: bounds of so
many take some milliseconds, less than the swaps that branching begins with."""
SHARE = 0.5
"""Of the seconds left, what all sets of sites get where branches proved no plan: the
other half is for branching to the end, of which nobody knows which is quicker."""
FURTHER = 0.2
"""Of the seconds left, what some more branches get: what linear programs have settled
mostly lets them end soon, and what is left is enough for the next turn if not."""
PROGRAMS = 0.1, 0.5
"""Of the time left, what linear programs get before further branches, in turns, a short
one first."""
WORK = 150.0
"""Deterministic seconds where there is no limit: some minutes, the same on any machine
under any load."""
MOST_VARIABLES = 30_000
"""Variables up to which linear programs are tried where room is short: far larger ones
have no relaxation within their share, branches have bounds at once."""
MOST_SETS = 100_000
"""Sets of sites up to which all are looked at where branching does not prove a plan:
one bound of them all takes 0.05 to 0.4 s (100 rows and 6 of 30 sites, 400 and 10 of
100)."""


def solve_siting(
    program: CoupledProgram, siting: Siting, monitor: Monitor
) -> IntegerOutcome | None:
    """Return the best plan found where nothing but openings couples.

    None where there is no plan, or where none was found.
    """
    if siting.base.broken:
        return None
    monitor = monitor if monitor.is_limited else monitor.within(WORK)
    flows, tried = _nested(program, siting, monitor) or (Flows(siting), None)
    if tried is None:
        tried = _try_sets(program, flows, monitor)
    if tried.best is None:
        return None
    outcome = _outcome(program, flows, tried)
    if outcome is not None:
        _tell(outcome, monitor)
    return outcome


def _nested(
    program: CoupledProgram, siting: Siting, monitor: Monitor
) -> tuple[Flows, Tried] | None:
    """Decide for places first, and days within them, where rules limit both.

    None where they do not, or where a place has too many days for that.
    """
    parted = places_of(siting)
    if parted is None:
        return None
    log.debug("siting: %d places before their days", parted[0].num_sites)
    flows = NestedFlows(*parted, monitor)
    tried = Tried.nothing(len(siting.flows))
    try:
        with suppress(Stop):
            tried = _try_sets(program, flows, monitor)
    except TooManyError:
        return None
    return flows, flows.kept(tried)


def _try_sets(program: CoupledProgram, flows: Flows, monitor: Monitor) -> Tried:
    """Look at all sets of sites if they are few, else branch on sites."""
    siting, stages = flows.siting, stages_of(flows)
    sets = all_sets(siting, FEW_SETS)
    if sets is not None:
        log.debug("siting: %d sites, all %d sets", siting.num_sites, len(sets))
        return Trial(flows, stages, sets).run(monitor)
    if siting.is_exact:
        return _all(flows, stages, monitor, None)
    log.debug("siting: branching on %d sites", siting.num_sites)
    branching = Branching(flows, stages)
    tried = branching.begin(monitor)
    if tried.best is None:
        return _all(flows, stages, monitor, None)
    tried = _in_turns(program, branching, tried, monitor)
    if not (tried.is_done or monitor.is_over()):
        tried = tried.followed_by(_all(flows, stages, monitor.share(SHARE), tried.best))
    if not (tried.is_done or monitor.is_over()) and tried.best is not None:
        log.debug("siting: branching again")
        tried = tried.followed_by(branching.run(monitor, tried.best))
    return tried


def _in_turns(
    program: CoupledProgram, branching: Branching, tried: Tried, monitor: Monitor
) -> Tried:
    """Let linear programs, where room is short, and some more branches look on."""
    for share in PROGRAMS:
        if tried.best is None or tried.is_done or monitor.is_over():
            break
        is_short = branching.is_short(tried.best)
        if is_short and program.rows.num_variables <= MOST_VARIABLES:
            log.debug("siting: linear programs")
            flows, limited = branching.search.flows, monitor.share(share)
            tried = by_programs(program, flows, tried, limited)
        if tried.best is not None and not tried.is_done:
            log.debug("siting: further branches")
            later = branching.further(monitor.share(FURTHER), tried.best)
            tried = tried.followed_by(later)
        if not is_short:
            break
    return tried


def _all(flows: Flows, stages: Stages, monitor: Monitor, best: Worth | None) -> Tried:
    """Look at all sets of sites, unless they are too many."""
    sets = all_sets(flows.siting, MOST_SETS)
    if sets is None:
        return Tried.nothing(len(flows.siting.flows), best)
    log.debug("siting: all %d sets", len(sets))
    return Trial(flows, stages, sets).run(monitor, best)


def _outcome(
    program: CoupledProgram, flows: Flows, tried: Tried
) -> IntegerOutcome | None:
    """Return what was found in terms of the program; None if it breaks its rows."""
    assert tried.best is not None
    units = flows.units(tried.best)
    values = values_of(program, flows, tried.best)
    if values is None:
        return None
    bounds: list[Number] = []
    for position, (is_proved, gap) in enumerate(
        zip(tried.is_proved, tried.gaps, strict=True)
    ):
        term, goal = program.terms.goals[position], program.goals[position]
        reached = program.measures.goal_value(term, units)
        if is_proved:
            bounds.append(reached if isinstance(reached, tuple) else Fraction(reached))
            continue
        if isinstance(reached, tuple):
            bound = _vector_bound(flows, position, tried.best, reached)
            bounds.append(bound or simple_bound(program.rows, goal))
            continue
        assert isinstance(goal, Total)
        roomy_gap = _gap_to_all_open(flows, position, tried.best)
        least_gap = roomy_gap if gap is None else min(roomy_gap, gap)
        better = Fraction(least_gap, goal.denominator) * (1 if goal.maximize else -1)
        bounds.append(Fraction(reached) + better)
    return IntegerOutcome.of(program, values, bounds, tried.is_proved)


def _gap_to_all_open(flows: Flows, position: int, best: Worth) -> int:
    """Return by how much a sum may be better with all sites open."""
    siting = flows.siting
    goal, pays = siting.flows[position], siting.pays[position]
    reached = bound = 0
    if pays is not None:
        # Nothing open, or everything.
        sign = siting.signs[position]
        reached = sign * int(pays.of(best.members[None, :])[0])
        bound = min(sign * pays.most, 0)
    if goal is not None:
        linear_goal = siting.base.goals[goal]
        assert isinstance(linear_goal, LinearGoal)
        everything = np.arange(siting.num_sites)[None, :]
        bound += int(Pricing(flows, linear_goal.cost).unpriced().of(everything)[0])
        flow_value = flows.goal_value(goal, best.edges)
        assert isinstance(flow_value, int)
        reached += flow_value
    return max(reached - bound, 0)


def _vector_bound(
    flows: Flows, position: int, best: Worth, reached: tuple[Fraction, ...]
) -> Number | None:
    """Return the sorted vector that no set of sites can beat, earlier goals apart."""
    stage = GroupStage(flows, position)
    everything = np.arange(flows.siting.num_sites)[None, :]
    vector, bound = best.values[position], stage.vector(stage.of(everything)[0])
    assert isinstance(vector, tuple)
    # Weights of groups may have been scaled to integers.
    scale = next((a / b for a, b in zip(reached, vector, strict=True) if a), None)
    if scale is None:
        return None
    return tuple(x * scale for x in bound)


def _tell(outcome: IntegerOutcome, monitor: Monitor) -> None:
    with suppress(Stop):
        for position, is_proved in enumerate(outcome.is_proved):
            if position:
                monitor.goal(position)
            if is_proved:
                monitor.close(Fraction(0))
