"""What couples, at the sizes that matter: whole needs, opening costs, mixed cities.

    python -m benchmarks.coupled whole fair … [--seeds 1 2 3] [--seconds 60] [--json]

Prints one line per instance: seconds, and value, bound and gap of each goal.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from math import log
from random import Random
from typing import Any

import numpy as np
from scipy.spatial import KDTree

import sharematch as sm
from sharematch.generate import make

Case = tuple[sm.Instance, sm.Policy]


def whole_needs(
    seed: int,
    *,
    needs: int = 5000,
    slots: int = 500,
    communities: int = 20,
    clustered: bool = False,
) -> sm.Instance:
    """Return whole needs of 1 to 10 with their 10 nearest slots, room for .7 of all.

    Communities are what is nearest to a center; clustered, needs lie around it and
    many slots are far from all.
    """
    rng = np.random.default_rng(seed)
    centers = rng.random((communities, 2)) * 10
    at = rng.random((needs, 2)) * 10
    home = np.asarray(KDTree(centers).query(at)[1])
    if clustered:
        home = rng.integers(communities, size=needs)
        at = centers[home] + rng.normal(size=(needs, 2))
    places = rng.random((slots, 2)) * 10
    quantity = rng.integers(1, 11, size=needs)
    room = np.diff(
        np.linspace(0, 0.7 * quantity.sum(), slots + 1).round().astype(np.int64)
    )
    near = np.asarray(KDTree(places).query(at, 10)[1])
    return sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=f"c{c}") for c in range(communities)],
        facilities=[
            sm.Facility(id=f"f{s}", community="c0", location=tuple(places[s].tolist()))
            for s in range(slots)
        ],
        slots=[
            sm.Slot(id=f"s{s}", facility=f"f{s}", kinds=["any"], capacity=int(room[s]))
            for s in range(slots)
        ],
        needs=[
            sm.Need(
                id=f"n{n}",
                community=f"c{home[n]}",
                kind="any",
                quantity=int(quantity[n]),
                location=tuple(at[n].tolist()),
                choices=[f"s{s}" for s in sorted(near[n].tolist())],
                whole=True,
            )
            for n in range(needs)
        ],
    )


def served_then_travel() -> sm.Policy:
    return sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("travel")])


def _market(
    slots: list[sm.Slot], needs: list[sm.Need], pairs: list[sm.Pair]
) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="all")],
        facilities=[sm.Facility(id="all", community="all")],
        slots=slots,
        needs=needs,
        pairs=pairs,
    )


def location(seed: int, *, sites: int, room: int, opening: int) -> Case:
    """Return facilities with opening costs for 50 customers who ask 58,268 in all."""
    rng = Random(seed)
    site = [(rng.random(), rng.random()) for _ in range(sites)]
    customer = [(rng.random(), rng.random()) for _ in range(50)]
    raw = [rng.lognormvariate(6, 1) for _ in customer]
    asked = [max(1, int(x * 58268 / sum(raw))) for x in raw]

    def cost(i: int, j: int) -> Decimal:
        (a, b), (c, d) = customer[i], site[j]
        return Decimal(round(150 * ((a - c) ** 2 + (b - d) ** 2) ** 0.5, 2)).quantize(
            Decimal("0.01")
        )

    instance = _market(
        [
            sm.Slot(
                id=f"s{j}",
                facility="all",
                kinds=["any"],
                capacity=room,
                opening_cost=opening,
            )
            for j in range(sites)
        ],
        [
            sm.Need(id=f"n{i}", community="all", kind="any", quantity=units)
            for i, units in enumerate(asked)
        ],
        [
            sm.Pair(need=f"n{i}", slot=f"s{j}", cost=cost(i, j))
            for i in range(50)
            for j in range(sites)
        ],
    )
    return instance, at_least_cost(sum(asked))


def at_least_cost(units: int) -> sm.Policy:
    rules = [sm.AtLeast("served", units)]
    return sm.Policy(rules=rules, goals=[sm.Minimize("cost")])


def assignment(seed: int, *, kind: str, agents: int, jobs: int) -> Case:
    """Return a generalized assignment problem of one of the types a to e."""
    rng = Random(f"{seed} {kind} {agents} {jobs}")
    size, cost = _GENERALIZED[kind](rng, agents, jobs)
    room = [int(0.8 * sum(row) / agents) for row in size]
    if kind in "ab":
        load = [0] * agents
        for j in range(jobs):
            best = min(range(agents), key=lambda i: cost[i][j])
            load[best] += size[best][j]
        tight = 0.6 * jobs / agents * 15 + 0.4 * max(load)
        room = [int(tight * (0.7 if kind == "b" else 1))] * agents
    instance = _market(
        [
            sm.Slot(id=f"s{i}", facility="all", kinds=["any"], capacity=units)
            for i, units in enumerate(room)
        ],
        [sm.Need(id=f"n{j}", community="all", kind="any") for j in range(jobs)],
        [
            sm.Pair(need=f"n{j}", slot=f"s{i}", units=size[i][j], cost=cost[i][j])
            for i in range(agents)
            for j in range(jobs)
        ],
    )
    return instance, at_least_cost(jobs)


Table = list[list[int]]


def _independent(rng: Random, agents: int, jobs: int) -> tuple[Table, Table]:
    size = [[rng.randint(5, 25) for _ in range(jobs)] for _ in range(agents)]
    return size, [[rng.randint(10, 50) for _ in range(jobs)] for _ in range(agents)]


def _inverse(rng: Random, agents: int, jobs: int) -> tuple[Table, Table]:
    size = [[rng.randint(1, 100) for _ in range(jobs)] for _ in range(agents)]
    cost = [[max(0, 111 - a + rng.randint(-10, 10)) for a in row] for row in size]
    return size, cost


def _steep(rng: Random, agents: int, jobs: int) -> tuple[Table, Table]:
    size = [
        [max(1, int(1 - 10 * log(1 - rng.random()))) for _ in range(jobs)]
        for _ in range(agents)
    ]
    cost = [[max(0, int(1000 / a - 10 * rng.random())) for a in row] for row in size]
    return size, cost


_GENERALIZED: dict[str, Callable[[Random, int, int], tuple[Table, Table]]] = {
    **dict.fromkeys("abc", _independent),
    "d": _inverse,
    "e": _steep,
}


# ---- runs


def _whole(seed: int) -> Iterator[tuple[str, Case]]:
    yield "whole", (whole_needs(seed), served_then_travel())


def _fair(seed: int) -> Iterator[tuple[str, Case]]:
    yield "fair", (whole_needs(seed), sm.Policy.fair())


def _location(seed: int) -> Iterator[tuple[str, Case]]:
    for sites, room, opening in (
        (16, 5000, 7500),
        (25, 5000, 12500),
        (50, 5000, 17500),
    ):
        case = location(seed, sites=sites, room=room, opening=opening)
        yield f"location {sites} × 50", case


def _assignment(seed: int) -> Iterator[tuple[str, Case]]:
    for kind in "abcde":
        for agents, jobs in ((10, 100), (20, 200)):
            case = assignment(seed, kind=kind, agents=agents, jobs=jobs)
            yield f"assignment {kind} {agents} × {jobs}", case


def _mixed(seed: int) -> Iterator[tuple[str, Case]]:
    """Yield a city without coupling, and the same with 2% of its needs whole."""
    for share in (0.0, 0.02):
        yield f"mixed {share:.0%}", (make("city", seed, whole=share), sm.Policy.fair())


CASES: dict[str, Callable[[int], Iterator[tuple[str, Case]]]] = {
    "whole": _whole,
    "fair": _fair,
    "location": _location,
    "assignment": _assignment,
    "mixed": _mixed,
}


def measure(case: Case, seconds: float) -> dict[str, Any]:
    """Return status, structure and goals of one solve; a vector by its first entry."""
    begin = time.perf_counter()
    result = sm.solve(*case, time_limit=seconds)
    spent = time.perf_counter() - begin
    goals = []
    for goal in result.goals:
        value, bound = (
            x[0] if isinstance(x, tuple) else x for x in (goal.value, goal.bound)
        )
        goals.append(
            {"value": float(value), "bound": float(bound), "gap": float(goal.gap)}
        )
    fair = {}
    if isinstance(case[1].goals[0], sm.Leximin):
        fair = {"short": _short(result), "largest": _largest(case[0])}
    return {
        "status": str(result.status),
        "structure": result.structure,
        "seconds": round(spent, 2),
        "verify_s": round(result.timings.get("verify", 0.0), 2),
        "goals": goals,
        **fair,
    }


def _short(result: Any) -> float:
    """Return how many units the community farthest below the bound lacks to it.

    The bound is that of the worst fill rate of flows, in which needs may be split.
    """
    bound = result.goals[0].bound[0]
    rows = result.by("community")
    return float(max(bound * row["demand"] - row["served"] for row in rows))


def _largest(instance: sm.Instance) -> int:
    return max((need.quantity for need in instance.needs if need.whole), default=1)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coupled")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    unknown = set(given.cases) - set(CASES)
    if unknown:
        parser.error(f"no case {unknown.pop()}; there are {', '.join(CASES)}")
    for name in given.cases or CASES:
        for seed in given.seeds:
            for label, case in CASES[name](seed):
                row = {"case": label, "seed": seed} | measure(case, given.seconds)
                if given.json:
                    print(json.dumps(row), flush=True)
                else:
                    print(_line(row), flush=True)


def _line(row: dict[str, Any]) -> str:
    goals = "  ".join(
        f"{goal['value']:.6g} of {goal['bound']:.6g} (gap {goal['gap']:.4%})"
        for goal in row["goals"]
    )
    if "short" in row:
        goals += f"  worst {row['short']:.2f} units short, needs up to {row['largest']}"
    words = (row["case"], f"seed {row['seed']}", row["status"], row["structure"])
    return "  ".join([*words, f"{row['seconds']} s", goals])


if __name__ == "__main__":
    main()
