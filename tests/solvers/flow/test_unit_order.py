"""The last of the best units, against sorting all of them."""

import random
from fractions import Fraction

import numpy as np
import pytest

from sharematch.solvers.flow import unit_order
from sharematch.solvers.flow.unit_order import cutoff


@pytest.mark.parametrize("few", [unit_order.FEW, 5, 0])
@pytest.mark.parametrize("scale", [1, 10**11])
def test_cutoff_equals_sorting(scale: int, few: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unit_order, "FEW", few)
    for seed in range(600):
        rng = random.Random(seed)
        groups = range(rng.randint(1, 6))
        start = np.array([rng.randint(-9, 9) * scale for _ in groups])
        weight = np.array([rng.randint(1, 7) * scale for _ in groups])
        least = np.array([rng.randint(-5, 5) for _ in groups])
        most = least + np.array([rng.randint(0, 6) for _ in groups])
        keys = sorted(
            (Fraction(int(start[g]) + unit - 1, int(weight[g])), int(weight[g]), g)
            for g in groups
            for unit in range(least[g] + 1, most[g] + 1)
        )
        count = rng.randint(0, len(keys))
        below, upto = cutoff(start, weight, least, most, count)
        if count == len(keys):
            assert (below == most).all()
            assert (upto == most).all()
            continue
        last = keys[count - 1][:2] if count else (Fraction(-(10**30)), 0)
        expected = [least.copy(), least.copy()]
        for ratio, size, group in keys:
            expected[0][group] += (ratio, size) < last
            expected[1][group] += (ratio, size) <= last
        assert (below == expected[0]).all(), seed
        assert (upto == expected[1]).all(), seed
