"""The rules of a policy."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from tests.oracles.filling import Filling
from tests.oracles.numbers import exact
from tests.oracles.vocabulary import By, Plan, Where, plain

FIELDS = ("population", "entitlement", "demand", "people")


class Rules(Filling):
    """What breaks rules, and all that is wrong with a plan."""

    def violations(self, plan: Plan) -> list[str]:
        """Return what is wrong with a plan, in words; empty if it is feasible."""
        wrong = self.structure(plan)
        if any(line.startswith("plan:") for line in wrong):
            return wrong
        usable = set(self.arcs)
        for key in plan:
            if key not in usable:
                code = self.codes[key[:2]] or "start"
                wrong.append(f"{code}: {key} may not be")
        for key, least in self.kept().items():
            if key not in usable:
                code = self.codes[key[:2]] or "start"
                wrong.append(f"decision: {key} must stay, but is refused ({code})")
            elif plan.get(key, 0) < least:
                wrong.append(f"decision: {key} must keep {least} units")
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
        if rule.measure == "mix":
            found = self.mixes(plan, by, where)
        else:
            found = self._judged_values(rule, plan, by, where)
        limits = self.limits(rule.measure, rule.bound, by, where, found)
        return [
            f"{label} {rule.bound} by {by}: {group} has {value}"
            for group, value in found.items()
            if group in limits
            and (
                value < limits[group]
                if rule.op == "at_least"
                else value > limits[group]
            )
        ]

    def _judged_values(
        self, rule: Any, plan: Plan, by: By, where: Where
    ) -> dict[Any, Fraction]:
        """Return the values that a rule bounds, by group ("all" without groups)."""
        if by is not None:
            return self.judged(plan, rule.measure, by, where)
        unit = {"fill_rate": "need", "utilization": "slot"}.get(rule.measure)
        if unit and not self.judged(plan, rule.measure, unit, where):
            return {}  # a share of nothing is no share
        return {"all": Fraction(self.measure(plan, rule.measure, None, where))}

    def mixes(self, plan: Plan, by: By, where: Where) -> dict[Any, Fraction]:
        """Return which share of the units in use is of the needs that a filter names.

        What the filter says of slots limits both; where nothing is used, nothing is.
        """
        filters = where or {}
        here = {k: v for k, v in filters.items() if self.side("mix", k) == "slot"}
        named = {k: v for k, v in filters.items() if k not in here}
        chosen = self.selection("mix", by, here)
        units: dict[Any, list[int]] = {}
        for flow in self.flows("served", plan):
            if not chosen.admits(flow):
                continue
            for group in chosen.of(*flow[:3]) if by is not None else ("all",):
                counts = units.setdefault(group, [0, 0])
                counts[0] += flow.units
                if self.matches("mix", named, need=flow.need):
                    counts[1] += flow.units
        return {group: Fraction(of, all_) for group, (all_, of) in units.items()}

    def limits(
        self, name: str, bound: Any, by: By, where: Where, groups: Iterable[Any]
    ) -> dict[Any, Fraction]:
        """Return the bound of each group that has one."""
        if by is None:
            return {"all": self.bound(name, bound)}
        if isinstance(bound, str) and bound in FIELDS:
            found = {g: self.field(name, bound, by, where, g) for g in groups}
        elif isinstance(bound, Mapping):
            found = {g: self.bound(name, bound[g]) for g in groups if g in bound}
        else:
            return {group: self.bound(name, bound) for group in groups}
        return {group: value for group, value in found.items() if value is not None}

    def field(
        self, name: str, field: str, by: By, where: Where, group: Any
    ) -> Fraction | None:
        """Return what a group has in a field that `weights` may name, None: nothing."""
        if field in ("demand", "people"):
            needs = self.selection(name, by, where).asked(group)
            if field == "demand":
                return Fraction(self.asked(name, needs))
            heads = [need.people for need in needs if need.people is not None]
            return Fraction(sum(heads)) if heads else None
        members = [
            community
            for community in self.instance.communities
            if group == (community.id if by == "community" else community.area)
        ]
        given = [getattr(c, field) for c in members if getattr(c, field) is not None]
        return sum(map(exact, given), Fraction(0)) if given else None
