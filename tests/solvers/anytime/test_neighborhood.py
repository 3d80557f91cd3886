"""Small problems: they allow exactly what all rows allow beside what is incumbent."""

from itertools import product
from math import prod
from random import Random

import numpy as np
import pytest

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.solvers.anytime.construction import constructed
from sharematch.solvers.anytime.neighborhood import Incumbent
from tests.engine.test_coupled_brute_force import case
from tests.solvers.anytime.test_construction import lowered

MOST = 400
"""Ways to fill a small problem, up to which all are tried."""


@pytest.mark.parametrize("first", range(0, 96, 32))
def test_a_small_problem_allows_what_all_rows_allow(first: int) -> None:
    num_narrow = num_rows = 0
    for seed in range(first, first + 32):
        instance, policy, baseline, _ = case(seed)
        program = lowered(instance, policy, baseline)
        if not isinstance(program, CoupledProgram):
            continue
        rows, rng = program.rows, Random(seed)
        values = next((v for v in constructed(program) if rows.holds(v)), None)
        if values is None:
            continue
        incumbent = Incumbent(program, values)
        for _ in range(4):
            needs = rng.sample(incumbent.asking.tolist(), min(2, len(incumbent.asking)))
            cut = incumbent.cut(np.sort(np.array(needs, np.int64)))
            num_narrow += cut.inner.matrix.shape[0]
            num_rows += len(cut.touched)
            lower, upper = rows.lower[cut.free], rows.upper[cut.free]
            if prod((upper - lower + 1).tolist()) > MOST:
                continue
            ways = (range(a, b + 1) for a, b in zip(lower, upper, strict=True))
            for way in product(*ways):
                whole = incumbent.values.copy()
                whole[cut.free] = way
                assert cut.inner.holds(np.array(way)) == rows.holds(whole), seed
                changed = incumbent.changed(cut, np.array(way))
                assert (changed is not None) == rows.holds(whole), seed
    assert num_narrow < num_rows
