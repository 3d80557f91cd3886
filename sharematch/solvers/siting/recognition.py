"""Whether a program is one of siting, and which: what its terms count of openings.

    term(units) = Σ over items i of cost(i) · [some slot of i is in use] + per_unit · x

A term is of this form where its groups hold all arcs of a slot or none. Slots in the
same items of all terms are one site (the partition into classes of equal rows of the
incidence matrix of slots and items), so sites are as few as terms can tell apart.

Four nodes: the hub, a choir, and a hall with a morning and an afternoon. "At most one
facility opened" has one item that holds both slots, so both are one site; "at most one
slot opened" has an item for each, so there are two; with both rules there are two that
share the item of the hall.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.eligibility.order import hash_rank
from sharematch.core.integer.lowering import CoupledProgram, Terms
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.ceilings import has_ceilings
from sharematch.core.measures.measures import Grouping, Measures
from sharematch.core.network.lowering import flow_of
from sharematch.core.network.program import Program, Source
from sharematch.core.network.uncoupled import Reason, coupled_records
from sharematch.model.measure import LinearForm
from sharematch.model.measures import MEASURES
from sharematch.solvers.siting.shape import UNLIMITED, Items, Limit, Siting
from sharematch.solvers.siting.twins import twins
from sharematch.text import Text

__all__ = ["recognized"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Counted:
    """A term's items as (group, slots, cost), and what its units cost as well."""

    grouping: Grouping
    items: tuple[tuple[int, tuple[int, ...], int], ...]
    per_unit: Ints
    """By arc entry of the grouping."""


def recognized(program: CoupledProgram) -> Siting | Reason:
    """Return the problem as one of siting, or why more than openings couples."""
    for reason in coupled_records(program.measures):
        return reason
    if not program.measures.columns.cells.is_trivial:
        return Text("coupling.an_opening_has_moments")
    recognition = _Recognition(program.measures)
    terms = program.terms
    rules = [recognition.counted(rule) for rule in terms.rules]
    goals = [recognition.counted(goal) for goal in terms.goals]
    for reason in recognition.couplings(terms, rules, goals):
        return reason
    siting = recognition.siting(program, rules, goals)
    if isinstance(siting, Siting) and not (siting.num_sites and siting.flows):
        return Text("coupling.nothing_opens")  # no arc reaches it, or nobody asks
    return siting


