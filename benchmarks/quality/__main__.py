"""Compare plans of many methods on the same problems.

python -m benchmarks.quality                          the stored table, from its JSON
python -m benchmarks.quality run [--problems …] [--out FILE]   run and store
python -m benchmarks.quality compare FILE             run, compare with a stored run
python -m benchmarks.quality figure --out FILE.svg    fill rates of one problem, drawn
python -m benchmarks.quality setup [--home DIR]       environments of other libraries

Methods in other environments run where `setup` has made these; else they are left out.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.memory import peak_mb, reset_peak
from benchmarks.quality import peers
from benchmarks.quality.environments import HOME, peer_versions, python_of, set_up
from benchmarks.quality.methods import METHODS, NoAnswerError, limits
from benchmarks.quality.problems import PROBLEMS, Problem, problem_of, save
from benchmarks.versions import versions

STORED = Path(__file__).with_name("results.json")
RUNS = 3
COLUMNS = (
    *("problem", "method", "served", "worst", "p10", "gini", "cost_per_unit"),
    *("fairness_gap", "seconds", "mb"),
)


def worth(problem: Problem, units: NDArray[Any]) -> dict[str, Any]:
    """Return what a plan is worth: served, fill rates, Gini, cost."""
    arrays = problem.arrays
    demand = np.bincount(
        arrays.community, arrays.quantity, minlength=arrays.num_communities
    )
    served = np.bincount(
        arrays.community[arrays.need], units, minlength=arrays.num_communities
    )
    asked = demand > 0
    rates = np.sort(served[asked] / demand[asked])
    total = float(units.sum())
    return {
        "served": round(total, 6) if units.dtype.kind == "f" else int(total),
        "rates": [round(rate, 6) for rate in rates.tolist()],
        "worst": round(float(rates[0]), 4),
        "p10": round(float(np.quantile(rates, 0.1)), 4),
        "gini": round(gini(rates), 4),
        "cost_per_unit": round(float(arrays.cost @ units) / max(total, 1), 1),
    }


def gini(rates: NDArray[Any]) -> float:
    """Return the Gini index of fill rates: 0 where all are equal.

    Examples
    --------
    >>> gini(np.array([0.0, 1.0]))
    0.5
    """
    count = len(rates)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float(weights @ np.sort(rates) / max(count * rates.sum(), 1e-12))


def measure(problem: Problem) -> list[dict[str, Any]]:
    """Return a row for each method of this environment."""
    rows = []
    for name, method in METHODS.items():
        if not limits(name, problem):
            rows.append({"method": name, "left_out": "too large"})
            continue
        row: dict[str, Any] = {"method": name}
        try:
            row |= _measured(method, problem)
        except NoAnswerError as error:
            row["left_out"] = str(error)
        rows.append(row)
        tell(problem.name, row)
    return rows


def _measured(method: Callable[[Problem], Any], problem: Problem) -> dict[str, Any]:
    seconds: list[float] = []
    units = np.zeros(0, np.int64)
    reset_peak()
    while not seconds or (len(seconds) < RUNS and sum(seconds) < 20):
        begin = time.perf_counter()
        units = method(problem)
        seconds.append(time.perf_counter() - begin)
    problem.arrays.check(units)
    found = worth(problem, units)
    return found | {"seconds": round(median(seconds), 4), "mb": peak_mb()}


def tell(problem: str, row: dict[str, Any]) -> None:
    """Say on stderr what is done."""
    shown = row.get("left_out") or f"{row['served']} served, worst {row['worst']:.3f}"
    print(f"{problem}: {row['method']}: {shown}", file=sys.stderr)


def measure_peers(problem: Problem, limit: float) -> list[dict[str, Any]]:
    """Return a row for each method of another environment that is there."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path, plan = Path(folder, f"{problem.name}.npz"), Path(folder, "plan.npy")
        save(problem, path)
        for name, (environment, _) in peers.METHODS.items():
            if not python_of(environment).exists():
                continue
            row: dict[str, Any] = {"method": name}
            if len(problem.arrays) > peers.LARGEST[name]:
                rows.append(row | {"left_out": "too large"})
                continue
            command = [str(python_of(environment)), str(peers.__file__), name]
            try:
                done = subprocess.run(
                    [*command, str(path), str(plan)],
                    capture_output=True,
                    check=True,
                    env={**os.environ, "PYTHONHASHSEED": "0"},  # sets in one order
                    text=True,
                    timeout=limit,
                )
            except subprocess.TimeoutExpired:
                row["left_out"] = f"no answer in {limit:g} s"
            except subprocess.CalledProcessError as error:
                row["left_out"] = (error.stderr.strip().splitlines() or ["failed"])[-1]
            else:
                units = np.load(plan)
                if units.dtype.kind != "f":
                    problem.arrays.check(units)
                took = json.loads(done.stdout.splitlines()[-1])
                row |= worth(problem, units)
                row |= {"seconds": round(took["seconds"], 4), "mb": round(took["mb"])}
            rows.append(row)
            tell(problem.name, row)
    return rows


