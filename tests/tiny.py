"""Tiny random problems in the format of files, and plain stand-ins for records.

`tiny_case` draws an instance and a policy small enough for `tests.oracles`; `namespace`
and `policy_namespace` turn such fields into simple objects with every attribute that
records and policies have, without any check.
"""

# Each feature is one `if`: splitting them would hide what a case may have.
# ruff: noqa: C901

import pickle
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, wraps
from itertools import islice
from types import SimpleNamespace
from typing import Any, TypeAlias, TypeVar

from tests import oracles

Fields: TypeAlias = dict[str, Any]
Drawn = TypeVar("Drawn")


# Stand-ins for records


def decimal(value: Any) -> Decimal:
    """Return a number by its decimal text."""
    return Decimal(str(value))


def moment(value: Any) -> datetime:
    """Return a time from ISO 8601 text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def day(value: Any) -> date:
    """Return a date from ISO 8601 text; of a time, its date."""
    return value if type(value) is date else moment(value).date()


def spans(value: Any) -> tuple[SimpleNamespace, ...]:
    """Return windows with `start` and `end`."""
    return tuple(
        SimpleNamespace(start=moment(span["start"]), end=moment(span["end"]))
        for span in value
    )


def point(value: Any) -> tuple[float, float]:
    """Return a location as two floats."""
    return float(value[0]), float(value[1])


CONVERT: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("tags", "features", "groups", "kinds", "requires"), frozenset),
    **dict.fromkeys(("fee", "staff_fee", "unit_cost", "opening_cost"), decimal),
    **dict.fromkeys(("max_fee", "cost", "max_travel", "radius", "travel"), decimal),
    **dict.fromkeys(("entitlement", "detour", "speed"), decimal),
    **dict.fromkeys(("windows", "closed"), spans),
    **dict.fromkeys(("start", "end"), moment),
    **dict.fromkeys(("since", "due"), day),
    "location": point,
    "choices": tuple,
}

DEFAULTS: dict[str, Fields] = {
    "areas": {"level": "", "parent": None},
    "communities": {
        "area": None,
        "location": None,
        "population": None,
        "tags": (),
        "entitlement": None,
    },
    "providers": {"sector": "public", "community": None},
    "facilities": {
        "provider": None,
        "location": None,
        "features": (),
        "closed": (),
        "max_units": None,
        "share": None,
        "opening_cost": 0,
    },
    "slots": {
        "kinds": ("help",),
        "capacity": 1,
        "start": None,
        "end": None,
        "reserve": 0,
        "fee": 0,
        "staff_fee": None,
        "unit_cost": 0,
        "opening_cost": 0,
        "min_units": 0,
        "either": None,
        "share": None,
        "groups": (),
        "radius": None,
    },
    "needs": {
        "kind": "help",
        "quantity": 1,
        "groups": (),
        "weight": 1,
        "location": None,
        "windows": (),
        "max_travel": None,
        "max_fee": None,
        "requires": (),
        "choices": (),
        "since": None,
        "due": None,
        "min_quantity": 0,
        "whole": False,
        "sessions": 1,
        "every": None,
        "person": None,
        "together": None,
    },
    "pairs": {"cost": 0, "units": 1},
    "links": {"two_way": True},
    "past": {"community": None, "person": None},
    "decisions": {"quantity": None},
}
TRAVEL: Fields = {"unit": "km", "metric": "geo", "detour": 1, "speed": None}
TERM: Fields = {"by": None, "where": None}
GOAL: Fields = {"weights": None, "slack": None}


def record(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Return an object with `fields` as attributes, values as records hold them."""
    return SimpleNamespace(
        **{
            name: value if value is None else CONVERT.get(name, lambda v: v)(value)
            for name, value in fields.items()
        }
    )


