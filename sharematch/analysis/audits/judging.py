"""Judging a plan of a changed town by the goals of the town as it was."""

from collections import Counter
from typing import Any

from sharematch.analysis.audits.trials import Trial, Units
from sharematch.analysis.audits.values import Change, Verdict
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.plan import plan_of
from sharematch.plans.results.result import Result
from sharematch.plans.verification import verify
from sharematch.text import Text, about

__all__ = ["Judge"]


class Judge:
    """What one plan is worth beside the plan of the unchanged town."""

    def __init__(self, instance: Instance, policy: Policy, before: Result) -> None:
        self.instance, self.policy, self.before = instance, policy, before
        self.units = _units(before)

    def brought_back(self, trial: Trial, after: Result) -> Change:
        """Judge a plan of a town that should count as the same."""
        if self.before.status != after.status:
            text = self._statuses(after)
            adds = trial.change == "irrelevant" and after.status == "infeasible"
            why = Text("audit.a_rule_asks_something_for_every")
            return Change(
                trial.change,
                "explained" if adds else "unexplained",
                about(text, why) if adds else text,
            )
        if not self.before.status.has_plan:
            return Change(trial.change, "same")
        units = trial.back(_units(after))
        plan = _allocation(units)
        broken = verify(self.instance, plan, self.policy)
        if broken:
            return Change(trial.change, "unexplained", str(broken[0]))
        one = self._values(self.instance, self.units)
        other = self._values(self.instance, units)
        return self._change(trial.change, one, other, units, strict=trial.is_strict)

    def with_choices(self, need: str, other: Instance, after: Result) -> Change:
        """Judge a plan after one need has listed more choices."""
        name = Text("audit.choices_of", need=need)
        if self.before.status != after.status:
            reason = about(Text("audit.more_pairs_are_possible"), self._statuses(after))
            return Change(name, "explained", reason)
        if not self.before.status.has_plan:
            return Change(name, "same")
        # The plan from before is still possible: none may be worse.
        units = _units(after)
        one, new = self._values(other, self.units), self._values(other, units)
        change = self._change(name, one, new, units)
        if change.goals and self._is_better(new, one):
            reason = Text("audit.more_pairs_are_possible_and_the")
            return Change(
                name,
                "explained",
                reason,
                change.goals,
                change.communities,
                change.needs,
            )
        return change

    def _statuses(self, after: Result) -> str:
        before, then = (f"audit.{result.status}" for result in (self.before, after))
        return Text("audit.before_after", before=Text(before), after=Text(then))

    def _is_better(self, one: list[Any], other: list[Any]) -> bool:
        for goal, x, y in zip(self.policy.goals, one, other, strict=True):
            if x != y:
                return bool(x > y if goal.sense > 0 else x < y)
        return False

    def _values(self, instance: Instance, units: Units) -> list[Any]:
        plan = plan_of(instance, _allocation(units), self.policy)
        return [plan.measures.goal_value(g, plan.units) for g in self.policy.goals]

    def _change(
        self,
        name: str,
        one: list[Any],
        other: list[Any],
        units: Units,
        *,
        strict: bool = False,
    ) -> Change:
        pairs = enumerate(zip(one, other, strict=True), 1)
        goals = {goal: pair for goal, pair in pairs if pair[0] != pair[1]}
        home = {need.id: need.community for need in self.instance.needs}
        sums: list[Counter[str]] = [Counter(), Counter()]
        served: list[Counter[str]] = [Counter(), Counter()]
        for side, plan in enumerate((self.units, units)):
            for (need, _), amount in plan.items():
                served[side][need] += amount
                sums[side][home[need]] += amount
        verdict: Verdict = "tie"
        if goals or (strict and units != self.units):
            verdict = "unexplained"
        elif units == self.units:
            verdict = "same"
        reason = ""
        if verdict == "unexplained":
            reason = (
                Text("audit.goals_are_worth_something_else")
                if goals
                else Text("audit.the_order_decided")
            )
        return Change(name, verdict, reason, goals, _differ(sums), _differ(served))


def _differ(sides: list[Counter[str]]) -> dict[str, tuple[int, int]]:
    one, other = sides
    keys = sorted({*one, *other})
    return {key: (one[key], other[key]) for key in keys if one[key] != other[key]}


def _units(result: Result) -> Units:
    return {(a.need, a.slot): a.quantity for a in result.allocation}


def _allocation(units: Units) -> Allocation:
    return Allocation([(slot, need, n) for (need, slot), n in units.items() if n])
