"""From records to a checked, written plan, phase by phase and size by size.

python -m benchmarks.scale --json
python -m benchmarks.scale --sizes subdistrict city --runs 3 --format parquet --memory
python -m benchmarks.scale --sizes region --format parquet --folder FOLDER

Instances come from `sharematch.generate`, a fresh one for every run, and are solved
with the default policy; `--folder` keeps their files for the next time, which for a
region saves minutes. The first solve of the process is not counted: it loads what
is loaded at first use. Where pylmcf is there, LEMON solves the same arcs in the same
run, for most units and then least travel.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import sharematch as sm
from benchmarks.arrays import Arrays
from benchmarks.memory import peak_mb, reset_peak
from benchmarks.plain import has_lemon, solve_lemon
from benchmarks.versions import versions
from sharematch import generate
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.io import (
    read_instance,
    write_instance,
    write_parquet,
    write_result,
)

PHASES = (
    *("read", "columns", "hash", "arcs", "lower", "goal", "verify"),
    *("reasons", "proof", "write"),
)
"""In the order of work; all from `columns` to `verify` are within the solve, what
comes after is for who asks or writes."""

_TIMED = ("arcs", "lower", "goal", "verify")
"""Those that a result tells; `hash` is a part of `verify`."""

_DEFAULT_SIZES = ("community", "subdistrict", "district", "city")
_RUNS = {"community": 7, "subdistrict": 7, "district": 3}
FORMATS = ("json", "csv", "parquet")


def measure(
    size: str,
    *,
    runs: int | None = None,
    severity: Mapping[str, Any] | None = None,
    file_format: str = "json",
    memory: bool = False,
    folder: Path | None = None,
) -> dict[str, Any]:
    """Return one row of the table: medians over instances of one size.

    Parameters
    ----------
    runs
        Instances, each made anew; more for small sizes if left out.
    severity
        Options of `sharematch.datasets.generate.make`.
    file_format
        Of the instance that is read; a plan goes out as JSON, or as Parquet.
    memory
        Solve once more, for the most memory that is held in each phase.
    folder
        Where instances are kept; one that is there is not made anew.
    """
    runs = _RUNS.get(size, 1) if runs is None else runs
    taken: dict[str, list[float]] = {}
    last: dict[str, Any] = {}
    phases_mb = None
    with tempfile.TemporaryDirectory() if folder is None else nullcontext(folder) as at:
        for seed in range(1, runs + 1):
            source = _source(size, seed, severity or {}, file_format, Path(at))
            reset_peak()
            phases, last = _once(source, Path(at), file_format)
            for phase, seconds in phases.items():
                taken.setdefault(phase, []).append(seconds)
            if memory and seed == runs:
                phases_mb = _memory(source, Path(at), file_format)
    middle = {phase: round(median(seconds), 4) for phase, seconds in taken.items()}
    solve, goal, lemon = middle["solve"], middle["goal"], middle.get("lemon")
    # A table holds the plan alone.
    told = () if file_format == "parquet" else ("reasons", "proof")
    total = sum(middle[phase] for phase in ("read", "solve", *told, "write"))
    by_phase = {phase: middle[phase] for phase in PHASES}
    return {
        "size": size,
        "format": file_format,
        "runs": runs,
        **last,
        "phases_s": by_phase,
        "us_per_arc": {
            phase: round(spent / max(last["arcs"], 1) * 1e6, 3)
            for phase, spent in by_phase.items()
        },
        "solve_s": solve,
        "total_s": round(total, 4),
        "overhead": round((solve - goal) / solve, 3),
        "lemon_s": lemon,
        "ratio": None if lemon is None else round(total / lemon, 2),
        "phases_mb": phases_mb,
    }


def _once(
    source: Path, folder: Path, file_format: str
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return seconds by phase, and numbers of the instance and its plan."""
    spent: dict[str, float] = {}

    @contextmanager
    def timed(phase: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        spent[phase] = time.perf_counter() - begin

    with timed("read"):
        instance = read_instance(source)
    with timed("solve"):
        # What an instance keeps of a first solve is timed too: it is new.
        with timed("columns"):
            columns = encode(instance)
        result = sm.solve(instance)
    with timed("reasons"):
        assert result.unmet is not None
    with timed("proof"):
        assert result.certificate is not None
    with timed("write"):
        _write(result, folder, file_format)
    peak = peak_mb()
    # Verifying hashes too; other columns show what it takes.
    again = replace(columns)
    with timed("hash"):
        assert again.digest == columns.digest
    spent |= {phase: result.timings.get(phase, 0.0) for phase in _TIMED}
    arcs = arcs_module.build(columns)
    if has_lemon():
        with timed("lemon"):
            solve_lemon(_arrays(columns, arcs))
    assert result.is_optimal
    assert result.value("served") == sum(a.quantity for a in result.allocation)
    return spent, {
        "needs": len(instance.needs),
        "slots": len(instance.slots),
        "arcs": len(arcs),
        "served": int(result.value("served")),
        "assignments": len(result.allocation),
        "peak_mb": peak,
    }


def _source(
    size: str, seed: int, severity: Mapping[str, Any], file_format: str, folder: Path
) -> Path:
    """Return where an instance is written; one that is there is not made anew."""
    suffix = ".json" if file_format == "json" else f"-{file_format}"
    path = folder / f"{size}-{seed}{suffix}"
    if not path.exists():
        write = write_parquet if file_format == "parquet" else write_instance
        write(generate.make(size, seed, **severity), path)
    return path


def _write(result: sm.Result, folder: Path, file_format: str) -> None:
    """Write all of a result, or for tables its plan."""
    if file_format != "parquet":
        write_result(result, folder / "result.json")
        return
    import pyarrow as pa  # noqa: PLC0415 (of an extra)
    from pyarrow import parquet  # noqa: PLC0415

    parquet.write_table(pa.table(result.allocation), folder / "plan.parquet")


def _arrays(columns: Columns, arcs: Arcs) -> Arrays:
    """Return arcs without fairness, reserves and rules, for a plain solve."""
    return Arrays(
        community=columns.need_community,
        quantity=columns.need_demand,
        capacity=columns.slot_capacity,
        need=arcs.need,
        slot=arcs.slot,
        cost=arcs.distance,
        num_communities=len(columns.community_ids),
    )


def _memory(source: Path, folder: Path, file_format: str) -> dict[str, float]:
    """Return the most memory that is held in each phase, from file to file."""
    most, last = {"before": 0.0}, ["before"]

    def note(phase: str) -> None:
        most[last[0]] = max(most.get(last[0], 0.0), peak_mb())
        reset_peak()
        last[0] = phase

    note("read")
    instance = read_instance(source)
    note("columns")
    encode(instance)
    result = sm.solve(instance, on_progress=lambda event: note(event.phase))
    for part in ("reasons", "proof") if file_format != "parquet" else ():
        note(part)
        assert getattr(result, {"reasons": "unmet", "proof": "certificate"}[part])
    note("write")
    _write(result, folder, file_format)
    note("after")
    return {phase: most[phase] for phase in PHASES if phase in most}


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as text: seconds by phase, peak memory in MB.

    Below them, where there are arcs, microseconds per arc, and the memory by phase.
    """
    heads = ("size", "needs", "arcs", *PHASES, "solve", "total", "overhead", "MB")
    lines: list[tuple[str, ...]] = [(*heads, "lemon", "ratio")]
    for row in rows:
        phases = (f"{row['phases_s'][phase]:.3f}" for phase in PHASES)
        counts = (f"{row['needs']:,}", f"{row['arcs']:,}")
        ends = (f"{row['solve_s']:.3f}", f"{row['total_s']:.3f}")
        rest = (f"{row['overhead']:.0%}", f"{row['peak_mb']:.0f}")
        plain = ("–", "–")
        if row["lemon_s"] is not None:
            plain = (f"{row['lemon_s']:.3f}", f"{row['ratio']:.2f}")
        lines.append((row["size"], *counts, *phases, *ends, *rest, *plain))
        for name, key in (("µs per arc", "us_per_arc"), ("MB", "phases_mb")):
            if by_phase := row[key]:
                shown = (f"{by_phase[p]:.2f}" if p in by_phase else "" for p in PHASES)
                lines.append((f"  {name}", "", "", *shown, *[""] * 6))
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
    parser.add_argument("--format", choices=FORMATS, default="json")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    measure("subdistrict", runs=1, file_format=given.format)
    rows = [
        measure(
            size,
            runs=given.runs,
            file_format=given.format,
            memory=given.memory,
            folder=given.folder,
        )
        for size in given.sizes
    ]
    if given.json:
        print(json.dumps({"rows": rows, "versions": versions()}))
        return
    print(table(rows))
    print("\nSeconds; medians. " + ", ".join(f"{k} {v}" for k, v in versions().items()))


if __name__ == "__main__":
    main()
