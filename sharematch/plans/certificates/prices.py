"""The proof of a plan of a network: prices read off node potentials."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import mask_of, spans
from sharematch.core.measures.bounds import Bound, members, names_of
from sharematch.core.measures.ceilings import Surplus
from sharematch.core.network.potentials import Exchanges
from sharematch.core.network.program import GroupGoal, LinearGoal, Program, Source
from sharematch.core.network.uncoupled import coupled_terms
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.certificates.leximin import Slopes, Standing
from sharematch.plans.certificates.proof import Proof

__all__ = ["certify", "free_edges"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Claim = dict[str, Any]


def certify(
    program: Program, rules: Sequence[Any], goals: Sequence[Any], units: Ints
) -> dict[str, Any] | None:
    """Return the prices that prove each goal of a plan, None where there are none.

    There are none for a plan that is not optimal.

    Parameters
    ----------
    rules, goals
        The policy's, from which the program was lowered.
    units
        A plan of the program, on each arc.
    """
    if any(coupled_terms(program.measures, rules, goals)):
        return None
    return _Certifier(program, rules, goals, units).certificate()


def free_edges(
    program: Program, rules: Sequence[Any], goals: Sequence[Any], units: Ints
) -> tuple[Bools, Bools] | None:
    """Return which edges may carry more, and which less, in plans that are as good.

    One unit may go around any cycle of such edges. None where the plan is not optimal,
    or prices cannot tell.
    """
    if any(coupled_terms(program.measures, rules, goals)):
        return None
    certifier = _Certifier(program, rules, goals, units)
    if certifier.certificate() is None:
        return None
    return certifier.can_rise, certifier.can_fall


class _Certifier:
    """A plan, what is proved of it so far, and what edges may still do."""

    def __init__(
        self,
        program: Program,
        rules: Sequence[Any],
        goals: Sequence[Any],
        units: Ints,
    ) -> None:
        measures = program.measures
        self.program, self.network = program, program.network
        self.proof = Proof(
            measures, rules, goals, units, alone=_alone(program, rules), completes=True
        )
        self.places = _places(program, self.proof)
        sides = {name: side for name, (side, _) in self.places.items()}
        self.sides = {name: sides.get(name, "slot") for name in self.proof.bounds}
        network = self.network
        flow = _flow(program, units)
        num = network.num_arcs
        self.can_rise = flow < np.minimum(network.upper, network.unbounded)
        self.can_fall = flow > network.lower
        # Arcs are bounded by their ends alone; units kept of a baseline by that.
        self.can_rise[:num] = True
        if num > len(units):
            kept_arcs = program.arc_of_edge[len(units) :]
            self.can_rise[len(units) : num] = (
                units[kept_arcs] < _baseline_units(program)[kept_arcs]
            )

    def certificate(self) -> dict[str, Any] | None:
        """Return sides and a claim for each goal, if every goal can be proved."""
        if any(self.proof.place(self.sides)):
            return None
        claims: list[Claim] = []
        for position, goal in enumerate(self.program.goals):
            if isinstance(goal, LinearGoal):
                claim = self._linear(goal)
            else:
                claim = self._leximin(goal, self.proof.standing[position])
            if claim is None:
                return None
            if any(self.proof.step(position, claim)):
                return None
            if (groups := self._groups(position)) is not None:
                # Ratios that need no stage narrow groups too.
                self._narrow(goal, groups)
            if "stages" in claim:
                claim["stages"] = self.stages
            claims.append(claim)
        return {"kind": "prices", "sides": self.sides, "goals": claims}

    def _linear(self, goal: LinearGoal) -> Claim | None:
        up = down = np.zeros(len(self.network.tail), np.int64)
        down[: self.network.num_arcs] = goal.cost
        term = self.proof.goals[goal.position]
        if MEASURES[term.measure].needs_baseline:
            up = down.copy()
            up[: len(self.proof.units)] += self._given_up(term)
        surplus = self.proof.surplus.get(goal.position)
        if surplus is not None:
            slopes = Slopes(surplus.last, surplus.following)
            return self._with_levels(goal, surplus, slopes, up.copy(), down)
        multipliers = self._multipliers(up, down)
        return None if multipliers is None else {"prices": self._prices(multipliers)}

    def _given_up(self, term: Any) -> Ints:
        """Return what a unit more costs on edges of arcs that cannot carry any.

        Where a baseline had units there, these edges have none beside them for what is
        kept, and yet a unit more would be one that has not moved.
        """
        num = len(self.proof.units)
        beside = np.zeros(num, bool)
        beside[self.program.arc_of_edge[num:]] = True
        rise, _ = self.proof.costs(term)
        return np.where(beside, 0, rise)[self.program.arc_of_edge[:num]]

    def _leximin(self, goal: GroupGoal, standing: Standing) -> Claim | None:
        tight = [name for name, x in self.proof.bounds.items() if _is_tight(x)]
        if self.proof.binds_no_two(standing, tight):
            return self._group_claim(goal, standing, standing.ranks())
        self.stages: list[Claim] = []
        return {"stages": self._stages(goal, standing)}

    def _stages(self, goal: GroupGoal, standing: Standing) -> Iterator[Claim | None]:
        """Yield a claim for each ratio that `standing` comes to."""
        while True:
            claim = self._group_claim(goal, standing, standing.slopes())
            if claim is None:
                return
            self.stages.append({"ratio": str(standing.ratio), **claim})
            yield self.stages[-1]

    def _group_claim(
        self, goal: GroupGoal, standing: Standing, slopes: Slopes
    ) -> Claim | None:
        up, down = np.zeros((2, len(self.network.tail)), np.int64)
        return self._with_levels(goal, standing, slopes, up, down)

    def _with_levels(
        self,
        goal: LinearGoal | GroupGoal,
        groups: Standing | Surplus,
        slopes: Slopes,
        up: Ints,
        down: Ints,
    ) -> Claim | None:
        """Return prices and levels, given what units cost beside those of groups.

        Writes into the latter, `up` and `down`, what units of groups cost.
        """
        place, node = self._narrow(goal, groups)
        group_edge = self.network.edge_of(node)
        last, following = slopes.last, slopes.following
        up[group_edge], down[group_edge] = following[place], last[place]
        multipliers = self._multipliers(up, down)
        if multipliers is None:
            return None
        level = np.zeros(len(groups.keys), np.int64)
        level[place] = multipliers[node]
        level = np.where(groups.can_rise, np.minimum(level, following), level)
        level = np.where(groups.can_fall, np.maximum(level, last), level)
        multipliers[node] -= level[place]
        names = names_of([groups.keys[int(i)] for i in place])
        levels = dict(zip(names, level[place].tolist(), strict=True))
        group_families = {family.name for family in groups.families}
        return {"levels": levels, "prices": self._prices(multipliers, group_families)}

    def _groups(self, position: int) -> Standing | Surplus | None:
        """Return the groups of a goal that looks at what each of them has."""
        proof = self.proof
        return proof.standing.get(position) or proof.surplus.get(position)

    def _narrow(
        self, goal: LinearGoal | GroupGoal, groups: Standing | Surplus
    ) -> tuple[Ints, Ints]:
        """Keep groups to what is proved of them; return them and their nodes."""
        position_of = {key: i for i, key in enumerate(groups.keys)}
        with_node = goal.node != NONE
        place = np.array([position_of[key] for key in goal.keys], np.int64)[with_node]
        node = goal.node[with_node]
        edge = self.network.edge_of(node)
        self.can_rise[edge] &= groups.can_rise[place]
        self.can_fall[edge] &= groups.can_fall[place]
        return place, node

    def _multipliers(self, up: Ints, down: Ints) -> Ints | None:
        """Return what the set of each node adds to the price of its arcs.

        Keeps to what is optimal; None where the plan is not.
        """
        network = self.network
        price = self._exchanges.potentials(self.can_rise, self.can_fall, up, down)
        if price is None:
            return None
        # Complementary slackness: an edge whose reduced cost is not 0 stays as it is.
        for some in spans(len(up)):
            step = price[network.tail[some]] - price[network.head[some]]
            self.can_rise[some] &= up[some] + step <= 0
            self.can_fall[some] &= down[some] + step >= 0
        multiplier = np.zeros(network.num_nodes, np.int64)
        edge = slice(network.num_arcs, None)
        multiplier[1:] = price[network.head[edge]] - price[network.tail[edge]]
        return multiplier

    @cached_property
    def _exchanges(self) -> Exchanges:
        """The plan's residual graph; what is proved takes edges from it."""
        network = self.network
        return Exchanges(network.num_nodes, network.tail, network.head, self.can_fall)

    def _prices(
        self, multipliers: Ints, but: Collection[str] = ()
    ) -> dict[str, dict[str, int]]:
        """Share out what nodes have left among the bounds that can bear it."""
        prices: dict[str, dict[str, int]] = {}
        for name, (_, node) in self.places.items():
            if name not in but and (
                shares := _share(self.proof.bounds[name], node, multipliers)
            ):
                prices[name] = shares
        return prices


