"""The proof of a plan of a network: prices read off node potentials."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns import NONE
from sharematch.core.potentials import potentials
from sharematch.core.program import GroupGoal, LinearGoal, Program, Source
from sharematch.core.proof import Bound, Proof, name_of, pinned, provable

__all__ = ["certify"]

Ints = NDArray[np.int64]


def certify(
    program: Program, rules: Sequence[Any], goals: Sequence[Any], units: Ints
) -> dict[str, Any] | None:
    """Return the prices that prove each goal of a plan, None where there are none.

    There are none for a plan that is not optimal, for groups that other bounds bind
    together or that overlap, and for terms that `provable` leaves out.

    Parameters
    ----------
    rules, goals
        The policy's, from which the program was lowered.
    units
        A plan of the program, on each arc.
    """
    if not provable(rules, goals):
        return None
    measures = program.measures
    pins = pinned(measures.columns, measures.arcs)
    proof = Proof(measures, rules, goals, units, pins)
    names = [_name(source) for source, _, _ in program.places]
    if len({*names}) < len(names):
        return None  # groups that overlap
    sides = {_name(source): side for source, side, _ in program.places}
    sides = {name: sides.get(name, "slot") for name in proof.bounds}
    if any(proof.problems(sides)):
        return None
    residual = _Residual(program, units)
    claims = []
    for position, goal in enumerate(program.goals):
        multiplier = residual.multipliers(goal, proof, position)
        if multiplier is None:
            return None
        claim = _claim(program, proof, goal, position, multiplier)
        if any(proof.step(position, claim, sides)):
            return None
        claims.append(claim)
    return {"sides": sides, "goals": claims}


def _name(source: Source) -> str:
    if source.kind in ("rule", "goal"):
        return f"{source.kind} {source.position + 1}"
    return source.kind


class _Residual:
    """What edges may still do after the goals so far."""

    def __init__(self, program: Program, units: Ints) -> None:
        network = program.network
        self.network = network
        self.flow = network.complete(units[program.arc_of_edge])
        upper = np.minimum(network.upper, network.unbounded)
        self.can_rise = self.flow < upper
        self.can_fall = self.flow > network.lower
        # Arcs are bounded by their ends alone.
        self.can_rise[: network.num_arcs] = True

    def multipliers(
        self, goal: LinearGoal | GroupGoal, proof: Proof, position: int
    ) -> Ints | None:
        """Return what the set of each node adds to the price of its arcs."""
        network = self.network
        cost = np.zeros((2, len(network.tail)), np.int64)
        if isinstance(goal, LinearGoal):
            cost[:, : network.num_arcs] = goal.cost
        else:
            last, following, has_any = proof.levels(position)
            names = proof.bounds[f"goal {position + 1}"].keys
            at = {key: i for i, key in enumerate(names)}
            place = np.array([at[key] for key in goal.keys], np.int64)
            some = goal.node != NONE
            own = network.edge_of(goal.node[some])
            cost[0, own] = following[place[some]]
            cost[1, own] = np.where(has_any, last, 0)[place[some]]
        more, less = np.flatnonzero(self.can_rise), np.flatnonzero(self.can_fall)
        price = potentials(
            network.num_nodes,
            np.concatenate([network.tail[more], network.head[less]]),
            np.concatenate([network.head[more], network.tail[less]]),
            np.concatenate([cost[0, more], -cost[1, less]]),
        )
        if price is None:
            return None
        steps = price[network.tail] - price[network.head]
        self.can_rise &= cost[0] + steps <= 0
        self.can_fall &= cost[1] + steps >= 0
        multiplier = np.zeros(network.num_nodes, np.int64)
        multiplier[1:] = -steps[network.num_arcs :]
        return multiplier


def _claim(
    program: Program,
    proof: Proof,
    goal: LinearGoal | GroupGoal,
    position: int,
    multiplier: Ints,
) -> dict[str, Any]:
    """Return prices by bound and set, each node's shared out among its sets."""
    left = multiplier.copy()
    claim: dict[str, Any] = {}
    if isinstance(goal, GroupGoal):
        claim["levels"] = _levels(program, proof, position, left)
    prices: dict[str, dict[str, int]] = {}
    for source, _, node in program.places:
        bound = proof.bounds.get(_name(source))
        if bound is None or (source == Source("goal", position)):
            continue
        found = _share(bound, node, left)
        if found:
            prices[bound.name] = found
    claim["prices"] = prices
    return claim


def _levels(
    program: Program, proof: Proof, position: int, left: Ints
) -> dict[str, int]:
    last, following, has_any = proof.levels(position)
    bound = proof.bounds[f"goal {position + 1}"]
    (node,) = (n for s, _, n in program.places if s == Source("goal", position))
    level = np.where(node == NONE, 0, left[node])
    level = np.minimum(level, following)
    level = np.where(has_any, np.maximum(level, last), level)
    some = node != NONE
    left[node[some]] -= level[some]
    return {
        name_of(bound.keys[i]): int(level[i]) for i in np.flatnonzero(some).tolist()
    }


def _share(bound: Bound, node: Ints, left: Ints) -> dict[str, int]:
    """Take what a bound can bear off the multipliers of its nodes."""
    some = np.flatnonzero(node != NONE)
    price = left[node[some]]
    bears = ((price > 0) & ~bound.can_rise[some]) | (
        (price < 0) & ~bound.can_fall[some]
    )
    some, price = some[bears], price[bears]
    left[node[some]] = 0
    keys = [bound.keys[int(i)] for i in some]
    return dict(zip(map(name_of, keys), price.tolist(), strict=True))
