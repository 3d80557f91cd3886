"""Small problems side by side: they share no needs, and each keeps all rows."""

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Vector
from sharematch.engine.problem import Problem
from sharematch.solvers.anytime.aims import TotalAim, VectorAim
from sharematch.solvers.anytime.construction import constructed
from sharematch.solvers.anytime.improvement import SHARES, Improvement
from sharematch.solvers.monitor import UNWATCHED
from tests.solvers.anytime.test_construction import lowered
from tests.solvers.anytime.test_leftovers import season


def improvement(seed: int) -> Improvement:
    program = lowered(*season(seed))
    assert isinstance(program, CoupledProgram)
    *_, values = (v for v in constructed(program) if program.rows.holds(v))
    return Improvement(program, values, UNWATCHED)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", SHARES)
def test_needs_in_hand_are_not_chosen_again(seed: int, way: str):
    plan = improvement(seed)
    rng, num_needs = np.random.default_rng(seed), plan.incumbent.num_needs
    for position, goal in enumerate(plan.program.goals):
        plan.relaxed[position] = rng.random(plan.program.rows.num_variables)
        aim: TotalAim | VectorAim
        if isinstance(goal, Vector):
            aim = VectorAim(plan, goal)
        else:
            aim = TotalAim(plan, goal)
        if way == "switch" and way not in plan._ways(position):
            continue
        for want in (1, 3, num_needs // 2, num_needs):
            in_hand = rng.random(num_needs) < 0.5
            in_hand[0] = True
            chosen = plan._chosen(aim, way, want, in_hand)
            assert not (chosen & in_hand).any()
            asking = np.zeros(num_needs, bool)
            asking[plan.incumbent.asking] = True
            assert not (chosen & ~asking).any()
            if want >= asking.sum():  # a proof is one of all together
                assert not chosen.any()
                everybody = plan._chosen(aim, way, want, np.zeros(num_needs, bool))
                assert (everybody == asking).all()


@pytest.mark.parametrize("seed", range(3))
def test_changes_of_other_needs_add_up(seed: int):
    plan = improvement(seed)
    before = plan.worth
    plan.run(0, UNWATCHED, work=1.0)
    assert plan.program.rows.holds(plan.values)
    assert plan.worth >= before


def test_where_nobody_can_be_placed_there_is_nothing_to_better():
    town = sm.Instance(
        communities=[sm.Community(id="c")],
        facilities=[sm.Facility(id="f", community="c")],
        slots=[sm.Slot(id="s", facility="f", kinds=["hall"], capacity=3)],
        needs=[sm.Need(id="n", community="c", kind="ice", quantity=2, whole=True)],
    )
    policy = sm.Policy(goals=[sm.Maximize("served")])
    program = Problem.of(encode(town), policy, 0, None).rows
    Improvement(program, program.rows.lower.copy(), UNWATCHED).run(0, UNWATCHED)
