"""The program of one instance under any of a policy's rules and pinned decisions."""

import logging
from collections.abc import Sequence
from math import floor
from typing import Any

import numpy as np

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.pins import Pin, find_arc, pins_of
from sharematch.core.integer.lowering import CoupledProgram, lower_coupled
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import lower
from sharematch.core.network.program import LinearGoal, Program
from sharematch.errors import UnsupportedError
from sharematch.model.policy import Minimize, Policy
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.allocation import Allocation
from sharematch.plans.verification import baseline_of
from sharematch.solvers.flow.budget import solve_within
from sharematch.solvers.flow.lexicographic import is_feasible
from sharematch.solvers.lexicographic import has_plan
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.standalone import served_alone

__all__ = ["Pin", "Programs", "find_arc"]

log = logging.getLogger("sharematch")


class Programs:
    """One instance under subsets of a policy's rules and of its pinned decisions.

    Parameters
    ----------
    columns, everything
        The instance and all its eligible pairs.
    baseline
        For the measure `moved`.
    watch
        What searches look at.
    """

    def __init__(
        self,
        columns: Columns,
        everything: Arcs,
        policy: Policy,
        seed: int,
        baseline: Allocation | None,
        *,
        watch: Monitor,
    ) -> None:
        self.columns, self.everything, self.watch = columns, everything, watch
        self.policy, self.seed, self.baseline = policy, seed, baseline
        self.pins = pins_of(columns)

    def admitted(self, rules: Sequence[Any]) -> Arcs:
        """Return the arcs that the rules by assignment leave."""
        return self.everything.keep(
            admitted(Measures(self.columns, self.everything), rules)
        )

    def program(
        self,
        rules: Sequence[Any],
        pins: Sequence[Pin],
        *,
        goals: Sequence[Any] | None = None,
    ) -> Program | CoupledProgram | None:
        """Return the program, or None where a pinned pair is no arc."""
        arcs = self.admitted(rules)
        held = np.zeros(len(arcs), np.int64)
        for pin in pins:
            at = find_arc(arcs, pin.need, pin.cell)
            if at is None:
                return None
            held[at] = max(held[at], pin.quantity)
        base = baseline_of(self.columns, arcs, self.baseline)
        measures = Measures(self.columns, arcs, base)
        alone = None
        if any(units_below_alone(rule) is not None for rule in rules):
            alone = served_alone(measures, self.watch)
        policy = rules, self.policy.goals if goals is None else goals
        rest: dict[str, Any] = {
            "seed": self.seed,
            "alone": alone,
            "pins": held if pins else None,
        }
        try:
            return lower(measures, *policy, **rest)
        except UnsupportedError as reason:
            log.debug("coupled: %s", reason)
            return lower_coupled(measures, *policy, **rest)

    def within_budget(
        self,
        rules: Sequence[Any],
        pins: Sequence[Pin],
        *,
        goals: Sequence[Any] | None = None,
    ) -> tuple[Program, int] | None:
        """Return the flows of a policy without its one bound on what moves.

        The last goal is then to move little, and beside it stands the most that its
        sum of costs may be. None where more than that bound couples.
        """
        bounds = [rule for rule in rules if rule.measure == "moved"]
        if len(bounds) != 1 or self.baseline is None:
            return None
        (bound,) = bounds
        if bound.op != "at_most" or bound.by is not None or bound.where:
            return None
        rest = [rule for rule in rules if rule is not bound]
        wanted = self.policy.goals if goals is None else goals
        program = self.program(rest, pins, goals=(*wanted, Minimize("moved")))
        if not isinstance(program, Program):
            return None
        if any(isinstance(x, LinearGoal) and x.has_drops for x in program.goals):
            return None
        base = program.measures.baseline
        assert base is not None
        moved = base.num_gone + int(base.units.sum())
        return program, min(floor(bound.bound), moved) - moved

    def holds(self, rules: Sequence[Any], pins: Sequence[Pin]) -> bool:
        """Return whether some plan keeps these rules and pins."""
        priced = self.within_budget(rules, pins, goals=())
        if priced is not None:
            return solve_within(*priced) is not None
        program = self.program(rules, pins, goals=())
        if isinstance(program, CoupledProgram):
            # What cannot be told in time is not said to be in conflict.
            return has_plan(program, self.watch) is not False
        return program is not None and is_feasible(program)
