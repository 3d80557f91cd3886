"""Solve published problems and print what was found.

python -m benchmarks.known_optima FILE… [--format cap] [--time-limit 60] --json

One line, or one JSON object, for each problem: `value` and `bound` in the units of
the file, `gap` = |value - bound| ÷ max(1, |value|), and `seconds` of the solve.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import sharematch as sm
from benchmarks.known_optima.formats import FORMATS, FormatError, read
from benchmarks.known_optima.mapping import mapped
from benchmarks.known_optima.problems import (
    FacilityLocation,
    GeneralizedAssignment,
    Problem,
)


def solve(problem: Problem, time_limit: float | None = None) -> dict[str, Any]:
    """Return status, value, bound, gap and seconds; nulls where there is no plan."""
    begin = time.perf_counter()
    case = mapped(problem)
    made = time.perf_counter()
    result = sm.solve(case.instance, case.policy, time_limit=time_limit)
    seconds = time.perf_counter() - made
    row: dict[str, Any] = {
        "status": str(result.status),
        "value": None,
        "bound": None,
        "gap": None,
        "seconds": round(seconds, 4),
        "mapping_s": round(made - begin, 4),
    }
    if result.goals:
        goal = result.goals[-1]
        value, bound = case.value(goal.value), case.value(goal.bound)
        gap = abs(value - bound) / max(Fraction(1), abs(value))
        row |= {"value": float(value), "bound": float(bound), "gap": float(gap)}
    return row


def rows(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield one row for each problem of each file."""
    for path in given.files:
        try:
            name, problems = _read(path, given)
        except (FormatError, UnicodeDecodeError) as error:
            raise FormatError(f"{path}: {error}") from None
        for number, problem in enumerate(problems, start=1):
            found = {"file": path.name, "problem": number, "format": name}
            yield found | solve(_adapted(problem, given), given.time_limit)


def _read(path: Path, given: argparse.Namespace) -> tuple[str, list[Problem]]:
    text = path.read_text()
    if given.capacity is not None:
        text = text.replace("capacity", str(given.capacity))
    return read(text, given.format)


def _adapted(problem: Problem, given: argparse.Namespace) -> Problem:
    if isinstance(problem, GeneralizedAssignment):
        return replace(problem, maximize=given.maximize)
    if isinstance(problem, FacilityLocation) and given.single_source:
        return replace(problem, single_source=True)
    return problem


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.known_optima")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--format", choices=FORMATS)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument(
        "--maximize",
        action="store_true",
        help="costs of generalized assignment are gains, as in gap1 to gap12",
    )
    parser.add_argument(
        "--single-source",
        action="store_true",
        help="one facility serves all of a customer's demand",
    )
    parser.add_argument(
        "--capacity",
        type=int,
        help="of each facility, where the file says `capacity` (capa to capc)",
    )
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = []
    try:
        for row in rows(given):
            found.append(row)
            if not given.json:
                print("  ".join(f"{key} {value}" for key, value in row.items()))
    except (FormatError, ValueError, OSError) as error:
        parser.exit(1, f"{error}\n")
    if given.json:
        json.dump(found, sys.stdout)
        print()


if __name__ == "__main__":
    main()
