"""A coupled program without what couples: a network, whose optima are bounds.

    {plans} ⊆ {flows of the loosened instance under the rules that are flows}

so a goal's optimum over flows bounds it over plans. Rules that couple, or whose groups
cross those of others, are left out one by one; goals end at the first that couples.

Example: four whole needs of 2 units, two slots for 3: the flow serves 6 units, so no
plan serves more; the best one serves 4.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.eligibility.loosening import loosened
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import flow_of
from sharematch.core.network.program import Program
from sharematch.core.network.uncoupled import Reason
from sharematch.model.measures import MEASURES

__all__ = ["Relaxation", "relaxation"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Relaxation:
    """A network of all plans of a coupled program, and of more.

    `arc` says where its arcs stand among those of the coupled program.
    """

    program: Program
    arc: Ints
    num_arcs: int
    has_rules: bool
    """Whether no rule had to be left out."""
    has_all: bool
    """Whether no rule and no goal had to be left out."""

    def lift(self, units: Ints) -> Ints:
        """Return units on all arcs of the coupled program."""
        all_units = np.zeros(self.num_arcs, np.int64)
        all_units[self.arc] = units
        return all_units


def relaxation(
    program: CoupledProgram,
    *,
    rules: Sequence[Any] | None = None,
    goals: Sequence[Any] | None = None,
    decided: tuple[Bools, Ints] | None = None,
    check: Callable[[], None] = lambda: None,
) -> Relaxation | None:
    """Return a network of all plans of a program and more, None if there is none.

    Needs may be split, rooms used by few, persons be in two places; rules that couple
    are left out. Its goals are the program's, up to the first that couples or whose
    measure the relaxation changes: each optimum is one that no plan can beat.

    Parameters
    ----------
    rules, goals
        In place of the program's own.
    decided
        Arcs whose units are fixed, and units by arc.
    check
        Called again and again on the way; what it raises ends it.
    """
    check()
    terms, arcs = program.terms, program.measures.arcs
    kept_arcs = np.arange(len(arcs))
    pins = terms.pins
    if decided is not None:
        fixed, units = decided
        kept_arcs = np.flatnonzero(~fixed | (units > 0))
        pins = np.where(fixed, units, 0 if pins is None else pins)[kept_arcs]
    columns = program.measures.columns
    measures = Measures(*loosened(columns, arcs.keep(kept_arcs)))
    changed = {"pair.units"} if (arcs.units * arcs.steps > 1).any() else set()
    changed |= {"pair.lot"} if columns.is_booked.any() else set()
    asked = terms.rules if rules is None else rules
    wanted = terms.goals if goals is None else goals
    kept_rules = [rule for rule in asked if not _is_changed(rule.measure, changed)]
    kept_goals: list[Any] = []
    for goal in wanted:
        if goal.slack or _is_changed(goal.measure, changed):
            break
        kept_goals.append(goal)
    options: dict[str, Any] = {"seed": terms.seed, "alone": terms.alone, "pins": pins}
    fitting = _lowered(measures, kept_rules, kept_goals, options, check)
    if fitting is None:
        return None
    lowered, count = fitting
    if decided is not None:
        lowered = _held(lowered, decided[0][kept_arcs])
    has_rules = count == len(asked)
    has_all = has_rules and len(lowered.goals) == len(wanted)
    return Relaxation(lowered, kept_arcs, len(arcs), has_rules, has_all)


def _is_changed(name: str, changed: set[str]) -> bool:
    """Return whether the relaxation changes a measure, and not only what it reads."""
    measure = MEASURES[name]
    return measure.priced != "always" or not changed.isdisjoint(measure.reads)


def _held(program: Program, fixed: Bools) -> Program:
    """Return the program with no more units on fixed arcs than there must be."""
    network = program.network
    upper = network.upper.copy()
    edges = np.flatnonzero(fixed[program.arc_of_edge])
    upper[edges] = network.lower[edges]
    return replace(program, network=replace(network, upper=upper))


def _lowered(
    measures: Measures,
    rules: Sequence[Any],
    goals: Sequence[Any],
    options: dict[str, Any],
    check: Callable[[], None],
) -> tuple[Program, int] | None:
    """Lower as many of the terms as stay in the network class; count the rules."""
    program = _attempt(measures, rules, goals, options)
    if program is not None:
        return program, len(rules)
    # Each rule alone may be a flow and two not: the earlier of such two is kept.
    kept_rules: list[Any] = []
    for rule in rules:
        check()
        if _attempt(measures, [*kept_rules, rule], (), options) is not None:
            kept_rules.append(rule)
    for count in range(len(goals), -1, -1):
        check()
        program = _attempt(measures, kept_rules, goals[:count], options)
        if program is not None:
            return program, len(kept_rules)
    return None


def _attempt(
    measures: Measures,
    rules: Sequence[Any],
    goals: Sequence[Any],
    options: dict[str, Any],
) -> Program | None:
    program = flow_of(measures, rules, goals, **options)
    return None if isinstance(program, Reason) else program
