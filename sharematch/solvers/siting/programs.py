"""Many sites as a linear program with switches, for what branching on sites left open.

Goal by goal, as far as they are sums: units are continuous, each at most so many as its
site is open. What opens is then tried as any other set.

    minimize cost · x + Σ open(s) · y(s)
    with     x(n, s) ≤ most(n, s) · y(s),   y(s) in {0, 1}

The strong formulation of facility location (Balinski 1965), whose relaxation is mostly
tight. Four nodes: the hub, a need, two sites of one place each that cost 1; two units
need y = (1, 1), which the relaxation finds without branching.
"""

import numpy as np

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Total
from sharematch.solvers.integer.goals import keep
from sharematch.solvers.integer.mip import PACKING, engine, solve_linear
from sharematch.solvers.integer.search import Search
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting.flows import Flows, Worth
from sharematch.solvers.siting.trying import Tried
from sharematch.solvers.siting.values import values_of

__all__ = ["by_programs"]


def by_programs(
    program: CoupledProgram, flows: Flows, tried: Tried, monitor: Monitor
) -> Tried:
    """Return the best set of sites, and more of what no set can beat."""
    best = tried.best
    assert best is not None
    is_proved, gaps = list(tried.is_proved), list(tried.gaps)
    search = Search(program.rows, monitor)
    search.has_plan = True
    for goal in program.goals:
        values = values_of(program, flows, best)
        if values is None or not isinstance(goal, Total) or monitor.is_over():
            break
        search.values = values
        if not is_proved[goal.position]:
            solved = _solved(program, flows, search, (goal, best))
            if solved is None:
                break
            best, gap = solved
            known_gap = gaps[goal.position]
            gap = gap if known_gap is None else min(gap, known_gap)
            gaps[goal.position], is_proved[goal.position] = gap, gap == 0
            values = values_of(program, flows, best)
            if values is None or not is_proved[goal.position]:
                break
            search.values = values
        keep(search, goal)
    return Tried(best, tuple(is_proved), tuple(gaps))


def _solved(
    program: CoupledProgram,
    flows: Flows,
    search: Search,
    asked: tuple[Total, Worth],
) -> tuple[Worth, int] | None:
    """Return the best set in a goal, and by how much another may be better."""
    (goal, best), rows, monitor = asked, search.settled(), search.monitor
    answer = solve_linear(
        rows,
        goal.variable,
        goal.factor,
        monitor,
        maximize=goal.maximize,
        solver=engine(rows, goal.variable) or PACKING,
    )
    monitor.spend(answer.work)
    if answer.values is not None:
        is_used = program.lift(answer.values) > 0
        slots = program.measures.arcs.slot[is_used]
        sites = np.unique(flows.siting.site[slots])
        worth = flows.worth(sites[sites < flows.siting.num_sites])
        if isinstance(worth, Worth) and worth.values < best.values:
            best = worth
    if answer.bound is None:
        return None
    values = values_of(program, flows, best)
    assert values is not None
    reached = int(goal.factor @ values[goal.variable])
    return best, max((answer.bound - reached) * (1 if goal.maximize else -1), 0)
