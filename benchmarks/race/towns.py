"""Random towns in which all sorts of things couple, and random policies for them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sharematch as sm

__all__ = ["town"]

KINDS = ("health", "music", "course", "care")
GROUPS = ("disabled", "elderly", "youth")
MONDAY = datetime(2027, 9, 6, 9)

Records = dict[str, Any]


def town(seed: int) -> tuple[sm.Instance, sm.Policy]:
    """Return a town of 20 to 600 needs; each takes up some of what couples."""
    rng = Random(f"town {seed}")
    needs = round(20 * 30 ** rng.random())
    communities = [f"c{c}" for c in range(rng.randint(2, 15))]
    couples = {name for name in _NEEDS if rng.random() < 0.3}
    facilities = max(needs // rng.choice([8, 15, 30]), 2)
    opens = {
        name for name in ("facility", "slot", "least", "either") if rng.random() < 0.4
    }
    houses = [_facility(rng, f, communities, opens) for f in range(facilities)]
    slots = [slot for f in range(facilities) for slot in _slots(rng, f, opens)]
    instance = sm.Instance(
        travel={"metric": "plane"},
        communities=[sm.Community(id=c) for c in communities],
        facilities=[sm.Facility(**house) for house in houses],
        slots=[sm.Slot(**slot) for slot in slots],
        needs=[sm.Need(**_need(rng, i, communities, couples)) for i in range(needs)],
        pairs=_pairs(rng, needs, slots) if rng.random() < 0.3 else [],
    )
    return instance, _policy(rng, needs)


def _at(rng: Random) -> tuple[float, float]:
    return round(6 * rng.random(), 3), round(6 * rng.random(), 3)


def _facility(rng: Random, f: int, communities: list[str], opens: set[str]) -> Records:
    found: Records = {"id": f"f{f}", "community": rng.choice(communities)}
    found["location"] = _at(rng)
    if "facility" in opens:
        found["opening_cost"] = rng.randint(10, 200)
    if rng.random() < 0.2:
        found["max_units"] = rng.randint(5, 40)
    return found


def _slots(rng: Random, f: int, opens: set[str]) -> list[Records]:
    found, kinds = [], rng.sample(KINDS, rng.choice([1, 2]))
    for k in range(rng.randint(3, 10)):
        start = MONDAY + timedelta(days=k // 4 + 7 * rng.choice([0, 0, 1]), hours=k % 4)
        slot: Records = {"id": f"s{f}-{k}", "facility": f"f{f}", "kinds": kinds}
        slot |= {"capacity": rng.randint(3, 15), "start": start}
        slot |= {"end": start + timedelta(hours=rng.choice([1, 1, 2]))}
        slot |= {"unit_cost": rng.randint(0, 6), "fee": rng.randint(0, 3)}
        if "slot" in opens:
            slot["opening_cost"] = rng.randint(5, 60)
        if "least" in opens:
            slot["min_units"] = rng.randint(0, 3)
        if "either" in opens and k % 2:
            slot["either"] = f"room{f}-{k // 2}"
        found.append(slot)
    return found


_NEEDS: dict[str, Callable[[Random], Records]] = {
    "whole": lambda _: {"whole": True},
    "least": lambda rng: {"min_quantity": 2, "quantity": rng.randint(3, 8)},
    "series": lambda rng: {"sessions": 2, "every": rng.choice([60, 24 * 60])},
    "sessions": lambda rng: {"sessions": rng.choice([2, 3])},
    "person": lambda rng: {"person": f"p{rng.randrange(40)}"},
    "together": lambda rng: {"together": f"choir{rng.randrange(30)}", "kind": "music"},
}
"""Some fields of a need that couple, by what they are called here."""


def _need(rng: Random, i: int, communities: list[str], couples: set[str]) -> Records:
    need: Records = {"id": f"n{i}", "community": rng.choice(communities)}
    need |= {"kind": rng.choice(KINDS), "quantity": rng.randint(1, 6)}
    need |= {"location": _at(rng), "max_travel": rng.choice([2, 3, 6])}
    need["groups"] = rng.sample(GROUPS, rng.choice([0, 0, 1, 2]))
    if rng.random() < 0.3:
        day = MONDAY + timedelta(days=rng.randrange(2))
        need["windows"] = [(day, day + timedelta(days=9))]
    if couples and rng.random() < 0.5:
        need |= _NEEDS[rng.choice(sorted(couples))](rng)
    return need


def _pairs(rng: Random, needs: int, slots: list[Records]) -> list[sm.Pair]:
    chosen = {
        (rng.randrange(needs), rng.randrange(len(slots))) for _ in range(2 * needs)
    }
    return [
        sm.Pair(
            need=f"n{i}",
            slot=slots[j]["id"],
            units=rng.choice([1, 1, 2]),
            cost=rng.randint(0, 9),
        )
        for i, j in sorted(chosen)
    ]


def _policy(rng: Random, needs: int) -> sm.Policy:
    rules: list[Any] = []
    if rng.random() < 0.3:
        rules.append(
            sm.AtMost(rng.choice(["cost", "subsidy"]), rng.randint(2, 8) * needs)
        )
    if rng.random() < 0.2:
        rules.append(sm.AtMost("opened_facilities", max(needs // 40, 2)))
    if rng.random() < 0.2:
        rules.append(sm.Within("fill_rate", "1/2", by="group"))
    if rng.random() < 0.2:
        rules.append(sm.AtMost("travel", 5_000 * needs // 10, by="community"))
    fair: list[Any] = [sm.Leximin("fill_rate", by="community"), sm.Maximize("served")]
    first: list[Any] = [sm.Maximize("served", where={"group": "disabled"})]
    begin = rng.choice([fair, [*first, *fair], [sm.Maximize("served")]])
    last = rng.choice(["travel", "cost", "subsidy", "opened_slots", "wait"])
    return sm.Policy(rules=rules, goals=[*begin, sm.Minimize(last)])
