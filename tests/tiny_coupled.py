"""Tiny random problems that couple: whole needs, courses, rooms, budgets, crossings.

`tiny_coupled_case` adds to what `tests.tiny` draws every field and rule that leaves the
network class, small enough for brute force.
"""

# Each feature is one `if`: splitting them would hide what a case may have.
# ruff: noqa: C901, PLR0912

import random
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from tests import oracles
from tests.tiny import (
    LINEAR_MAXIMA,
    LINEAR_MINIMA,
    Draw,
    Fields,
    drawn_once,
    namespace,
    policy_namespace,
)

COUPLED_PROFILES: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "whole",
        "whole reserve max_units areas past",
        "min_quantity caps",
        "sessions timed untimed_too",
        "sessions every timed",
        "persons clash timed",
        "persons clash timed week",
        "together",
        "together sessions timed",
        "min_units whole",
        "min_units either",
        "either timed",
        "opening money opened",
        "opening money providers subsidy",
        "sizes caps",
        "sizes whole reserve max_units",
        "budgets money",
        "budgets links weights dates",
        "within",
        "within loads utilization",
        "overlap groups",
        "week persons timed",
        "mixed timed areas",
        "slack money links",
        "baseline budgets",
        "baseline links whole",
        "coupled_loads links money",
        "whole decisions min_units",
        "sessions decisions timed",
        "alone whole areas persons clash timed min_units",
        "opening money budgets slack",
        "weights vulnerable whole overlap groups",
    )
)

MOST_ARCS = 10
MOST_FILLINGS = 2500
COSTS = (0, 1, "0.50", 2, "3.25")
COUNTED = ("opened_slots", "opened_facilities")
SUMS = ("travel", "weighted_served", "cost", "subsidy", "fees", "wait", *COUNTED)
MIXED = (
    ("community", "week"),
    ("person", "week"),
    ("community", "slot"),
    ("day", "kind"),
    ("group", "facility"),
    ("group", "kind"),
    ("need", "day"),
)


@drawn_once
def tiny_coupled_case(seed: int) -> tuple[Fields, Fields, list[Fields] | None]:
    """Return fields of an instance and a policy that couple, and a baseline or None."""
    features = COUPLED_PROFILES[seed % len(COUPLED_PROFILES)]
    rng = random.Random(f"coupled {seed}")
    while True:
        draw = CoupledDraw(rng, features)
        instance = draw.instance()
        policy = draw.policy()
        baseline = draw.baseline()
        if _accepted(instance, policy, baseline, rng):
            return instance, policy, baseline


def plan_of(baseline: list[Fields] | None) -> dict[tuple[str, str], int] | None:
    """Return a baseline as the oracle takes it."""
    if baseline is None:
        return None
    return {(row["need"], row["slot"]): row["quantity"] for row in baseline}


def _accepted(
    instance: Fields, policy: Fields, baseline: list[Fields] | None, rng: random.Random
) -> bool:
    """Say whether a case is small, coupled and mostly decided by its goals."""
    records, terms = namespace(instance), policy_namespace(policy)
    sessions: dict[str, int] = {}
    for need in records.needs:
        if need.together is not None:
            asked = sessions.setdefault(need.together, need.sessions)
            if asked != need.sessions:
                return False
    case = oracles.Case(records, terms.rules, plan_of(baseline))
    if len(case.arcs) > MOST_ARCS or len(case.arcs) < rng.choice((1, 2, 3)):
        return False
    fillings = case.fillings(case.arcs, {})
    if len(list(islice(fillings, MOST_FILLINGS + 1))) > MOST_FILLINGS:
        return False
    if oracles.is_network(records, terms) and rng.random() < 0.9:
        return False
    left = list(case.plans())
    if len(left) < rng.choice((0, 1, 2, 3, 4)):
        return False
    return not terms.goals or _is_open(case, terms.goals, left) or rng.random() < 0.1


def _is_open(case: oracles.Case, goals: Any, left: list[Any]) -> bool:
    """Say whether any goal tells feasible plans apart."""
    return any(
        len({case.goal_value(goal, plan) for plan in left}) > 1 for goal in goals
    )