class _Recognition:
    def __init__(self, measures: Measures) -> None:
        self.measures = measures
        self.columns, self.arcs = measures.columns, measures.arcs
        self.degree = np.bincount(self.arcs.slot, minlength=len(self.columns.slot_ids))

    def couplings(
        self,
        terms: Terms,
        rules: Sequence[_Counted | None],
        goals: Sequence[_Counted | None],
    ) -> Iterator[Reason]:
        """Yield why terms with these items are more than openings and a flow."""
        if not any(x is not None for x in (*rules, *goals)):
            yield Text("coupling.nothing_opens")
        for rule, counted in zip(terms.rules, rules, strict=True):
            if counted is not None:
                yield from self._couplings(rule, counted)
                yield from self._coupled_bound(rule, counted)
        for goal, counted in zip(terms.goals, goals, strict=True):
            if has_ceilings(goal):
                yield Text("coupling.what_counts_up_to_a_ceiling")
            if counted is not None:
                yield from self._couplings(goal, counted)
                if goal.by is not None or goal.slack:
                    yield Text("coupling.openings_by_group")

    def _couplings(self, term: Any, counted: _Counted) -> Iterator[Reason]:
        """Yield why a rule or goal is more than items and a sum over arcs."""
        has_left_over = (counted.per_unit < 0).any() or (self.arcs.cost > 0).any()
        if self.measures.form(term.measure).floor and has_left_over:
            yield Text("coupling.what_is_left_of_fees_pays")
        # Groups may not hold some of a slot's arcs but not all.
        grouping, num_slots = counted.grouping, max(len(self.degree), 1)
        group_and_slot = grouping.group * num_slots + self.arcs.slot[grouping.arc]
        pairs, num_arcs = np.unique(group_and_slot, return_counts=True)
        if (num_arcs != self.degree[pairs % num_slots]).any():
            yield Text("coupling.openings_count_for_some_needs_only")

    def _coupled_bound(self, rule: Any, counted: _Counted) -> Iterator[Reason]:
        if rule.op != "at_most" and counted.per_unit.any():
            yield Text("coupling.a_floor_under_what_openings_and")
        if rule.op != "within" and self._bound(rule, counted) is None:
            yield Text("coupling.openings_with_a_bound_of_each")

    def siting(
        self,
        program: CoupledProgram,
        rules: Sequence[_Counted | None],
        goals: Sequence[_Counted | None],
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
                position = next(i for i, x in enumerate(network_rules) if x is rule)
                node = _node_of_rule(base, position)[self._judged(rule, counted)]
                limit = self._budget(limit, counted, node)
            limits.append(limit)
        pays = tuple(
            None if counted is None else self._items(counted, num_sites, site)[0]
            for counted in goals
        )
        is_forced = np.zeros(num_sites + 1, bool)
        if terms.pins is not None:
            is_forced[site[self.arcs.slot[terms.pins > 0]]] = True
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
            forced=is_forced[:num_sites],
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

    # ---- terms that count openings

    def counted(self, term: Any) -> _Counted | None:
        """Return the items of a rule or goal, None where it counts no openings."""
        form = self.measures.form(term.measure)
        if not form.looks_at_use or term.by == "assignment":
            return None
        grouping = self.measures.grouping(term.measure, term.by, term.where)
        slot = self.arcs.slot[grouping.arc]
        per_slot, per_facility = self._opening(form)
        facility = self.columns.slot_facility
        has_no_openings = not (
            per_slot[slot].any() or per_facility[facility[slot]].any()
        )
        if has_no_openings and form.per_unit is not None:
            return None
        per_unit = self._per_unit(form, grouping)
        group_and_slot = np.unique(grouping.group * len(self.degree) + slot)
        group, slot = np.divmod(group_and_slot, max(len(self.degree), 1))
        items = [
            (
                int(group[position]),
                (int(slot[position]),),
                int(per_slot[slot[position]]),
            )
            for position in np.flatnonzero(per_slot[slot] > 0).tolist()
        ]
        group_and_facility = (
            group * max(len(self.columns.facility_ids), 1) + facility[slot]
        )
        order = np.argsort(group_and_facility, kind="stable")
        for slots_of_facility in np.split(
            order, np.flatnonzero(np.diff(group_and_facility[order])) + 1
        ):
            cost = int(per_facility[facility[slot[slots_of_facility]]].max(initial=0))
            if cost > 0:
                slots = tuple(sorted(slot[slots_of_facility].tolist()))
                items.append((int(group[slots_of_facility[0]]), slots, cost))
        return _Counted(grouping, tuple(items), per_unit)

    def _opening(self, form: LinearForm) -> tuple[Ints, Ints]:
        """Return what each slot, and each facility, adds by being in use."""
        per_slot = np.zeros(len(self.columns.slot_ids), np.int64)
        per_facility = np.zeros(len(self.columns.facility_ids), np.int64)
        if form.slot_use is not None:
            per_slot[self.arcs.slot] = form.slot_use
        if form.facility_use is not None:
            per_facility[self.columns.slot_facility[self.arcs.slot]] = form.facility_use
        return per_slot, per_facility

    def _per_unit(self, form: LinearForm, grouping: Grouping) -> Ints:
        """Return what a unit on each arc adds."""
        if form.per_unit is None:
            return np.zeros(len(grouping.arc), np.int64)
        return form.per_unit[grouping.arc]

    # ---- sites

    def _sites(
        self, counted: Sequence[_Counted], seed: int, *, single: bool
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
        site = np.full(len(self.degree), NONE, np.int64)
        for slot in sorted(items_of_slot, key=rank.__getitem__):
            slot_items = (slot,) if single else tuple(sorted(set(items_of_slot[slot])))
            site[slot] = site_of_items.setdefault(slot_items, len(site_of_items))
        return len(site_of_items), np.where(site == NONE, len(site_of_items), site)

    def _items(self, counted: _Counted, num_sites: int, site: Ints) -> list[Items]:
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

    def _limit(self, rule: Any, counted: _Counted, items: list[Items]) -> Limit:
        """Return what a rule allows of its groups."""
        judged = self._judged(rule, counted)
        groups = tuple(items[group] for group in judged)
        if rule.op == "within":
            width = MEASURES[rule.measure].to_minor(rule.width)
            return Limit(groups, width=floor(width))
        bound = self._bound(rule, counted)
        assert bound is not None  # else it couples
        if rule.op == "at_least":
            return Limit(groups, least=_clipped_bound(ceil(bound)))
        return Limit(groups, most=_clipped_bound(floor(bound)))

    def _bound(self, rule: Any, counted: _Counted) -> Fraction | None:
        """Return the bound on every group, None where each has its own."""
        bounds = bounds_of(self.columns, rule, counted.grouping)
        different_bounds = {
            bounds[group] for group in self._judged(rule, counted).tolist()
        }
        return different_bounds.pop() if len(different_bounds) == 1 else None

    def _judged(self, rule: Any, counted: _Counted) -> Ints:
        if rule.by is None:
            return np.zeros(1, np.int64)
        return np.flatnonzero(counted.grouping.judged)

    def _budget(self, limit: Limit, counted: _Counted, node: Ints) -> Limit:
        """Return the limit of a rule whose units cost as well."""
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
    terms: Terms, rules: Sequence[_Counted | None], goals: Sequence[_Counted | None]
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
