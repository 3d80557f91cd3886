"""Run the fast tests on a random sample of the mutants of the verifier and the core.

    python tests/mutants.py SAMPLE SEED

All mutants are made and named; the seed draws the sample from their sorted names. Tests
run the shortest first; those that together take longer than SECONDS are left out. Run
again, it goes on where it stopped.
"""

import importlib
import random
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, takewhile
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

    def briefly(workers: int) -> Any:
        made = runner(workers)
        submit = made.submit
        made.submit = lambda name, tests, *limits: submit(name, soonest(tests), *limits)
        return made

    mutmut.collect_source_file_mutation_data = draw
    mutmut.get_mutant_runner = briefly
    mutmut.tests_for_mutant_names = lambda _: soonest(state().duration_by_test)[:1]
    mutmut.estimated_worst_case_time = lambda _: 0  # the drawn order stays
    mutmut._run((), None)
    ends: Counter[str] = Counter()
    for data, name, _ in drawn:
        end = status_by_exit_code[data.exit_code_by_key[name]]
        ends[end] += 1
        if end != "killed":
            print(f"{end}: {name}")
    return ends


if __name__ == "__main__":
    print(*sample(*map(int, sys.argv[1:])).items())
