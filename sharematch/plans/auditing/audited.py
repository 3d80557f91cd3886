"""A result beside what its plan gives, worked out once for all checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.measures.bounds import pinned
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import flow_of
from sharematch.core.network.program import Program
from sharematch.core.network.uncoupled import Reason
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.checking import doubts, measured
from sharematch.plans.results.plan import Plan, plan_of
from sharematch.plans.results.result import Result
from sharematch.plans.verification import Violation
from sharematch.plans.verification.standalone import alone

__all__ = ["Audited", "flows_of", "served_alone"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Audited:
    """A result whose plan keeps all records and rules, and what it is measured by.

    Parameters
    ----------
    document
        What the result says.
    measures, units
        Over all arcs that the rules admit, and the plan's units there.
    plan
        The plan over its own pairs.
    program
        The flows of the problem; None where records, rules or goals couple.
    """

    columns: Columns
    result: Result
    document: Mapping[str, Any]
    measures: Measures
    units: Ints
    plan: Plan
    program: Program | None

    @classmethod
    def of(cls, columns: Columns, result: Result) -> "Audited":
        """Return a result beside what its plan gives.

        The plan must keep records and rules.
        """
        measures, units = measured(columns, result)
        policy, baseline = result.policy, result.baseline
        plan = plan_of(columns, result.allocation, policy, baseline)
        lacks_baseline = baseline is None and any(
            MEASURES[goal.measure].needs_baseline for goal in policy.goals
        )
        program = (
            None if lacks_baseline else flows_of(measures, policy.rules, policy.goals)
        )
        return cls(columns, result, result.to_dict(), measures, units, plan, program)

    @cached_property
    def doubts(self) -> tuple[Violation, ...]:
        """What the certificate leaves unproved."""
        return tuple(doubts(self.result, lambda: (self.measures, self.units)))

    @property
    def is_published(self) -> bool:
        """Whether the pairs are given, with public names, not derived from records."""
        return self.columns.given is not None

    @property
    def leaves_out(self) -> bool:
        """Whether terms of the policy that was solved for are not published."""
        return self.is_published and "left_out" in self.result.provenance

    @property
    def has_goals(self) -> bool:
        """Whether the plan follows from goals, not from an order of its own."""
        return self.result.policy.method == "goals"


def served_alone(columns: Columns, arcs: Arcs, rules: Sequence[Any]) -> dict[str, int]:
    """Return what each community can be served alone, if any rule asks for that."""
    if all(units_below_alone(rule) is None for rule in rules):
        return {}
    return alone(columns, arcs)


def flows_of(
    measures: Measures,
    rules: Sequence[Any],
    goals: Sequence[Any],
    alone_units: Mapping[str, int] | None = None,
) -> Program | None:
    """Return the flows that rules, pins and goals are; None where anything couples.

    Parameters
    ----------
    alone_units
        What each community can be served alone, if that is known.
    """
    columns, arcs = measures.columns, measures.arcs
    if alone_units is None:
        alone_units = served_alone(columns, arcs, rules)
    pins = pinned(columns, arcs)
    program = flow_of(measures, rules, goals, alone=alone_units, pins=pins)
    return None if isinstance(program, Reason) else program
