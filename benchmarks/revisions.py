"""Answers to a draft of a city: what a new plan takes, and how little it moves.

    python -m benchmarks.revisions [--size city] [--declined 1/100]

One in a hundred assignments is declined. A revision is timed beside the solve of the
draft, in seconds of the processor. `must` counts the units that were declined, `least`
is the fewest that any plan moves which is as good for the goals before: proved.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sharematch as sm
from benchmarks.versions import versions
from sharematch import generate
from sharematch.season import Answer, resolve

GOALS = sm.Policy.fair().goals
"""Leximin of fill rates, units served, travel."""
MOVED = sm.Minimize("moved")
ORDERS = {
    "moved last": (*GOALS, MOVED),
    "moved before travel": (*GOALS[:2], MOVED, GOALS[2]),
    "moved first": (MOVED, *GOALS),
}


def measure(size: str, declined: Fraction, seed: int = 1) -> list[dict[str, Any]]:
    """Return a row for the draft and one for each place of `moved` among the goals."""
    instance = generate.make(size, seed)
    begin = time.process_time()
    draft = sm.solve(instance)
    base = time.process_time() - begin
    rows: list[dict[str, Any]] = [
        {"plan": "draft", "seconds": base, "served": draft.value("served")}
    ]
    plan = list(draft.allocation)
    refused = random.Random(seed).sample(plan, max(1, int(len(plan) * declined)))
    answers = [Answer(a.need, a.slot, "declined") for a in refused]
    for name, goals in ORDERS.items():
        rows.append(_revised(name, draft, answers, goals, base))
    budget = (rows[-1]["moved"] + rows[1]["moved"]) // 2
    for name, goals in (("totals", GOALS[1:]), ("fair", GOALS)):
        kept = f"{name}, at most {budget}"
        rows.append(_revised(kept, draft, answers, goals, base, budget=budget))
    again = _revised("no answers", draft, [], ORDERS["moved last"], base)
    assert again["moved"] == 0
    return [*rows, again]


def _revised(
    name: str,
    draft: sm.Result,
    answers: Sequence[Answer],
    goals: Sequence[Any],
    base: float,
    *,
    budget: int | None = None,
) -> dict[str, Any]:
    begin = time.process_time()
    policy = sm.Policy(goals=goals)
    revision = resolve(draft, answers, policy=policy, max_moved=budget)
    seconds = time.process_time() - begin
    result = revision.result
    (least,) = (goal.bound for goal in result.goals if goal.measure == "moved")
    assert isinstance(least, int)
    assert revision.forced <= revision.moved
    assert budget is not None or revision.forced <= least <= revision.moved
    begin = time.process_time()
    changes, letters = len(revision.changes), len(revision.letters)
    return {
        "plan": name,
        "seconds": seconds,
        "ratio": seconds / base,
        "telling": time.process_time() - begin,
        "status": str(result.status),
        "served": result.value("served"),
        "must": revision.forced,
        "least": least if budget is None else None,
        "moved": revision.moved,
        "changes": changes,
        "letters": letters,
        "gaps": [f"{float(goal.gap):.2g}" for goal in result.goals],
    }


def main(arguments: list[str] | None = None) -> None:
    """Print the rows, as text or as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.revisions")
    parser.add_argument("--size", choices=generate.SIZES, default="city")
    parser.add_argument("--declined", type=Fraction, default=Fraction(1, 100))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    sm.solve(generate.make("community"))
    rows = measure(given.size, given.declined)
    if given.json:
        print(json.dumps({"rows": rows, "versions": versions()}, default=str))
        return
    names: tuple[str, ...] = ("plan", "seconds", "ratio", "telling", "status", "served")
    names = (*names, "must", "least", "moved", "changes", "letters", "gaps")
    lines = [names, *(tuple(_cell(row.get(name)) for name in names) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line, widths, strict=True)
        print("  ".join(cell.rjust(width) for cell, width in cells))


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.2f}"
    return "-" if value is None else str(value)


if __name__ == "__main__":
    main()
