"""Random policies that suit an instance."""

# Each feature is one `if`: splitting them would hide what a case may have.
# ruff: noqa: C901

from collections.abc import Sequence
from typing import Any

from tests.tiny.instances import Town
from tests.tiny.records import Fields

RATIOS = ("1/3", "1/2", 0.25, 1, "2/3")
LINEAR_MINIMA = (
    "travel",
    "wait",
    "lateness",
    "fees",
    "parity_gap",
    "rank",
    "tier",
    "lent",
    "borrowed",
    "cost",
    "subsidy",
    "unmet",
)
LINEAR_MAXIMA = (
    "served",
    "served",
    "served",
    "fill_rate",
    "weighted_served",
    "used",
    "utilization",
)
NEED_CHAINS: tuple[tuple[Any, ...], ...] = (
    ("need", "community", "area"),
    ("need", "person", "community", "area"),
    ("need", ("community", "kind"), "community", "area"),
    ("need", ("kind", "community"), "kind"),
    ("need", "kind"),
    ("need", "group"),
)
SLOT_CHAINS: tuple[tuple[Any, ...], ...] = (
    ("slot", "facility", "provider", "sector"),
    ("slot", "facility", "community", "area"),
    ("slot", ("facility", "day"), "facility"),
    ("slot", "day", "week"),
    ("slot", ("day", "sector"), "day", "month"),
)