def run(names: Iterable[str], limit: float) -> dict[str, Any]:
    """Return the rows of some problems, with machine and versions."""
    rows = []
    for name in names:
        problem = problem_of(name, PROBLEMS[name]())
        found = [*measure(problem), *measure_peers(problem, limit)]
        ours = next(row for row in found if row["method"] == "sharematch fair")
        for row in found:
            if "rates" in row:
                row["fairness_gap"] = round(first_gap(ours["rates"], row["rates"]), 4)
            size = {"needs": len(problem.arrays.quantity), "arcs": len(problem.arrays)}
            rows.append({"problem": name, **size, **row})
    return {
        "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "versions": {**versions(), **peer_versions()},
        "rows": rows,
    }


def first_gap(best: list[float], rates: list[float]) -> float:
    """Return the first difference of sorted fill rates, that which leximin sees."""
    pairs = zip(best, rates, strict=True)
    return next((a - b for a, b in pairs if abs(a - b) > 1e-6), 0.0)


def table(found: dict[str, Any]) -> str:
    """Return rows as a Markdown table; the best served and worst off are bold."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|---|---|{'--:|' * (len(COLUMNS) - 2)}"]
    for row in found["rows"]:
        if "left_out" in row:
            rest = [row["left_out"], *[""] * (len(COLUMNS) - 3)]
            cells = [row["problem"], row["method"], *rest]
        else:
            cells = [_shown(row[name]) for name in COLUMNS]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _shown(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value}"


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return what a rerun finds that a stored run did not, seconds apart."""
    known, found = (
        {(row["problem"], row["method"]): row for row in run["rows"]}
        for run in (before, now)
    )
    lines = []
    tried = {row["problem"] for row in now["rows"]}
    for (problem, method), stored in known.items():
        if problem not in tried:
            continue
        row = found.get((problem, method), {"left_out": "not here"})
        if "left_out" in stored or "left_out" in row:
            was, is_ = stored.get("left_out", "run"), row.get("left_out", "run")
            if (was == "run") != (is_ == "run"):
                lines.append(f"{problem}, {method}: was {was}, is {is_}")
            continue
        for name in ("served", "worst", "p10", "gini", "cost_per_unit"):
            if stored[name] != row[name]:
                what = f"{problem}, {method}: {name}"
                lines.append(f"{what} was {stored[name]}, is {row[name]}")
        ratio = row["seconds"] / max(stored["seconds"], 1e-4)
        if not 0.5 < ratio < 2:
            lines.append(f"{problem}, {method}: seconds × {ratio:.2f}")
    return lines


def draw(found: dict[str, Any], problem: str, path: Path) -> None:
    """Draw the sorted fill rates of every method for one problem, as SVG."""
    import matplotlib as mpl  # noqa: PLC0415 (for this alone)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(7, 4))
    ax = figure.subplots()
    same: dict[tuple[float, ...], list[str]] = {}
    for row in found["rows"]:
        if row["problem"] == problem and "rates" in row:
            same.setdefault(tuple(row["rates"]), []).append(row["method"])
    for rates, names in same.items():
        is_ours = "sharematch fair" in names
        label = f"{names[0]} and {len(names) - 1} more" if names[1:] else names[0]
        percent = [100 * rate for rate in rates]
        width = 3 if is_ours else 1.3
        places = range(1, len(rates) + 1)
        ax.plot(places, percent, marker="o", lw=width, ms=3, label=label)
    ax.set_xlabel("communities, the worst off first")
    ax.set_ylabel("served, % of what was asked")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8)
    with mpl.rc_context({"svg.hashsalt": "sharematch"}):
        figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality")
    parser.add_argument(
        "action",
        nargs="?",
        default="show",
        choices=["show", "run", "compare", "figure", "setup"],
    )
    parser.add_argument("file", nargs="?", type=Path, default=STORED)
    parser.add_argument("--problems", nargs="*", choices=PROBLEMS, default=[*PROBLEMS])
    parser.add_argument("--out", type=Path, help="where a run is stored")
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--limit", type=float, default=120, help="seconds for others")
    options = parser.parse_args(arguments)
    if options.action == "setup":
        set_up(options.home)
        return
    if options.action in ("show", "figure"):
        stored = json.loads(options.file.read_text(encoding="utf-8"))
        if options.action == "show":
            print(table(stored))
        else:
            draw(stored, "subdistrict", options.out)
        return
    found = run(options.problems, options.limit)
    if options.out is not None:
        options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))
    if options.action == "compare":
        stored = json.loads(options.file.read_text(encoding="utf-8"))
        print("\n".join(["", *(differences(stored, found) or ["as before"])]))


if __name__ == "__main__":
    main()
