"""What a plan is worth: exact values of all goals, so that the greater is better.

    (value_1, value_2, …), compared in order; sorted vectors entry by entry

Values are whole numbers and fractions: no two plans that differ are taken for equal.

Example: of four needs one plan serves 3 with rank 5, another 3 with rank 4: (3, -5) <
(3, -4). With slack of a third on the first goal 2 served count as much as 3.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Total, Vector
from sharematch.solvers.outcome import Number

__all__ = ["Worth", "downward", "goal_worth", "slack_floor", "upward", "worth"]

Ints = NDArray[np.int64]
Worth = tuple[Any, ...]
"""One entry for each goal: a number, or a sorted vector; to be compared in order."""


def worth(program: CoupledProgram, values: Ints, floors: Sequence[Any] = ()) -> Worth:
    """Return what values of all variables are worth.

    Parameters
    ----------
    floors
        Of the first goals: up to how much of each counts, where slack lets later goals
        give up the rest; None counts all.
    """
    goal_values = [goal_worth(goal, values) for goal in program.goals]
    for position, most in enumerate(floors):
        if most is not None:
            goal_values[position] = min(goal_values[position], most)
    return tuple(goal_values)


def goal_worth(goal: Total | Vector, values: Ints) -> Any:
    """Return the value of a goal over variables, upward."""
    if isinstance(goal, Total):
        reached = int(goal.factor @ values[goal.variable])
        return reached if goal.maximize else -reached
    totals = zip(values[goal.total].tolist(), goal.weight, strict=True)
    return tuple(sorted(goal.sign * total / weight for total, weight in totals))


def slack_floor(goal: Total, values: Ints) -> int:
    """Return how much of a goal counts once its slack is given to later ones."""
    value = int(goal.factor @ values[goal.variable]) + goal.constant
    slack = goal.slack or Fraction(0)
    if goal.maximize:
        return ceil((1 - slack) * value) - goal.constant
    return goal.constant - floor((1 + slack) * value)


def upward(goal: Total | Vector, value: Number) -> Any:
    """Return a value in the measure's smallest unit as it is compared."""
    if isinstance(goal, Vector):
        assert isinstance(value, tuple)
        return tuple(sorted(goal.sign * x for x in value))
    assert isinstance(value, Fraction)
    number = value * goal.denominator - goal.constant
    return number if goal.maximize else -number


def downward(goal: Total | Vector, value: Any) -> Number:
    """Return what is compared as the value of a goal: the way back of `upward`."""
    if isinstance(goal, Vector):
        return tuple(goal.sign * x for x in value)
    number = value if goal.maximize else -value
    return Fraction(number + goal.constant) / goal.denominator
