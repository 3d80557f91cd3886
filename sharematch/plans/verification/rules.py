"""What the rules of a policy say."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.filters import unknown_values
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.measures.admission import (
    admitted,
    admitted_arcs,
    bounds_of,
    settled,
)
from sharematch.core.measures.measures import Measures, Values
from sharematch.errors import InputError
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import units_below_alone
from sharematch.model.wording import rule_said
from sharematch.plans.allocation import Allocation
from sharematch.plans.verification.standalone import alone
from sharematch.plans.verification.units import PlanUnits, baseline_of
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["RuleCheck"]


class RuleCheck:
    """Rules by assignment and by group, measured as `solve` measures them."""

    def __init__(
        self, plan: PlanUnits, policy: Policy, baseline: Allocation | None
    ) -> None:
        self.plan, self.columns, self.rules = plan, plan.columns, policy.rules
        self.raw = Measures(plan.columns, plan.arcs)
        arcs = settled(plan.columns, plan.arcs, policy.rules)
        before = baseline_of(plan.columns, arcs, baseline)
        self.measures = Measures(plan.columns, arcs, before)

    def violations(self) -> Iterator[Violation]:
        """Yield rules that do not hold."""
        for number, rule in enumerate(self.rules, start=1):
            unknown = unknown_values(self.columns, rule.where)
            if unknown:
                key, value = unknown[0]
                raise InputError(
                    "policy.is_not_in_the_instance",
                    what=Text("problem.named", record=key, id=value),
                    field="rule",
                    value=str(number),
                )
            if rule.by == "assignment":
                for i in np.flatnonzero(~admitted(self.raw, [rule])).tolist():
                    text = about(Text("violation.does_not_keep"), rule_said(rule))
                    violation = self.plan.refused(i, "rule", text)
                    yield replace(violation, rule=number)
                yield from self._pins_against(rule, number)
            else:
                yield from self._grouped(rule, number)

    def _pins_against(self, rule: Any, number: int) -> Iterator[Violation]:
        """Yield decisions whose pair a rule by assignment refuses, used or not."""
        columns, pins = self.columns, self.plan.pins()
        need, slot = columns.decision_need[pins], columns.decision_slot[pins]
        cell = columns.decided_cell[pins]
        begin = np.where(cell == NONE, columns.cells.first[slot], cell)
        pairs = Measures(columns, arcs_module.pairs(columns, need, slot, begin))
        for i in np.flatnonzero(~admitted(pairs, [rule])).tolist():
            ids = columns.need_ids[need[i]], columns.slot_ids[slot[i]]
            pair = Text("violation.need_in_slot", need=ids[0], slot=ids[1])
            what = about(Text("violation.must_stay_but_does_not_keep"), rule_said(rule))
            message = about(pair, what)
            yield Violation("decision", message, *ids, rule=number)

    def _grouped(self, rule: Any, number: int) -> Iterator[Violation]:
        measures = self.measures
        try:
            values = measures.values(rule.measure, self.plan.units, rule.by, rule.where)
        except KeyError:
            raise InputError(
                "policy.needs_a_baseline",
                measure=rule.measure,
                field="rule",
                value=str(number),
            ) from None
        judged = np.flatnonzero(values.judged).tolist()
        if rule.by is None and values.denominator[0]:
            judged = [0]  # a total counts even where nothing is asked; no ratio does
        scale = MEASURES[rule.measure].scale
        if rule.op == "within":
            levels = [values.fraction(i) / scale for i in judged]
            apart = max(levels) - min(levels) if levels else 0
            if apart > rule.width:
                name = Text("policy.named_rule", number=number, text=rule_said(rule))
                message = about(name, "violation.the_difference_is", gap=apart)
                yield Violation("rule", message, rule=number)
            return
        for i, value, bound in self._bounded(rule, values, judged):
            if (value < bound) if rule.op == "at_least" else (value > bound):
                key = values.keys[i]
                shown = key if isinstance(key, str) else " and ".join(key)
                message = about(
                    Text("policy.named_rule", number=number, text=rule_said(rule)),
                    "violation.is_the_bound_for" if shown else "violation.is_the_bound",
                    measure=rule.measure,
                    group=shown,
                    value=value / scale,
                    bound=bound / scale,
                )
                yield Violation("rule", message, rule=number)

    def _bounded(
        self, rule: Any, values: Values, judged: list[int]
    ) -> Iterator[tuple[int, Fraction, Fraction]]:
        """Yield each group that has a bound, its value and the bound.

        Of the bound "alone" both are units of this round.
        """
        grouping = self.measures.grouping(rule.measure, rule.by, rule.where)
        below = units_below_alone(rule)
        if below is None:
            bounds = bounds_of(self.columns, rule, grouping)
            for i in judged:
                if (bound := bounds[i]) is not None:
                    yield i, values.fraction(i), bound
            return
        alone_units = self._alone()
        for i in judged:
            units = values.fraction(i) * int(values.denominator[i])
            units -= int(grouping.past_served[i])
            yield i, units, Fraction(alone_units[str(values.keys[i])] - below)

    def _alone(self) -> dict[str, int]:
        return alone(self.columns, admitted_arcs(self.columns, self.rules))
