"""What a solve tells while it works, and how the command line shows it."""

import os
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.cli.output import Output
from sharematch.core.integer.program import Total, Vector
from sharematch.progress import Progress
from sharematch.solvers.lexicographic import _gap
from sharematch.text import Lang

NEED: dict[str, Any] = {"community": "tianfeng", "kind": "culture"}


def choirs(*, whole: bool) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(id=f"s{i}", facility="hall", kinds=["culture"], capacity=7)
            for i in range(3)
        ],
        needs=[
            sm.Need(id=f"n{i}", quantity=3 + i % 3, whole=whole, **NEED)
            for i in range(8)
        ],
    )


@pytest.mark.parametrize("whole", [False, True])
def test_goals_are_told_in_turn_with_gap_and_time(whole: bool):
    told: list[Progress] = []
    sm.solve(choirs(whole=whole), time_limit=60, on_progress=told.append)
    phases = [event.phase for event in told]
    assert phases[:2] == ["arcs", "lower"]
    assert phases[-1] == "done"
    goals = [event for event in told if event.phase == "goal"]
    assert [*dict.fromkeys(event.goal for event in goals)] == [1, 2, 3]
    assert {event.num_goals for event in goals} == {3}
    assert {event.gap for event in goals if event.goal == 1} == {None}
    assert {event.gap for event in goals if event.goal == 3} == {Fraction(0)}
    left = [event.remaining for event in told]
    assert all(one is not None and 0 < one < 60 for one in left)
    assert sorted(left, key=lambda one: -(one or 0)) == left


def test_without_a_limit_no_time_is_left_over():
    told: list[Progress] = []
    sm.solve(choirs(whole=False), on_progress=told.append)
    assert {event.remaining for event in told} == {None}


def test_the_gap_of_a_goal_is_that_of_results():
    values = np.array([3, 1, 4])
    search: Any = SimpleNamespace(values=values)
    everything = np.arange(3)
    goal: Any = Total(0, everything, np.array([1, 1, 1]), 2, 1, maximize=True)
    assert _gap(search, goal, Fraction(12)) == Fraction(12 - 10, 10)
    weight = (Fraction(2), Fraction(2), Fraction(4))
    vector = Vector(0, ("a", "b", "c"), everything, weight, 1)  # 1/2, 1, 3/2
    bound = Fraction(1, 2), Fraction(5, 4), Fraction(3, 2)
    assert _gap(search, vector, bound) == Fraction(1, 4)
    least = Vector(0, ("a", "b", "c"), everything, weight, -1)  # 3/2, 1, 1/2
    assert _gap(search, least, (Fraction(3, 2), Fraction(1), Fraction(1, 3))) == (
        Fraction(1, 6)
    )


def test_one_line_says_phase_goal_gap_and_time():
    event = Progress(
        "goal", 12.34, 2, 3, "as many as possible", Fraction(1, 80), remaining=47.6
    )
    lines = [
        Output(lang, as_json=False, quiet=False).line(event)
        for lang in (Lang.EN, Lang.ZH)
    ]
    assert lines == [
        "goal 2/3 · 12.3 s · 48 s left · gap 1.25% · as many as possible",
        "目标 2/3 · 12.3 秒 · 剩余 48 秒 · 差距 1.25% · as many as possible",
    ]
    early = Output(Lang.EN, as_json=False, quiet=False).line(Progress("arcs", 0.1))
    assert early == "possible pairs · 0.1 s"


INTERRUPT = """
import os, signal, sys
from sharematch.engine import solving as engine
from sharematch.cli import main

solve, told = engine.solve, []

def interrupted(*arguments, on_progress, **options):
    def interrupt(event):
        told.append(event)
        is_goal = event.phase == "goal"
        if is_goal and sum(one.phase == "goal" for one in told) == 4:
            os.kill(os.getpid(), signal.SIGINT)
        on_progress(event)
    return solve(*arguments, on_progress=interrupt, **options)

engine.solve = interrupted
main(sys.argv[1:])
"""


def place(rng: random.Random) -> tuple[float, float]:
    return round(9 * rng.random(), 3), round(9 * rng.random(), 3)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_search_writes_the_best_plan_so_far(tmp_path: Path):
    rng = random.Random(1)
    instance = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[
            sm.Facility(id=f"f{i}", community="tianfeng", location=place(rng))
            for i in range(60)
        ],
        slots=[
            sm.Slot(
                id=f"s{i}",
                facility=f"f{i}",
                kinds=["culture"],
                capacity=rng.randint(15, 30),
            )
            for i in range(60)
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                quantity=rng.randint(1, 12),
                whole=True,
                location=place(rng),
                **NEED,
            )
            for i in range(400)
        ],
        travel={"metric": "plane"},
    )
    town, out = tmp_path / "town.json", tmp_path / "plan.json"
    sm.io.write_instance(instance, town)
    done = subprocess.run(
        [
            *(sys.executable, "-c", INTERRUPT, "solve", town),
            *("--out", out, "--time-limit", "60"),
        ],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    result = sm.io.read_result(out, instance)
    assert result.status == "feasible"
    assert result.value("served") > 0
    assert not sm.verify(instance, result.allocation)
