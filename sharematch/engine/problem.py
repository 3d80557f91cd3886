"""What is solved: an instance under rules, goals and decisions, each form of it once.

A problem is lowered when somebody asks, and never twice: as flows (or why it is none),
as rows over integers, as flows with a budget of moves, in parts, as sites.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.likely import likely
from sharematch.core.eligibility.pins import Pin, find_arc, pins_of
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import flow_of
from sharematch.core.network.program import LinearGoal, Program
from sharematch.core.network.uncoupled import Reason
from sharematch.model.goals import Maximize, Minimize
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.allocation import Allocation
from sharematch.plans.verification import baseline_of
from sharematch.progress import Stop
from sharematch.solvers.integer.decomposition import Division, division_of
from sharematch.solvers.monitor import UNWATCHED, Monitor
from sharematch.solvers.siting.recognition import recognized
from sharematch.solvers.siting.shape import Siting
from sharematch.solvers.standalone import served_alone
from sharematch.text import Text

__all__ = ["Budget", "Problem"]

Ints = NDArray[np.int64]

MANY = 100_000
"""Arcs up to which rows are made in any case: they take less than half a second."""
PACE = 5e-6
"""Seconds that rows, and all that is done before a search begins, take for an arc."""
ROWS = 0.7
"""Share of the time left that rows may take, and for which they are begun at all."""
FEW = 0.1
"""Share of it that rows of a likely few may take."""


@dataclass(frozen=True)
class Budget:
    """Flows whose last goal is to move little, and the most that its costs may be."""

    program: Program
    limit: int


@dataclass(frozen=True, eq=False)
class Problem:
    """An instance under rules, goals and decisions.

    Attributes
    ----------
    columns, everything
        The instance and all its eligible pairs.
    policy
        What was asked for; `rules` and `goals` are those to look at, its own or others.
    pins
        Decisions to keep.
    baseline
        An earlier plan, for the measure `moved`.
    turns
        Needs that choose in this order among the plans that all goals leave.
    monitor
        What is looked at where lowering has to search, or takes long.
    is_narrow
        Whether arcs were left out for want of time.
    """

    columns: Columns
    everything: Arcs
    policy: Policy
    rules: Sequence[Any]
    goals: Sequence[Any]
    pins: list[Pin]
    seed: int = 0
    baseline: Allocation | None = None
    turns: Sequence[str] | None = None
    monitor: Monitor = UNWATCHED
    is_narrow: bool = False

    @classmethod
    def of(
        cls,
        columns: Columns,
        policy: Policy,
        seed: int = 0,
        baseline: Allocation | None = None,
        *,
        turns: Sequence[str] | None = None,
        arcs: Arcs | None = None,
        monitor: Monitor = UNWATCHED,
    ) -> "Problem":
        """Return the problem of an instance and a policy.

        Parameters
        ----------
        arcs
            All eligible pairs, where they are known.
        """
        return cls(
            columns,
            arcs_module.build(columns, look=monitor.is_over) if arcs is None else arcs,
            policy,
            policy.rules,
            policy.goals,
            pins_of(columns),
            seed,
            baseline,
            turns,
            monitor,
        )

    def under(self, rules: Sequence[Any], pins: list[Pin]) -> "Problem":
        """Return the problem of some rules and decisions alone, without goals."""
        return replace(self, rules=rules, goals=(), pins=pins, turns=None)

    # ---- pairs

    def admitted(self, rules: Sequence[Any]) -> Arcs:
        """Return the arcs that the rules by assignment leave."""
        return self.everything.keep(
            admitted(Measures(self.columns, self.everything), rules)
        )

    @cached_property
    def measures(self) -> Measures:
        """What is measured, over the arcs that the rules leave."""
        arcs = self.admitted(self.rules)
        baseline = baseline_of(self.columns, arcs, self.baseline)
        return Measures(self.columns, arcs, baseline)

    @cached_property
    def _places(self) -> list[int | None]:
        """Where the pair of each decision stands among the arcs."""
        arcs = self.measures.arcs
        return [find_arc(arcs, pin.need, pin.cell) for pin in self.pins]

    @property
    def is_misplaced(self) -> bool:
        """Whether a decision keeps units on a pair that is no arc: no plan does."""
        return None in self._places

    @property
    def pinned_units(self) -> Ints:
        """By arc the units that decisions keep there."""
        units = np.zeros(len(self.measures.arcs), np.int64)
        places = [arc for arc in self._places if arc is not None]
        np.maximum.at(units, places, [pin.quantity for pin in self.pins])
        return units

    # ---- few of many pairs

    @property
    def is_wide(self) -> bool:
        """Whether the rows of all arcs could not be made in the time left."""
        seconds, num_arcs = self.monitor.remaining(), len(self.measures.arcs)
        if self.is_narrow or seconds is None or num_arcs <= MANY:
            return False
        return PACE * num_arcs > ROWS * seconds

    def narrowed(self, monitor: Monitor) -> tuple["Problem", Ints]:
        """Return the problem over likely arcs, and where these stand among all.

        Raises
        ------
        Stop
            Where rules ask for what all arcs tell.
        """
        if any(units_below_alone(rule) is not None for rule in self.rules):
            raise Stop
        columns, arcs = self.columns, self.measures.arcs
        kept = np.zeros(len(arcs), bool)
        seconds = monitor.remaining() or 0.0
        most = max(MANY, int(FEW * seconds / PACE))
        kept[likely(columns, arcs, self.seed, most, monitor.is_over)] = True
        kept |= self.pinned_units > 0
        if self.measures.baseline is not None:
            kept |= self.measures.baseline.units > 0
        narrow = replace(
            self, everything=arcs.keep(kept), monitor=monitor, is_narrow=True
        )
        return narrow, np.flatnonzero(kept)

    # ---- forms

    @cached_property
    def _terms(self) -> dict[str, Any]:
        """Return what any program is lowered with, beside rules and goals."""
        alone = None
        if any(units_below_alone(rule) is not None for rule in self.rules):
            alone = served_alone(self.measures, self.monitor)
        pins = self.pinned_units if self.pins else None
        return {"seed": self.seed, "alone": alone, "pins": pins}

    @cached_property
    def flow(self) -> Program | Reason:
        """The problem as flows, or what couples."""
        return flow_of(self.measures, self.rules, self.goals, **self._terms)

    @cached_property
    def rows(self) -> CoupledProgram:
        """The problem as rows over integers; turns are goals after all others."""
        in_turn = [Maximize("served", where={"need": n}) for n in self.turns or ()]
        goals = (*self.goals, *in_turn)
        has_many = len(self.measures.arcs) > MANY
        share = self.monitor.share(ROWS) if has_many else UNWATCHED
        return lower_coupled(
            self.measures, self.rules, goals, check=share.check, **self._terms
        )

    @property
    def program(self) -> Program | CoupledProgram | None:
        """Flows if it is one, else rows; None where a decision is on no arc."""
        if self.is_misplaced:
            return None
        return self.rows if isinstance(self.flow, Reason) else self.flow

    @cached_property
    def budget(self) -> Budget | Reason:
        """Flows without the one bound on what moves; or what else couples."""
        bounds = [r for r in self.rules if MEASURES[r.measure].needs_baseline]
        if len(bounds) != 1 or self.baseline is None:
            return Text("unsuited.no_budget_of_moves")
        (bound,) = bounds
        if bound.op != "at_most" or bound.by is not None or bound.where:
            return Text("unsuited.no_budget_of_moves")
        others = [rule for rule in self.rules if rule is not bound]
        program = replace(
            self, rules=others, goals=(*self.goals, Minimize(bound.measure))
        ).flow
        if isinstance(program, Reason):
            return program
        if any(isinstance(x, LinearGoal) and x.has_drops for x in program.goals):
            return Text("coupling.what_counts_up_to_a_ceiling")
        base = program.measures.baseline
        assert base is not None
        moved = base.num_gone + int(base.units.sum())
        return Budget(program, min(floor(bound.bound), moved) - moved)

    @cached_property
    def division(self) -> Division | Reason:
        """The parts of the rows, or why they are not solved one by one."""
        rows = self.rows
        self.monitor.check()
        return division_of(rows)

    @cached_property
    def siting(self) -> Siting | Reason:
        """What opens, the rest being a flow; or what else couples."""
        rows = self.rows
        self.monitor.check()
        return recognized(rows)
