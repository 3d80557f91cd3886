"""Siting: problems in which only what opens couples; the rest, given that, is a flow.

    minimize, goal by goal,   f(S) + cost · x
    over sets S of open sites within the rules' limits on f(S),
    and flows x of which units pass open sites alone

What a rule or goal counts of openings is a sum of items: each costs so much once any of
its slots is in use. Slots in the same items open together, as one site; slots in none
are always open. With one linear goal these are the p-median and the facility location
problem (Hakimi 1964; Balinski 1965), with room the capacitated ones.

Four nodes: the hub, a choir, and two halls that cost 5 and 8 to open. "At most one
slot opened" is a limit of 1 on |S|; for the cost f({first}) = 5 and f({second}) = 8.
A hall without opening cost that no rule counts would be always open, and no site.
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
from sharematch.solvers.siting.twins import twins
from sharematch.text import Text

__all__ = ["Items", "Limit", "Siting", "recognized"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
FREE = 2**62
"""No limit; as far as 64-bit integers go with room for a sum of two."""


@dataclass(frozen=True)
class Items:
    """What one group of a rule or goal pays for open sites.

    `weight` is by site, the last entry, 0, standing for what is always open; each of
    `shared` costs its amount once any of its sites is open.
    """

    weight: Ints
    shared: tuple[tuple[int, Bools], ...] = ()

    def of(self, members: Ints) -> Ints:
        """Return what each set of sites, a row of `members`, pays."""
        total: Ints = self.weight[members].sum(axis=1)
        for cost, is_inside in self.shared:
            total = total + cost * is_inside[members].any(axis=1)
        return total

    @property
    def spread(self) -> NDArray[np.float64]:
        """What each site pays at least, shared costs being dealt out evenly."""
        weight = self.weight.astype(float)
        for cost, is_inside in self.shared:
            weight += cost * is_inside / is_inside.sum()
        return weight

    @property
    def most(self) -> int:
        """What all sites together pay."""
        return int(self.weight.sum()) + sum(cost for cost, _ in self.shared)


@dataclass(frozen=True)
class Limit:
    """What a rule allows of its groups: all within bounds, or near each other.

    Where units cost as well, `node` says where in the network those of each group pass,
    each of them at `per_unit`.
    """

    groups: tuple[Items, ...]
    least: int = -FREE
    most: int = FREE
    width: int | None = None
    node: Ints | None = None
    per_unit: int = 0

    def holds(self, members: Ints) -> Bools:
        """Return which sets of sites keep the limit."""
        good = np.ones(len(members), bool)
        paid = [items.of(members) for items in self.groups]
        for amount in paid:
            good &= (amount >= self.least) & (amount <= self.most)
        if self.width is not None and paid:
            good &= np.max(paid, axis=0) - np.min(paid, axis=0) <= self.width
        return good


@dataclass(frozen=True)
class Siting:
    """A network with all sites open, and what opening them costs.

    Attributes
    ----------
    base
        The network of all that does not count openings.
    site
        By slot: its site, `num_sites` where it is always open.
    pays
        By goal of the policy: what open sites add to it; None where nothing.
    flows
        By goal of the policy: its position among the goals of `base`; None if it only
        counts openings.
    is_exact
        Whether an open site has to be in use: then a site is one slot.
    """

    base: Program
    num_sites: int
    site: Ints
    limits: tuple[Limit, ...]
    pays: tuple[Items | None, ...]
    flows: tuple[int | None, ...]
    forced: Bools
    is_exact: bool
    signs: tuple[int, ...]
    """By goal of the policy: 1 where it is to be small, -1 where it is to be great."""

    before: Ints
    """By site: the one that nothing tells from it and that opens first, -1 if none."""

    def closed(self, is_open: Bools, is_closed: Bools) -> tuple[Bools, Bools]:
        """Return sites that are open, and closed, with what equal ones follow."""
        is_open, is_closed = is_open.copy(), is_closed.copy()
        for site in np.flatnonzero(self.before >= 0).tolist():
            is_closed[site] |= is_closed[self.before[site]]
        for site in np.flatnonzero(self.before >= 0)[::-1].tolist():
            is_open[self.before[site]] |= is_open[site]
        return is_open, is_closed

    @property
    def together(self) -> list[Bools]:
        """Sets of sites that pay for the same opening."""
        counted = [items for limit in self.limits for items in limit.groups]
        counted += [items for items in self.pays if items is not None]
        sets = [inside[:-1] for items in counted for _, inside in items.shared]
        return list({inside.tobytes(): inside for inside in sets}.values())

    def holds(self, members: Ints) -> Bools:
        """Return which sets of sites, rows of `members`, all rules allow."""
        good = np.ones(len(members), bool)
        for limit in self.limits:
            good &= limit.holds(members)
        return good

    @property
    def is_free_to_open(self) -> bool:
        """Whether to open one more site is never worse, where limits allow it."""
        counts = any(items is not None for items in self.pays)
        takes = any(limit.node is not None for limit in self.limits)
        return not (counts or takes or self.is_exact)


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
    shape = _Shape(program.measures)
    terms = program.terms
    rules = [shape.counted(rule) for rule in terms.rules]
    goals = [shape.counted(goal) for goal in terms.goals]
    for reason in shape.couplings(terms, rules, goals):
        return reason
    siting = shape.siting(program, rules, goals)
    if isinstance(siting, Siting) and not (siting.num_sites and siting.flows):
        return Text("coupling.nothing_opens")  # no arc reaches it, or nobody asks
    return siting


class _Shape:
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
        pair = grouping.group * num_slots + self.arcs.slot[grouping.arc]
        keys, count = np.unique(pair, return_counts=True)
        if (count != self.degree[keys % num_slots]).any():
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
        is_exact = _is_exact(terms, rules, goals)
        kept = [
            rule
            for rule, counted in zip(terms.rules, rules, strict=True)
            if counted is None or counted.per_unit.any()
        ]
        wanted = [
            (None if counted is not None and not counted.per_unit.any() else goal)
            for goal, counted in zip(terms.goals, goals, strict=True)
        ]
        base = flow_of(
            self._without_openings(),
            kept,
            [goal for goal in wanted if goal is not None],
            seed=terms.seed,
            alone=terms.alone,
            pins=terms.pins,
        )
        if isinstance(base, Reason):
            return base
        base = _tightened(base)
        flowing = np.cumsum([goal is not None for goal in wanted]) - 1
        num_sites, site = self._sites(
            [x for x in (*rules, *goals) if x is not None], terms.seed, single=is_exact
        )
        limits: list[Limit] = []
        for rule, counted in zip(terms.rules, rules, strict=True):
            if counted is None:
                continue
            limit = self._limit(rule, counted, self._items(counted, num_sites, site))
            if counted.per_unit.any():
                source = Source(
                    "rule", next(i for i, x in enumerate(kept) if x is rule)
                )
                (node,) = (node for at, _, node in base.places if at == source)
                node = node[self._judged(rule, counted)]
                limit = self._budget(limit, counted, node)
            limits.append(limit)
        pays = tuple(
            None if one is None else self._items(one, num_sites, site)[0]
            for one in goals
        )
        forced = np.zeros(num_sites + 1, bool)
        if terms.pins is not None:
            forced[site[self.arcs.slot[terms.pins > 0]]] = True
        items = [one for limit in limits for one in limit.groups]
        items += [one for one in pays if one is not None]
        weights = [one.weight for one in items]
        weights += [inside.astype(int) for one in items for _, inside in one.shared]
        arc_site = site[self.arcs.slot[base.arc_of_edge]]
        # Where each open site has to be in use, its room has a floor.
        before = np.full(num_sites, -1, np.int64)
        if not is_exact:
            before = twins(base, arc_site, weights)
        return Siting(
            base=base,
            num_sites=num_sites,
            site=site,
            limits=tuple(limits),
            pays=pays,
            flows=tuple(
                None if goal is None else int(at)
                for goal, at in zip(wanted, flowing, strict=True)
            ),
            forced=forced[:num_sites],
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
        per_slot, per_place = self._opening(form)
        facility = self.columns.slot_facility
        is_free = not (per_slot[slot].any() or per_place[facility[slot]].any())
        if is_free and form.per_unit is not None:
            return None
        per_unit = self._per_unit(form, grouping)
        pair = np.unique(grouping.group * len(self.degree) + slot)
        group, slot = np.divmod(pair, max(len(self.degree), 1))
        items = [
            (int(group[at]), (int(slot[at]),), int(per_slot[slot[at]]))
            for at in np.flatnonzero(per_slot[slot] > 0).tolist()
        ]
        place = group * max(len(self.columns.facility_ids), 1) + facility[slot]
        order = np.argsort(place, kind="stable")
        for own in np.split(order, np.flatnonzero(np.diff(place[order])) + 1):
            cost = int(per_place[facility[slot[own]]].max(initial=0))
            if cost > 0:
                slots = tuple(sorted(slot[own].tolist()))
                items.append((int(group[own[0]]), slots, cost))
        return _Counted(grouping, tuple(items), per_unit)

    def _opening(self, form: LinearForm) -> tuple[Ints, Ints]:
        """Return what each slot, and each facility, adds by being in use."""
        per_slot = np.zeros(len(self.columns.slot_ids), np.int64)
        per_place = np.zeros(len(self.columns.facility_ids), np.int64)
        if form.slot_use is not None:
            per_slot[self.arcs.slot] = form.slot_use
        if form.facility_use is not None:
            per_place[self.columns.slot_facility[self.arcs.slot]] = form.facility_use
        return per_slot, per_place

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
        inside: dict[int, list[int]] = {}
        number: dict[tuple[int, ...], int] = {}
        for one in counted:
            for _, slots, _ in one.items:
                item = number.setdefault(slots, len(number))
                for slot in slots:
                    inside.setdefault(slot, []).append(item)
        rank = hash_rank(seed, self.columns.slot_ids)
        sites: dict[tuple[int, ...], int] = {}
        site = np.full(len(self.degree), NONE, np.int64)
        for slot in sorted(inside, key=rank.__getitem__):
            key = (slot,) if single else tuple(sorted(set(inside[slot])))
            site[slot] = sites.setdefault(key, len(sites))
        return len(sites), np.where(site == NONE, len(sites), site)

    def _items(self, counted: _Counted, num_sites: int, site: Ints) -> list[Items]:
        """Return the items of each group over sites."""
        count = len(counted.grouping.keys)
        weight = np.zeros((count, num_sites + 1), np.int64)
        shared: list[list[tuple[int, Bools]]] = [[] for _ in range(count)]
        for group, slots, cost in counted.items:
            own = np.unique(site[list(slots)])
            if len(own) == 1:
                weight[group, own[0]] += cost
            else:
                is_inside = np.zeros(num_sites + 1, bool)
                is_inside[own] = True
                shared[group].append((cost, is_inside))
        return [Items(w, tuple(more)) for w, more in zip(weight, shared, strict=True)]

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
            return Limit(groups, least=_clipped(ceil(bound)))
        return Limit(groups, most=_clipped(floor(bound)))

    def _bound(self, rule: Any, counted: _Counted) -> Fraction | None:
        """Return the bound on every group, None where each has its own."""
        bounds = bounds_of(self.columns, rule, counted.grouping)
        own = {bounds[group] for group in self._judged(rule, counted).tolist()}
        return own.pop() if len(own) == 1 else None

    def _judged(self, rule: Any, counted: _Counted) -> Ints:
        if rule.by is None:
            return np.zeros(1, np.int64)
        return np.flatnonzero(counted.grouping.judged)

    def _budget(self, limit: Limit, counted: _Counted, node: Ints) -> Limit:
        """Return the limit of a rule whose units cost as well."""
        factors = np.unique(counted.per_unit[counted.per_unit > 0])
        return replace(limit, node=node, per_unit=int(factors[0]))


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


def _clipped(bound: int) -> int:
    return max(-FREE, min(FREE, bound))
