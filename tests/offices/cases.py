"""Random offices that brute force can do, with all new fields beside the old ones."""

import random
from itertools import islice
from typing import Any

from tests import oracles
from tests.offices.policies import OfficeDraw
from tests.tiny import Fields, drawn_once, namespace, policy_namespace
from tests.tiny.records import moment

PLAIN_PROFILES: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "upto limits measures groups asked",
        "heads people groups",
        "mix groups",
        "mix vulnerable groups time",
        "time weekly windows",
        "time where loads utilization",
        "weekly closed windows week",
        "preferred weekly",
        "preferred single persons",
        "rest persons minutes plane",
        "rest persons links",
        "concessions costs money",
        "costs ceilings persons budgets",
        "measures whole together asked",
        "measures sessions groups",
        "sessions every short clock",
        "sessions every short closed week",
        "blocks times people",
        "blocks series weekly",
        "blocks setup rest persons",
        "blocks together measures either",
    )
)
"""Features of offices without openings, by the seed modulo their number."""

OPENING_PROFILES: tuple[frozenset[str], ...] = tuple(
    frozenset(f"openings {words}".split())
    for words in (
        "",
        "times",
        "times measures weekly asked",
        "series",
        "series short closed clock",
        "series times short",
        "series together measures",
        "preferred weekly windows",
        "preferred times slack",
        "rest persons",
        "rest times minutes plane",
        "rest persons minutes links radius",
        "people blocks heads",
        "setup",
        "setup closed reserve",
        "setup sizes times",
        "either setup",
        "either preferred baseline",
        "blocks times series",
        "together times",
        "concessions costs fee_cap",
        "costs ceilings persons opening",
        "subsidy opening money budgets",
        "mix groups",
        "measures groups within asked",
        "upto times groups",
        "upto limits entitlement",
        "limits week times",
        "named groups within",
        "decisions",
        "decisions series times",
        "baseline times",
        "baseline series decisions",
        "time week loads",
        "time where utilization loads",
        "reserve max_units areas",
        "min_units sizes",
        "alone reserve areas past",
        "coupled_loads measures links",
        "single time choices",
        "parts consent setup dates",
        "sessions every whole overlap",
    )
)
"""Features of offices with openings, by the seed modulo their number."""

PRICED = (
    *("concessions", "costs", "ceilings", "mix", "upto", "limits", "groups"),
    *("persons", "concessions", "costs", "ceilings"),
)
"""Money by person, several prices, mixing and numbers by group: three at a time."""

BESIDE_PRICES = (
    *("fee_cap", "money", "parity", "subsidy", "budgets", "entitlement", "where"),
    *("vulnerable", "named", "heads", "measures", "time", "weekly", "opening"),
    *("reserve", "single", "sizes", "week", "together", "whole", "areas", "slack"),
)
"""Features that stand beside them."""

TELLING = {
    "setup": ("facilities", "setup"),
    "closed": ("facilities", "closed"),
    "people": ("needs", "people"),
    "concessions": ("slots", "concessions"),
    "either": ("slots", "either"),
    "reserve": ("slots", "reserve"),
    "min_units": ("slots", "min_units"),
    "opening": ("slots", "opening_cost"),
    "times": ("needs", "times", "per_day"),
    "series": ("needs", "sessions", "every", "min_sessions"),
    "short": ("needs", "min_sessions"),
    "rest": ("needs", "rest"),
    "persons": ("needs", "person"),
    "preferred": ("needs", "preferred"),
    "windows": ("needs", "windows"),
    "together": ("needs", "together"),
    "fee_cap": ("needs", "max_fee"),
    "sizes": ("pairs", "units"),
    "costs": ("slots", "unit_cost"),
}
"""Features without whose fields the best plan is often another one."""

MOST_TRIES = 25
MOST_ARCS = 36
MOST_FILLINGS = 5000


@drawn_once
def plain_office(seed: int) -> Fields:
    """Return the fields of a random office without openings."""
    return _drawn(random.Random(f"plain {seed}"), PLAIN_PROFILES, seed)


@drawn_once
def office(seed: int) -> Fields:
    """Return the fields of a random office, most of whose slots are openings.

    That is `instance`, `policy` and `baseline` (rows or None), as files have them. The
    same seed gives the same office. Brute force takes well below a second.
    """
    return _drawn(random.Random(f"office {seed}"), OPENING_PROFILES, seed)