def namespace(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Return a stand-in for the instance that `fields` describe."""
    collections = {
        name: tuple(record({**defaults, **row}) for row in fields.get(name, ()))
        for name, defaults in DEFAULTS.items()
    }
    travel = record({**TRAVEL, **fields.get("travel", {})})
    return SimpleNamespace(name=fields.get("name", ""), travel=travel, **collections)


def policy_namespace(fields: Mapping[str, Any]) -> SimpleNamespace:
    """Return a stand-in for the policy that `fields` describe."""
    return SimpleNamespace(
        name=fields.get("name", ""),
        rules=tuple(_term(row) for row in fields.get("rules", ())),
        goals=tuple(_term({**GOAL, **row}) for row in fields.get("goals", ())),
    )


def _term(row: Mapping[str, Any]) -> SimpleNamespace:
    fields = {**TERM, **row}
    if isinstance(fields["by"], list):
        fields["by"] = tuple(fields["by"])
    if fields["where"] is not None:
        fields["where"] = {
            key: (value,) if isinstance(value, str) else tuple(value)
            for key, value in fields["where"].items()
        }
    for name in ("bound", "width", "slack"):
        fields[name] = _number(fields.get(name))
    if isinstance(fields.get("weights"), Mapping):
        fields["weights"] = {
            tuple(key.split(" | ")) if " | " in key else key: _number(value)
            for key, value in fields["weights"].items()
        }
    return SimpleNamespace(**fields)


def _number(value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value[0].isdigit()):
        return value
    return Fraction(str(value))


# Random problems

PROFILES: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "past entitlement",
        "areas share tier past",
        "areas district share reserve caps",
        "timed windows dates loads day",
        "timed closed day max_units groups",
        "links max_travel decisions",
        "plane minutes max_travel caps",
        "geo plane radius features floors",
        "links one_way minutes radius travel_rule",
        "money parity fee_cap choices",
        "money subsidy providers sector where",
        "kinds pair_group floors caps",
        "groups where weights vulnerable",
        "persons past alone",
        "providers sector loads utilization max_units",
        "alone reserve max_units areas",
        "decisions choices dates past",
        "nested inner floors caps areas",
        "nested slot_nested loads floors caps providers",
        "crossing where pair_group providers caps timed",
    )
)
"""Features that a case shows often, by its seed modulo their number."""

MONEY = (0, 0, 1, "0.50", 1.5, "2.25")
LENGTHS = (0.5, 1, "1.5", 2, 3)
RATIOS = ("1/3", "1/2", 0.25, 1, "2/3")
KINDS = ("help", "health", "health/clinic", "health/clinic/eye")
SECTORS = ("public", "host", "volunteer", "market")
FIRST_DAY = datetime(2026, 1, 30)
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

MOST_ARCS = 10
MOST_FILLINGS = 2500


def drawn_once(draw: Callable[[int], Drawn]) -> Callable[[int], Drawn]:
    """Draw each case once for all tests; each gets a copy of its own."""

    @cache
    def stored(seed: int) -> bytes:
        return pickle.dumps(draw(seed))

    @wraps(draw)
    def copied(seed: int) -> Drawn:
        found: Drawn = pickle.loads(stored(seed))
        return found

    return copied


@drawn_once
def tiny_case(seed: int) -> tuple[Fields, Fields]:
    """Return the fields of a random instance and policy, as files have them.

    The same seed gives the same case. Brute force takes well below a second. Most cases
    are of the network class; about one in ten crosses families of groups.
    """
    features = PROFILES[seed % len(PROFILES)]
    rng = random.Random(seed)
    crosses = rng.random() < (0.8 if "crossing" in features else 0.04)
    while True:
        draw = Draw(rng, features)
        instance = draw.instance()
        policy = draw.policy()
        if _accepted(instance, policy, rng, crosses=crosses):
            return instance, policy


def tiny_instance(seed: int) -> Fields:
    """Return the fields of a random instance, however many plans it may have."""
    return Draw(random.Random(seed), PROFILES[seed % len(PROFILES)]).instance()


def _accepted(
    instance: Fields, policy: Fields, rng: random.Random, *, crosses: bool
) -> bool:
    """Say whether a case is small and interesting enough."""
    records, terms = namespace(instance), policy_namespace(policy)
    case = oracles.Case(records, terms.rules)
    if len(case.arcs) > MOST_ARCS or len(case.arcs) < rng.choice((1, 2, 2, 3)):
        return rng.random() < 0.02 and not case.arcs
    if oracles.is_network(records, terms) == crosses:
        return False
    fillings = case.fillings(case.arcs, {})
    if len(list(islice(fillings, MOST_FILLINGS + 1))) > MOST_FILLINGS:
        return False
    wanted = min(rng.choice((0, 1, 2, 2, 2, 3)), len(terms.goals))
    return wanted == 0 or any(
        i == wanted for i, _ in enumerate(_deciding(case, terms.goals), 1)
    )


def _deciding(case: oracles.Case, goals: Sequence[Any]) -> Iterator[Any]:
    """Yield the goals that are not decided by the rules and the goals before them."""
    left = list(case.plans())
    for goal in goals if left else ():
        values: list[Any] = [case.goal_value(goal, plan) for plan in left]
        best = max(values) if goal.op in ("maximize", "leximin") else min(values)
        if any(value != best for value in values):
            yield goal
        left = [plan for plan, v in zip(left, values, strict=True) if v == best]


class Draw:
    """One attempt at a random case with some features."""

    def __init__(self, rng: random.Random, features: frozenset[str]) -> None:
        self.rng = rng
        self.features = features
        self.fields: Fields = {}

    def on(self, feature: str, otherwise: float = 0.12) -> bool:
        """Say whether a feature shows here: often in its profile, else seldom."""
        return self.rng.random() < (0.85 if feature in self.features else otherwise)

    def ids(self, collection: str) -> list[str]:
        """Return the ids of one collection."""
        return [row["id"] for row in self.fields.get(collection, ())]

    def some(self, values: Sequence[Any]) -> list[Any]:
        """Return one or more different values."""
        return self.rng.sample(values, self.rng.randint(1, len(values)))

    # Records

    def instance(self) -> Fields:
        """Return the fields of an instance."""
        rng = self.rng
        self.zone = "+08:00" if rng.random() < 0.2 else ""
        self.timed = self.on("timed", 0.2)
        self.kinds = KINDS if self.on("kinds") else ("help",)
        self.fields["name"] = "tiny"
        if self.on("areas", 0.25):
            self.fields["areas"] = self._areas()
        self.fields["communities"] = [
            self._community(f"c{i}") for i in range(rng.choice((1, 2, 2, 3, 3, 3, 4)))
        ]
        if self.on("providers", 0.2):
            self.fields["providers"] = [
                {"id": f"p{i}", "sector": rng.choice(SECTORS)} for i in range(2)
            ]
        self.fields["facilities"] = [
            self._facility(f"f{i}") for i in range(rng.choice((1, 2, 2, 3)))
        ]
        self.fields["slots"] = [
            self._slot(f"s{i}") for i in range(rng.choice((1, 2, 2, 3, 3, 4)))
        ]
        self.fields["needs"] = [
            self._need(f"n{i}") for i in range(rng.choice((2, 3, 3, 4, 4, 5)))
        ]
        self._travel()
        self._extras()
        for name, rows in self.fields.items():
            if name in DEFAULTS:
                rng.shuffle(rows)
        return self.fields

    def _areas(self) -> list[Fields]:
        lower = [{"id": f"a{i}", "level": "subdistrict"} for i in range(2)]
        if not self.on("district", 0.5):
            return lower
        upper = [{"id": f"d{i}", "level": "district"} for i in range(2)]
        for i, area in enumerate(lower):
            if i == 0 or self.rng.random() < 0.9:
                area["parent"] = self.rng.choice(("d0", "d0", "d1"))
        return upper + lower

    def _community(self, name: str) -> Fields:
        rng = self.rng
        row: Fields = {"id": name}
        if "areas" in self.fields and rng.random() < 0.9:
            row["area"] = rng.choice(("a0", "a1"))
        if rng.random() < 0.4:
            row["tags"] = ["old"]
        if self.on("entitlement", 0.4):
            row["population"] = rng.choice((0, 1, 2, 3, 500))
            row["entitlement"] = rng.choice((1, 2, "1.5", 0.25))
        return row

    def _share(self) -> Any:
        if "areas" not in self.fields:
            return self.rng.choice(("own", 0, 1))
        levels = sorted({area["level"] for area in self.fields["areas"]})
        return self.rng.choice(("own", 1, *levels))

    def _facility(self, name: str) -> Fields:
        rng = self.rng
        row: Fields = {"id": name, "community": rng.choice(self.ids("communities"))}
        if self.ids("providers") and rng.random() < 0.85:
            row["provider"] = rng.choice(self.ids("providers"))
        if rng.random() < 0.6:
            row["features"] = ["step-free", "lift"][: rng.choice((1, 1, 2))]
        if self.timed and self.on("closed"):
            row["closed"] = [self._span(hours=rng.choice((3, 24, 48)))]
        if self.on("max_units"):
            row["max_units"] = rng.randint(1, 4)
        if self.on("share"):
            row["share"] = self._share()
        return row

    def _span(self, hours: int) -> Fields:
        start = FIRST_DAY + timedelta(
            days=self.rng.choice((0, 1, 2, 3, 4)), hours=self.rng.choice((9, 10, 14))
        )
        end = start + timedelta(hours=hours)
        return {
            "start": start.isoformat(timespec="minutes") + self.zone,
            "end": end.isoformat(timespec="minutes") + self.zone,
        }

    def _slot(self, name: str) -> Fields:
        rng = self.rng
        row: Fields = {
            "id": name,
            "facility": rng.choice(self.ids("facilities")),
            "kinds": self.some(self.kinds),
            "capacity": rng.choice((0, 1, 1, 2, 2, 3, 4)),
        }
        if self.timed and rng.random() < 0.85:
            row |= self._span(hours=rng.choice((1, 1, 2, 3)))
        if self.on("reserve") and row["capacity"]:
            row["reserve"] = rng.randint(1, row["capacity"])
        if self.on("money", 0.2):
            row["fee"] = rng.choice(MONEY)
            row["unit_cost"] = rng.choice(MONEY)
            if self.on("parity", 0.5):
                row["staff_fee"] = rng.choice(MONEY)
        if self.on("share"):
            row["share"] = self._share()
        if self.on("groups") and rng.random() < 0.5:
            row["groups"] = self.some(("elderly", "disabled"))
        if self.on("radius", 0.06) and rng.random() < 0.6:
            row["radius"] = rng.choice(LENGTHS)
        return row

    def _need(self, name: str) -> Fields:
        rng = self.rng
        homes = self.ids("communities")
        spread = homes[int(name[1:]) % len(homes)]
        home = spread if rng.random() < 0.6 else rng.choice(homes)
        kind = rng.choice(self.kinds)
        row: Fields = {"id": name, "community": home, "kind": kind}
        row["quantity"] = rng.choice((1, 1, 1, 2, 2, 3))
        if rng.random() < 0.03:
            row["quantity"] = 0
        if self.on("groups", 0.25):
            row["groups"] = [rng.choice(("elderly", "disabled"))]
            if rng.random() < 0.1:
                row["groups"] = ["elderly", "disabled"]
        if self.on("weights", 0.2):
            row["weight"] = rng.choice((1, 2, 3))
        if self.timed and self.on("windows", 0.2) and rng.random() < 0.6:
            row["windows"] = [
                self._span(hours=rng.choice((2, 24, 48, 72)))
                for _ in range(rng.choice((1, 2)))
            ]
        if self.on("fee_cap"):
            row["max_fee"] = rng.choice(MONEY[2:])
        if self.on("features") and rng.random() < 0.5:
            row["requires"] = self.some(("step-free", "lift"))
        if self.on("choices") and rng.random() < 0.7:
            row["choices"] = self.some(self.ids("slots") + self.ids("facilities"))
        if self.on("dates"):
            first = FIRST_DAY.date() + timedelta(days=rng.randint(-3, 2))
            row["since"] = first.isoformat()
            row["due"] = (first + timedelta(days=rng.randint(0, 4))).isoformat()
        if self.on("persons", 0.08) and rng.random() < 0.8:
            row["person"] = f"{home}-{rng.choice('xy')}"
        return row

    def _travel(self) -> None:
        rng, fields = self.rng, self.fields
        links, minutes = self.on("links"), self.on("minutes", 0.1)
        plane, geo = self.on("plane"), self.on("geo")
        if minutes:
            fields["travel"] = {"unit": "min", "speed": rng.choice((4, 5, "4.5"))}
        if plane or geo:
            settings = fields.setdefault("travel", {})
            settings["metric"] = "plane" if plane else "geo"
            settings["detour"] = rng.choice((1, 1.3, "1.25"))
            for name, chance in (
                ("communities", 1),
                ("facilities", 0.5),
                ("needs", 0.2),
            ):
                for row in fields[name]:
                    if rng.random() < chance * rng.choice((0.5, 1, 1)):
                        row["location"] = self._location(plane=plane)
        if links:
            ends = self.ids("communities") + self.ids("facilities")
            pairs = [(a, b) for a in ends for b in ends if a < b]
            fields["links"] = [
                self._link(a, b) for a, b in rng.sample(pairs, min(len(pairs), 5))
            ]
        if links or plane or geo:
            for row in fields["needs"]:
                if self.on("max_travel") and rng.random() < 0.6:
                    row["max_travel"] = rng.choice(LENGTHS)

    def _location(self, *, plane: bool) -> list[float]:
        steps = [self.rng.randint(0, 8) for _ in range(2)]
        if plane:
            return [step / 4 for step in steps]
        return [121.5 + steps[0] / 400, 29.8 + steps[1] / 400]

    def _link(self, source: str, target: str) -> Fields:
        row: Fields = {"source": source, "target": target}
        row["travel"] = self.rng.choice(("0.3", 0.5, 1, 1.25, 2))
        if self.on("one_way", 0.1):
            row["two_way"] = False
            if self.rng.random() < 0.5:
                row["source"], row["target"] = target, source
        return row

    def _extras(self) -> None:
        rng, fields = self.rng, self.fields
        if self.on("past"):
            people = sorted({n["person"] for n in fields["needs"] if "person" in n})
            rows = [("community", c) for c in self.ids("communities")]
            rows += [("person", p) for p in people]
            fields["past"] = []
            for key, value in rows:
                if rng.random() < 0.7:
                    asked = rng.randint(0, 6)
                    served = rng.randint(0, asked)
                    row = {key: value, "served": served, "demand": asked}
                    fields["past"].append(row)
        pairs = [(n["id"], s) for n in fields["needs"] for s in self.ids("slots")]
        if self.on("decisions"):
            fields["decisions"] = []
            for need, slot in rng.sample(pairs, min(len(pairs), rng.randint(1, 3))):
                row = {"need": need, "slot": slot}
                row["status"] = rng.choice(
                    ("pinned", "accepted", "accepted", "declined", "forbidden")
                )
                if rng.random() < 0.7:
                    row["quantity"] = rng.choice((0, 1, 1, 2))
                fields["decisions"].append(row)
        if self.on("money", 0.05):
            fields["pairs"] = [
                {"need": need, "slot": slot, "cost": rng.choice(MONEY)}
                for need, slot in rng.sample(pairs, min(len(pairs), 3))
            ]

    # Policies

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