def _share(bound: Bound, node: Ints, multipliers: Ints) -> dict[str, int]:
    """Take what a bound can bear off the multipliers of its nodes.

    Groups of a later goal that have no unit bear none: a price would keep them so, and
    no arc of theirs has a unit to lose.
    """
    with_node = np.flatnonzero(node != NONE)
    price = multipliers[node[with_node]]
    is_held = bound.is_decided | (bound.units > 0)
    bears = ((price > 0) & ~bound.can_rise[with_node]) | (
        (price < 0) & (~bound.can_fall & is_held)[with_node]
    )
    with_node, price = with_node[bears], price[bears]
    multipliers[node[with_node]] = 0
    keys = [bound.keys[int(i)] for i in with_node]
    return dict(zip(names_of(keys), price.tolist(), strict=True))


def _is_tight(bound: Bound) -> bool:
    """Return whether a price may stand on some set of a bound."""
    if not bound.is_decided:
        return False
    # A set without units needs none: its inner sets and arcs have no unit to lose.
    is_loose = bound.can_rise & (bound.can_fall | (bound.units == 0))
    return bool((mask_of(bound.label, len(bound.keys) + 1)[:-1] & ~is_loose).any())


def _places(program: Program, proof: Proof) -> dict[str, tuple[str, Ints]]:
    """Return the side of each bound and the network's nodes of its sets."""
    count = Counter(source for source, _, _ in program.places)
    seen: Counter[Source] = Counter()
    places: dict[str, tuple[str, Ints]] = {}
    for source, side, node in program.places:
        name: str = source.kind
        if source.kind in ("rule", "goal"):
            name = f"{source.kind} {source.position + 1}"
        if count[source] > 1:  # one layer for each of the groups that overlap
            name = proof.families[name][seen[source]]
            seen[source] += 1
        if name in proof.bounds:
            places[name] = (side, node)
    return places


def _alone(program: Program, rules: Sequence[Any]) -> dict[str, int]:
    """Return what each community can be served by itself, as the program has it."""
    measures = program.measures
    for source, _, lower, _ in program.layers:
        if source.kind != "rule":
            continue
        rule = rules[source.position]
        below = units_below_alone(rule)
        if below is not None:
            keys = members(measures, rule).grouping.keys
            alone_units = (lower + below).tolist()
            return dict(zip(names_of(keys), alone_units, strict=True))
    return {}


def _baseline_units(program: Program) -> Ints:
    baseline = program.measures.baseline
    assert baseline is not None
    return baseline.units


def _flow(program: Program, units: Ints) -> Ints:
    """Return the flow of a plan, units kept of a baseline on edges of their own."""
    network = program.network
    num = len(units)
    flow = units[program.arc_of_edge]
    if network.num_arcs > num:
        kept_arcs = program.arc_of_edge[num:]
        flow[num:] = np.minimum(units[kept_arcs], _baseline_units(program)[kept_arcs])
        edge = np.empty(num, np.int64)
        edge[program.arc_of_edge[:num]] = np.arange(num)
        flow[edge[kept_arcs]] -= flow[num:]
    return network.complete(flow)
