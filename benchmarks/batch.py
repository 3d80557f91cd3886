"""Many instances: what workers bring, what each costs beside its solve, memory.

python -m benchmarks.batch --json
python -m benchmarks.batch speed --instances 1000
python -m benchmarks.batch memory --instances 10000
python -m benchmarks.batch parts

Serial and parallel work take turns, a block of instances each, so that other work on
the machine hits both alike; ratios are medians over blocks.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import sharematch as sm
from benchmarks.versions import versions
from sharematch import generate
from sharematch.batch import WorkerPool, find_parts, run_folder, solve_parts

DIFFERENT = 50
"""Instances made; they are used in turn."""


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def speed(
    instances: int = 1000, workers: int = 2, size: str = "subdistrict", blocks: int = 10
) -> dict[str, Any]:
    """Return serial over parallel time of `run_folder`, and the overhead of each.

    `overhead` is what a folder of results takes, one instance after the other, beside
    reading each file and solving it, as a share of these; `many_overhead` the same of
    `solve_many` over instances in memory, beside their solves. `cpu_ratio` is the
    processor time of all processes over that of the serial run: two cores that are
    free cannot bring more than 2 over it.
    """
    per_block = max(instances // blocks, 1)
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, WorkerPool(workers) as pool:
        source = Path(folder, "weeks")
        source.mkdir()
        for number in range(per_block):
            town = generate.make(size, number % DIFFERENT)
            sm.io.write_instance(town, source / f"week-{number:04}.json")
        paths = sorted(source.iterdir())
        towns = [sm.io.read_instance(path) for path in paths[:10]]
        list(sm.solve_many(paths[: 2 * workers], None, pool))  # workers are there

        def folder_of(run: str, executor: Executor | None) -> tuple[float, float]:
            begin, cpu = time.perf_counter(), _cpu_seconds()
            run_folder(source, Path(folder, run), None, executor)
            return time.perf_counter() - begin, _cpu_seconds() - cpu

        for block in range(blocks):
            serial, serial_cpu = folder_of(f"serial-{block}", None)
            parallel, parallel_cpu = folder_of(f"parallel-{block}", pool)
            plain = _seconds(lambda: [sm.solve(sm.io.read_instance(p)) for p in paths])
            many = _seconds(lambda: list(sm.solve_many(towns)))
            alone = _seconds(lambda: [sm.solve(town) for town in towns])
            for name, value in (
                ("serial_s", serial / per_block),
                ("parallel_s", parallel / per_block),
                ("speedup", serial / parallel),
                ("cpu_ratio", parallel_cpu / serial_cpu),
                ("overhead", serial / plain - 1),
                ("many_overhead", many / alone - 1),
            ):
                rows.setdefault(name, []).append(value)
    return {
        "size": size,
        "instances": per_block * blocks,
        "workers": workers,
        **{name: round(median(values), 4) for name, values in rows.items()},
        "speedup_from_to": [round(f(rows["speedup"]), 2) for f in (min, max)],
    }


def memory(
    instances: int = 10_000, workers: int = 2, marks: int = 10
) -> dict[str, Any]:
    """Return MB in use, of this process and of its workers, after each tenth."""
    base = [
        generate.make_instance(communities=2, needs=10, slots=5, seed=seed)
        for seed in range(DIFFERENT)
    ]
    towns: Iterator[sm.Instance] = (
        base[number % DIFFERENT].replace(name=f"town-{number}")
        for number in range(instances)
    )
    own, theirs = [], []
    with WorkerPool(workers) as pool:
        results = sm.solve_many(towns, None, pool)
        begin = time.perf_counter()
        for _ in range(marks):
            for result in islice(results, instances // marks):
                assert isinstance(result, sm.Result)
            own.append(_used_mb(os.getpid()))
            theirs.append(max(map(_used_mb, _children())))
        seconds = time.perf_counter() - begin
    return {
        "instances": instances,
        "workers": workers,
        "here_mb": own,
        "worker_mb": theirs,
        "growth_here_mb": round(own[-1] - own[0], 1),
        "growth_worker_mb": round(theirs[-1] - theirs[0], 1),
        "ms_each": round(seconds / instances * 1000, 2),
    }


def _used_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1024**2, 1)


def _cpu_seconds() -> float:
    """Return the processor time of this process and of its workers."""
    ticks = 0
    for process in (os.getpid(), *_children()):
        stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children() -> list[int]:
    """Return the workers: processes that this one has spawned."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"spawn_main" in command:
                found.append(int(child))
    return found


def parts(size: str = "district", workers: int = 2, runs: int = 3) -> dict[str, Any]:
    """Return how long an instance takes whole, in parts, and in parts side by side.

    Half of the needs come whole or not at all, and people share where they live.
    """
    town = generate.make(size, 1, whole=0.5, reach=0.5)
    policy = sm.Policy.efficient()
    rows: dict[str, list[float]] = {"whole_s": [], "parts_s": [], "side_by_side_s": []}
    found = find_parts(town, policy)
    results: dict[str, Any] = {}

    def keep(name: str, result: sm.Result) -> None:
        results[name] = [goal.value for goal in result.goals], result.status

    with WorkerPool(workers) as pool:
        list(sm.solve_many([generate.make("community")] * 2 * workers, None, pool))
        for _ in range(runs):
            for name, work in (
                ("whole_s", lambda: sm.solve(town, policy, time_limit=60)),
                ("parts_s", lambda: solve_parts(town, policy, time_limit=60)),
                (
                    "side_by_side_s",
                    lambda: solve_parts(town, policy, pool, time_limit=60),
                ),
            ):
                rows[name].append(_seconds(lambda n=name, w=work: keep(n, w())))  # type: ignore[misc]
    return {
        "size": size,
        "needs": len(town.needs),
        "components": found.num_components,
        "parts": len(found),
        **{name: round(median(values), 3) for name, values in rows.items()},
        "status": [str(status) for _, status in results.values()],
        "same_values": len({str(values) for values, _ in results.values()}) == 1,
    }


def main(arguments: list[str] | None = None) -> None:
    """Print one measurement, or all, as text or as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch")
    known: dict[str, Callable[..., dict[str, Any]]] = {
        "speed": speed,
        "memory": memory,
        "parts": parts,
    }
    parser.add_argument("which", nargs="*", default=[*known])
    parser.add_argument("--instances", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = {}
    for name in given.which:
        options: dict[str, Any] = {"workers": given.workers}
        if given.instances and name != "parts":
            options["instances"] = given.instances
        if given.size and name != "memory":
            options["size"] = given.size
        found[name] = known[name](**options)
    if given.json:
        print(json.dumps({**found, "versions": versions()}))
        return
    for name, values in found.items():
        print(name, *(f"  {key}: {value}" for key, value in values.items()), sep="\n")


if __name__ == "__main__":
    main()
