"""The fair plan against plain ones without fairness, on the same arcs.

python -m benchmarks.versus_lemon --needs 100000 --json

From arrays in memory to flows in memory; medians of several runs taken in turn, so
that a noisy machine is equally noisy for all. Needs pylmcf, of the extra `bench`.
"""

import argparse
import json
import time
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.arrays import SHAPES, Arrays, make, solve
from benchmarks.memory import peak_mb, reset_peak
from benchmarks.plain import has_lemon, solve_lemon, solve_ortools
from benchmarks.versions import versions

Ints = NDArray[np.int64]

_WARM_UP = 300
"""Needs of an instance that loads what is loaded at first use."""


def compare(
    needs: int,
    arcs_per_need: int = 10,
    *,
    runs: int = 5,
    shape: str = "district",
    seed: int = 1,
    plain_runs: int | None = None,
) -> dict[str, Any]:
    """Return times, ratios and what the plans are worth.

    Parameters
    ----------
    runs
        Of every solver, one after the other each time.
    plain_runs
        Of OR-Tools, the slowest; as many as `runs` if left out.
    """
    arrays = make(needs, arcs_per_need, shape=shape, seed=seed)
    solvers = {
        "sharematch": solve,
        "lemon": solve_lemon,
        "ortools": solve_ortools,
    }
    small = make(_WARM_UP)
    for run in solvers.values():
        run(small)
    units: dict[str, Ints] = {}
    seconds: dict[str, list[float]] = {name: [] for name in solvers}
    peaks: dict[str, float] = {}
    for turn in range(runs):
        for name, run in solvers.items():
            if name == "ortools" and plain_runs is not None and turn >= plain_runs:
                continue
            reset_peak()
            begin = time.perf_counter()
            found = run(arrays)
            seconds[name].append(time.perf_counter() - begin)
            peaks[name] = max(peaks.get(name, 0.0), peak_mb())
            assert name not in units or worth(arrays, found) == worth(
                arrays, units[name]
            )
            units[name] = found
    check(arrays, units)
    times = {name: median(taken) for name, taken in seconds.items() if taken}
    fair, plain = units["sharematch"], units["lemon"]
    return {
        "needs": needs,
        "arcs": len(arrays),
        "shape": shape,
        "seed": seed,
        "runs": runs,
        "ratio": round(times["sharematch"] / times["lemon"], 3),
        "sharematch_s": round(times["sharematch"], 4),
        "lemon_s": round(times["lemon"], 4),
        "ortools_plain_s": round(times["ortools"], 4) if "ortools" in times else None,
        "served": int(fair.sum()),
        "worst_fill_rate": {
            "fair": round(arrays.worst_fill_rate(fair), 6),
            "plain": round(arrays.worst_fill_rate(plain), 6),
        },
        "travel": {"fair": worth(arrays, fair)[1], "plain": worth(arrays, plain)[1]},
        "peak_mb": peaks["sharematch"],
        "peak_mb_lemon": peaks["lemon"],
        "spread_s": {
            name: [round(min(taken), 4), round(max(taken), 4)]
            for name, taken in seconds.items()
            if taken
        },
        "versions": versions(),
    }


def worth(arrays: Arrays, units: Ints) -> tuple[int, int]:
    """Return units served and their travel."""
    return int(units.sum()), int((units * arrays.cost).sum())


def check(arrays: Arrays, units: dict[str, Ints]) -> None:
    """Raise AssertionError unless all plans are feasible and equally good.

    The plain optimum is the same by both solvers; the fair plan serves as many units,
    the worst-off community no worse.
    """
    for found in units.values():
        arrays.check(found)
    fair, plain = units["sharematch"], units["lemon"]
    if "ortools" in units:
        assert worth(arrays, units["ortools"]) == worth(arrays, plain)
    assert fair.sum() == plain.sum()
    assert arrays.worst_fill_rate(fair) >= arrays.worst_fill_rate(plain)


def main(arguments: list[str] | None = None) -> None:
    """Print one JSON object, or the same as lines of text."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versus_lemon")
    parser.add_argument("--needs", type=int, required=True)
    parser.add_argument("--arcs-per-need", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--shape", choices=SHAPES, default="district")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ortools-runs", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    if not has_lemon():
        parser.exit(1, "pylmcf is missing\nMaybe pip install 'sharematch[bench]'\n")
    found = compare(
        given.needs,
        given.arcs_per_need,
        runs=given.runs,
        shape=given.shape,
        seed=given.seed,
        plain_runs=given.ortools_runs,
    )
    if given.json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        print(f"{key:<18}{value}")


if __name__ == "__main__":
    main()
