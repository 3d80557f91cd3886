"""Which bounds of rules stop a need: what of them is used, and what more would take.

The least that a need could still take, as far as records allow, is put beside the plan;
a bound that it breaks is named. So this holds for all measures, also of what opens.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.facts import Ceiling
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.codes import NONE
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.measures import Values
from sharematch.model.measures import MEASURES

__all__ = ["stopping"]

Ints = NDArray[np.int64]

MOST_WAYS = 40
"""Ways to give a need more that are looked at."""


def stopping(setting: Setting, need: int) -> tuple[Ceiling, ...]:
    """Return the ceilings that stop a need which rules stop: by rule and group.

    What is least and would break one is its `more`.
    """
    name = setting.columns.need_ids[need]
    reason = next((u.reason for u in setting.result.unmet if u.need == name), "")
    return _broken(setting, need) if reason == "rule" else ()


def _broken(setting: Setting, need: int) -> tuple[Ceiling, ...]:
    """Return the ceilings that one more booking or unit would break."""
    rules = [
        (number, rule)
        for number, rule in enumerate(setting.policy.rules)
        if rule.op == "at_most" and rule.by != "assignment"
    ]
    if not rules or setting.program is None:
        return ()
    bounds = [_bounds(setting, rule) for _, rule in rules]
    now = [_values(setting, rule, setting.units) for _, rule in rules]
    least: dict[tuple[int, int], Fraction] = {}
    for units in islice(_ways(setting, need), MOST_WAYS):
        for position, (_, rule) in enumerate(rules):
            after = _values(setting, rule, units)
            for group in _changed(now[position], after):
                bound = bounds[position].get(group)
                if bound is None or after.fraction(group) <= bound:
                    continue
                more = after.fraction(group) - now[position].fraction(group)
                least[position, group] = min(least.get((position, group), more), more)
    return tuple(
        Ceiling(
            rule=rules[position][0] + 1,
            measure=rules[position][1].measure,
            by=" and ".join(rules[position][1].groups),
            group=_name(setting, rules[position][1], group),
            used=now[position].fraction(group) / _scale(rules[position][1]),
            bound=bounds[position][group] / _scale(rules[position][1]),
            more=more / _scale(rules[position][1]),
        )
        for (position, group), more in sorted(least.items())
    )


def _scale(rule: Any) -> int:
    return MEASURES[rule.measure].scale


def _name(setting: Setting, rule: Any, group: int) -> str:
    key = setting.measures.grouping(rule.measure, rule.by, rule.where).keys[group]
    return key if isinstance(key, str) else " | ".join(key)


def _bounds(setting: Setting, rule: Any) -> dict[int, Fraction]:
    """Return the bound of each group that is judged and has one."""
    grouping = setting.measures.grouping(rule.measure, rule.by, rule.where)
    bounds = bounds_of(setting.columns, rule, grouping)
    is_judged = grouping.judged | (rule.by is None)
    return {
        group: bound
        for group, bound in enumerate(bounds)
        if bound is not None and is_judged[group]
    }


def _values(setting: Setting, rule: Any, units: Ints) -> Values:
    return setting.measures.values(rule.measure, units, rule.by, rule.where)


def _changed(before: Values, after: Values) -> list[int]:
    """Return the groups of another value, if they have one."""
    is_other = after.numerator != before.numerator
    is_other |= after.denominator != before.denominator
    return np.flatnonzero(is_other & (after.denominator != 0)).tolist()


def _ways(setting: Setting, need: int) -> Iterator[Ints]:
    """Yield plans in which a need has a little more, and records hold."""
    program = setting.program
    if isinstance(program, CoupledProgram):
        yield from _coupled_ways(setting, program, need)
        return
    may_grow = (setting.arcs.need == need) & (setting.full == NONE)
    for arc in np.flatnonzero(may_grow).tolist():
        units = setting.units.copy()
        units[arc] += 1
        yield units


def _coupled_ways(
    setting: Setting, program: CoupledProgram, need: int
) -> Iterator[Ints]:
    # Who reads an explanation of a flow needs no solver.
    from sharematch.solvers.anytime.leftovers import Room  # noqa: PLC0415 (loads OR-Tools)

    values = program.values_of(setting.units)
    kinds = np.array([s.kind in ("goal", "rule") for s in program.rows.sources], bool)
    room = Room(program, values, without=kinds[program.rows.source])
    if not room.rows.holds(values):
        return
    for plan in room.least(int(program.leader[need])):
        yield program.lift(plan)
