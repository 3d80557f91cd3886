"""Whether a program is one of siting, and which: sites, limits, and the flow between.

    rules and goals  =  what they count of openings (`counting`)  +  a flow

The flow is the policy's without opening costs, with all sites open; what a term counts
of openings is told over sites, so it is a linear form in what is open where each item
is of one site, and a submodular one where several share it (Balinski 1970, On a
selection problem).

Four nodes: the hub, a choir, and two halls. "At most one facility opened" leaves the
flow of the choir to both halls, two sites, and a limit of 1 on how many are open.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.order import hash_rank
from sharematch.core.integer.coupled import CoupledProgram, Terms
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import flow_of
from sharematch.core.network.program import Program, Source
from sharematch.core.network.uncoupled import Reason, coupled_record
from sharematch.model.measures import MEASURES
from sharematch.solvers.siting.counting import Counted, Counting
from sharematch.solvers.siting.shape import UNLIMITED, Items, Limit, Siting
from sharematch.solvers.siting.twins import twins
from sharematch.text import Text

__all__ = ["recognized"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def recognized(program: CoupledProgram) -> Siting | Reason:
    """Return the problem as one of siting, or why more than openings couples."""
    reason = coupled_record(program.measures)
    if reason is not None:
        return reason
    if not program.measures.columns.cells.is_trivial:
        return Text("coupling.an_opening_has_moments")
    counting, terms = Counting(program.measures), program.terms
    rules = [counting.counted(rule) for rule in terms.rules]
    goals = [counting.counted(goal) for goal in terms.goals]
    for reason in counting.couplings(terms, rules, goals):
        return reason
    recognition = _Recognition(program.measures, counting)
    siting = recognition.siting(program, rules, goals)
    if isinstance(siting, Siting) and not (siting.num_sites and siting.flows):
        return Text("coupling.nothing_opens")  # no arc reaches it, or nobody asks
    return siting


class _Recognition:
    def __init__(self, measures: Measures, counting: Counting) -> None:
        self.measures, self.counting = measures, counting
        self.columns, self.arcs = measures.columns, measures.arcs

    def siting(
        self,
        program: CoupledProgram,
        rules: Sequence[Counted | None],
        goals: Sequence[Counted | None],
    ) -> Siting | Reason:
        """Return the siting problem; what is left without openings may couple."""
        terms = program.terms
        network_rules = [
            rule
            for rule, counted in zip(terms.rules, rules, strict=True)
            if counted is None or counted.per_unit.any()
        ]
        network_goals = [
            goal if counted is None or counted.per_unit.any() else None
            for goal, counted in zip(terms.goals, goals, strict=True)
        ]
        base = flow_of(
            self._without_openings(),
            network_rules,
            [goal for goal in network_goals if goal is not None],
            seed=terms.seed,
            alone=terms.alone,
            pins=terms.pins,
        )
        if isinstance(base, Reason):
            return base
        base = _tightened(base)
        is_exact = _is_exact(terms, rules, goals)
        counted_terms = [x for x in (*rules, *goals) if x is not None]
        num_sites, site = self._sites(counted_terms, terms.seed, single=is_exact)
        limits: list[Limit] = []
        for rule, counted in zip(terms.rules, rules, strict=True):
            if counted is None:
                continue
            limit = self._limit(rule, counted, self._items(counted, num_sites, site))
            if counted.per_unit.any():
                limit = self._budget(limit, rule, counted, base, network_rules)
            limits.append(limit)
        pays = tuple(
            None if counted is None else self._items(counted, num_sites, site)[0]
            for counted in goals
        )
        network_position = np.cumsum([goal is not None for goal in network_goals]) - 1
        # Where each open site has to be in use, its room has a floor: none is equal.
        before = np.full(num_sites, -1, np.int64)
        if not is_exact:
            arc_site = site[self.arcs.slot[base.arc_of_edge]]
            before = twins(base, arc_site, _weights(limits, pays))
        return Siting(
            base=base,
            num_sites=num_sites,
            site=site,
            limits=tuple(limits),
            pays=pays,
            flows=tuple(
                None if goal is None else int(position)
                for goal, position in zip(network_goals, network_position, strict=True)
            ),
            forced=self._forced(terms, num_sites, site),
            is_exact=is_exact,
            before=before,
            signs=tuple(-goal.sense for goal in terms.goals),
        )

    def _without_openings(self) -> Measures:
        """Return the same measures where nothing costs for being open."""
        columns = replace(
            self.columns,
            slot_opening_cost=np.zeros_like(self.columns.slot_opening_cost),
            facility_opening_cost=np.zeros_like(self.columns.facility_opening_cost),
        )
        return Measures(columns, self.arcs, self.measures.baseline)

    # ---- sites

    def _sites(
        self, counted: Sequence[Counted], seed: int, *, single: bool
    ) -> tuple[int, Ints]:
        """Return how many sites there are, and that of each slot."""
        items_of_slot: dict[int, list[int]] = {}
        number_of_item: dict[tuple[int, ...], int] = {}
        for term_items in counted:
            for _, slots, _ in term_items.items:
                item_number = number_of_item.setdefault(slots, len(number_of_item))
                for slot in slots:
                    items_of_slot.setdefault(slot, []).append(item_number)
        rank = hash_rank(seed, self.columns.slot_ids)
        site_of_items: dict[tuple[int, ...], int] = {}
        site = np.full(len(self.counting.degree), NONE, np.int64)
        for slot in sorted(items_of_slot, key=rank.__getitem__):
            slot_items = (slot,) if single else tuple(sorted(set(items_of_slot[slot])))
            site[slot] = site_of_items.setdefault(slot_items, len(site_of_items))
        return len(site_of_items), np.where(site == NONE, len(site_of_items), site)

    def _items(self, counted: Counted, num_sites: int, site: Ints) -> list[Items]:
        """Return the items of each group over sites."""
        count = len(counted.grouping.keys)
        weight = np.zeros((count, num_sites + 1), np.int64)
        shared: list[list[tuple[int, Bools]]] = [[] for _ in range(count)]
        for group, slots, cost in counted.items:
            sites = np.unique(site[list(slots)])
            if len(sites) == 1:
                weight[group, sites[0]] += cost
            else:
                is_inside = np.zeros(num_sites + 1, bool)
                is_inside[sites] = True
                shared[group].append((cost, is_inside))
        return [
            Items(site_weight, tuple(shared_items))
            for site_weight, shared_items in zip(weight, shared, strict=True)
        ]

    def _limit(self, rule: Any, counted: Counted, items: list[Items]) -> Limit:
        """Return what a rule allows of its groups."""
        judged = self.counting.judged(rule, counted)
        groups = tuple(items[group] for group in judged)
        if rule.op == "within":
            width = MEASURES[rule.measure].to_minor(rule.width)
            return Limit(groups, width=floor(width))
        bound = self.counting.bound(rule, counted)
        assert bound is not None  # else it couples
        if rule.op == "at_least":
            return Limit(groups, least=_clipped_bound(ceil(bound)))
        return Limit(groups, most=_clipped_bound(floor(bound)))

    def _forced(self, terms: Terms, num_sites: int, site: Ints) -> Bools:
        """Return the sites that are open in any case: decisions stay there."""
        is_forced = np.zeros(num_sites + 1, bool)
        if terms.pins is not None:
            is_forced[site[self.arcs.slot[terms.pins > 0]]] = True
        return is_forced[:num_sites]

    def _budget(
        self,
        limit: Limit,
        rule: Any,
        counted: Counted,
        base: Program,
        network_rules: Sequence[Any],
    ) -> Limit:
        """Return the limit of a rule whose units cost as well."""
        position = next(i for i, x in enumerate(network_rules) if x is rule)
        judged = self.counting.judged(rule, counted)
        node = _node_of_rule(base, position)[judged]
        factors = np.unique(counted.per_unit[counted.per_unit > 0])
        return replace(limit, node=node, per_unit=int(factors[0]))


def _node_of_rule(base: Program, position: int) -> Ints:
    """Return the node of each group of a rule of the network."""
    rule = Source("rule", position)
    (node,) = (node for source, _, node in base.places if source == rule)
    return node


def _weights(limits: Sequence[Limit], pays: Sequence[Items | None]) -> list[Ints]:
    """Return all that counts openings, each by site."""
    items = [group for limit in limits for group in limit.groups]
    items += [group for group in pays if group is not None]
    weights = [group.weight for group in items]
    return weights + [is_in.astype(int) for group in items for _, is_in in group.shared]


def _is_exact(
    terms: Terms, rules: Sequence[Counted | None], goals: Sequence[Counted | None]
) -> bool:
    """Return whether it must be known which sites are in use, not only open."""
    floors = (
        counted is not None and rule.op != "at_most"
        for rule, counted in zip(terms.rules, rules, strict=True)
    )
    gains = (
        counted is not None and goal.op == "maximize"
        for goal, counted in zip(terms.goals, goals, strict=True)
    )
    return any((*floors, *gains))


def _tightened(program: Program) -> Program:
    """Return the program with the bounds that its bounds imply, whatever opens."""
    network = program.network
    lower, upper = network.lower, network.upper
    for _ in range(int(network.depth.max(initial=0))):
        lower, upper = network.tightened(lower, upper)
    return replace(program, network=replace(network, lower=lower, upper=upper))


def _clipped_bound(bound: int) -> int:
    return max(-UNLIMITED, min(UNLIMITED, bound))
