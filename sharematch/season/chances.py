"""What each need may expect of a lottery before it is drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.integers import sums
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.network.program import Network, Program
from sharematch.engine.problem import Problem
from sharematch.errors import InfeasibleError
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.lots import order
from sharematch.model.policy import Policy
from sharematch.plans.results.plan import positions_of
from sharematch.season.lottery import draw
from sharematch.solvers.flow.circulation import Face
from sharematch.solvers.flow.lexicographic import solve_network
from sharematch.solvers.flow.serial_dictatorship import Turns, need_edges

__all__ = ["Chance", "chances"]

Ints = NDArray[np.int64]
FEW = 5
"""Needs that contend with each other up to which all orders are looked at."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What share of a need is served on average over all draws.

    Parameters
    ----------
    share
        Served units ÷ quantity: exact, or the mean of the draws replayed.
    error
        Standard error of the mean; 0 where the share is exact.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> chance = sm.season.chances(town, draws=2)[0]
    >>> 0 <= chance.share <= 1
    True
    """

    need: str
    share: Fraction
    error: float
    is_exact: bool


@typed
def chances(
    instance: Instance,
    policy: Policy | None = None,
    *,
    draws: int = 1000,
    seed: str = "chances",
) -> tuple[Chance, ...]:
    """Return what each need may expect of a `draw`, before the seed is known.

    Needs that contend with at most four others have their exact share, over all
    orders; the others the mean over `draws` replays with seeds of their own.

    Raises
    ------
    InfeasibleError
        Where no plan keeps the rules.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[
    ...         sm.Need(id=name, community="tianfeng", kind="health")
    ...         for name in ("plum court", "mill lane", "well street")
    ...     ],
    ... )
    >>> [(chance.need, str(chance.share)) for chance in chances(town)]
    [('mill lane', '1/3'), ('plum court', '1/3'), ('well street', '1/3')]
    """
    policy = Policy(name="lottery") if policy is None else policy
    columns = encode(instance)
    program = Problem.of(columns, policy).program
    seeds = [f"{seed} {position}" for position in range(1, draws + 1)]
    quantity = columns.need_demand
    if isinstance(program, CoupledProgram):
        served = np.array([_served(instance, policy, text) for text in seeds])
        exact: list[Fraction | None] = [None] * len(quantity)
    else:
        outcome = None if program is None else solve_network(program, turns=())
        if program is None or outcome is None:
            raise InfeasibleError("draw.no_plan_keeps_the_rules_there")
        lots = _Lots(program, outcome.face)
        exact = lots.exact()
        contended = any(share is None for share in exact)
        served = lots.replayed(columns.need_ids, seeds if contended else seeds[:1])
    return tuple(
        _chance(need, int(asked), units, known)
        for need, asked, units, known in zip(
            columns.need_ids, quantity, served.T, exact, strict=True
        )
    )


def _served(instance: Instance, policy: Policy, seed: str) -> Ints:
    """Return the units of each need in one draw."""
    columns = encode(instance)
    plan = draw(instance, policy, seed=seed).result.allocation
    need, *_ = positions_of(columns, plan)
    return sums(need, plan.quantities, len(columns.need_ids))


def _chance(need: str, asked: int, units: Ints, exact: Fraction | None) -> Chance:
    if exact is not None or not asked:
        mean = exact if exact is not None and asked else Fraction(0)
        return Chance(need, mean / max(asked, 1), 0.0, is_exact=True)
    mean = Fraction(int(units.sum()), asked * len(units))
    spread = float(units.std(ddof=1)) if len(units) > 1 else 0.0
    return Chance(need, mean, spread / asked / sqrt(len(units)), is_exact=False)


class _Lots:
    """The flows that goals leave, and who contends for what in them."""

    def __init__(self, program: Program, face: Face) -> None:
        self.edges = need_edges(program)
        self.face, self.turns = face, Turns(program.network, face)
        self.part = _parts(program.network, face)
        self.head = program.network.head

    def replayed(self, needs: Sequence[str], seeds: Sequence[str]) -> Ints:
        """Return the units of each need in the draw of each seed."""
        position = {need: i for i, need in enumerate(needs)}
        turns = [[position[need] for need in order(needs, seed)] for seed in seeds]
        return np.array([self._units(turn) for turn in turns])

    def _units(self, turn: Sequence[int]) -> Ints:
        flow = self.turns.flow(self.edges[list(turn)].tolist())
        units = np.zeros(len(self.edges), np.int64)
        here = self.edges != NONE
        units[here] = flow[self.edges[here]]
        return units

    def exact(self) -> list[Fraction | None]:
        """Return the mean units of each need, None where too many contend."""
        means: list[Fraction | None] = [None] * len(self.edges)
        with_edge = np.flatnonzero(self.edges != NONE)
        edges, free = self.edges[with_edge], np.zeros(len(self.edges), bool)
        free[with_edge] = self.face.lower[edges] < self.face.upper[edges]
        for need in np.flatnonzero(~free).tolist():
            edge = int(self.edges[need])
            means[need] = Fraction(0 if edge == NONE else int(self.face.flow[edge]))
        for rivals in self._rivals(np.flatnonzero(free)):
            if len(rivals) > FEW:
                continue
            orders = list(permutations(rivals))
            total = np.sum([self._units(turn)[rivals] for turn in orders], axis=0)
            for need, units in zip(rivals, total.tolist(), strict=True):
                means[need] = Fraction(units, len(orders))
        return means

    def _rivals(self, needs: Ints) -> Iterator[list[int]]:
        """Yield the needs that may take places from each other."""
        by_part: dict[int, list[int]] = {}
        for need in needs.tolist():
            by_part.setdefault(int(self.part[self.head[self.edges[need]]]), []).append(
                need
            )
        yield from by_part.values()


def _parts(network: Network, face: Face) -> Ints:
    """Return for each node the part it lies in; parts meet at the hub only."""
    free = face.lower < face.upper
    free &= (network.tail != 0) & (network.head != 0)
    links = coo_array(
        (np.ones(int(free.sum()), bool), (network.tail[free], network.head[free])),
        shape=(network.num_nodes, network.num_nodes),
    )
    return np.asarray(connected_components(links, directed=False)[1], np.int64)
