"""Run the fast tests on a random sample of the mutants of the verifier and the core.

    python tests/mutants.py SAMPLE SEED

All mutants are made and named; the seed draws the sample from their sorted names. Tests
run the shortest first; those that together take longer than SECONDS are left out. A
mutant that needs several times the seconds of its tests hangs and is stopped. Run
again, it goes on where it stopped: what is in `mutants` and not changed since stays.
"""

import importlib
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import accumulate, takewhile
from math import ceil
from pathlib import Path
from typing import Any

from mutmut.state import state
from mutmut.stats import status_by_exit_code

SECONDS = 60

mutmut: Any = importlib.import_module("mutmut.__main__")


def soonest(tests: Iterable[str]) -> list[str]:
    """Return the shortest tests, as many as run within SECONDS, and at least one."""
    seconds = state().duration_by_test
    ranked = sorted(tests, key=seconds.__getitem__)
    total = accumulate(seconds[test] for test in ranked)
    within = sum(1 for _ in takewhile(lambda spent: spent <= SECONDS, total))
    return ranked[: max(within, 1)]


def limit(tests: Iterable[str]) -> int:
    """Return after how many seconds of the processor a mutant hangs."""
    return 30 + ceil(3 * sum(state().duration_by_test[test] for test in tests))


def clear() -> None:
    """Remove what an earlier run left and this one would not replace.

    That is copies of tests, which may be gone, and files of mutants half written: their
    names are noted after the file.
    """
    for folder in ("tests", "benchmarks"):
        shutil.rmtree(Path("mutants", folder), ignore_errors=True)
    for source in Path("sharematch").rglob("*.py"):
        made, named = Path("mutants", source), Path("mutants", f"{source}.meta")
        if made.exists() and made.stat().st_mtime > source.stat().st_mtime:
            whole = named.exists() and named.stat().st_mtime >= made.stat().st_mtime
            if not whole:
                made.unlink()


def brief(runner: Any, drawn: list[Any]) -> Any:
    """Return a runner that takes the shortest tests and says how far it is."""
    submit, wait = runner.submit, runner.wait_for_result

    def submit_soonest(name: str, tests: Iterable[str], *_: Any) -> None:
        chosen = soonest(tests)
        # The clock on the wall stops a mutant much later: others may be busy.
        submit(name, chosen, limit(chosen), limit(chosen))

    def wait_and_count(*limits: Any) -> Any:
        result = wait(*limits)
        done = sum(data.exit_code_by_key[name] is not None for data, name, _ in drawn)
        end = status_by_exit_code[result.exit_code]
        print(f"{done + 1}/{len(drawn)} {end}: {result.mutant_name}", flush=True)
        return result

    runner.submit, runner.wait_for_result = submit_soonest, wait_and_count
    return runner


def sample(size: int, seed: int) -> Counter[str]:
    """Run a sample and return how many mutants ended in which way."""
    collect, runner = mutmut.collect_source_file_mutation_data, mutmut.get_mutant_runner
    drawn: list[Any] = []

    def draw(**_: Any) -> Any:
        found, files = collect(mutant_names=())
        found.sort(key=lambda mutant: mutant[1])
        random.Random(seed).shuffle(found)
        drawn.extend(found[:size])
        return drawn, files

    mutmut.print_status = cache(lambda what: print(what, file=sys.__stdout__))
    mutmut.print_stats = lambda *_, **__: None
    mutmut.collect_source_file_mutation_data = draw
    mutmut.get_mutant_runner = lambda workers: brief(runner(workers), drawn)
    mutmut.tests_for_mutant_names = lambda _: soonest(state().duration_by_test)[:1]
    mutmut.estimated_worst_case_time = lambda _: 0  # the drawn order stays
    clear()
    mutmut._run((), None)
    ends: Counter[str] = Counter()
    for data, name, _ in drawn:
        end = status_by_exit_code[data.exit_code_by_key[name]]
        ends[end] += 1
        if end not in ("killed", "not checked"):
            print(f"{end}: {name}")
    return ends


if __name__ == "__main__":
    print(*sample(*map(int, sys.argv[1:])).items())
