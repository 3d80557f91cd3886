"""What does checking a plan's certificate take, compared with the solve?

python -m benchmarks.certificate --json
python -m benchmarks.certificate --sizes district city --runs 3

Instances come from `sharematch.generate`, a fresh one for every run, under each of
`POLICIES`. The check gets the records and the result and begins anew: columns, eligible
pairs, rules and every goal's proof. That of the last plan with a unit less has to be
refused.
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

POLICIES: dict[str, Callable[[], sm.Policy]] = {
    "fair": sm.Policy.fair,
    "efficient": sm.Policy.efficient,
    "capped": lambda: sm.Policy(
        rules=[sm.AtMost("fill_rate", "3/4", by="community")],
        goals=[sm.Leximin("fill_rate", by="community"), sm.Maximize("served")],
    ),
}


def measure(size: str, policy: str, runs: int = 1) -> dict[str, Any]:
    """Return one row of the table: medians over instances of one size."""
    solved, checked = [], []
    last: dict[str, Any] = {}
    for seed in range(1, runs + 1):
        instance = generate.make(size, seed)
        begin = time.perf_counter()
        result = sm.solve(instance, POLICIES[policy]())
        solved.append(time.perf_counter() - begin)
        assert result.certificate is not None  # made when it is first asked for
        instance = instance.replace()  # of which no columns were made yet
        begin = time.perf_counter()
        found = sm.check_certificate(instance, result)
        checked.append(time.perf_counter() - begin)
        assert found == ()
        assert sm.check_certificate(instance, _with_less(result))
        last = {"needs": len(instance.needs), "slots": len(instance.slots)}
    seconds = {"solve": median(solved), "check": median(checked)}
    return {
        "size": size,
        "policy": policy,
        "runs": runs,
        **last,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "ratio": round(seconds["check"] / seconds["solve"], 2),
    }


def _with_less(result: sm.Result) -> sm.Result:
    """Return a result that claims as much for a plan with a unit less."""
    triples = [(a.slot, a.need, a.quantity) for a in result.allocation]
    slot, need, quantity = triples.pop()
    kept = [(slot, need, quantity - 1)] if quantity > 1 else []
    return replace(result, allocation=sm.Allocation([*triples, *kept]))


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as text."""
    lines = [["size", "needs", "slots", "policy", "solve", "check", "ratio"]]
    for row in rows:
        counts = (f"{row[name]:,}" for name in ("needs", "slots"))
        times = (f"{row['seconds'][name]:.2f}" for name in ("solve", "check"))
        lines.append([row["size"], *counts, row["policy"], *times, str(row["ratio"])])
    return aligned(lines)


def main(arguments: list[str] | None = None) -> None:
    """Print the table, as text or as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.certificate")
    sizes = ("subdistrict", "district", "city")
    parser.add_argument("--sizes", nargs="+", choices=generate.SIZES, default=sizes)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    measure("community", "fair")
    rows = [
        measure(size, policy, given.runs) for size in given.sizes for policy in POLICIES
    ]
    if given.json:
        print(json.dumps({"rows": rows, "versions": versions()}))
        return
    print(table(rows))


if __name__ == "__main__":
    main()
