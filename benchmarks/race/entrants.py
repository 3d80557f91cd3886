"""Who takes part: each in a process of its own, with an end that always comes."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import sharematch as sm
from benchmarks.race.entries import Answer, Row
from benchmarks.race.prototype import prototype_plan
from benchmarks.race.registry import CASES
from sharematch.progress import Progress

__all__ = ["ENTRANTS", "Heat", "Run", "run", "run_here"]


@dataclass(frozen=True)
class Heat:
    """One problem and the seconds that everybody has."""

    case: str
    seed: int
    size: str
    seconds: float


@dataclass(frozen=True)
class Run:
    """What came of it; seconds are those to the answer, its making ready left out."""

    answer: Answer
    seconds: float
    failure: str = ""


def _solved(heat: Heat, instance: sm.Instance, policy: sm.Policy) -> Answer:
    before = CASES[heat.case].baseline(heat.seed, heat.size)
    begun: dict[int, float] = {}

    def note(event: Progress) -> None:
        begun.setdefault(event.goal or 0, event.seconds)

    begin = perf_counter()
    result = sm.solve(
        instance,
        policy,
        time_limit=heat.seconds,
        baseline=before,
        on_progress=note,
    )
    seconds = perf_counter() - begin
    if not result.status.has_plan:
        return Answer(None)
    bounds = [
        g.bound[0] if isinstance(g.bound, tuple) else g.bound for g in result.goals
    ]
    return Answer(
        [(a.slot, a.need, a.quantity, a.start) for a in result.allocation],
        tuple(goal.gap == 0 for goal in result.goals),
        tuple(None if bound is None else float(bound) for bound in bounds),
        tuple(begun.get(i + 2, seconds) for i in range(len(policy.goals))),
    )


def _ours(heat: Heat) -> Callable[[], Answer]:
    records = CASES[heat.case].records(heat.seed, heat.size)
    return lambda: _solved(heat, *records)


def _first_come(heat: Heat) -> Callable[[], Answer]:
    instance, policy = CASES[heat.case].records(heat.seed, heat.size)
    in_turn = sm.Policy(rules=policy.rules, method="first_come")
    return lambda: _solved(heat, instance, in_turn)


def _direct(heat: Heat) -> Callable[[], Answer]:
    answer = CASES[heat.case].answer(heat.seed, heat.size)
    return lambda: answer(heat.seconds)


def _prototype(heat: Heat) -> Callable[[], Answer]:
    def solve(instance: sm.Instance) -> list[Row]:
        return prototype_plan(instance, heat.seconds)

    return lambda: CASES[heat.case].prototype(heat.seed, heat.size, solve)


ENTRANTS: dict[str, Callable[[Heat], Callable[[], Answer]]] = {
    "ours": _ours,
    "direct": _direct,
    "first_come": _first_come,
    "prototype": _prototype,
}


def run_here(name: str, heat: Heat) -> Run:
    """Run one entrant in this process."""
    solve = ENTRANTS[name](heat)
    begin = perf_counter()
    answer = solve()
    return Run(answer, perf_counter() - begin)


def _run_there(name: str, heat: Heat, out: Connection) -> None:
    with Path(os.devnull).open("wb") as nowhere:  # a solver may print what it likes
        os.dup2(nowhere.fileno(), 1)
    try:
        out.send(run_here(name, heat))
    except Exception as error:  # whatever it is, it is told
        out.send(Run(Answer(None), 0.0, f"{type(error).__name__}: {error}"[:200]))


def _processes() -> Any:
    """Return processes without threads, loaded once where that is possible."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["benchmarks.race.entrants", "sharematch.engine.solving"]
    )
    return context


def run(name: str, heat: Heat) -> Run:
    """Run one entrant apart; one that goes far over its time is ended."""
    context = _processes()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run_there, args=(name, heat, sender))
    process.start()
    sender.close()
    most = 2 * heat.seconds + 30
    try:
        if receiver.poll(max(most, 0)):
            found: Run = receiver.recv()
            return found
        return Run(Answer(None), most, f"no answer after {most:.0f} s")
    except EOFError:
        return Run(Answer(None), 0.0, "the process ended without an answer")
    finally:
        process.kill()
        process.join()
