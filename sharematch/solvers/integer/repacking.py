"""Rooms that are packed tightly, emptied and packed anew a few at a time.

    min Σ cost × x over the needs in a group of rooms, all other needs where they are

Branch and bound soon knows what packing costs at least, but its plans stay short of
that. CP-SAT packs small groups of rooms to the end, groups that share needs.

Example: two rooms of 5 hold 2 and 2, and 3; a fourth need, of 3, fits in neither. Both
emptied, each holds 2 and 3.
"""

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Rows, Total
from sharematch.progress import Stop
from sharematch.solvers.integer.neighborhoods import Aim, Neighborhoods
from sharematch.solvers.monitor import Monitor

__all__ = ["repacked"]

Ints = NDArray[np.int64]

SMALLEST = 3
"""Rooms of a group in the first sweep."""
SURE, UNSURE = 0.9, 0.5
"""Shares of groups solved to the end from which they grow, and below which shrink."""
STILL = 8
"""Sweeps in a row that gain nothing before groups get twice the time."""
LONGEST = 4.0
"""Deterministic seconds for one group, beyond which the plan is left as it is."""


def repacked(
    program: CoupledProgram,
    rows: Rows,
    values: Ints,
    goal: Total,
    monitor: Monitor,
    *,
    longest: float | None = None,
) -> Ints:
    """Return a plan that keeps all rows, in a total at least as good as this one.

    It ends with the monitor, or when sweeps of the `longest` groups gain no more.
    """
    sign = 1 if goal.maximize else -1
    aim = Aim(goal.variable, sign * goal.factor)
    hood = Neighborhoods(program, rows, values, [aim], monitor)
    rng = np.random.default_rng(0)
    size, still = SMALLEST, 0
    with suppress(Stop):
        while hood.effort <= (LONGEST if longest is None else longest):
            before = hood.value()
            groups = hood.partition(size, rng)
            sure = hood.sweep(groups, 1)
            is_better = hood.value() > before
            if sure < UNSURE:
                size = max(size - 1, SMALLEST)
            elif sure >= SURE and not is_better:
                if len(groups) == 1:
                    break  # nothing is left to others
                size += 1
            still = 0 if is_better else still + 1
            if still == STILL:
                hood.effort, still = 2 * hood.effort, 0
    return hood.values
