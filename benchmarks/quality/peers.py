"""Other libraries, each in an environment of its own, with numpy and the library alone.

`python peers.py METHOD PROBLEM.npz PLAN.npy` writes the units on each arc, or the fill
rates by community of a divisible plan, and prints the seconds it took.
"""

import json
import random
import resource
import sys
import time

import numpy as np

SECONDS = 60

ENVIRONMENTS = {
    "fairpyx": ["fairpyx==0.1", "numpy<2"],
    "cvxpy-leximin": ["cvxpy-leximin==0.5", "cvxpy>=1.5", "highspy"],
    "matching": ["matching==1.4.3"],
    "spopt": ["spopt==0.7.0", "highspy"],
}
"""What is installed for each; versions are those that were measured."""


def units_of(problem):
    """Return needs with one unit each, as these libraries have them."""
    origin = np.repeat(np.arange(len(problem["quantity"])), problem["quantity"])
    starts = np.searchsorted(problem["need"], np.arange(len(problem["quantity"]) + 1))
    return [
        (int(need), range(int(starts[need]), int(starts[need + 1]))) for need in origin
    ]


def fairpyx_divide(problem, algorithm, *, says_conflicts=True):
    """Divide by an algorithm; not all of them can do with conflicts."""
    import fairpyx

    agents = units_of(problem)
    slots = [f"s{j}" for j in range(len(problem["capacity"]))]
    best = int(problem["cost"].max()) + 1
    outside = -1 if says_conflicts else 0
    values, conflicts, arc_of = {}, {}, {}
    for i, (_, arcs) in enumerate(agents):
        name = f"n{i}"
        reach = {
            slots[problem["slot"][a]]: best - int(problem["cost"][a]) for a in arcs
        }
        for a in arcs:
            arc_of[name, slots[problem["slot"][a]]] = a
        values[name] = {s: reach.get(s, outside) for s in slots}
        if says_conflicts:
            conflicts[name] = {s for s in slots if s not in reach}
    instance = fairpyx.Instance(
        valuations=values,
        agent_capacities=dict.fromkeys(values, 1),
        item_capacities=dict(zip(slots, problem["capacity"].tolist(), strict=True)),
        agent_conflicts=conflicts,
    )
    units = np.zeros(len(problem["need"]), np.int64)
    for name, bundle in fairpyx.divide(algorithm, instance=instance).items():
        for slot in bundle:
            if (name, slot) in arc_of:
                units[arc_of[name, slot]] += 1
    return units


def fairpyx_utilitarian(problem):
    import fairpyx

    return fairpyx_divide(problem, fairpyx.algorithms.utilitarian_matching)


def fairpyx_round_robin(problem):
    import fairpyx

    return fairpyx_divide(problem, fairpyx.algorithms.round_robin)


def fairpyx_egalitarian(problem):
    import fairpyx

    divide = fairpyx.algorithms.almost_egalitarian_allocation
    return fairpyx_divide(problem, divide, says_conflicts=False)


def cvxpy_leximin(problem):
    import cvxpy
    from cvxpy_leximin import Leximin, Problem
    from scipy import sparse

    count = len(problem["need"])
    one, arc = np.ones(count), np.arange(count)
    x = cvxpy.Variable(count, nonneg=True)
    rows = [
        sparse.csr_matrix((one, (ends, arc)), shape=(len(most), count)) @ x <= most
        for ends, most in (
            (problem["need"], problem["quantity"].astype(float)),
            (problem["slot"], problem["capacity"].astype(float)),
        )
    ]
    groups = int(problem["num_communities"])
    demand = np.bincount(problem["community"], problem["quantity"], groups)
    of = problem["community"][problem["need"]]
    share = sparse.csr_matrix((1 / demand[of], (of, arc)), shape=(groups, count)) @ x
    asked = np.flatnonzero(demand > 0)
    solved = Problem(Leximin([share[int(g)] for g in asked]), constraints=rows)
    solved.solve(method="saturation", solver=cvxpy.HIGHS)
    return np.maximum(x.value, 0.0)


def matching_residents(problem):
    from matching.games import HospitalResident

    sys.setrecursionlimit(1_000_000)
    agents = units_of(problem)
    cost, slot = problem["cost"], problem["slot"]
    wishes, arc_of = {}, {}
    rank = {}
    for i, (_, arcs) in enumerate(agents):
        if not len(arcs):
            continue
        ordered = sorted(arcs, key=lambda a: int(cost[a]))
        wishes[f"n{i}"] = [f"s{slot[a]}" for a in ordered]
        for a in arcs:
            arc_of[f"n{i}", f"s{slot[a]}"] = a
            rank.setdefault(f"s{slot[a]}", []).append((int(cost[a]), f"n{i}"))
    order = {s: [name for _, name in sorted(found)] for s, found in rank.items()}
    room = {s: int(problem["capacity"][int(s[1:])]) for s in order}
    empty = {s for s, places in room.items() if not places}
    order = {s: names for s, names in order.items() if s not in empty}
    wishes = {n: [s for s in w if s not in empty] for n, w in wishes.items()}
    wishes = {n: w for n, w in wishes.items() if w}
    room = {s: places for s, places in room.items() if s not in empty}
    game = HospitalResident.create_from_dictionaries(wishes, order, room)
    units = np.zeros(len(problem["need"]), np.int64)
    for hospital, residents in game.solve().items():
        for resident in residents:
            units[arc_of[resident.name, hospital.name]] += 1
    return units


def spopt_median(problem):
    import pulp
    from spopt.locate import PMedian

    needs, slots = len(problem["quantity"]), len(problem["capacity"])
    far = 50 * (int(problem["cost"].max()) + 1)
    cost = np.full((needs, slots + 1), 10 * far, float)
    cost[problem["need"], problem["slot"]] = problem["cost"]
    cost[:, slots] = far
    total = int(problem["quantity"].sum())
    model = PMedian.from_cost_matrix(
        cost,
        problem["quantity"].astype(float),
        p_facilities=slots + 1,
        facility_capacities=np.append(problem["capacity"], total).astype(float),
        fulfill_predefined_fac=False,
    ).solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=SECONDS))
    units = np.zeros(len(problem["need"]), np.int64)
    pairs = zip(problem["need"].tolist(), problem["slot"].tolist(), strict=True)
    arc_of = {pair: arc for arc, pair in enumerate(pairs)}
    for need, served in enumerate(model.cli2fac):
        for slot in served:
            if (need, slot) in arc_of:
                units[arc_of[need, slot]] = problem["quantity"][need]
    return units


METHODS = {
    "fairpyx utilitarian": ("fairpyx", fairpyx_utilitarian),
    "fairpyx round robin": ("fairpyx", fairpyx_round_robin),
    "fairpyx egalitarian": ("fairpyx", fairpyx_egalitarian),
    "cvxpy-leximin (divisible)": ("cvxpy-leximin", cvxpy_leximin),
    "matching (stable)": ("matching", matching_residents),
    "spopt p-median": ("spopt", spopt_median),
}

LARGEST = {
    "fairpyx utilitarian": 1_000,
    "fairpyx round robin": 1_000,
    "fairpyx egalitarian": 500,
    "cvxpy-leximin (divisible)": 20_000,
    "matching (stable)": 20_000,
    "spopt p-median": 1_000,
}
"""Arcs above which a method takes more than some minutes here."""


def main(name, path, out):
    with np.load(path) as data:
        problem = {key: data[key] for key in data.files}
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 (what libraries draw from)
    begin = time.perf_counter()
    units = METHODS[name][1](problem)
    seconds = time.perf_counter() - begin
    np.save(out, units)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mb": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