@drawn_once
def season_office(seed: int) -> Fields:
    """Return the fields of a random office with series and features of any kind."""
    rng = random.Random(f"season {seed}")
    words = sorted(frozenset().union(*PLAIN_PROFILES, *OPENING_PROFILES))
    others = rng.sample(words, rng.choice((1, 2, 3, 4, 5)))
    return _drawn(rng, (frozenset({"openings", "series", "short", *others}),), seed)


@drawn_once
def resting_office(seed: int) -> Fields:
    """Return the fields of a random office with several series, which need rest."""
    features = {"openings", "series", "times", "rest"}
    if seed % 4:
        features.add("short")
    features.update((("minutes", "plane"), ("minutes", "links"), ())[seed % 3])
    rng = random.Random(f"resting {seed}")
    return _drawn(rng, (frozenset(features),), seed)


@drawn_once
def priced_office(seed: int) -> Fields:
    """Return the fields of a random office in which money, mixes and ceilings meet.

    Every other one has openings, every fourth is mostly a flow.
    """
    rng = random.Random(f"priced {seed}")
    features = {"priced", *rng.sample(PRICED, rng.choice((3, 4, 5)))}
    features.update(rng.sample(BESIDE_PRICES, rng.choice((0, 1, 1, 2))))
    if seed % 4 == 0:  # mostly flows, whose certificates know several prices
        features = {"priced", "concessions", "costs", rng.choice(("upto", "groups"))}
    if seed % 2:
        features.add("openings")
        features.update(rng.sample(("times", "series", "setup", "rest"), 1))
    return _drawn(rng, (frozenset(features),), seed)


def _drawn(
    rng: random.Random, profiles: tuple[frozenset[str], ...], seed: int
) -> Fields:
    features = profiles[seed % len(profiles)]
    telling = sorted(features & TELLING.keys()) if rng.random() < 0.6 else []
    tries = 0
    while True:
        draw = OfficeDraw(rng, features)
        instance = draw.instance()
        policy = draw.policy()
        case = {"instance": instance, "policy": policy, "baseline": draw.baseline()}
        if not _accepted(case, rng):
            continue
        tries += 1
        if tries > MOST_TRIES or not telling or _tells(case, rng.choice(telling)):
            return case


def _tells(case: Fields, feature: str) -> bool:
    """Say whether the best plan is another one without a feature."""
    name, *fields = TELLING[feature]
    rows = [
        {key: value for key, value in row.items() if key not in fields}
        for row in case["instance"].get(name, ())
    ]
    if rows == case["instance"].get(name, []):
        return False
    without = {**case, "instance": {**case["instance"], name: rows}}
    values = []
    for town in (case, without):
        oracle, policy = oracle_of(town)
        best = oracle.best(policy.goals)
        values.append(None if best is None else best[0])
    return values[0] != values[1]


def oracle_of(case: Fields) -> tuple[oracles.Case, Any]:
    """Return brute force for an office, and its policy."""
    policy = policy_namespace(case["policy"])
    before = plan_of(case["baseline"])
    return oracles.Case(namespace(case["instance"]), policy.rules, before), policy


def key_of(row: Fields) -> tuple[Any, ...]:
    """Return the key of a row of a plan."""
    if row.get("start") is None:
        return row["need"], row["slot"]
    return row["need"], row["slot"], moment(row["start"])


def plan_of(rows: list[Fields] | None) -> dict[Any, int] | None:
    """Return a plan as brute force takes it."""
    return None if rows is None else {key_of(row): row["quantity"] for row in rows}


def _accepted(case: Fields, rng: random.Random) -> bool:
    """Say whether a case is small and mostly decided by its goals."""
    oracle, policy = oracle_of(case)
    if len(oracle.arcs) > MOST_ARCS or len(oracle.arcs) < rng.choice((1, 2, 3, 4)):
        return False
    fillings = oracle.fillings(oracle.arcs, {})
    if len(list(islice(fillings, MOST_FILLINGS + 1))) > MOST_FILLINGS:
        return False
    plans = list(oracle.plans())
    if not plans:
        return rng.random() < 0.1
    if len(plans) < rng.choice((1, 2, 4, 8, 20)):
        return False
    return rng.random() < 0.1 or any(
        len({oracle.goal_value(goal, plan) for plan in plans}) > 1
        for goal in policy.goals
    )
