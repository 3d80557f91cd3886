"""Random policies of offices: measures of bookings, ceilings, mixes, weekly hours."""

# Each feature is one `if`: splitting them would hide what a policy may have.
# ruff: noqa: C901

from collections.abc import Sequence
from itertools import product
from typing import Any

from tests.offices.towns import CLOCKS, WEEK, OfficeTown
from tests.tiny.records import Fields

COUNTS = ("served", "minutes", "bookings", "served")
NEED_GROUPS: tuple[Any, ...] = ("community", "need", "group", "person", "kind")
PAIRS = (["community", "kind"], ["community", "group"])
DATED_GROUPS: tuple[Any, ...] = ("day", "weekday", "week", "facility", "slot")
UNITS = (0, 1, 1, 2, 3)
MINUTES = (0, 30, 60, 60, 90, 120, 150)
MONEY = (0, 1, 2, "2.50", 4, 6)
LIMITS: dict[str, tuple[Any, ...]] = {
    "served": UNITS,
    "bookings": UNITS,
    "fill_rate": ("1/3", "1/2", 1),
    **dict.fromkeys(("fees", "unit_subsidy", "unit_cost"), MONEY),
}
"""Amounts of a measure; of `minutes`, `MINUTES`."""


class OfficeDraw(OfficeTown):
    """One attempt at a random office and what its policy may say."""

    def policy(self) -> Fields:
        """Return the fields of a policy that suits the instance."""
        fields = super().policy()
        rules = fields["rules"]
        if self.on("upto", 0.12):
            self._insert(fields, self._upto())
        if self.on("limits", 0.1):
            rules.append(self._limit())
        if self.on("named", 0.05):
            rules.append(self._named())
        if self.on("ceilings", 0.06):
            rules.append(self._ceiling())
        self._new_measures(fields)
        self.moves = any(
            term["measure"] == "moved" for term in (*rules, *fields["goals"])
        )
        return fields

    def _new_measures(self, fields: Fields) -> None:
        """Add goals and rules on what only offices measure."""
        rules = fields["rules"]
        if self.on("preferred", 0.08):
            self._insert(fields, self._filtered(self._unpreferred(), ("need",), 0.1))
        if self.on("measures", 0.1):
            self._insert(fields, self._counted())
        if self.on("heads", 0.04):
            goal = {"op": "leximin", "measure": "served", "by": self._need_group()}
            self._insert(fields, {**goal, "weights": "people"})
        if self.on("costs", 0.08):
            measure = self.rng.choice(("unit_subsidy", "unit_cost", "fees"))
            goal = {"op": "minimize", "measure": measure}
            self._insert(fields, self._filtered(goal, ("need", "slot"), 0.2))
        if self.on("mix", 0.05):
            rules.append(self._mix())
        if self.on("single", 0.05):
            rules.append(self._by_assignment())
        if self.on("time", 0.08):
            for term in (*rules, *fields["goals"]):
                if self.rng.random() < 0.4 and term.get("bound") != "alone":
                    term.setdefault("where", {}).update(self._hours())

    def _where(self, sides: Sequence[str]) -> Fields:
        if "slot" in sides and self.on("time", 0.1):
            return self._hours()
        return super()._where(sides)

    def _hours(self) -> Fields:
        """Return a filter by weekly hours or weekday."""
        rng = self.rng
        if rng.random() < 0.4:
            return {"weekday": rng.choice(("fri", "sat", ["fri", "mon"]))}
        windows = [f"{rng.choice(WEEK)} {rng.choice(CLOCKS)}".strip() for _ in "ab"]
        return {"time": rng.choice((windows[0], windows[0], windows))}

    def _need_group(self) -> Any:
        return self.rng.choice(NEED_GROUPS)

    def _unpreferred(self) -> Fields:
        return {"op": "minimize", "measure": "unpreferred"}

    def _all_say_minutes(self) -> bool:
        return all("minutes" in row for row in self.fields["needs"])

    def _counted(self) -> Fields:
        """Return a goal that levels or adds up bookings or minutes."""
        rng = self.rng
        measure = rng.choice(("bookings", "minutes"))
        if rng.random() < 0.3:
            goal = {"op": "maximize", "measure": measure}
            return self._filtered(goal, ("need", "slot"), 0.2)
        by = self._need_group() if rng.random() < 0.8 else rng.choice(DATED_GROUPS)
        goal = {"op": "leximin", "measure": measure, "by": by}
        if by in DATED_GROUPS:
            goal["op"] = rng.choice(("leximin", "leximax"))
        elif self.on("asked", 0.3) and (
            measure != "minutes" or self._all_say_minutes()
        ):
            goal["weights"] = "demand"
        return self._filtered(goal, ("need",), 0.1)

    def _amount(self, measure: str) -> Any:
        """Return a number for a measure."""
        return self.rng.choice(LIMITS.get(measure, MINUTES))

    def _amounts(self, measure: str, by: Any) -> Any:
        """Return one number, numbers by group or a field of the group."""
        rng = self.rng
        style = rng.random()
        keys = by if isinstance(by, list) else [by]
        if style < 0.35 or by is None or {*keys} & {*DATED_GROUPS}:
            return self._amount(measure)
        fields = ["entitlement"] if by == "community" else []
        if measure == "served" and self.fields.get("communities"):
            fields.append("demand")
        if style < 0.6 and fields:
            return rng.choice(fields)
        if isinstance(by, list):
            names = [" | ".join(pair) for pair in product(*map(self._names, by))]
        else:
            names = self._names(by)
        found = {g: self._amount(measure) for g in names if rng.random() < 0.8}
        return found or self._amount(measure)

    def _upto(self) -> Fields:
        """Return a goal that counts groups as far as their bound."""
        rng = self.rng
        measure = rng.choice(COUNTS)
        if "priced" in self.features and rng.random() < 0.4:
            measure = rng.choice(("fees", "unit_subsidy", "unit_cost", "fill_rate"))
        by = rng.choice((None, *NEED_GROUPS, *NEED_GROUPS, *PAIRS, "day", "facility"))
        if measure == "fill_rate" and by in DATED_GROUPS:
            by = "group"
        goal: Fields = {"op": "maximize", "measure": measure}
        if by is not None:
            goal["by"] = by
        if by is None or rng.random() < 0.85:
            goal["upto"] = self._amounts(measure, by)
        return self._filtered(goal, ("need", "slot"), 0.15)

    def _ceiling(self) -> Fields:
        """Return a ceiling of money by person, need or group."""
        rng = self.rng
        by: Any = rng.choice(("person", "need", "group", "community"))
        if "priced" in self.features and rng.random() < 0.4:
            by = rng.choice((*PAIRS, "kind", *DATED_GROUPS, ["person", "week"]))
        measure = rng.choice(("unit_subsidy", "unit_subsidy", "unit_cost", "fees"))
        bound: Any = rng.choice(MONEY)
        if rng.random() < 0.5 and isinstance(by, str) and by not in DATED_GROUPS:
            bound = {g: rng.choice(MONEY) for g in self._names(by)} or bound
        op = "at_most"
        if "priced" in self.features and rng.random() < 0.15:
            op = "at_least"
        rule = {"op": op, "measure": measure, "bound": bound, "by": by}
        return self._filtered(rule, ("need",), 0.1)

    def _limit(self) -> Fields:
        """Return a limit of units, bookings or minutes by groups of either side."""
        rng = self.rng
        measure = rng.choice(COUNTS)
        pairs = (*PAIRS, ["need", "day"], ["need", "week"], ["group", "weekday"])
        by = rng.choice((*NEED_GROUPS, *DATED_GROUPS, *pairs))
        op = "at_most" if rng.random() < 0.85 else "at_least"
        bound = self._amounts(measure, by)
        rule = {"op": op, "measure": measure, "bound": bound, "by": by}
        return self._filtered(rule, ("need", "slot"), 0.2)

    def _mix(self) -> Fields:
        rng = self.rng
        rule: Fields = {"op": rng.choice(("at_least", "at_most")), "measure": "mix"}
        rule["bound"] = rng.choice(("1/3", "1/2", "2/3", 0.25, 1, 0))
        by = rng.choice((None, "slot", "slot", "facility", "day", "weekday"))
        if by is not None:
            rule["by"] = by
        rule["where"] = {"group": rng.choice(("elderly", "disabled"))}
        if rng.random() < 0.2:
            rule["where"] |= self._hours()
        return rule

    def _named(self) -> Fields:
        """Return a rule that judges some groups only."""
        rng = self.rng
        by = rng.choice(("group", "group", "need", "community", "kind"))
        names = self._names(by)
        where = {by: sorted(rng.sample(names, min(len(names), rng.randint(1, 2))))}
        if by == "kind":
            where = {by: [rng.choice(names).split("/")[0]]}
        measure = rng.choice(("fill_rate", "served", "minutes"))
        if rng.random() < 0.6:
            width: Any = rng.choice((0, "1/3")) if measure == "fill_rate" else 1
            rule: Fields = {"op": "within", "measure": measure, "width": width}
        else:
            bound: Any = "1/2" if measure == "fill_rate" else self._amount(measure)
            op = rng.choice(("at_most", "at_least"))
            rule = {"op": op, "measure": measure, "bound": bound}
        return {**rule, "by": by, "where": where}

    def _by_assignment(self) -> Fields:
        """Return a rule that allows or forbids single bookings."""
        rng = self.rng
        measure = rng.choice(("unpreferred", "minutes", "unit_subsidy", "fees", "wait"))
        rule: Fields = {"op": "at_most", "measure": measure, "by": "assignment"}
        rule["bound"] = rng.choice((0, 1, 2, 3))
        if measure == "minutes":
            rule["bound"] = rng.choice(MINUTES)
            rule["op"] = rng.choice(("at_most", "at_least"))
        if rng.random() < 0.5:
            rule["where"] = self._hours()
        return rule
