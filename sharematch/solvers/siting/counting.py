"""What the terms of a policy count of openings: items, each a cost for some slots.

    term(units) = Σ over items i of cost(i) · [some slot of i is in use] + per_unit · x

A term is of this form where its groups hold all arcs of a slot or none. Slots in the
same items of all terms are one site (classes of equal rows of the incidence matrix of
slots and items), so sites are as few as terms can tell apart; see `recognition`.

Four nodes: the hub, a choir, and a hall with a morning and an afternoon. "At most one
facility opened" has one item that holds both slots, so both are one site; "at most one
slot opened" has an item for each, so there are two; with both rules there are two that
share the item of the hall.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import Terms
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.ceilings import has_ceilings
from sharematch.core.measures.groups import Grouping
from sharematch.core.measures.measures import Measures
from sharematch.core.network.uncoupled import Reason
from sharematch.model.measure import LinearForm
from sharematch.text import Text

__all__ = ["Counted", "Counting"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Counted:
    """A term's items as (group, slots, cost), and what its units cost as well."""

    grouping: Grouping
    items: tuple[tuple[int, tuple[int, ...], int], ...]
    per_unit: Ints
    """By arc entry of the grouping."""


class Counting:
    """What rules and goals count of openings, over these arcs."""

    def __init__(self, measures: Measures) -> None:
        self.measures = measures
        self.columns, self.arcs = measures.columns, measures.arcs
        self.degree = np.bincount(self.arcs.slot, minlength=len(self.columns.slot_ids))

    def counted(self, term: Any) -> Counted | None:
        """Return the items of a rule or goal, None where it counts no openings."""
        form = self.measures.form(term.measure)
        if not form.looks_at_use or term.by == "assignment":
            return None
        grouping = self.measures.grouping(term.measure, term.by, term.where)
        slot = self.arcs.slot[grouping.arc]
        per_slot, per_facility = self._opening(form)
        facility = self.columns.slot_facility
        opens = per_slot[slot].any() or per_facility[facility[slot]].any()
        if not opens and form.per_unit is not None:
            return None
        per_unit = self._per_unit(form, grouping)
        group_and_slot = np.unique(grouping.group * len(self.degree) + slot)
        group, slot = np.divmod(group_and_slot, max(len(self.degree), 1))
        costs = per_slot[slot] > 0
        items = [
            (g, (s,), int(per_slot[s]))
            for g, s in zip(group[costs].tolist(), slot[costs].tolist(), strict=True)
        ]
        num_facilities = max(len(self.columns.facility_ids), 1)
        group_and_facility = group * num_facilities + facility[slot]
        order = np.argsort(group_and_facility, kind="stable")
        cuts = np.flatnonzero(np.diff(group_and_facility[order])) + 1
        for same in np.split(order, cuts):
            cost = int(per_facility[facility[slot[same]]].max(initial=0))
            if cost > 0:
                slots = tuple(sorted(slot[same].tolist()))
                items.append((int(group[same[0]]), slots, cost))
        return Counted(grouping, tuple(items), per_unit)

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

    # ---- why it is more than siting

    def couplings(
        self,
        terms: Terms,
        rules: Sequence[Counted | None],
        goals: Sequence[Counted | None],
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

    def _couplings(self, term: Any, counted: Counted) -> Iterator[Reason]:
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

    def _coupled_bound(self, rule: Any, counted: Counted) -> Iterator[Reason]:
        if rule.op != "at_most" and counted.per_unit.any():
            yield Text("coupling.a_floor_under_what_openings_and")
        if rule.op != "within" and self.bound(rule, counted) is None:
            yield Text("coupling.openings_with_a_bound_of_each")

    def bound(self, rule: Any, counted: Counted) -> Fraction | None:
        """Return the bound on every group, None where each has its own."""
        bounds = bounds_of(self.columns, rule, counted.grouping)
        different = {bounds[group] for group in self.judged(rule, counted).tolist()}
        return different.pop() if len(different) == 1 else None

    def judged(self, rule: Any, counted: Counted) -> Ints:
        """Return the groups that a rule bounds."""
        if rule.by is None:
            return np.zeros(1, np.int64)
        return np.flatnonzero(counted.grouping.judged)
