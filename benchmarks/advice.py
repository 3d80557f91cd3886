"""What does advice cost, compared with the solve that it is about?

python -m benchmarks.advice --json
python -m benchmarks.advice --sizes subdistrict city --runs 3

Instances come from `sharematch.generate`, a fresh one for every run, solved with the
default policy. Every slot gets one place more; the best 100 get two and five; then a
budget of 100 places is spent. Some are solved anew to check that they agree.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

import sharematch as sm
from benchmarks.tables import aligned
from benchmarks.versions import versions
from sharematch import generate
from sharematch.core.columns.encoding import encode

TASKS: dict[str, dict[str, Any]] = {
    "all_1": {"amounts": [1]},
    "best_2_5": {"amounts": [1, 2, 5]},
    "budget_100": {"amounts": [1], "budget": 100},
}
"""What is asked for; times of the last two include the first."""
CHECKED = 2
"""Slots solved anew in each run."""


def measure(size: str, runs: int = 1) -> dict[str, Any]:
    """Return one row of the table: medians over instances of one size."""
    taken: dict[str, list[float]] = {name: [] for name in ("solve", *TASKS)}
    last: dict[str, Any] = {}
    for seed in range(1, runs + 1):
        instance = generate.make(size, seed)
        solved, seconds = _timed(lambda: sm.solve(instance))  # noqa: B023 (called now)
        taken["solve"].append(seconds)
        for name, asked in TASKS.items():
            advice, seconds = _timed(lambda: sm.advise(solved, **asked))  # noqa: B023
            taken[name].append(seconds)
            last[name] = advice
        last |= {"needs": len(instance.needs), "slots": len(instance.slots)}
        _check(solved, last["best_2_5"])
    middle = {name: median(seconds) for name, seconds in taken.items()}
    return {
        "size": size,
        "runs": runs,
        "needs": last["needs"],
        "slots": last["slots"],
        "options": len(last["all_1"]),
        "bought": sum(last["budget_100"].purchase.places.values()),
        "seconds": {name: round(value, 3) for name, value in middle.items()},
        "ratio": {name: round(middle[name] / middle["solve"], 2) for name in TASKS},
    }


def _timed(task: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.perf_counter()
    found = task()
    return found, time.perf_counter() - begin


def _check(before: sm.Result, advice: Any) -> None:
    """Solve a few of the options anew; they must agree to the last unit."""
    assert before.instance is not None
    columns = encode(before.instance)
    for option in advice.options[:CHECKED]:
        step = option.steps[-1]
        room = columns.slot_capacity.copy()
        room[columns.position["slot"][option.place["slot"]]] += step.amount
        after = sm.solve(replace(columns, slot_capacity=room))
        assert after.goals[0].value == advice.rates_after(step)
        gained = int(after.value("served")) - int(before.value("served"))
        assert gained == step.served


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as text: seconds, and in brackets the ratio to one solve."""
    lines = [["size", "needs", "slots", "options", "solve", *TASKS]]
    for row in rows:
        seconds, ratio = row["seconds"], row["ratio"]
        counts = (f"{row[name]:,}" for name in ("needs", "slots", "options"))
        tasks = (f"{seconds[name]:.2f} ({ratio[name]:.2f})" for name in TASKS)
        lines.append([row["size"], *counts, f"{seconds['solve']:.2f}", *tasks])
    return aligned(lines)


def main(arguments: list[str] | None = None) -> None:
    """Print the table, as text or as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.advice")
    sizes = ("subdistrict", "district", "city")
    parser.add_argument("--sizes", nargs="+", choices=generate.SIZES, default=sizes)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    sm.advise(sm.solve(generate.make("community")))
    rows = [measure(size, given.runs) for size in given.sizes]
    if given.json:
        print(json.dumps({"rows": rows, "versions": versions()}))
        return
    print(table(rows))


if __name__ == "__main__":
    main()
