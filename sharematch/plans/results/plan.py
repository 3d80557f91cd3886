"""A plan over its pairs of needs and slots, and what it measures."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.filters import (
    cell_mask,
    need_mask,
    unknown_values,
    unmatched,
    unmatched_groups,
)
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.moments import cells_of, times_of
from sharematch.core.measures.admission import settled
from sharematch.core.measures.measures import Baseline, Measures
from sharematch.errors import InputError
from sharematch.model.arguments import expect
from sharematch.model.goals import Maximize
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES, asked_measures, table_order
from sharematch.model.policy import Goal, Policy
from sharematch.model.values import GoalNumber, Number
from sharematch.model.vocabulary import (
    NEED_GROUPS,
    NUMBERS_BY_GROUP,
    SLOT_GROUPS,
    group_side,
)
from sharematch.model.wording import named_term
from sharematch.plans.allocation import Allocation
from sharematch.plans.parts import parts_of
from sharematch.plans.verification import baseline_of, lost_start
from sharematch.text import Text, about
from sharematch.text.tables import Table

__all__ = [
    "Plan",
    "allocation_of",
    "measure_plan",
    "plan_of",
    "positions_of",
    "units_at",
    "units_on",
    "unmatched_terms",
    "warnings_of",
]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """An allocation's arcs and units, ready to be measured.

    What it measures is worked out when asked for. Tables show what they always do, and
    what the policy `asked` for.
    """

    measures: Measures
    units: Any
    asked: tuple[str, ...] = ()

    @property
    def totals(self) -> tuple[str, ...]:
        """The measures that are shown of the whole."""
        return (*table_order("total"), *self.asked)

    def value(
        self, measure: str, where: Mapping[str, str | tuple[str, ...]] | None = None
    ) -> Number:
        """Return a measure of the whole plan, or of what a filter leaves."""
        filters = Maximize(measure, where=where).where if where else None
        with _baseline_needed(measure):
            values = self.measures.values(measure, self.units, None, filters)
        return MEASURES[measure].number(values.numerator[0], values.denominator[0])

    def goal_value(self, goal: Goal) -> GoalNumber:
        """Return what a goal is worth, in major units."""
        if unknown := unknown_values(self.measures.columns, goal.where):
            raise InputError("policy.is_not_in_the_instance", what=unknown[0][1])
        with _baseline_needed(goal.measure):
            value = self.measures.goal_value(goal, self.units)
        return MEASURES[goal.measure].to_major(value)

    def each(self, measure: str, group: str) -> dict[str, Number]:
        """Return a measure by the groups that ask or offer anything."""
        if measure not in MEASURES or MEASURES[measure].only_in_rules:
            raise InputError("policy.is_not_a_measure_name", name=measure)
        _check_groups(group)
        values = self.measures.values(measure, self.units, group)
        return {
            str(key): MEASURES[measure].number(
                values.numerator[i], values.denominator[i]
            )
            for i, key in enumerate(values.keys)
            if values.judged[i]
        }

    def table(self, group: str | tuple[str, str]) -> Table:
        """Return the measures that make sense by a group, one row per group."""
        names = self._columns(group)
        # Pairs of a baseline alone are no part of the plan: they make no row.
        used = np.flatnonzero(self.units)
        used_measures = self.measures
        if len(used) < len(self.units) or used_measures.baseline is not None:
            arcs = used_measures.arcs.keep(used)
            used_measures = Measures(used_measures.columns, arcs)
        zero = {name: MEASURES[name].number(0) for name in names}
        rows: dict[Any, dict[str, Any]] = {}
        for name in names:
            values = used_measures.values(name, self.units[used], group)
            over, under = values.numerator.tolist(), values.denominator.tolist()
            number = MEASURES[name].number
            for key, row_over, row_under in zip(values.keys, over, under, strict=True):
                if key not in rows:
                    rows[key] = {"id": key if isinstance(key, str) else " | ".join(key)}
                    rows[key] |= zero
                rows[key][name] = number(row_over, row_under)
        return Table((rows[key] for key in sorted(rows)), ("id", *names))

    def _columns(self, group: str | tuple[str, str]) -> tuple[str, ...]:
        """Return the measures that a table by these groups shows."""
        groups = _check_groups(group)
        asked = (name for name in self.asked if _takes(name, groups))
        return (*_always_shown(groups), *asked)


@contextmanager
def _baseline_needed(measure: str) -> Iterator[None]:
    try:
        yield
    except KeyError:
        raise InputError(
            "policy.needs_a_baseline_an_earlier", measure=measure
        ) from None


def _always_shown(groups: set[str]) -> tuple[str, ...]:
    """Return the measures that a table by these groups shows, whatever the policy."""
    if groups <= {"community", "area"}:
        return (*table_order("need"), *table_order("place"))
    if groups <= set(NEED_GROUPS):
        return table_order("need")
    return table_order("slot" if groups <= set(SLOT_GROUPS) else "mixed")


def _takes(measure: str, groups: set[str]) -> bool:
    """Return whether a measure has values by all of these groups."""
    side = MEASURES[measure].side
    return side == "both" or all(group_side(key, measure) == side for key in groups)


def _check_groups(group: str | tuple[str, str]) -> set[str]:
    """Return the keys of groups, which must be one or two."""
    keys = (group,) if isinstance(group, str) else group
    expect(str, **{f"group {position}": key for position, key in enumerate(keys, 1)})
    unknown = {*keys} - {*NEED_GROUPS, *SLOT_GROUPS}
    if unknown:
        raise InputError(
            "policy.is_not_a_group_names", names=", ".join(sorted(unknown))
        )
    if len(keys) not in (1, 2):
        raise InputError("value.group_must_be_one_group_or", keys=keys)
    return {*keys}


def measure_plan(
    columns: Columns,
    arcs: arcs_module.Arcs,
    units: Any,
    policy: Policy,
    baseline: Baseline | None = None,
) -> Plan:
    """Return the plan over the arcs in use, distances settled among all `arcs`."""
    used = units > 0 if baseline is None else (units > 0) | (baseline.units > 0)
    positions = np.flatnonzero(used)
    used_arcs = replace(arcs, travel=arcs.distance).keep(positions)
    base = None if baseline is None else baseline.keep(positions)
    return Plan(Measures(columns, used_arcs, base), units[positions], asked_of(policy))


def asked_of(policy: Policy) -> tuple[str, ...]:
    """Return the measures that are shown because the policy looks at them."""
    return asked_measures((*policy.rules, *policy.goals))


def unmatched_terms(measures: Measures, policy: Policy) -> Iterator[str]:
    """Yield what rules and goals look at that is not there, be it misspelt or gone."""
    # What groups ask for and offer is told without arcs.
    nothing = Measures(measures.columns, measures.arcs.keep(np.empty(0, np.int64)))
    for kind, terms in (("rule", policy.rules), ("goal", policy.goals)):
        for position, term in enumerate(terms):
            name = named_term(kind, position, term)
            where = term.where
            lost = unmatched(measures.columns, term.measure, where)
            lost += _lost_numbers(measures.columns, term)
            for key, value in lost:
                yield about(
                    name, "remark.matches_nothing_in_the_instance", key=key, value=value
                )
            if lost:
                continue
            passing = (
                mask(measures.columns, term.measure, where).any()
                for mask in (need_mask, cell_mask)
            )
            if where and not all(passing):
                yield about(name, "remark.its_filter_matches_nothing_in_the")
            elif term.groups and term.by != "assignment":
                everything = nothing.grouping(term.measure, None)
                grouping = nothing.grouping(term.measure, term.by, where)
                if everything.judged.any() and not grouping.judged.any():
                    by = " and ".join(term.groups)
                    yield about(name, "remark.there_is_no_to_judge_in", by=by)


def _lost_numbers(columns: Columns, term: Any) -> list[tuple[str, str]]:
    """Return the groups for which a term has a number and that nothing is in."""
    lost: list[tuple[str, str]] = []
    for field in NUMBERS_BY_GROUP:
        numbers = getattr(term, field, None)
        if isinstance(numbers, dict):
            lost += unmatched_groups(columns, term.measure, term.groups, numbers)
    return lost


def warnings_of(measures: Measures, policy: Policy, *, cut: bool) -> tuple[str, ...]:
    """Return what to beware of in a plan over arcs; `cut`: the time was too short."""
    arcs, warnings = measures.arcs, [*unmatched_terms(measures, policy)]
    if arcs.num_unknown:
        warnings.append(
            Text(
                "remark.of_possible_pairs_have_no_known",
                count=arcs.num_unknown,
                all=len(arcs),
                most=int(arcs.distance.max(initial=0)),
            )
        )
    if cut:
        warnings.append(Text("remark.not_proved_within_the_time_limit"))
    return tuple(warnings)


def positions_of(columns: Columns, allocation: Allocation) -> tuple[Ints, Ints, Ints]:
    """Return the needs, slots and first cells of a plan, which must all be known."""
    position_of = columns.position
    need = np.array([position_of["need"][n] for n in allocation.needs], np.int64)
    slot = np.array([position_of["slot"][s] for s in allocation.slots], np.int64)
    return need, slot, cells_of(columns, slot, allocation.starts)


def units_on(columns: Columns, arcs: arcs_module.Arcs, allocation: Allocation) -> Ints:
    """Return the units of a plan on each of the arcs, among which its pairs must be."""
    need, _, cell = positions_of(columns, allocation)
    return units_at(columns, arcs, need, cell, allocation.quantities)


def units_at(
    columns: Columns, arcs: arcs_module.Arcs, need: Ints, cell: Ints, quantity: Ints
) -> Ints:
    """Return the units of pairs on each of the arcs, among which these must be."""
    width = max(len(columns.cells), 1)
    units = np.zeros(len(arcs), np.int64)
    arc = find(arcs.need * width + arcs.cell, need * width + cell)
    np.add.at(units, arc, quantity)
    return units


def allocation_of(columns: Columns, arcs: arcs_module.Arcs, units: Ints) -> Allocation:
    """Return the plan of units on arcs."""
    in_use = np.flatnonzero(units)
    # Positions follow ids, so their order is that of an allocation.
    key = arcs.slot[in_use] * len(columns.need_ids) + arcs.need[in_use]
    if columns.cells.is_trivial:
        in_use = in_use[np.argsort(key)]
        times = parts = None
    else:
        in_use = in_use[np.lexsort((arcs.cell[in_use], key))]
        used = arcs.keep(in_use)
        times, parts = times_of(columns, used), parts_of(columns, used, units[in_use])
    return Allocation.of_columns(
        map(columns.slot_ids.__getitem__, arcs.slot[in_use].tolist()),
        map(columns.need_ids.__getitem__, arcs.need[in_use].tolist()),
        units[in_use],
        times,
        parts,
    )


def plan_of(
    instance: Instance | Columns,
    allocation: Allocation,
    policy: Policy,
    baseline: Allocation | None = None,
) -> Plan:
    """Return a plan over its own pairs, ready to be measured.

    Raises
    ------
    InputError
        For ids that the instance does not have.
    """
    columns = encode(instance)
    position_of = columns.position
    unknown = [n for n in allocation.needs if n not in position_of["need"]]
    unknown += [s for s in allocation.slots if s not in position_of["slot"]]
    if unknown:
        raise InputError("policy.is_not_in_the_instance", what=unknown[0])
    need, slot, cell = positions_of(columns, allocation)
    if (cell == NONE).any():
        lost = lost_start(allocation, int((cell == NONE).argmax()))
        raise InputError(lost)
    order = np.lexsort((cell, need))
    pairs = arcs_module.pairs(columns, need[order], slot[order], cell[order])
    pairs = settled(columns, pairs, policy.rules)
    before = baseline_of(columns, pairs, baseline)
    measures = Measures(columns, pairs, before)
    return Plan(measures, allocation.quantities[order], asked_of(policy))
