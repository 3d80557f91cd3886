"""From records to a checked, written plan, phase by phase and size by size.

python -m benchmarks.scale --json
python -m benchmarks.scale --sizes subdistrict city --runs 3

Instances come from `sharematch.generate`, a fresh one for every run, and are solved
with the default policy. The first solve of the process is not counted: it loads what
is loaded at first use.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import sharematch as sm
from benchmarks.memory import peak_mb, reset_peak
from benchmarks.versions import versions
from sharematch import generate
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.io import read_instance, write_instance, write_result

PHASES = ("read", "columns", "hash", "arcs", "lower", "goal", "verify", "write")
"""In the order of work; all from `columns` to `verify` are within the solve."""

_TIMED = ("arcs", "lower", "goal", "verify")
"""Those that a result tells; `hash` is a part of `verify`."""

_DEFAULT_SIZES = ("community", "subdistrict", "district", "city")
_RUNS = {"community": 7, "subdistrict": 7, "district": 3}


def measure(
    size: str, *, runs: int | None = None, severity: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return one row of the table: medians over instances of one size.

    Parameters
    ----------
    runs
        Instances, each made anew; more for small sizes if left out.
    severity
        Options of `sharematch.datasets.generate.make`.
    """
    runs = _RUNS.get(size, 1) if runs is None else runs
    taken: dict[str, list[float]] = {}
    last: dict[str, Any] = {}
    for seed in range(1, runs + 1):
        reset_peak()
        phases, last = _once(size, seed, severity or {})
        for phase, seconds in phases.items():
            taken.setdefault(phase, []).append(seconds)
    middle = {phase: round(median(seconds), 4) for phase, seconds in taken.items()}
    solve, goal = middle["solve"], middle["goal"]
    return {
        "size": size,
        "runs": runs,
        **last,
        "phases_s": {phase: middle[phase] for phase in PHASES},
        "solve_s": solve,
        "total_s": round(sum(middle[p] for p in ("read", "solve", "write")), 4),
        "overhead": round((solve - goal) / solve, 3),
        "arcs_us_each": round(middle["arcs"] / max(last["arcs"], 1) * 1e6, 3),
        "goal_us_each": round(goal / max(last["arcs"], 1) * 1e6, 3),
    }


def _once(
    size: str, seed: int, severity: Mapping[str, Any]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return seconds by phase, and numbers of the instance and its plan."""
    spent: dict[str, float] = {}

    @contextmanager
    def timed(phase: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        spent[phase] = time.perf_counter() - begin

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "instance.json"), Path(folder, "result.json")
        write_instance(generate.make(size, seed, **severity), source)
        with timed("read"):
            instance = read_instance(source)
        with timed("solve"):
            # What an instance keeps of a first solve is timed too: it is new.
            with timed("columns"):
                columns = encode(instance)
            result = sm.solve(instance)
        with timed("write"):
            write_result(result, target)
        peak = peak_mb()
    # Verifying hashes too; other columns show what it takes.
    again = replace(columns)
    with timed("hash"):
        assert again.digest == columns.digest
    spent |= {phase: result.timings.get(phase, 0.0) for phase in _TIMED}
    assert result.is_optimal
    assert result.value("served") == sum(a.quantity for a in result.allocation)
    return spent, {
        "needs": len(instance.needs),
        "slots": len(instance.slots),
        "arcs": len(arcs_module.build(columns)),
        "served": int(result.value("served")),
        "assignments": len(result.allocation),
        "peak_mb": peak,
    }


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as text: seconds by phase, peak memory in MB."""
    heads = ("size", "needs", "arcs", *PHASES, "solve", "total", "overhead", "MB")
    lines: list[tuple[str, ...]] = [heads]
    for row in rows:
        phases = (f"{row['phases_s'][phase]:.3f}" for phase in PHASES)
        counts = (f"{row['needs']:,}", f"{row['arcs']:,}")
        ends = (f"{row['solve_s']:.3f}", f"{row['total_s']:.3f}")
        rest = (f"{row['overhead']:.0%}", f"{row['peak_mb']:.0f}")
        lines.append((row["size"], *counts, *phases, *ends, *rest))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def main(arguments: list[str] | None = None) -> None:
    """Print the table, as text or as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument(
        "--sizes", nargs="+", choices=generate.SIZES, default=_DEFAULT_SIZES
    )
    parser.add_argument("--runs", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    sm.solve(generate.make("community"))
    rows = [measure(size, runs=given.runs) for size in given.sizes]
    if given.json:
        print(json.dumps({"rows": rows, "versions": versions()}))
        return
    print(table(rows))
    print("\nSeconds; medians. " + ", ".join(f"{k} {v}" for k, v in versions().items()))


if __name__ == "__main__":
    main()
