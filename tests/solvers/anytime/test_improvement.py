"""Small problems side by side: they share no needs, and each keeps all rows."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Vector
from sharematch.engine.problem import Problem
from sharematch.solvers.anytime.aims import Objective, TotalAim, VectorAim
from sharematch.solvers.anytime.construction import constructed
from sharematch.solvers.anytime.improvement import SHARES, Improvement
from sharematch.solvers.anytime.worth import worth
from sharematch.solvers.integer.cpsat import Model
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


EVEN = sm.Leximin("fill_rate", by="community")
LOADS = sm.Leximax("served", by="community")


@pytest.mark.parametrize("first", [EVEN, LOADS])
@pytest.mark.parametrize("seed", range(4))
def test_who_is_lifted_makes_the_vector_better(seed: int, first: Any):
    instance, policy = season(seed)
    rules = [*policy.rules, sm.AtLeast("served", 30)]
    policy = sm.Policy(rules=rules, goals=[first, *policy.goals[1:]])
    program = lowered(instance, policy)
    *_, values = (v for v in constructed(program) if program.rows.holds(v))
    plan, rng = Improvement(program, values, UNWATCHED), np.random.default_rng(seed)
    (goal,) = (g for g in program.goals if isinstance(g, Vector))
    num_better = 0
    for _ in range(8):
        aim, before = VectorAim(plan, goal), plan.worth[0]
        seeds, _ = aim.seeds(rng, 12)
        others = rng.choice(plan.incumbent.num_needs, 12, replace=False)
        cut = plan.incumbent.cut(np.union1d(seeds, others))
        task = aim.lift(cut)
        assert task.rows.holds(task.hint)
        answer = _solved(task)
        lifted = answer[len(cut.free) :]
        changed = plan.incumbent.changed(cut, answer[: len(cut.free)])
        assert changed is not None
        after = worth(program, program.dependents.complete(changed))[0]
        assert (after > before) if lifted.any() else True
        assert after[0] >= before[0]
        num_better += plan.offer(program.dependents.complete(changed))
    assert num_better


@pytest.mark.parametrize("first", [EVEN, LOADS])
@pytest.mark.parametrize("seed", range(3))
def test_in_the_steep_sum_nobody_falls_below_the_lowest(seed: int, first: Any):
    instance, policy = season(seed)
    program = lowered(instance, sm.Policy(goals=[first, *policy.goals[1:]]))
    *_, values = (v for v in constructed(program) if program.rows.holds(v))
    plan = Improvement(program, values, UNWATCHED)
    (goal,) = (g for g in program.goals if isinstance(g, Vector))
    cut = plan.incumbent.cut(plan.incumbent.asking)
    task = VectorAim(plan, goal).objective(cut)
    assert task.rows.holds(task.hint)
    against = Objective(task.rows, -task.factor, task.hint)
    changed = plan.incumbent.changed(cut, _solved(against)[: len(cut.free)])
    assert changed is not None
    after = worth(program, program.dependents.complete(changed))[0]
    assert after[0] >= plan.worth[0][0]


def _solved(task: Objective) -> NDArray[np.int64]:
    answer = Model(task.rows).solve(
        None,
        variable=np.arange(len(task.factor)),
        factor=task.factor,
        hint=task.hint,
        effort=1.0,
    )
    assert answer.values is not None
    return answer.values


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
