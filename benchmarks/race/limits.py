"""Does a limit hold? Random towns that couple, each under limits of a second and five.

    python -m benchmarks.race.limits [--towns 200] [--limits 1 5] [--json]

A solve may take its limit and a tenth, the records' way to arrays, pairs and rows, and
a second. Prints the figures and who took longer; ends with 1 if anybody did.
"""

import argparse
import json
import sys
from time import perf_counter
from typing import Any

import numpy as np

import sharematch as sm
from benchmarks.race.towns import town

__all__ = ["main", "timed"]

Row = dict[str, Any]


def timed(seed: int, limit: float) -> Row:
    """Return how long one solve took, beside what it may take."""
    instance, policy = town(seed)
    begin = perf_counter()
    result = sm.solve(instance, policy, time_limit=limit)
    seconds = perf_counter() - begin
    set_up = sum(result.timings.get(phase, 0.0) for phase in ("arcs", "lower"))
    phases = {name: round(spent, 2) for name, spent in result.timings.items()}
    return {
        "seed": seed,
        "limit": limit,
        "needs": len(instance.needs),
        "status": str(result.status),
        "seconds": round(seconds, 2),
        "set_up": round(set_up, 2),
        "over": round(seconds - (1.1 * limit + set_up + 1), 2),
        "phases": phases,
    }


def figures(rows: list[Row], limit: float) -> Row:
    """Return how the towns under one limit did."""
    here = [row for row in rows if row["limit"] == limit]
    beyond = np.array([row["seconds"] - limit for row in here])
    return {
        "limit": limit,
        "towns": len(here),
        "reached": sum(row["seconds"] >= limit for row in here),
        "without a plan": sum(row["status"] == "unsolved" for row in here),
        "median beyond": round(float(np.median(beyond)), 2),
        "most beyond": round(float(beyond.max()), 2),
        "longest set-up": max(row["set_up"] for row in here),
        "too long": sum(row["over"] > 0 for row in here),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.race.limits")
    parser.add_argument("--towns", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--limits", nargs="+", type=float, default=[1.0, 5.0])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    timed(given.first, given.limits[0])  # loads what a first solve loads
    rows = []
    for seed in range(given.first, given.first + given.towns):
        for limit in given.limits:
            rows.append(timed(seed, limit))
            if rows[-1]["over"] > 0 and not given.json:
                print("too long:", json.dumps(rows[-1]), flush=True)
    found = [figures(rows, limit) for limit in given.limits]
    if given.json:
        print(json.dumps({"figures": found, "rows": rows}))
    else:
        print(*map(json.dumps, found), sep="\n")
    return 1 if any(row["over"] > 0 for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
