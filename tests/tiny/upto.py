"""Goals that count up to a ceiling and bounds by group, added to random policies."""

import random
from typing import TYPE_CHECKING, Any

from tests import oracles
from tests.tiny.records import Fields, namespace, policy_namespace

if TYPE_CHECKING:
    from collections.abc import Sequence

NEED_MEASURES = (
    *("served", "served", "served", "fill_rate", "weighted_served", "unmet"),
    *("travel", "borrowed", "fees", "demand"),
)
SLOT_MEASURES = ("served", "used", "used", "utilization", "cost", "opened_slots")
NEED_KEYS = ("community", "area", "kind", "need", "person", "group")
SLOT_KEYS = ("slot", "facility", "provider", "sector", "day", "week", "month")
RATIOS = ("fill_rate", "utilization")
PAIRS = (("community", "kind"), ("kind", "group"), ("community", "day"))


def with_ceilings(seed: int, fields: Fields, policy: Fields) -> Fields:
    """Return a policy with some goals that add up groups, and bounds by group.

    Some needs of the fields get heads.
    """
    return Ceilings(seed, fields, policy).policy()


class Ceilings:
    """One policy in the making."""

    def __init__(self, seed: int, fields: Fields, policy: Fields) -> None:
        self.rng = random.Random(f"upto {seed}")
        self.fields, self.given = fields, policy
        for row in fields["needs"]:
            if self.rng.random() < 0.3:
                row["people"] = self.rng.choice((1, 2, 5))
        self.case = oracles.Case(namespace(fields), ())

    def policy(self) -> Fields:
        """Return the fields of a policy."""
        rng = self.rng
        goals = [*self.given["goals"]]
        for _ in range(rng.choice((1, 1, 2))):
            goals.insert(rng.randint(0, min(len(goals), 2)), self.goal())
        rules = [self.by_group(rule) for rule in self.given["rules"]]
        if rng.random() < 0.35:
            rules.append(self.rule())
        if rng.random() < 0.12:
            rules.append(self.mix())
        return {**self.given, "rules": rules, "goals": goals[:4]}

    def goal(self) -> Fields:
        """Return a goal that adds up groups, mostly each up to a ceiling."""
        rng = self.rng
        on_need_side = rng.random() < 0.7
        measure = rng.choice(NEED_MEASURES if on_need_side else SLOT_MEASURES)
        goal: Fields = {"op": "maximize", "measure": measure}
        if rng.random() < 0.85:
            goal["by"] = self._by(measure, on_need_side=on_need_side)
        if rng.random() < 0.3:
            goal["where"] = self._where(measure)
        if rng.random() < 0.85 or "by" not in goal:
            goal["upto"] = self._numbers(goal)
        if rng.random() < 0.05:
            goal["slack"] = rng.choice(("1/3", 0.1))
        return goal

    def rule(self) -> Fields:
        """Return a bound on each of some groups."""
        rng = self.rng
        on_need_side = rng.random() < 0.7
        measure = rng.choice(("served", "fill_rate") if on_need_side else ("used",))
        op = "at_most" if rng.random() < 0.7 else "at_least"
        by = self._by(measure, on_need_side=on_need_side)
        rule: Fields = {"op": op, "measure": measure, "by": by}
        return {**rule, "bound": self._numbers(rule)}

    def mix(self) -> Fields:
        """Return a bound on the share of some needs among all that are in a place."""
        rng, needs = self.rng, self.fields["needs"]
        groups = sorted({g for need in needs for g in need.get("groups", ())})
        choices: list[Fields] = [{"need": needs[0]["id"]}]
        choices += [{"community": needs[-1]["community"]}]
        choices += [{"group": group} for group in groups]
        where = rng.choice(choices)
        if rng.random() < 0.25:
            where = {**where, "slot": self.fields["slots"][0]["id"]}
        rule: Fields = {"op": "at_least" if rng.random() < 0.7 else "at_most"}
        rule |= {"measure": "mix", "bound": rng.choice(("1/3", "1/2", "2/3", 1, 0))}
        by = rng.choice((None, "slot", "slot", "facility", "day", ["facility", "day"]))
        if by is not None:
            rule["by"] = by
        rule["where"] = where
        if by == "slot" and rng.random() < 0.3:
            ids = [slot["id"] for slot in self.fields["slots"]]
            rule["bound"] = {one: rng.choice(("1/4", "1/2")) for one in ids[1:]} or 1
        return rule

    def by_group(self, rule: Fields) -> Fields:
        """Return a rule, its bound now and then one number for each group."""
        is_plain = not isinstance(rule.get("bound"), str) or "/" in rule["bound"]
        if rule["op"] == "within" or rule.get("by", "assignment") == "assignment":
            return rule
        if not is_plain or self.rng.random() < 0.5:
            return rule
        return {**rule, "bound": self._numbers(rule)}

    def _by(self, measure: str, *, on_need_side: bool) -> Any:
        rng = self.rng
        if measure == "served" and rng.random() < 0.15:
            return list(rng.choice(PAIRS))
        keys = [*(NEED_KEYS if on_need_side else SLOT_KEYS)]
        if on_need_side and measure in ("fees", "travel", "served"):
            keys.append("day")
        return rng.choice(keys)

    def _where(self, measure: str) -> Fields:
        rng = self.rng
        groups = sorted(
            {g for need in self.fields["needs"] for g in need.get("groups", ())}
        )
        if measure in ("served", "fill_rate") and groups and rng.random() < 0.6:
            return {"group": rng.choice(groups)}
        if self.case.side(measure, "need") == "need" and measure not in SLOT_ONLY:
            return {
                "need": [n["id"] for n in self.fields["needs"] if rng.random() < 0.7]
                or [self.fields["needs"][0]["id"]]
            }
        return {"slot": self.fields["slots"][0]["id"]}

    def _numbers(self, term: Fields) -> Any:
        """Return one number, numbers by group or a field of the groups."""
        rng, by, measure = self.rng, term.get("by"), term["measure"]
        choices: Sequence[Any] = (0, 1, 1, 2, 3)
        if measure in RATIOS:
            choices = ("1/3", "1/2", "2/3", 1, 0, "0.9")
        if measure == "travel":
            choices = (0, 300, 900, 2500)
        if measure in ("fees", "cost"):
            choices = (0, "0.50", 1, "2.25")
        if rng.random() < 0.08 and measure == "served":
            choices = ("1/2", "3/2", "5/3")
        if by is None or rng.random() < 0.35:
            return rng.choice(choices)
        if by in ("community", "area") and rng.random() < 0.4 and measure not in RATIOS:
            return rng.choice(("population", "entitlement"))
        pair = by if isinstance(by, list) else [by]
        on_needs = all(key in NEED_KEYS for key in pair)
        if on_needs and measure in ("served", "weighted_served") and rng.random() < 0.3:
            return rng.choice(("demand", "demand", "people"))
        row = policy_namespace({"goals": [{**term, "op": "maximize"}]}).goals[0]
        groups = self.case.selection(measure, row.by, row.where).groups
        numbers = {
            group if isinstance(group, str) else " | ".join(group): rng.choice(choices)
            for group in groups
            if rng.random() < 0.8
        }
        return numbers or rng.choice(choices)


SLOT_ONLY = ("used", "utilization", "cost", "opened_slots")