class CoupledDraw(Draw):
    """One attempt at a random case that couples."""

    def baseline(self) -> list[Fields] | None:
        """Return an earlier plan, if any rule or goal asks what has moved."""
        if not self.on("baseline", 0.0) and not self.moves:
            return None
        rng = self.rng
        pairs = [(n, s) for n in self.ids("needs") for s in self.ids("slots")]
        chosen = rng.sample(pairs, min(len(pairs), rng.randint(1, 4)))
        return [
            {"need": need, "slot": slot, "quantity": rng.choice((1, 1, 2, 3))}
            for need, slot in chosen
        ]

    def instance(self) -> Fields:
        """Return the fields of an instance."""
        rng = self.rng
        self.moves = False
        fields = super().instance()
        for row in fields["needs"]:
            self._coupled_need(row)
        if self.on("week", 0.05) and self.timed:
            for row in fields["slots"]:
                self._shift(row, days=rng.choice((0, 0, 7)))
        for row in fields["slots"]:
            if self.on("every", 0.05) and "start" in row:
                self._align(row)
            if self.on("min_units", 0.06) and row["capacity"] > 1:
                row["min_units"] = rng.randint(1, row["capacity"])
            if self.on("either", 0.06):
                row["either"] = rng.choice(("e", "e", "d"))
            if self.on("opening", 0.06):
                row["opening_cost"] = rng.choice(COSTS)
        for row in fields["facilities"]:
            if self.on("opening", 0.06):
                row["opening_cost"] = rng.choice(COSTS)
        if self.on("sizes", 0.06):
            self._sizes(fields)
        return fields

    def _coupled_need(self, row: Fields) -> None:
        rng = self.rng
        if self.on("whole", 0.06) and rng.random() < 0.7:
            row["whole"] = True
            row["quantity"] = rng.choice((1, 2, 2, 3))
        if self.on("min_quantity", 0.06) and rng.random() < 0.8:
            row["quantity"] = rng.choice((2, 3, 3))
            row["min_quantity"] = rng.randint(1, row["quantity"])
        if self.on("together", 0.06) and rng.random() < 0.8:
            row["together"] = rng.choice(("t", "t", "u"))
        if self.on("sessions", 0.05) and rng.random() < 0.8:
            row["sessions"] = rng.choice((2, 2, 3))
            row["quantity"] = rng.choice((1, 1, 2))
            row.pop("min_quantity", None)
            if self.on("every", 0.15):
                row["every"] = rng.choice((60, 1440, 1440))
        if self.on("clash", 0.05):
            row["person"] = rng.choice(("ann-x", "ann-x", "bo-y"))

    def _align(self, row: Fields) -> None:
        """Move a slot to one of a few times that make series."""
        start = datetime.fromisoformat(row["start"]).replace(
            hour=self.rng.choice((9, 10)), day=30, month=1
        ) + timedelta(days=self.rng.randint(0, 2))
        end = start + timedelta(minutes=self.rng.choice((60, 60, 90)))
        row["start"] = start.isoformat(timespec="minutes")
        row["end"] = end.isoformat(timespec="minutes")

    def _shift(self, row: Fields, days: int) -> None:
        for key in ("start", "end"):
            if key in row:
                moved = datetime.fromisoformat(row[key]) + timedelta(days=days)
                row[key] = moved.isoformat(timespec="minutes")

    def _sizes(self, fields: Fields) -> None:
        rng = self.rng
        pairs = {(p["need"], p["slot"]): p for p in fields.get("pairs", ())}
        for need in self.ids("needs"):
            for slot in self.ids("slots"):
                if rng.random() < 0.5:
                    row = pairs.setdefault((need, slot), {"need": need, "slot": slot})
                    row["units"] = rng.choice((1, 2, 2, 3))
                    if rng.random() < 0.3:
                        row["cost"] = rng.choice(COSTS)
        fields["pairs"] = list(pairs.values())

    # Policies

    def policy(self) -> Fields:
        """Return the fields of a policy that suits the instance."""
        rng = self.rng
        fields = super().policy()
        if self.on("budgets", 0.06):
            fields["rules"].append(self._budget())
        if self.on("within", 0.05):
            fields["rules"].append(self._within())
        if self.on("mixed", 0.05):
            by = list(rng.choice(MIXED))
            rule = {"op": "at_most", "measure": "served", "bound": rng.randint(1, 2)}
            fields["rules"].append({**rule, "by": by})
        if self.on("week", 0.03):
            rule = {"op": "at_most", "measure": "served", "bound": 1}
            by = rng.choice((["person", "week"], ["community", "week"]))
            fields["rules"].append({**rule, "by": by})
        if self.on("overlap", 0.05):
            for row in self.fields["needs"]:
                if rng.random() < 0.5:
                    row["groups"] = ["elderly", "disabled"]
            goal = {"op": "leximin", "measure": "fill_rate", "by": "group"}
            self._insert(fields, goal)
        if self.on("coupled_loads", 0.05):
            self._insert(fields, self._load())
        if self.on("opened", 0.05):
            measure = rng.choice((*COUNTED, "cost"))
            op = "minimize" if rng.random() < 0.8 else "maximize"
            self._insert(fields, {"op": op, "measure": measure})
        if self.on("subsidy", 0.03):
            op = "minimize" if rng.random() < 0.8 else "maximize"
            self._insert(fields, {"op": op, "measure": "subsidy"})
        if self.on("baseline", 0.03):
            op = "minimize" if rng.random() < 0.8 else "maximize"
            self._insert(fields, {"op": op, "measure": "moved"})
            self.moves = True
        if self.on("slack", 0.05):
            for goal in fields["goals"]:
                if goal["op"] in ("maximize", "minimize") and rng.random() < 0.7:
                    goal["slack"] = rng.choice((0.1, "1/3", 0.5, "0.02", 1))
        self.moves |= any(
            term["measure"] == "moved" for term in (*fields["rules"], *fields["goals"])
        )
        return fields

    def _insert(self, fields: Fields, goal: Fields) -> None:
        goals = fields["goals"]
        if goal not in goals:
            goals.insert(self.rng.randint(0, min(2, len(goals))), goal)

    def _budget(self) -> Fields:
        rng = self.rng
        rule: Fields = {"op": "at_most" if rng.random() < 0.8 else "at_least"}
        rule["measure"] = rng.choice(SUMS)
        if "baseline" in self.features and rng.random() < 0.4:
            rule["measure"] = "moved"
        rule["bound"] = rng.choice((0, 1, 2, 3, "2.50", 5))
        if rule["measure"] == "travel":
            rule["bound"] = rng.choice((0, 300, 900, 2500))
        if rule["measure"] in ("cost", "subsidy", *COUNTED):
            if rng.random() < 0.3:
                rule["by"] = rng.choice(("facility", "slot", "community"))
        elif rng.random() < 0.4:
            rule["by"] = rng.choice(("community", "need", "kind"))
        return self._filtered(rule, ("need", "slot"), 0.2)

    def _within(self) -> Fields:
        rng = self.rng
        by, measure = rng.choice(
            (
                ("community", "fill_rate"),
                ("community", "served"),
                ("need", "fill_rate"),
                ("kind", "travel"),
                ("slot", "utilization"),
                ("facility", "used"),
                ("facility", "cost"),
                ("group", "fill_rate"),
            )
        )
        widths: tuple[Any, ...] = (0, 1, 2)
        if measure in ("fill_rate", "utilization"):
            widths = (0, "1/3", 0.5)
        if measure == "travel":
            widths = (0, 500, 1500)
        rule = {"op": "within", "measure": measure, "by": by}
        return self._filtered({**rule, "width": rng.choice(widths)}, ("need",), 0.1)

    def _load(self) -> Fields:
        rng = self.rng
        measure = rng.choice(("travel", "fees", "cost", "weighted_served", "subsidy"))
        by = rng.choice(("community", "need"))
        if measure in ("cost", "subsidy"):
            by = rng.choice(("facility", "slot"))
        op = rng.choice(("leximax", "leximax", "leximin"))
        return {"op": op, "measure": measure, "by": by}

    def _linear_goal(self, position: int) -> Fields:
        goal = super()._linear_goal(position)
        if "slack" in self.features and self.rng.random() < 0.4:
            name = self.rng.choice(
                LINEAR_MAXIMA if goal["op"] == "maximize" else LINEAR_MINIMA
            )
            goal["measure"] = name
        return goal
