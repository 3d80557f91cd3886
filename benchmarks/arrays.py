"""Seeded instances as bare arrays, in many shapes, and their programs.

Needs numpy and scipy only, so that other solvers get exactly the same arcs. The same
arguments give the same arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.network.program import GroupGoal, LinearGoal, Network, Program
from sharematch.solvers.flow.lexicographic import solve_network

__all__ = ["SHAPES", "Arrays", "make", "program_of", "solve"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Arrays:
    """Needs of communities, slots, and arcs between them.

    Parameters
    ----------
    community
        Of each need, from 0 to `num_communities` - 1.
    quantity
        Units that each need asks for.
    capacity
        Units that each slot offers.
    need, slot, cost
        Of each arc: its ends and what a unit on it costs, needs in order.
    num_communities
        Communities without needs count too.
    """

    community: Ints
    quantity: Ints
    capacity: Ints
    need: Ints
    slot: Ints
    cost: Ints
    num_communities: int

    def __len__(self) -> int:
        return len(self.need)

    def served_by_community(self, units: Ints) -> Ints:
        """Return the units that each community gets."""
        by = self.community[self.need]
        sums = np.bincount(by, weights=units, minlength=self.num_communities)
        return sums.astype(np.int64)

    def demand_by_community(self) -> Ints:
        """Return the units that each community asks for."""
        count = self.num_communities
        sums = np.bincount(self.community, weights=self.quantity, minlength=count)
        return sums.astype(np.int64)

    def worst_fill_rate(self, units: Ints) -> float:
        """Return the share served in the community worst off."""
        demand = self.demand_by_community()
        asks = demand > 0
        rates = self.served_by_community(units)[asks] / demand[asks]
        return float(rates.min(initial=1.0))

    def check(self, units: Ints) -> None:
        """Raise AssertionError unless `units` per arc keep all limits."""
        assert units.shape == self.need.shape
        assert (units >= 0).all()
        used = np.bincount(self.need, weights=units, minlength=len(self.quantity))
        load = np.bincount(self.slot, weights=units, minlength=len(self.capacity))
        assert (used <= self.quantity).all()
        assert (load <= self.capacity).all()


# ---- shapes


def _district(
    needs: int, degree: int, seed: int, communities: int | None = None
) -> Arrays:
    """Communities of skewed size in a square; arcs to some of the slots nearby."""
    slots = max(1, needs // 5)
    count = max(3, needs // 333) if communities is None else communities
    degree = min(degree, slots)
    rng = np.random.default_rng(seed)
    centre = rng.random((count, 2))
    size, attraction = rng.lognormal(0, 0.7, count), rng.lognormal(0, 1.2, count)
    community = rng.choice(count, needs, p=size / size.sum())
    place = rng.choice(count, slots, p=attraction / attraction.sum())
    capacity = rng.integers(1, 8, slots)
    near = min(3 * degree, slots)
    distance, found = cKDTree(centre[place] + _scatter(rng, slots)).query(
        centre[community] + _scatter(rng, needs), k=range(1, near + 1)
    )
    pick = np.argsort(rng.random((needs, near)), axis=1)[:, :degree]
    cost = np.take_along_axis(np.asarray(distance), pick, 1) * 10_000
    return Arrays(
        community=community,
        quantity=np.ones(needs, np.int64),
        capacity=capacity,
        need=np.repeat(np.arange(needs), degree),
        slot=np.take_along_axis(found, pick, 1).ravel().astype(np.int64),
        cost=cost.ravel().astype(np.int64),
        num_communities=count,
    )


def _scatter(rng: np.random.Generator, count: int) -> Floats:
    return rng.normal(0, 0.02, (count, 2))


def _repeated(needs: int, degree: int, seed: int) -> Arrays:
    """Every need stands there ten times; slots as many as without that."""
    one = _district(max(1, needs // 10), degree, seed)
    times = 10
    starts = np.searchsorted(one.need, np.arange(len(one.quantity) + 1))
    width = np.diff(starts)
    origin = np.repeat(np.arange(len(width)), times)
    at = np.concatenate(
        [np.tile(np.arange(a, b), times) for a, b in pairwise(starts.tolist())]
    )
    return Arrays(
        community=one.community[origin],
        quantity=np.ones(len(origin), np.int64),
        capacity=one.capacity * times,
        need=np.repeat(np.arange(len(origin)), width[origin]),
        slot=one.slot[at],
        cost=one.cost[at],
        num_communities=one.num_communities,
    )


def _tied(needs: int, degree: int, seed: int) -> Arrays:
    """Communities of three needs each: thousands of groups with three ratios."""
    one = _district(needs, degree, seed)
    # Neighbours make a group: needs in the order of their community, three by three.
    order = np.argsort(one.community, kind="stable")
    community = np.empty(needs, np.int64)
    community[order] = np.arange(needs) // 3
    return _with(one, community=community, num_communities=-(-needs // 3))


def _one_community(needs: int, degree: int, seed: int) -> Arrays:
    one = _district(needs, degree, seed)
    return _with(one, community=np.zeros(needs, np.int64), num_communities=1)


def _own_communities(needs: int, degree: int, seed: int) -> Arrays:
    """One community per need."""
    one = _district(needs, degree, seed)
    return _with(one, community=np.arange(needs), num_communities=needs)


def _many_communities(needs: int, degree: int, seed: int) -> Arrays:
    """Ten thousand communities, or one per need if there are fewer."""
    return _district(needs, degree, seed, communities=min(10_000, needs))


def _all_equal(needs: int, degree: int, seed: int) -> Arrays:
    """The same slots at the same cost for every need, equal communities."""
    degree = min(degree, max(1, needs // 5))
    count = max(3, needs // 333)
    per_slot = max(1, int(0.8 * needs) // degree)
    return Arrays(
        community=np.sort((np.arange(needs) + seed) % count),
        quantity=np.ones(needs, np.int64),
        capacity=np.full(degree, per_slot),
        need=np.repeat(np.arange(needs), degree),
        slot=np.tile(np.arange(degree), needs),
        cost=np.full(needs * degree, 100),
        num_communities=count,
    )


def _giant(needs: int, degree: int, seed: int) -> Arrays:
    """One need asks for as much as all others together and reaches every slot."""
    one = _district(needs, degree, seed)
    rest = one.need > 0
    slots = len(one.capacity)
    quantity = one.quantity.copy()
    quantity[0] = needs
    cost = np.random.default_rng(seed).integers(1, 10_000, slots)
    return _with(
        one,
        quantity=quantity,
        need=np.concatenate([np.zeros(slots, np.int64), one.need[rest]]),
        slot=np.concatenate([np.arange(slots), one.slot[rest]]),
        cost=np.concatenate([cost, one.cost[rest]]),
    )


def _huge(needs: int, degree: int, seed: int) -> Arrays:
    """Quantities and capacities of up to 10⁹, and fewer places than demand."""
    one = _district(needs, degree, seed)
    rng = np.random.default_rng(seed + 1)
    quantity = rng.integers(1, 10**9, needs)
    return _with(one, quantity=quantity, capacity=one.capacity * (5 * 10**8))


def _chain(needs: int, degree: int, seed: int) -> Arrays:
    """Each need prefers its left neighbour's only way out: exchanges as long as all."""
    del degree, seed
    inner = np.arange(1, needs)
    need = np.concatenate([[0], np.repeat(inner, 2)])
    slot = np.concatenate([[0], np.stack([inner - 1, inner], axis=1).ravel()])
    return Arrays(
        community=np.arange(needs) // 333,
        quantity=np.ones(needs, np.int64),
        capacity=np.ones(needs, np.int64),
        need=need,
        slot=slot,
        cost=(need == slot).astype(np.int64),
        num_communities=-(-needs // 333),
    )


def _dense(needs: int, degree: int, seed: int) -> Arrays:
    """Every need reaches every slot."""
    one = _district(needs, degree, seed)
    slots = len(one.capacity)
    rng = np.random.default_rng(seed)
    return _with(
        one,
        need=np.repeat(np.arange(needs), slots),
        slot=np.tile(np.arange(slots), needs),
        cost=rng.integers(0, 10_000, needs * slots),
    )


def _star(needs: int, degree: int, seed: int) -> Arrays:
    """One slot that all want, with room for a third of them."""
    del degree
    count = max(3, needs // 333)
    rng = np.random.default_rng(seed)
    return Arrays(
        community=rng.integers(0, count, needs),
        quantity=np.ones(needs, np.int64),
        capacity=np.array([max(1, needs // 3)]),
        need=np.arange(needs),
        slot=np.zeros(needs, np.int64),
        cost=rng.integers(0, 10_000, needs),
        num_communities=count,
    )


def _empty_rows(needs: int, degree: int, seed: int) -> Arrays:
    """Half of the needs, a third of the slots and some communities have no arcs."""
    one = _district(needs, degree, seed)
    kept = (one.need % 2 == 0) & (one.slot % 3 > 0) & (one.community[one.need] % 4 > 0)
    return _with(
        one,
        need=one.need[kept],
        slot=one.slot[kept],
        cost=one.cost[kept],
        num_communities=one.num_communities + 5,
    )


def _with(one: Arrays, **changes: Any) -> Arrays:
    return Arrays(**{**one.__dict__, **changes})


SHAPES: dict[str, Callable[[int, int, int], Arrays]] = {
    "district": _district,
    "repeated": _repeated,
    "tied": _tied,
    "one-community": _one_community,
    "own-communities": _own_communities,
    "many-communities": _many_communities,
    "all-equal": _all_equal,
    "giant": _giant,
    "huge": _huge,
    "chain": _chain,
    "dense": _dense,
    "star": _star,
    "empty-rows": _empty_rows,
}
"""Builders by name: called with the number of needs, arcs per need, and a seed."""


def make(
    needs: int, arcs_per_need: int = 10, *, shape: str = "district", seed: int = 1
) -> Arrays:
    """Return an instance; a fifth as many slots, a community for every 333 needs."""
    return SHAPES[shape](needs, arcs_per_need, seed)


# ---- programs


def program_of(arrays: Arrays) -> Program:
    """Return the program of the default policy over these arcs.

    Leximin of fill rates by community, then most served, then least cost.
    """
    needs, slots = len(arrays.quantity), len(arrays.capacity)
    groups, num = arrays.num_communities, len(arrays)
    first_need, first_slot = 1 + groups, 1 + groups + needs
    num_nodes = first_slot + slots
    unbounded = int(arrays.quantity.sum()) + 1
    own = 1 + np.arange(groups)
    of_need = np.arange(first_need, first_slot)
    of_slot = np.arange(first_slot, num_nodes)
    hub = np.zeros(num_nodes, np.int64)
    parent = hub.copy()
    parent[of_need] = 1 + arrays.community
    depth = np.minimum(np.arange(num_nodes), 1)
    depth[of_need] = 2
    on_need_side = (np.arange(num_nodes) > 0) & (np.arange(num_nodes) < first_slot)
    upper = np.minimum(arrays.quantity[arrays.need], arrays.capacity[arrays.slot])
    network = Network(
        num_nodes=num_nodes,
        num_arcs=num,
        tail=np.concatenate(
            [first_need + arrays.need, hub[:groups], parent[of_need], of_slot]
        ),
        head=np.concatenate([first_slot + arrays.slot, own, of_need, hub[:slots]]),
        lower=np.zeros(num + num_nodes - 1, np.int64),
        upper=np.concatenate(
            [upper, np.full(groups, unbounded), arrays.quantity, arrays.capacity]
        ),
        parent=parent,
        depth=depth,
        on_need_side=on_need_side,
        unbounded=unbounded,
    )
    fill_rate = GroupGoal(
        position=0,
        keys=tuple(map(str, range(groups))),
        node=own,
        start=np.zeros(groups, np.int64),
        weight=np.maximum(arrays.demand_by_community(), 1),
        sign=1,
    )
    served = LinearGoal(1, np.full(num, -1, np.int64))
    travel = LinearGoal(2, arrays.cost)
    goals = (fill_rate, served, travel)
    return Program(cast("Any", _Measures(arrays)), network, goals, np.arange(num))


class _Measures:
    """As much of measures as solvers look at."""

    baseline = None

    def __init__(self, arrays: Arrays) -> None:
        zero = np.broadcast_to(np.int64(0), len(arrays))
        one = np.broadcast_to(np.int64(1), len(arrays))
        ends = arrays.need, arrays.slot
        self.arcs = Arcs(*ends, arrays.cost, zero, zero, zero, one)


def solve(arrays: Arrays) -> Ints:
    """Return the units on each arc of the fair plan: arrays in, flows out."""
    outcome = solve_network(program_of(arrays))
    assert outcome is not None
    return outcome.units
