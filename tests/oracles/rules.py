"""The rules of a policy."""

from fractions import Fraction
from typing import Any

from tests.oracles.filling import Filling
from tests.oracles.vocabulary import Plan, plain


class Rules(Filling):
    """What breaks rules, and all that is wrong with a plan."""

    def violations(self, plan: Plan) -> list[str]:
        """Return what is wrong with a plan, in words; empty if it is feasible."""
        wrong = self.structure(plan)
        if any(line.startswith("plan:") for line in wrong):
            return wrong
        for n, s in plan:
            code = self.codes[n, s]
            if code is not None:
                wrong.append(f"{code}: need {n} may not use slot {s}")
        for pair, least in self.kept().items():
            code = self.codes[pair]
            if code is not None:
                wrong.append(f"decision: {pair} must stay, but is refused ({code})")
            elif plan.get(pair, 0) < least:
                wrong.append(f"decision: {pair} must keep {least} units")
        for rule in self.rules:
            wrong += self.rule_violations(rule, plan)
        return wrong

    def rule_violations(self, rule: Any, plan: Plan) -> list[str]:
        """Return the groups in which a plan breaks a rule not by assignment."""
        by = plain(rule.by)
        if by == "assignment":
            return []
        label = f"rule: {rule.op} {rule.measure}"
        where = getattr(rule, "where", None)
        if rule.op == "within":
            values = self.judged(plan, rule.measure, by, where)
            spread = max(values.values(), default=0) - min(values.values(), default=0)
            if spread <= self.bound(rule.measure, rule.width):
                return []
            return [f"{label} {rule.width} by {by}: the spread is {spread}"]
        if str(rule.bound).startswith("alone"):
            less = int(rule.bound.removeprefix("alone").removeprefix(" - ") or 0)
            groups = self.selection("served", "community", where).judged
            served = self.measure(plan, "served", "community", where)
            owed = {group: self.alone(str(group)) - less for group in groups}
            return [
                f"{label} {rule.bound}: {group} has {served[group]}, not {units}"
                for group, units in owed.items()
                if served[group] < units
            ]
        bound = self.bound(rule.measure, rule.bound)
        found: dict[Any, Fraction]
        unit = {"fill_rate": "need", "utilization": "slot"}.get(rule.measure)
        if by is None and unit and not self.judged(plan, rule.measure, unit, where):
            found = {}  # a share of nothing is no share
        elif by is None:
            found = {"all": Fraction(self.measure(plan, rule.measure, None, where))}
        else:
            found = self.judged(plan, rule.measure, by, where)
        return [
            f"{label} {rule.bound} by {by}: {group} has {value}"
            for group, value in found.items()
            if (value < bound if rule.op == "at_least" else value > bound)
        ]
