"""What follows from units on arcs: every plan that keeps all rows keeps them so too."""

import numpy as np
import pytest

from sharematch.core.columns.encoding import encode
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Total
from sharematch.engine.problem import Problem
from sharematch.solvers.integer.cpsat import Model
from tests.engine.test_coupled_brute_force import case


def coupled(seed: int) -> CoupledProgram | None:
    instance, policy, baseline, _ = case(seed)
    columns = encode(instance)
    program = Problem.of(columns, policy, 0, baseline).program
    return program if isinstance(program, CoupledProgram) else None


@pytest.mark.parametrize("first", range(0, 256, 64))
def test_completed_plans_keep_all_rows_and_goals(first: int):
    num_compared = 0
    for seed in range(first, first + 64):
        program = coupled(seed)
        if program is None:
            continue
        rows = program.rows
        rng = np.random.default_rng(seed)
        gain = rng.integers(-9, 10, rows.num_variables)
        answer = Model(rows).solve(
            None, variable=np.arange(rows.num_variables), factor=gain
        )
        if answer.values is None:
            continue
        chosen = np.where(program.owner >= 0, answer.values, rows.lower)
        whole = program.dependents.complete(chosen)
        assert rows.holds(whole), seed
        units = program.lift(whole)
        assert (units == program.lift(answer.values)).all(), seed
        for goal, term in zip(program.goals, program.terms.goals, strict=True):
            value = program.measures.goal_value(term, units)
            if isinstance(goal, Total):
                assert not isinstance(value, tuple)
                reached = int(goal.factor @ whole[goal.variable]) + goal.constant
                assert reached == value * goal.denominator, seed
            else:
                assert isinstance(value, tuple)
                totals = zip(whole[goal.total].tolist(), goal.weight, strict=True)
                ratios = sorted(total / weight for total, weight in totals)
                assert sorted(value) == ratios, seed
        num_compared += 1
    assert num_compared > 20
