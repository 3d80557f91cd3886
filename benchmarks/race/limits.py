"""Does a limit hold, and a stop? Random problems that couple, each cut after seconds.

    python -m benchmarks.race.limits [KIND …] [--towns 200] [--limits 1 5] [--stop .5]
                                     [--json]

Kinds are towns in which all sorts of things couple (the only one if none is named),
districts, siting, also with facilities and days limited, and series of dated bookings.
A solve may take its limit and a tenth, the records' way to arrays and pairs, and a
second; a stop two seconds. Prints the figures and who took longer; ends with 1 if
anybody did.
"""

import argparse
import json
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

import sharematch as sm
from benchmarks.race.registry import CASES
from benchmarks.race.towns import town
from sharematch.progress import Progress, Stop

__all__ = ["KINDS", "main", "timed"]

Row = dict[str, Any]
Drawn = tuple[sm.Instance, sm.Policy]

AFTER_STOP = 2.0
"""Seconds after a wish to stop in which a plan has to be there."""


def _siting(seed: int) -> Drawn:
    sizes = [size for size in CASES["siting"].sizes if not size.startswith("2800")]
    return CASES["siting"].records(seed, sizes[seed % len(sizes)])


def _two_limits(seed: int) -> Drawn:
    """Return points of three days each, of which few may open on few days."""
    people = ("300x20x6 days", "2800x20x6 days")[seed % 2]
    instance, policy = CASES["siting"].records(seed, people)
    rules = [sm.AtMost("opened_slots", 12), sm.AtMost("opened_facilities", 6)]
    return instance, sm.Policy(rules=rules, goals=policy.goals)


def _of_case(case: str) -> Callable[[int], Drawn]:
    """Return what draws the sizes of a case in turn."""
    sizes = CASES[case].sizes
    return lambda seed: CASES[case].records(seed, sizes[seed % len(sizes)])


KINDS: dict[str, Callable[[int], Drawn]] = {
    "towns": town,
    "districts": _of_case("district"),
    "siting": _siting,
    "days": _two_limits,
    "bookings": _of_case("bookings"),
}


def timed(
    seed: int, limit: float | None, kind: str = "towns", stop: float | None = None
) -> Row:
    """Return how long one solve took, beside what it may take."""
    instance, policy = KINDS[kind](seed)
    asked: list[float] = []

    def tell(_: Progress) -> None:
        if stop is not None and perf_counter() - begin > stop:
            asked.append(perf_counter() - begin)
            raise Stop

    begin = perf_counter()
    result = sm.solve(instance, policy, time_limit=limit, on_progress=tell)
    seconds = perf_counter() - begin
    phases = {name: round(spent, 2) for name, spent in result.timings.items()}
    set_up = result.timings.get("arcs", 0.0)
    if limit is not None:
        most = 1.1 * limit + set_up + 1
    else:
        most = max(stop or 0.0, set_up) + AFTER_STOP
    return {
        "kind": kind,
        "seed": seed,
        "limit": limit,
        "stop": stop,
        "needs": len(instance.needs),
        "status": str(result.status),
        "seconds": round(seconds, 2),
        "set_up": round(set_up, 2),
        "over": round(seconds - most, 2),
        "phases": phases,
    }


def figures(rows: list[Row], kind: str, limit: float | None) -> Row:
    """Return how the problems of one kind under one limit, or one stop, did."""
    here = [row for row in rows if (row["kind"], row["limit"]) == (kind, limit)]
    end = here[0]["stop"] if limit is None else limit
    beyond = np.array([row["seconds"] - end for row in here])
    return {
        "kind": kind,
        "limit": limit,
        "stop": here[0]["stop"],
        "problems": len(here),
        "reached": sum(row["seconds"] >= end for row in here),
        "without a plan": sum(row["status"] == "unsolved" for row in here),
        "median beyond": round(float(np.median(beyond)), 2),
        "most beyond": round(float(beyond.max()), 2),
        "longest set-up": max(row["set_up"] for row in here),
        "too long": sum(row["over"] > 0 for row in here),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.race.limits")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--towns", type=int, default=200, help="of each kind")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--limits", nargs="*", type=float, default=[1.0, 5.0])
    parser.add_argument("--stop", type=float, help="seconds after which it is stopped")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    kinds = given.kinds or ["towns"]
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        parser.error(f"{unknown[0]}: none of {', '.join(KINDS)}")
    ends: list[tuple[float | None, float | None]] = [(x, None) for x in given.limits]
    ends += [] if given.stop is None else [(None, given.stop)]
    timed(given.first, 1.0)  # loads what a first solve loads
    rows: list[Row] = []
    for kind in kinds:
        for seed in range(given.first, given.first + given.towns):
            for limit, stop in ends:
                rows.append(timed(seed, limit, kind, stop))
                if rows[-1]["over"] > 0 and not given.json:
                    print("too long:", json.dumps(rows[-1]), flush=True)
    found = [figures(rows, kind, limit) for kind in kinds for limit, _ in ends]
    if given.json:
        print(json.dumps({"figures": found, "rows": rows}))
    else:
        print(*map(json.dumps, found), sep="\n")
    return 1 if any(row["over"] > 0 for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
