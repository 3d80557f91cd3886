"""Exchanges around a plan: what steps cost and the cheapest paths, by hand."""

import numpy as np

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import lower
from sharematch.core.network.program import Program
from sharematch.core.network.residual import Residual


def shared_room(*goals: object) -> Program:
    """Return a room for two in which junmiao wants two places and lianqiao three."""
    columns = encode(
        sm.Instance(
            communities=[sm.Community(id="junmiao"), sm.Community(id="lianqiao")],
            facilities=[sm.Facility(id="hall", community="junmiao")],
            slots=[sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=2)],
            needs=[
                sm.Need(id="j", community="junmiao", kind="any", quantity=2),
                sm.Need(id="l", community="lianqiao", kind="any", quantity=3),
            ],
        )
    )
    return lower(Measures(columns, arcs.build(columns)), [], goals)


def between(program: Program, residual: Residual, *, backward: bool) -> int:
    """Return the least cost of a path from l to j, or from j to l (backward)."""
    edges = np.argsort(program.arc_of_edge)
    j, l_ = program.network.tail[edges].tolist()
    paths = residual.paths(l_, backward=backward)
    assert paths.reached[j]
    steps = [*residual.along(paths, j, backward=backward)]
    assert sum(residual.cost[steps]) == paths.cost[j]
    return int(paths.cost[j])


def test_a_unit_is_worth_the_more_the_lower_the_ratio_before_it():
    program = shared_room(sm.Leximin("fill_rate", by="community"))
    residual = Residual(program, np.array([1, 1]), np.zeros(2, bool))
    goal = program.goals[0]
    own = program.network.edge_of(goal.node)
    # Of (ratio before, step), from the best: (0, 1/2), (0, 1/3), (1/3, 1/3), (1/2, 1/2)
    assert residual.rise[own].tolist() == [-1, -2]
    assert residual.fall[own].tolist() == [4, 3]
    assert residual.weight.tolist() == [1]
    assert residual.goal_of(0) is None
    assert residual.goal_of(-1) == 0


def test_of_equal_ratios_the_larger_step_is_worth_more():
    program = shared_room(sm.Leximin("fill_rate", by="community"))
    residual = Residual(program, np.array([0, 0]), np.zeros(2, bool))
    group_edge = program.network.edge_of(program.goals[0].node)
    # From nothing a half for junmiao is worth more than a third for lianqiao.
    assert residual.rise[group_edge].tolist() == [-2, -1]


def test_earlier_goals_outweigh_any_path_of_later_ones():
    program = shared_room(sm.Maximize("served"), sm.Minimize("lent"))
    residual = Residual(program, np.array([1, 1]), np.zeros(2, bool))
    # Two lent places fewer, of 404 steps, and one more, never make up for one served.
    assert residual.weight.tolist() == [2 * 404 + 1, 1]
    edges = np.argsort(program.arc_of_edge)
    assert residual.rise[edges].tolist() == [-809, -808]
    assert residual.fall[edges].tolist() == [809, 808]
    assert [residual.goal_of(x) for x in (-809, 808, 405, 404, -404, -405, 1, 0)] == [
        *(0, 0, 0, 1, 1, 0, 1, None)
    ]
    best = Residual(program, np.array([2, 0]), np.zeros(2, bool))
    # j gives a place to l: one more is lent. What j leaves unasked l may ask for.
    assert between(program, best, backward=False) == 1
    assert between(program, best, backward=True) == 0


def test_closed_arcs_and_edges_left_out_are_on_no_path():
    program = shared_room(sm.Maximize("served"))
    edges = np.argsort(program.arc_of_edge)
    ends = program.network.tail[edges].tolist()
    units = np.array([0, 2])
    free = Residual(program, units, np.zeros(2, bool))
    assert free.paths(ends[0]).reached[ends[1]]
    without = free.paths(ends[0], without=int(edges[1]))
    assert without.step[ends[0]] == -1
    closed = Residual(program, units, np.array([True, False]))
    used = closed.edge[closed.is_rise].tolist()
    assert edges[0] not in used
    assert edges[1] in used
