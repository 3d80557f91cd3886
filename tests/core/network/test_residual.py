"""Exchanges around a plan: what steps cost and the cheapest paths, by hand."""

import numpy as np

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import lower
from sharematch.core.network.program import Program
from sharematch.core.network.residual import Residual

ROOM = sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=2)


def shared_room(*goals: object, slot: sm.Slot = ROOM) -> Program:
    """Return a room for two in which junmiao wants two places and lianqiao three."""
    columns = encode(
        sm.Instance(
            communities=[sm.Community(id="junmiao"), sm.Community(id="lianqiao")],
            facilities=[sm.Facility(id="hall", community="junmiao")],
            slots=[slot],
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


def test_what_lies_above_a_ceiling_adds_nothing():
    program = shared_room(sm.Maximize("served", by="community", upto=1))
    (goal,) = program.goals
    group_edge = program.network.edge_of(goal.node[goal.node >= 0])
    edges = np.argsort(program.arc_of_edge)

    def costs(units: list[int]) -> tuple[list[int], list[int]]:
        """Return what a unit more, and one fewer, costs each need with its group."""
        residual = Residual(program, np.array(units), np.zeros(2, bool))
        rise, fall = residual.rise, residual.fall
        return (
            (rise[edges] + rise[group_edge]).tolist(),
            (fall[edges] + fall[group_edge]).tolist(),
        )

    assert costs([0, 0])[0] == [-1, -1]
    assert costs([1, 0]) == ([0, -1], [1, costs([1, 0])[1][1]])
    assert costs([1, 1]) == ([0, 0], [1, 1])
    assert costs([0, 2])[1][1] == 0  # one of two is above the ceiling


def test_nothing_is_reached_where_costs_are_too_large_for_any_path():
    dear = sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=2, fee=10**11)
    program = shared_room(
        sm.Maximize("served"), sm.Minimize("fees"), sm.Minimize("lent"), slot=dear
    )
    units, free = np.array([1, 1]), np.zeros(2, bool)
    few_steps = Residual(program, units, free)
    assert 0 < few_steps.most_steps < Residual(shared_room(), units, free).most_steps
    program = shared_room(
        sm.Minimize("fees"), sm.Minimize("fees", where={"kind": "any"}), slot=dear
    )
    none = Residual(program, units, free)
    assert none.most_steps == 0
    ends = program.network.tail[np.argsort(program.arc_of_edge)].tolist()
    paths = none.paths(ends[0])
    assert np.flatnonzero(paths.reached).tolist() == [ends[0]]