class Draw(Town):
    """One attempt at a random case with some features."""

    def policy(self) -> Fields:
        """Return the fields of a policy that suits the instance."""
        rng = self.rng
        self.crossing = self.on("crossing", 0.03)
        self.need_chain = rng.choice(NEED_CHAINS)
        if "pair_group" in self.features:
            self.need_chain = rng.choice(NEED_CHAINS[2:4])
        if "persons" in self.features:
            self.need_chain = NEED_CHAINS[1]
        if "vulnerable" in self.features and rng.random() < 0.6:
            self.need_chain = NEED_CHAINS[5]
        if "areas" in self.features:
            self.need_chain = rng.choice(NEED_CHAINS[:3])
        self.slot_chain = rng.choice(SLOT_CHAINS)
        if "providers" in self.features:
            self.slot_chain = SLOT_CHAINS[0]
        if "day" in self.features:
            self.slot_chain = rng.choice(SLOT_CHAINS[2:])
        rules = self._assignment_rules() + self._bounds()
        goals: list[Fields] = []
        for position in range(rng.choice((1, 2, 2, 3, 3, 4))):
            goal = self._goal(position)
            if goal not in goals:
                goals.append(goal)
        return {"name": "tiny", "rules": rules, "goals": goals}

    def _by(self, side: str) -> Any:
        """Return groups of one side, as a file writes them."""
        rng = self.rng
        chain = self.need_chain if side == "need" else self.slot_chain
        if self.crossing and rng.random() < 0.6:
            chains = NEED_CHAINS if side == "need" else SLOT_CHAINS
            chain = rng.choice(chains)
        deep = "nested" in self.features or rng.random() < 0.5
        by = rng.choice(chain) if deep else chain[-1 if side == "slot" else 1]
        if side == "need" and not deep and rng.random() < 0.7:
            by = "community" if "community" in chain else by
        return list(by) if isinstance(by, tuple) else by

    def _where(self, sides: Sequence[str]) -> Fields:
        """Return a filter with one key, sometimes two."""
        rng, fields = self.rng, self.fields
        needs, slots = fields["needs"], fields["slots"]
        values: Fields = {}
        if "need" in sides:
            values["kind"] = sorted({n["kind"].split("/")[0] for n in needs})
            values["kind"] += sorted({n["kind"] for n in needs})
            values["group"] = ["elderly", "disabled"]
            values["tags"] = ["old"]
            values["need"] = self.ids("needs")
            values["community"] = self.ids("communities")
            values["area"] = self.ids("areas")
            values["person"] = sorted({n["person"] for n in needs if "person" in n})
        if "slot" in sides:
            days = sorted({s["start"][:10] for s in slots if "start" in s})
            values["day"] = days
            values["month"] = sorted({text[:7] for text in days})
            values["slot"] = self.ids("slots")
            values["facility"] = self.ids("facilities")
            values["provider"] = self.ids("providers")
            values["sector"] = sorted(
                {p["sector"] for p in fields.get("providers", ())}
            )
        keys = [key for key, found in values.items() if found]
        chosen = rng.sample(keys, 2 if rng.random() < 0.15 else 1)
        return {
            key: rng.choice(values[key])
            if rng.random() < 0.6
            else sorted(set(self.some(values[key])))
            for key in chosen
        }

    def _filtered(self, term: Fields, sides: Sequence[str], chance: float) -> Fields:
        if self.on("where", chance):
            term["where"] = self._where(sides)
        return term

    def _goal(self, position: int) -> Fields:
        rng = self.rng
        style = rng.random()
        if position == 0 and style > 0.9:
            style = 0.0
        loads = 0.35 if "loads" in self.features else 0.08
        if style < loads:
            return self._slot_goal()
        if style < (0.65 if position < 2 else 0.5):
            return self._need_goal()
        return self._linear_goal(position)

    def _need_goal(self) -> Fields:
        rng = self.rng
        by = self._by("need")
        term: Fields = {"op": "leximin", "measure": "fill_rate", "by": by}
        if rng.random() < 0.3:
            term["measure"] = "served"
            if rng.random() < 0.2:
                term["op"] = "leximax"
            elif by in ("community", "area") and rng.random() < 0.5:
                term["weights"] = rng.choice(("population", "entitlement"))
            elif isinstance(by, str) and rng.random() < 0.6:
                names = self._names(by)
                term["weights"] = {
                    name: rng.choice((0, 1, 2, 3, "1.5", "1/3"))
                    for name in names
                    if rng.random() < 0.9
                }
        return self._filtered(term, ("need",), 0.06)

    def _names(self, by: str) -> list[str]:
        needs = self.fields["needs"]
        if by == "group":
            return ["elderly", "disabled"]
        if by in ("kind", "person"):
            return sorted({n[by] for n in needs if by in n})
        if by == "area":
            return [a["id"] for a in self.fields.get("areas", ())]
        return self.ids({"need": "needs", "community": "communities"}[by])

    def _slot_goal(self) -> Fields:
        rng = self.rng
        by = self._by("slot")
        names = ["used", "utilization"]
        if "community" not in by and "area" not in by:
            names.append("served")
        term: Fields = {"op": rng.choice(("leximin", "leximin", "leximax")), "by": by}
        term["measure"] = rng.choice(names)
        if "utilization" in self.features and rng.random() < 0.6:
            term["measure"] = "utilization"
        return self._filtered(term, ("slot",), 0.06)

    def _linear_goal(self, position: int) -> Fields:
        rng = self.rng
        if position == 0 or rng.random() < 0.35:
            term: Fields = {"op": "maximize", "measure": rng.choice(LINEAR_MAXIMA)}
        else:
            term = {"op": "minimize", "measure": rng.choice(self._minima())}
        if rng.random() < 0.04:
            term["op"] = "minimize" if term["op"] == "maximize" else "maximize"
        return self._filtered(term, ("need", "slot"), 0.2)

    def _minima(self) -> Sequence[str]:
        """Return measures, most of them such that differ in this instance."""
        found = ["travel", "tier"]
        if self.on("money", 0.1):
            found += ["fees", "cost", "subsidy", "parity_gap"]
        if self.on("dates", 0.1):
            found += ["wait", "lateness"]
        if self.on("choices", 0.1):
            found += ["rank"]
        return found if self.rng.random() < 0.7 else LINEAR_MINIMA

    def _assignment_rules(self) -> list[Fields]:
        rng = self.rng
        found: list[Fields] = []
        if self.on("tier", 0.06):
            bounds = [0, 1, "own"]
            bounds += sorted({area["level"] for area in self.fields.get("areas", ())})
            found.append({"measure": "tier", "bound": rng.choice(bounds)})
        if self.on("parity", 0.04):
            found.append({"measure": "parity_gap", "bound": rng.choice((0, "0.50"))})
        if self.on("travel_rule", 0.06):
            bound = rng.choice((300, 500, 1000, 1500))
            found.append({"measure": "travel", "bound": bound})
        if rng.random() < 0.08:
            name = rng.choice(("fees", "wait", "lateness", "rank", "lent", "cost"))
            found.append({"measure": name, "bound": rng.choice((0, 1, 2))})
        for rule in found:
            rule["op"] = "at_most" if rng.random() < 0.95 else "at_least"
            rule["by"] = "assignment"
            self._filtered(rule, ("need", "slot"), 0.3)
        return found

    def _bounds(self) -> list[Fields]:
        rng = self.rng
        found: list[Fields] = []
        if self.on("alone", 0.05):
            rule: Fields = {"op": "at_least", "measure": "fill_rate", "bound": "alone"}
            found.append({**rule, "by": "community"})
        if self.on("floors", 0.1):
            found.append(self._bound("at_least"))
        if self.on("caps", 0.1):
            found.append(self._bound("at_most"))
        if self.crossing and rng.random() < 0.4:
            name = rng.choice(("lent", "borrowed", "weighted_served", "travel"))
            found.append({"op": "at_most", "measure": name, "bound": rng.randint(0, 3)})
        return found

    def _bound(self, op: str) -> Fields:
        rng = self.rng
        side = "slot" if rng.random() < 0.4 else "need"
        term: Fields = {"op": op}
        if rng.random() < 0.85:
            term["by"] = self._by(side)
        names = ["used", "utilization"] if side == "slot" else ["served", "fill_rate"]
        if side == "need" and rng.random() < 0.15:
            names = ["unmet"]
        term["measure"] = rng.choice(names)
        if term["measure"] in ("fill_rate", "utilization"):
            term["bound"] = rng.choice(RATIOS)
        else:
            term["bound"] = rng.choice((1, 1, 2, 3))
        sides = (side,)
        return self._filtered(term, sides, 0.25)
