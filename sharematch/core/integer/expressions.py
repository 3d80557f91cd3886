"""Measures as linear forms over the variables of rows, one for each group.

    (Σ factor × variable + constant) ÷ denominator

What a measure is stands in `sharematch.core.measures`; here is how rows express it,
with variables of their own for what depends on use (a switch) and for what stops at
zero: p ≥ Σ, p ≥ 0, and where it must not be too large p ≤ Σ - low × (1 - s), p ≤ high
× s with a switch s.

Example: a slot that costs 5 to open and 1 per unit, two arcs: 5 u + x + y.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.attributes import Key
from sharematch.core.columns.filters import check_filter
from sharematch.core.columns.integers import product
from sharematch.core.integer.program import FREE
from sharematch.core.integer.variables import Seats
from sharematch.core.measures.groups import Grouping
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Source
from sharematch.errors import InputError
from sharematch.model.measure import LinearForm
from sharematch.model.wording import named_term

__all__ = ["Form", "Forms"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Entries = tuple[Ints, Ints, Ints]
_NONE = np.zeros(0, np.int64)
NOTHING: Entries = (_NONE, _NONE, _NONE)
USE = Source("use")


@dataclass(frozen=True)
class Form:
    """A measure by group: (Σ `factor` × `variable` + `constant`) ÷ `denominator`.

    Entry i adds to group `group[i]`. A denominator may be 0: nothing to be a share of.
    """

    keys: tuple[Key, ...]
    group: Ints
    variable: Ints
    factor: Ints
    constant: Ints
    denominator: Ints
    judged: Bools

    def of(self, group: int) -> tuple[Ints, Ints]:
        """Return variables and factors of one group."""
        order, groups = self._by_group
        entries = order[slice(*np.searchsorted(groups, [group, group + 1]))]
        return self.variable[entries], self.factor[entries]

    @cached_property
    def _by_group(self) -> tuple[Ints, Ints]:
        """The order of entries by group, and their groups in it."""
        order = np.argsort(self.group, kind="stable")
        return order, self.group[order]


class Forms:
    """Forms of measures over seats.

    `push` says which way a term presses on a form: -1 down, 1 up, 0 both. A form that
    is only pressed down need not be kept from being too large, and the reverse.
    """

    def __init__(self, measures: Measures, seats: Seats) -> None:
        self.measures, self.seats = measures, seats
        self.columns, self.arcs, self.draft = seats.columns, seats.arcs, seats.draft

    def form(self, name: str, by: Any, where: Any, push: int) -> Form:
        """Return the form of a measure by groups under a filter.

        Raises
        ------
        KeyError
            For a measure that needs a baseline, without one.
        InputError
            For a form that may grow beyond 64-bit integers.
        """
        measures = self.measures
        form, grouping = measures.form(name), measures.grouping(name, by, where)
        constant = measures.constant(form, grouping)
        if form.start is not None:
            entries, started = self._started(form.start, grouping, push)
            constant = constant + started + measures.gone(name, by, where, grouping)
        else:
            entries = self._entries(name, form, grouping, push)
        denominator = measures.denominator(form, grouping)
        judged = grouping.judged if by is not None else denominator > 0
        lowered = Form(grouping.keys, *entries, constant, denominator, judged)
        self._check_range(name, lowered.variable, lowered.factor)
        return lowered

    def of_term(self, kind: str, position: int, term: Any, push: int) -> Form:
        """Return the form of a rule or goal, at its position in the policy.

        Raises
        ------
        InputError
            Also for a filter that names what the instance does not have, and for
            `moved` without a baseline.
        """
        check_filter(self.columns, term.where, kind, position)
        try:
            return self.form(term.measure, term.by, term.where, push)
        except KeyError:
            raise InputError(
                "policy.needs_a_baseline_an_earlier",
                measure=term.measure,
                record=str(named_term(kind, position, term)),
            ) from None

    def _entries(
        self, name: str, form: LinearForm, grouping: Grouping, push: int
    ) -> Entries:
        """Return what units, and what they use, add to numerators."""
        by_facility = self._opening("place", form.facility_use, grouping, push)
        if form.floor == "slot":
            parts = [self._deficits(name, form, grouping, push)]
        else:
            parts = [
                self._per_unit(name, form, grouping),
                self._opening("slot", form.slot_use, grouping, push),
            ]
        return _concatenated([*parts, by_facility])

    def shares(self, by: Any, where: Any) -> tuple[Form, Form]:
        """Return by group the units of needs that a filter names, and all units."""
        grouping = self.measures.grouping("mix", by, where)
        none = np.zeros(len(grouping.keys), np.int64)
        judged = grouping.judged if by is not None else none == 0
        everybody = np.ones(len(self.arcs), np.int64)
        forms = [
            Form(
                grouping.keys,
                *self._per_unit("mix", LinearForm(per_unit), grouping),
                none,
                none + 1,
                judged,
            )
            for per_unit in (self.measures.named(where), everybody)
        ]
        return forms[0], forms[1]

    def _check_range(self, name: str, variable: Ints, factor: Ints) -> None:
        most = self.draft.upper(variable).astype(float)
        if float((np.abs(factor).astype(float) * most).sum()) >= FREE / 4:
            raise InputError(
                "large.may_grow_beyond_64_bit_integers",
                name=name,
                hint="large.use_larger_units_for_quantities_or_money",
            )

    # ---- what each unit adds

    def _per_unit(self, name: str, form: LinearForm, grouping: Grouping) -> Entries:
        if form.per_unit is None:
            return NOTHING
        place, variable, factor = self._factors(
            name, grouping.arc, form.per_unit, form.lot
        )
        real = factor != 0
        return grouping.group[place][real], variable[real], factor[real]

    def _factors(
        self, name: str, arc: Ints, per_unit: Ints, lot: Ints | None = None
    ) -> tuple[Ints, Ints, Ints]:
        """Return the entries of arcs: place, variable, and what one of it adds."""
        place, variable, units = self.seats.expand(arc)
        if lot is not None:
            units = units // lot[arc][place]
        factor = product(per_unit[arc][place], units)
        self._check_range(name, variable, factor)
        return place, variable, factor

    # ---- what being in use adds

    def _ends(self, kind: str, grouping: Grouping) -> tuple[Ints, Ints, Ints, Ints]:
        """Return group and slot (or facility) of each pair in reach, with its arcs.

        The last two are aligned: the pair each entry belongs to, and its arc.
        """
        end = self.arcs.slot[grouping.arc]
        width = len(self.columns.slot_ids)
        if kind == "place":
            end, width = self.columns.slot_facility[end], len(self.columns.facility_ids)
        keys, label = np.unique(
            grouping.group * max(width, 1) + end, return_inverse=True
        )
        group, place = np.divmod(keys, max(width, 1))
        return group, place, label, grouping.arc

    def _opening(
        self, kind: str, use: Ints | None, grouping: Grouping, push: int
    ) -> Entries:
        """Return what slots, or facilities (`place`), add by being in use."""
        if use is None:
            return NOTHING
        group, place, label, arc = self._ends(kind, grouping)
        cost = np.zeros(len(place), np.int64)
        cost[label] = use[arc]
        costly = cost > 0
        new = np.cumsum(costly) - 1
        is_costly = costly[label]
        switch = self.seats.switches.used(
            new[label[is_costly]], arc[is_costly], int(costly.sum()), exact=push >= 0
        )
        return group[costly], switch, cost[costly]

    # ---- what stops at zero

    def _deficits(
        self, name: str, form: LinearForm, grouping: Grouping, push: int
    ) -> Entries:
        """Return each slot's part, not below 0."""
        assert form.per_unit is not None
        assert form.slot_use is not None
        group, slot, label, arc = self._ends("slot", grouping)
        costly = np.zeros(len(slot), np.int64)
        costly[label] = form.slot_use[arc]
        place, variable, factor = self._factors(name, arc, form.per_unit)
        label, arc = label[place], arc[place]
        losing = np.zeros(len(slot), bool)
        losing[label[factor < 0]] = True
        plain = ~losing[label] & (factor != 0)
        entries = [(group[label[plain]], variable[plain], factor[plain])]
        sure = np.flatnonzero(~losing & (costly > 0))
        switch = self._use(sure, label, arc, exact=push >= 0)
        entries.append((group[sure], switch, costly[sure]))
        negative = np.flatnonzero(losing)
        opened = self._use(negative[costly[negative] > 0], label, arc, exact=push >= 0)
        switch_of = dict(
            zip(negative[costly[negative] > 0].tolist(), opened.tolist(), strict=True)
        )
        for pair in negative.tolist():
            of_pair = label == pair
            variables, factors = variable[of_pair], factor[of_pair]
            if pair in switch_of:
                variables = np.append(variables, switch_of[pair])
                factors = np.append(factors, costly[pair])
            positive_part = self._positive_part(variables, factors, 0, push)
            entries.append(
                (group[[pair]], np.array([positive_part]), np.ones(1, np.int64))
            )
        return _concatenated(entries)

    def _use(self, pairs: Ints, label: Ints, arc: Ints, *, exact: bool) -> Ints:
        inside = np.isin(label, pairs)
        place = np.searchsorted(pairs, label[inside])
        return self.seats.switches.used(place, arc[inside], len(pairs), exact=exact)

    def _positive_part(
        self, variable: Ints, factor: Ints, constant: int, push: int
    ) -> int:
        """Return a variable for the form, or for 0 where the form is below."""
        draft = self.draft
        ends = factor * draft.upper(variable)
        most = int(np.maximum(ends, 0).sum()) + constant
        least = int(np.minimum(ends, 0).sum()) + constant
        positive_part = int(draft.variables(max(most, 0))[0])
        draft.row(USE, [positive_part, *variable], [1, *-factor], least=constant)
        above = draft.switch() if push >= 0 else None
        draft.definitions.part(positive_part, variable, factor, constant, above)
        if above is not None:
            draft.row(USE, [positive_part, above], [1, -max(most, 0)], most=0)
            # rest ≤ form where above is 1, and it is 0 elsewhere.
            draft.row(
                USE,
                [positive_part, *variable, above],
                [1, *-factor, -min(least, 0)],
                most=constant - min(least, 0),
            )
        return positive_part

    def _started(
        self, start: Ints, grouping: Grouping, push: int
    ) -> tuple[Entries, Ints]:
        """Return what units take off what pairs start with, and what these do."""
        base = start[grouping.arc]
        constant = np.zeros(len(grouping.keys), np.int64)
        np.add.at(constant, grouping.group, base)
        held = base > 0
        group, arc, base = grouping.group[held], grouping.arc[held], base[held]
        place, variable, step = self.seats.expand(arc)
        group, base = group[place], base[place]
        upper = self.draft.upper(variable)
        simple = (upper <= 1) | (step * upper <= base)
        lost_each = np.where(upper <= 1, np.minimum(base, step), step)
        entries = [(group[simple], variable[simple], -lost_each[simple])]
        for i in np.flatnonzero(~simple).tolist():
            entry = slice(i, i + 1)
            lost_units = self._positive_part(
                variable[entry], -step[entry], int(base[i]), push
            )
            constant[group[i]] -= base[i]
            entries.append((group[entry], np.array([lost_units]), np.ones(1, np.int64)))
        return _concatenated(entries), constant


def _concatenated(entries: list[Entries]) -> Entries:
    group, variable, factor = (
        np.concatenate([entry[i] for entry in entries]) for i in range(3)
    )
    return group, variable, factor
