"""Coupled programs: records, rules and goals of any kind as rows over integers.

`lower_coupled` turns arcs and a policy into a `CoupledProgram`;
`CoupledProgram.lift` reads the units on each arc back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from sharematch.core.columns.arrays import NONE
from sharematch.core.columns.filters import check_filter
from sharematch.core.eligibility.windows import Windows
from sharematch.core.integer.constraints import add_records
from sharematch.core.integer.dependents import Dependents
from sharematch.core.integer.expressions import Form, Forms
from sharematch.core.integer.holdings import Holdings
from sharematch.core.integer.program import FREE, Draft, Rows, Total, Vector, reach
from sharematch.core.integer.variables import Seats
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.ceilings import Ceilings, is_summed
from sharematch.core.measures.measures import FAR_APART, Measures
from sharematch.core.network.program import Source
from sharematch.errors import InputError, Problem
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.text import Text

__all__ = ["CoupledProgram", "Terms", "lower_coupled"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """What a program was lowered from, beside arcs; see `lower_coupled`."""

    rules: tuple[Any, ...]
    goals: tuple[Any, ...]
    seed: int
    alone: Mapping[str, int]
    pins: Ints | None


@dataclass(frozen=True)
class CoupledProgram:
    """Rows, goals in order, and how to read their values.

    Units on arcs are `cover` @ values. An arc that no series uses has a `variable` of
    its own, whose value × `step` are its units; others have one that is always 0.
    `owner` says whose arcs a variable stands for: a need (of those that sit together
    their `leader`, given by need), NONE for what only follows from others.
    """

    measures: Measures
    terms: Terms
    rows: Rows
    goals: tuple[Total | Vector, ...]
    variable: Ints
    step: Ints
    cover: Any
    owner: Ints
    leader: Ints
    dependents: Dependents
    windows: Windows
    date: Ints
    """By date of `windows`: its variable."""

    @property
    def has_series(self) -> bool:
        """Whether some variable stands for several sessions at once."""
        return bool(self.cover.nnz > np.count_nonzero(self.variable))

    @cached_property
    def size(self) -> Ints:
        """Units per value of each variable, 0 for what only follows from others."""
        return np.asarray(self.cover.sum(axis=0), np.int64).ravel()

    @cached_property
    def demand(self) -> Ints:
        """By need: units that it and those who sit with it ask for, at its leader."""
        total = np.zeros(len(self.leader), np.int64)
        np.add.at(total, self.leader, self.measures.columns.need_demand)
        return total

    @cached_property
    def is_choice(self) -> Bools:
        """Which variables stand for units, all others following from them."""
        return np.asarray(self.owner != NONE, bool)

    @cached_property
    def column(self) -> Ints:
        """The variables that can be chosen, sorted by the need that owns them."""
        chosen = np.flatnonzero(self.is_choice & (self.rows.upper > 0))
        return chosen[np.argsort(self.owner[chosen], kind="stable")]

    @cached_property
    def first(self) -> Ints:
        """By need, where its columns begin in `column`; one more entry at the end."""
        needs = np.arange(len(self.leader) + 1)
        return np.searchsorted(self.owner[self.column], needs)

    def lift(self, values: Ints) -> Ints:
        """Return the units on each arc; values of later variables play no part."""
        units: Ints = self.cover @ values[: self.cover.shape[1]]
        return units

    def values_of(self, units: Ints) -> Ints:
        """Return the values of all variables for a plan's units on each arc."""
        entry = self.cover.tocoo()
        most = np.full(self.rows.num_variables, FREE)
        np.minimum.at(most, entry.col, units[entry.row] // entry.data)
        values = np.where(most < FREE, most, self.rows.lower)
        self._put_in_series(values, units)
        return self.dependents.complete(values)

    def _put_in_series(self, values: Ints, units: Ints) -> None:
        """Give bookings of needs with several series, or loose ones, to their series.

        What no series hold is left out: values then tell less than the plan.
        """
        columns, arcs = self.measures.columns, self.measures.arcs
        loose = np.zeros(len(self.leader), bool)
        loose[self.windows.need] = True
        loose |= (columns.need_sessions > 1) & (columns.need_times > 1)
        held = np.flatnonzero((units > 0) & loose[arcs.need])
        held = held[self.leader[arcs.need[held]] == arcs.need[held]]
        values[(self.owner != NONE) & loose[self.owner]] = 0
        for need in np.unique(arcs.need[held]).tolist():
            arcs_of_need = held[arcs.need[held] == need]
            chosen = self._holdings.chosen(need, arcs_of_need.tolist())
            values[np.array(chosen or [], np.int64)] = 1

    @cached_property
    def _holdings(self) -> Holdings:
        """The series and windows of needs."""
        arcs, by_variable = self.measures.arcs, csc_array(self.cover)
        is_date = np.zeros(self.rows.num_variables, bool)
        is_date[self.date] = True
        several = (self.owner != NONE) & ~is_date
        start = self.measures.columns.cells.start[arcs.cell]
        series: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        for variable in np.flatnonzero(several).tolist():
            span = slice(*by_variable.indptr[variable : variable + 2])
            series_arcs, need = by_variable.indices[span], int(self.owner[variable])
            series_arcs = series_arcs[arcs.need[series_arcs] == need]
            series_arcs = series_arcs[np.argsort(start[series_arcs], kind="stable")]
            series.setdefault(need, []).append((variable, tuple(series_arcs.tolist())))
        columns = self.measures.columns
        return Holdings(columns, arcs, series, self.windows, self.date)


def lower_coupled(
    measures: Measures,
    rules: Sequence[Any],
    goals: Sequence[Any],
    *,
    seed: int = 0,
    alone: Mapping[str, int] | None = None,
    pins: Ints | None = None,
) -> CoupledProgram:
    """Return the rows of a policy over the arcs that its rules admit.

    Parameters
    ----------
    measures
        Over the admitted arcs.
    alone
        For the bound "alone": what each community can be served by itself.
    pins
        Units that must stay on each arc.

    Raises
    ------
    InputError
        For a filter or weight that names what the instance does not have, `moved`
        without a baseline, or numbers beyond 64 bits.
    """
    draft = Draft()
    seats = Seats(draft, measures, seed)
    add_records(seats)
    if pins is not None:
        _pin(seats, pins)
    lowering = _Lowering(measures, Forms(measures, seats), seats, alone or {})
    for position, rule in enumerate(rules):
        if rule.by != "assignment":
            lowering.rule(position, rule)
    lowered = tuple(
        lowering.goal(position, goal) for position, goal in enumerate(goals)
    )
    seats.link()
    terms = Terms(tuple(rules), tuple(goals), seed, alone or {}, pins)
    rows = draft.finish()
    cover = csr_array(
        (seats.entry_units, (seats.entry_arc, seats.entry_variable)),
        shape=(len(measures.arcs), rows.num_variables),
    )
    owner = np.full(rows.num_variables, NONE, np.int64)
    owner[seats.entry_variable] = seats.leader[measures.arcs.need[seats.entry_arc]]
    return CoupledProgram(
        measures,
        terms,
        rows,
        lowered,
        seats.variable,
        seats.step,
        cover,
        owner,
        seats.leader,
        draft.definitions.finish(rows.num_variables),
        seats.windows,
        seats.date_variable,
    )


def _pin(seats: Seats, pins: Ints) -> None:
    held = np.flatnonzero(pins > 0)
    single = seats.variable[held] != seats.nothing
    least = -(-pins[held] // seats.step[held])
    place, variable, _ = seats.expand(held)
    alone = single[place]
    seats.draft.bound(variable[alone], least=least[place[alone]])
    in_series = np.flatnonzero(~single)
    row = np.searchsorted(in_series, place[~alone])
    seats.draft.rows(
        Source("decision"),
        row,
        variable[~alone],
        1,
        least=least[in_series],
        count=len(in_series),
    )


class _Lowering:
    def __init__(
        self, measures: Measures, forms: Forms, seats: Seats, alone: Mapping[str, int]
    ) -> None:
        self.measures, self.forms, self.seats = measures, forms, seats
        self.draft, self.alone = seats.draft, alone

    def _form(self, kind: str, position: int, term: Any, push: int) -> Form:
        check_filter(self.measures.columns, term.where, kind, position)
        try:
            return self.forms.form(term.measure, term.by, term.where, push)
        except KeyError:
            name = f"{kind} {position + 1} ({term.op} {term.measure})"
            raise InputError(
                "policy.needs_a_baseline_an_earlier",
                measure=term.measure,
                record=str(name),
            ) from None

    # ---- rules

    def rule(self, position: int, rule: Any) -> None:
        """Add the rows of one rule."""
        if rule.measure == "mix":
            self._mixed(position, rule)
            return
        push = {"at_least": 1, "at_most": -1, "within": 0}[rule.op]
        form = self._form("rule", position, rule, push)
        source = Source("rule", position)
        if rule.op == "within":
            self._within(source, rule, form)
            return
        below = units_below_alone(rule)
        bounds: list[Fraction | None] = []
        if below is None:
            grouping = self.measures.grouping(rule.measure, rule.by, rule.where)
            bounds = bounds_of(self.measures.columns, rule, grouping)
        for group in np.flatnonzero(form.judged).tolist():
            if below is not None:
                key = form.keys[group]
                assert isinstance(key, str)
                past = int(form.constant[group])
                bound = Fraction(past + self.alone.get(key, 0) - below)
            elif (group_bound := bounds[group]) is not None:
                bound = group_bound * int(form.denominator[group])
            else:
                continue
            self._bounded(source, rule.op, form, group, bound)

    def _mixed(self, position: int, rule: Any) -> None:
        """Bound a share of units by their sum: n ÷ all ≥ p ÷ q is q·n - p·all ≥ 0."""
        columns = self.measures.columns
        check_filter(columns, rule.where, "rule", position)
        named, everybody = self.forms.shares(rule.by, rule.where)
        grouping = self.measures.grouping("mix", rule.by, rule.where)
        bounds = bounds_of(columns, rule, grouping)
        limit = "least" if rule.op == "at_least" else "most"
        for group in np.flatnonzero(named.judged).tolist():
            bound = bounds[group]
            if bound is None:
                continue
            named_variable, factor = named.of(group)
            any_variable, other = everybody.of(group)
            over, under = bound.as_integer_ratio()
            if self._reach(any_variable, other) * max(abs(over), under) >= FREE // 8:
                name = Text(
                    "policy.named_rule",
                    number=position + 1,
                    text=f"{rule.op} {rule.measure}",
                )
                raise InputError([Problem(record=name, **FAR_APART)])
            self.draft.row(
                Source("rule", position),
                np.concatenate([named_variable, any_variable]),
                np.concatenate([factor * under, -other * over]),
                **{limit: 0},
            )

    def _reach(self, variable: Ints, factor: Ints) -> int:
        """Return how large a sum is at most."""
        least, most = self._ends(variable, factor)
        return max(-least, most)

    def _bounded(
        self, source: Source, op: str, form: Form, group: int, bound: Fraction
    ) -> None:
        constant = int(form.constant[group])
        if op == "at_least":
            limits = {"least": _clipped(ceil(bound) - constant)}
        else:
            limits = {"most": _clipped(floor(bound) - constant)}
        self.draft.row(source, *form.of(group), **limits)

    def _within(self, source: Source, rule: Any, form: Form) -> None:
        """Keep all groups between some number and that number plus the width."""
        groups = np.flatnonzero(form.judged).tolist()
        width = MEASURES[rule.measure].to_minor(rule.width)
        scale = lcm(*(int(form.denominator[g]) for g in groups), 1)
        ranges = {g: self._range(form, g, scale) for g in groups}
        largest = max((abs(x) for r in ranges.values() for x in r), default=0)
        width = min(width, Fraction(2 * largest, scale))  # no two lie farther apart
        if largest + width * scale >= FREE // 8:
            self._pairwise(source, rule, width, form, groups)
            return
        low = min((least for least, _ in ranges.values()), default=0)
        high = max((most for _, most in ranges.values()), default=0)
        base = int(self.draft.variables(high, low)[0])
        for group in groups:
            variable, factor = form.of(group)
            times = scale // int(form.denominator[group])
            constant = int(form.constant[group]) * times
            self.draft.definitions.at_most(base, variable, factor * times, constant)
            self.draft.row(
                source,
                [*variable, base],
                [*(factor * times), -1],
                least=-constant,
                most=floor(width * scale) - constant,
            )

    def _range(self, form: Form, group: int, scale: int) -> tuple[int, int]:
        least, most = self._ends(*form.of(group))
        times = scale // int(form.denominator[group])
        constant = int(form.constant[group])
        return (constant + least) * times, (constant + most) * times

    def _ends(self, variable: Ints, factor: Ints) -> tuple[int, int]:
        """Return what a sum is at least and at most.

        No need has more units than it asks for, whatever it can choose from.
        """
        variable, place = np.unique(variable, return_inverse=True)
        upper = self.draft.upper(variable)
        largest = int(np.abs(factor).max(initial=0)) * int(upper.max(initial=0))
        kind = np.int64 if largest * len(place) < FREE else object
        sums = np.zeros(len(variable), kind)
        np.add.at(sums, place, factor.astype(kind))
        factor, reach = sums, sums * upper
        owner, size = self.seats.owner_and_size(variable)
        loose = owner == NONE
        least, most = (
            int(reach[loose & mask].sum()) for mask in (reach < 0, reach > 0)
        )
        owned = np.flatnonzero(~loose)
        owned = owned[np.argsort(owner[owned], kind="stable")]
        starts = np.flatnonzero(np.diff(owner[owned], prepend=NONE))
        if not len(owned):
            return least, most
        demand = self.seats.demand[owner[owned[starts]]]
        for sign in (1, -1):
            gains = np.maximum(sign * factor[owned], 0)
            each = np.maximum.reduceat(-(-gains // size[owned]), starts)
            all_at_once = np.add.reduceat(np.maximum(sign * reach[owned], 0), starts)
            total = int(np.minimum(each * demand, all_at_once).sum())
            least, most = (least, most + total) if sign > 0 else (least - total, most)
        return least, most

    def _pairwise(
        self, source: Source, rule: Any, width: Fraction, form: Form, groups: list[int]
    ) -> None:
        """Compare every two groups: the numbers of all at once would be too large."""
        for first in groups:
            for second in groups:
                if first == second:
                    continue
                scale = lcm(int(form.denominator[first]), int(form.denominator[second]))
                ranges = (self._range(form, group, scale) for group in (first, second))
                largest = sum(max(map(abs, ends)) for ends in ranges)
                if largest + width * scale >= FREE // 2:
                    name = Text(
                        "policy.named_rule",
                        number=source.position + 1,
                        text=f"{rule.op} {rule.measure}",
                    )
                    raise InputError([Problem(record=name, **FAR_APART)])
                ups, downs = (
                    scale // int(form.denominator[first]),
                    scale // int(form.denominator[second]),
                )
                above, factor = form.of(first)
                below, counter = form.of(second)
                constant = int(form.constant[first]) * ups
                constant -= int(form.constant[second]) * downs
                self.draft.row(
                    source,
                    [*above, *below],
                    [*(factor * ups), *(-counter * downs)],
                    most=_clipped(floor(width * scale) - constant),
                )

    # ---- goals

    def goal(self, position: int, goal: Any) -> Total | Vector:
        """Return one goal, with variables for the totals of its groups."""
        upward = goal.sense > 0
        form = self._form("goal", position, goal, 1 if upward else -1)
        if is_summed(goal):
            return self._summed(position, goal, form)
        if goal.op in ("maximize", "minimize"):
            ends = self._ends(*form.of(0))
            return Total(
                position,
                *form.of(0),
                best=ends[1] if upward else ends[0],
                constant=int(form.constant[0]),
                denominator=max(int(form.denominator[0]), 1),
                maximize=upward,
                slack=goal.slack,
            )
        grouping = self.measures.grouping(goal.measure, goal.by, goal.where)
        weights = self.measures.weights(goal, grouping)
        part = [
            group
            for group, weight in enumerate(weights)
            if weight > 0 and form.judged[group]
        ]
        # All ranges first: to look up bounds after each new variable takes long.
        ranges = [self._range(form, g, int(form.denominator[g])) for g in part]
        divisors = tuple(weights[g] * int(form.denominator[g]) for g in part)
        if part and reach(ranges, divisors) >= FREE // 8:
            name = Text(
                "policy.named_goal",
                number=position + 1,
                text=f"{goal.op} {goal.measure}",
            )
            raise InputError([Problem(record=name, **FAR_APART)])
        totals = [
            self._total(position, form, group, *ends)
            for group, ends in zip(part, ranges, strict=True)
        ]
        return Vector(
            position,
            keys=tuple(form.keys[g] for g in part),
            total=np.array(totals, np.int64),
            weight=divisors,
            sign=1 if upward else -1,
        )

    def _summed(self, position: int, goal: Any, form: Form) -> Total:
        """Return the sum of all groups, each as far as its ceiling."""
        ceilings = Ceilings(self.measures, goal)
        name = Text(
            "policy.named_goal", number=position + 1, text=f"{goal.op} {goal.measure}"
        )
        parts: list[tuple[Ints, Ints]] = []
        constant = best = 0
        for group in np.flatnonzero(ceilings.times).tolist():
            variable, factor = form.of(group)
            times, ceiling = int(ceilings.times[group]), ceilings.ceiling[group]
            start = int(form.constant[group])
            least, most = ((start + x) * times for x in self._ends(variable, factor))
            if max(abs(least), abs(most)) >= FREE // 8:
                raise InputError([Problem(record=name, **FAR_APART)])
            if ceiling is not None and least >= ceiling:
                constant += ceiling
            elif ceiling is None or most <= ceiling:
                constant += start * times
                best += most - start * times
                parts.append((variable, factor * times))
            else:
                counted = int(self.draft.variables(ceiling, least)[0])
                best += ceiling
                above = factor * times, start * times
                self._count_up_to(position, counted, variable, *above)
                parts.append((np.array([counted]), np.ones(1, np.int64)))
        empty = np.empty(0, np.int64)
        variable, factor = (
            np.concatenate([empty, *(part[i] for part in parts)]) for i in range(2)
        )
        return Total(
            position,
            variable,
            factor,
            best=best,
            constant=constant,
            denominator=ceilings.denominator,
            maximize=True,
            slack=goal.slack,
        )

    def _count_up_to(
        self, position: int, counted: int, variable: Ints, factor: Ints, constant: int
    ) -> None:
        """Let a variable be a sum at most, and follow from it up to its upper bound."""
        define = self.draft.definitions.at_most
        define(counted, variable, factor, constant)
        empty = np.empty(0, np.int64)
        define(counted, empty, empty, int(self.draft.upper(np.array([counted]))[0]))
        self.draft.row(
            Source("goal", position),
            np.append(variable, counted),
            np.append(factor, -1),
            least=-constant,
        )

    def _total(
        self, position: int, form: Form, group: int, least: int, most: int
    ) -> int:
        """Return a variable that equals a group's numerator."""
        variable, factor = form.of(group)
        total = int(self.draft.variables(most, least)[0])
        constant = int(form.constant[group])
        self.draft.definitions.total(total, variable, factor, constant)
        self.draft.row(
            Source("goal", position),
            np.append(variable, total),
            np.append(factor, -1),
            least=-constant,
            most=-constant,
        )
        return total


def _clipped(bound: int) -> int:
    return max(-FREE, min(FREE, bound))
