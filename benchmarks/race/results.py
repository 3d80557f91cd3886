"""One race as a row, all rows as a document, and what they come to."""

import os
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any

import sharematch as sm
from benchmarks.race.entrants import Heat, Run, run
from benchmarks.race.judging import Judged, behind, judged, leaders
from benchmarks.race.prototype import has_prototype
from benchmarks.race.registry import CASES
from benchmarks.race.textbook import THREADS
from sharematch.model.wording import goal_text

__all__ = ["document", "faults", "race", "result_row", "summary"]

Document = dict[str, Any]
Runner = Callable[[str, Heat], Run]


def race(heat: Heat, only: Iterable[str], run: Runner = run) -> Document:
    """Let everybody who can solve one problem, one after the other."""
    case = CASES[heat.case]
    instance, policy = case.records(heat.seed, heat.size)
    before = case.baseline(heat.seed, heat.size)
    is_season = heat.size in case.seasons and has_prototype()
    names = [name for name in only if name != "prototype" or is_season]
    plans = {name: judged(run(name, heat), instance, policy, before) for name in names}
    return result_row(heat, policy, plans)


def result_row(heat: Heat, policy: sm.Policy, plans: Mapping[str, Judged]) -> Document:
    rivals = [name for name in plans if name != "ours"]
    row = {
        "case": heat.case,
        "seed": heat.seed,
        "size": heat.size,
        "goals": [goal_text(goal) for goal in policy.goals],
        "measures": [goal.measure for goal in policy.goals],
        "entrants": {name: _entrant(plan) for name, plan in plans.items()},
        "best": leaders(policy, plans),
    }
    if "ours" in plans:
        ours = plans["ours"]
        row["behind"] = {name: behind(policy, ours, plans[name]) for name in rivals}
    proved = [plan for plan in plans.values() if plan.is_proved]
    row["disproved"] = any(
        behind(policy, one, other) is not None
        for one in proved
        for other in plans.values()
    )
    return row


def _entrant(plan: Judged) -> Document:
    answer = plan.run.answer
    return {
        "seconds": round(plan.run.seconds, 2),
        "values": None if plan.values is None else [_plain(v) for v in plan.values],
        "bounds": [_plain(bound) for bound in answer.bounds],
        "proved": list(answer.is_proved),
        "done": [round(each, 2) for each in answer.done],
        "broken": list(plan.broken[:3]),
        "failure": plan.run.failure,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [round(float(each), 4) for each in value]
    if value is None or abs(value) == float("inf"):
        return None
    number = float(value)
    return int(number) if number.is_integer() else round(number, 4)


def faults(row: Document) -> list[str]:
    """Return what no race may show: broken rules, and proofs that do not hold."""
    found = [
        f"{name} breaks a rule: {plan['broken'][0]}"
        for name, plan in row["entrants"].items()
        if plan["broken"]
    ]
    return found + ["a plan is better than a proved one"] * row["disproved"]


def summary(rows: Iterable[Document]) -> Document:
    """Return how often ours is not behind, and how often proved in time."""
    rows = [row for row in rows if "behind" in row]
    rivals = sorted({name for row in rows for name in row["behind"]})
    found: Document = {"races": len(rows)}
    for name in rivals:
        places = [row["behind"][name] for row in rows if name in row["behind"]]
        found[f"not behind {name}"] = [places.count(None), len(places)]
    others = [
        [place for name, place in row["behind"].items() if name != "first_come"]
        for row in rows
    ]
    found["not behind any but first_come"] = [
        sum(set(places) <= {None} for places in others),
        len(others),
    ]
    in_time = [_proved_in_time(row["entrants"]) for row in rows]
    asked = [each for each in in_time if each is not None]
    found["proved in 2 S + 1 where direct proves in S"] = [sum(asked), len(asked)]
    return found


def _is_proved(plan: Document) -> bool:
    proved: list[bool] = plan["proved"]
    return plan["values"] is not None and bool(proved) and all(proved)


def _proved_in_time(entrants: Document) -> bool | None:
    direct, ours = entrants.get("direct"), entrants["ours"]
    if direct is None or not _is_proved(direct):
        return None
    return _is_proved(ours) and ours["seconds"] <= 2 * direct["seconds"] + 1


def document(rows: list[Document], seconds: float) -> Document:
    return {
        "seconds": seconds,
        "threads": THREADS,
        "cores": os.cpu_count(),
        "ortools": version("ortools"),
        "summary": summary(rows),
        "rows": rows,
    }
