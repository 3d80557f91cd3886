"""Arcs against brute force, and what their values are."""

import random
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.given import Given
from sharematch.core.eligibility import arcs, conditions, travel, ways_in
from tests.oracles import Case
from tests.tiny import namespace, tiny_instance

Fields = dict[str, Any]
DAY = datetime(2026, 12, 7)


def columns_of(fields: Fields) -> Columns:
    instance: Any = sm.Instance.model_validate(fields)
    return encode(instance)


def every_pair(columns: Columns) -> tuple[Any, Any]:
    needs, slots = len(columns.need_ids), len(columns.slot_ids)
    return np.repeat(np.arange(needs), slots), np.tile(np.arange(slots), needs)


def compare_with_oracle(fields: Fields) -> None:
    columns, case = columns_of(fields), Case(namespace(fields))
    need, slot = every_pair(columns)
    found = arcs.reasons(columns, need, slot)
    far = travel.Travel(columns).between(need, slot)
    values = arcs.pairs(columns, need, slot)
    for i, (n, s) in enumerate(zip(need, slot, strict=True)):
        pair = columns.need_ids[n], columns.slot_ids[s]
        records = case.needs[pair[0]], case.slots[pair[1]]
        code = arcs.CODES[found[i]] if found[i] >= 0 else None
        assert code == case.codes[pair], pair
        known = case.travel(*records)
        assert far[i] == (travel.UNKNOWN if known is None else known), pair
        assert values.rank[i] == case.count("rank", *records), pair
        assert values.cost[i] == case.pair_cost(*records), pair
        assert values.units[i] == case.size(*records), pair
    compare_build_with_reasons(columns)


def compare_build_with_reasons(columns: Columns, **limits: Any) -> None:
    """Check what is built against all pairs, filtered."""
    need, slot = every_pair(columns)
    good = arcs.reasons(columns, need, slot) == -1
    wanted = arcs.pairs(columns, need[good], slot[good])
    keep = np.ones(len(wanted), bool)
    for name, limit in limits.items():
        value = {"max_travel": wanted.travel, "max_tier": wanted.tier}[name]
        most = limit[wanted.need]
        keep &= (most == -1) | ((value >= 0) & (value <= most))
    wanted = wanted.keep(keep)
    built = arcs.build(columns, **limits)
    for field in ("need", "slot", "travel", "tier", "rank", "cost", "units"):
        values = getattr(built, field)
        assert values.tolist() == getattr(wanted, field).tolist(), field
        assert values.dtype == np.int64
        assert not values.flags.writeable


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 2000, 250))
def test_tiny_cases_are_those_of_brute_force(start: int):
    for seed in range(start, start + 250):
        compare_with_oracle(tiny_instance(seed))


class Town:
    """Random records with every feature that arcs know, as files have them."""

    features = (
        *("areas", "links", "locations", "need_locations", "plane", "minutes"),
        *("one_way", "no_speed", "windows", "choices", "share", "radius", "limits"),
        *("many_limits", "groups", "fees", "decisions", "closed", "partly"),
    )

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        self.on = {name: rng.random() < 0.5 for name in self.features}
        self.tiers = 2 if self.on["areas"] else 1

    def maybe(self, feature: str, chance: float = 0.5) -> bool:
        return self.on[feature] and self.rng.random() < chance

    def some(self, values: Any, most: int) -> list[Any]:
        return self.rng.sample(values, self.rng.randint(1, min(most, len(values))))

    def span(self, hours: tuple[int, ...]) -> Fields:
        start = DAY + timedelta(minutes=30 * self.rng.randrange(60))
        end = start + timedelta(hours=self.rng.choice(hours))
        return {"start": start.isoformat(), "end": end.isoformat()}

    def location(self) -> list[float]:
        x, y = (self.rng.randrange(41) / 8 for _ in range(2))
        return [x, y] if self.on["plane"] else [121 + x / 100, 29 + y / 100]

    def fields(self, needs: int, slots: int) -> Fields:
        rng, on = self.rng, self.on
        out: Fields = {}
        if on["areas"]:
            upper = [{"id": f"d{i}", "level": "district"} for i in range(2)]
            lower = [
                {"id": f"a{i}", "level": "block"}
                | ({"parent": f"d{i % 2}"} if i else {})
                for i in range(5)
            ]
            out["areas"] = upper + lower
        communities: list[Any] = [{"id": f"c{i}"} for i in range(10)]
        out["communities"] = communities
        for row in communities:
            if on["areas"] and rng.random() < 0.9:
                row["area"] = f"a{rng.randrange(5)}"
            if on["locations"] and not self.maybe("partly", 0.4):
                row["location"] = self.location()
        out["facilities"] = [self.facility(f"f{i}") for i in range(20)]
        facilities = [row["id"] for row in out["facilities"]]
        out["slots"] = [self.slot(f"s{i}", facilities) for i in range(slots)]
        names = facilities + [row["id"] for row in out["slots"]]
        out["needs"] = [self.need(f"n{i}", names) for i in range(needs)]
        out["travel"] = {
            "metric": "plane" if on["plane"] else "geo",
            "unit": "min" if on["minutes"] else "km",
            "detour": rng.choice((1, 1.3, 0)),
        }
        if not (on["links"] and on["no_speed"]):
            out["travel"]["speed"] = rng.choice((4, 4.5))
        ends = [f"c{i}" for i in range(10)] + facilities
        pairs = [(a, b) for a in ends for b in ends if a != b]
        if on["links"]:
            out["links"] = [
                {"source": a, "target": b, "travel": rng.choice((0, 0.2, "0.0004", 1))}
                | ({"two_way": False} if self.maybe("one_way") else {})
                for a, b in rng.sample(pairs, rng.choice((5, 40)))
            ]
        chosen = [(f"n{i}", f"s{j}") for i in range(needs) for j in range(slots)]
        if on["decisions"]:
            statuses = ("pinned", "accepted", "declined", "forbidden")
            out["decisions"] = [
                {"need": a, "slot": b, "status": rng.choice(statuses)}
                for a, b in rng.sample(chosen, len(chosen) // 10)
            ]
            out["pairs"] = [
                {"need": a, "slot": b, "cost": rng.choice((0, 1.5)), "units": 2}
                for a, b in rng.sample(chosen, len(chosen) // 10)
            ]
        return out

    def facility(self, name: str) -> Fields:
        row: Fields = {"id": name, "community": f"c{self.rng.randrange(10)}"}
        if self.maybe("locations"):
            row["location"] = self.location()
        if self.rng.random() < 0.6:
            row["features"] = self.some(["lift", "ramp", "toilet"], 3)
        if self.maybe("closed"):
            row["closed"] = [self.span((0, 2, 5)) for _ in range(4)]
        if self.maybe("share"):
            row["share"] = self.rng.choice(("own", 1, 2)[: self.tiers + 1])
        return row

    def slot(self, name: str, facilities: list[str]) -> Fields:
        kinds = ["help", "health", "health/eye", "health/eye/old"]
        row: Fields = {"id": name, "facility": self.rng.choice(facilities)}
        row |= {"kinds": self.some(kinds, 2), "capacity": 1}
        if self.rng.random() < 0.8:
            row |= self.span((0, 1, 1, 2))
        if self.maybe("share", 0.2):
            row["share"] = self.rng.choice((0, 1, "block")[: self.tiers + 1])
        if self.maybe("radius", 0.4):
            row["radius"] = self.rng.choice((0, 1, 3, 20))
        if self.maybe("groups"):
            row["groups"] = self.some(["old", "disabled", "young"], 2)
        if self.maybe("fees"):
            row["fee"] = self.rng.choice((1, 2))
        return row

    def need(self, name: str, names: list[str]) -> Fields:
        rng = self.rng
        kinds = ["help", "health", "health/eye", "health/ear"]
        row: Fields = {"id": name, "community": f"c{rng.randrange(10)}"}
        row["kind"] = rng.choice(kinds)
        if self.maybe("need_locations", 0.3):
            row["location"] = self.location()
        if self.maybe("limits", 1 if self.on["many_limits"] else 0.5):
            row["max_travel"] = rng.choice((0, 0.3, 1, 2, 10, 100))
        if self.maybe("windows", 0.7):
            row["windows"] = [self.span((0, 1, 2, 6)) for _ in range(rng.randint(1, 5))]
        if self.maybe("choices", 0.7):
            row["choices"] = self.some(names, 6)
        if self.maybe("groups"):
            row["groups"] = self.some(["old", "disabled", "young"], 2)
            row["requires"] = self.some(["lift", "ramp"], 2)
        if self.maybe("fees"):
            row["max_fee"] = rng.choice((0, 1))
        return row


@pytest.mark.parametrize("seed", range(150))
def test_random_towns_are_those_of_brute_force(seed: int):
    compare_with_oracle(Town(seed).fields(12, 12))


@pytest.mark.parametrize("chunk", [50, ways_in.CHUNK])
@pytest.mark.parametrize("seed", range(20))
def test_built_arcs_are_all_pairs_without_a_reason(
    seed: int, chunk: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ways_in, "CHUNK", chunk)
    monkeypatch.setattr(travel, "_CHUNK", 3 * chunk)
    columns = columns_of(Town(seed).fields(300, 200))
    compare_build_with_reasons(columns)
    rng = np.random.default_rng(seed)
    for _ in range(3):
        far = rng.choice([-1, 0, 60, 700, 3000, 10**6], 300)
        tier = rng.choice([-1, 0, 1, 2, 5], 300)
        compare_build_with_reasons(columns, max_travel=far)
        compare_build_with_reasons(columns, max_tier=tier)
        compare_build_with_reasons(columns, max_travel=far, max_tier=tier)


def test_an_empty_instance_has_no_arcs():
    columns = columns_of({})
    assert len(arcs.build(columns)) == 0
    assert arcs.build(columns).distance.tolist() == []
    assert arcs.reasons(columns, *every_pair(columns)).tolist() == []


TWO_HOUSES: Fields = {
    "communities": [{"id": "a", "location": [0, 0]}, {"id": "b"}],
    "facilities": [
        {"id": "near", "community": "a", "location": [0, 2]},
        {"id": "lost", "community": "b"},
    ],
    "slots": [
        {"id": "s1", "facility": "near", "kinds": ["help"], "capacity": 1},
        {"id": "s2", "facility": "lost", "kinds": ["help"], "capacity": 1},
    ],
    "needs": [
        {"id": "n", "community": "a", "kind": "help", "choices": ["s2", "near", "s1"]}
    ],
    "travel": {"metric": "plane"},
}


def test_without_a_speed_minutes_are_those_of_paths_alone():
    homes = {"a": [0, 0], "b": [0, 1], "c": [0, 2]}
    fields: Fields = {
        "communities": [{"id": k, "location": xy} for k, xy in homes.items()],
        "facilities": [{"id": f"f{k}", "community": k} for k in homes],
        "slots": [
            {"id": f"s{k}", "facility": f"f{k}", "kinds": ["help"], "capacity": 1}
            for k in homes
        ],
        "needs": [{"id": "n", "community": "a", "kind": "help", "max_travel": 5}],
        "links": [{"source": "a", "target": "b", "travel": 5}],
        "travel": {"metric": "plane", "unit": "min"},
    }
    compare_with_oracle(fields)
    found = arcs.build(columns_of(fields))
    assert found.travel.tolist() == [0, 300]


def test_an_unknown_distance_counts_as_the_largest_known_one():
    found = arcs.build(columns_of(TWO_HOUSES))
    assert found.travel.tolist() == [2000, travel.UNKNOWN]
    assert found.distance.tolist() == [2000, 2000]
    assert found.num_unknown == 1
    assert found.rank.tolist() == [1, 0]
    alone = found.keep(found.travel == travel.UNKNOWN)
    assert alone.distance.tolist() == [0]
    assert not alone.distance.flags.writeable


def test_pairs_keep_their_order_and_leave_their_arguments_alone():
    need, slot = np.array([0, 0]), np.array([1, 0])
    found = arcs.pairs(columns_of(TWO_HOUSES), need, slot)
    assert found.slot.tolist() == [1, 0]
    assert found.tier.tolist() == [1, 0]
    assert need.flags.writeable


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of pairs whenever some are judged."""
    sizes: list[int] = []
    judge = conditions.Conditions.judge

    def count(self: Any, pairs: Any) -> Any:
        sizes.append(len(pairs.need))
        return judge(self, pairs)

    monkeypatch.setattr(conditions.Conditions, "judge", count)
    return sizes


def test_half_a_million_facilities_times_needs_are_not_tried(tried: list[int]):
    rng = random.Random(1)
    places = [[rng.random() * 100, rng.random() * 100] for _ in range(1000)]
    columns = columns_of(
        {
            "communities": [{"id": "a", "location": [0, 0]}],
            "facilities": [
                {"id": f"f{i}", "community": "a", "location": xy}
                for i, xy in enumerate(places)
            ],
            "slots": [
                {"id": f"s{i}", "facility": f"f{i}", "kinds": ["help"], "capacity": 1}
                for i in range(1000)
            ],
            "needs": [
                {"id": f"n{i}", "community": "a", "kind": "help", "max_travel": 1}
                | {"location": xy}
                for i, xy in enumerate(places[:500])
            ],
            "travel": {"metric": "plane"},
        }
    )
    found = arcs.build(columns)
    assert len(found) >= 500
    assert sum(tried) <= len(found) + 50


@pytest.mark.parametrize(
    "need",
    [
        {"choices": ["s3", "s7"]},
        {"choices": ["f3", "s7"]},
        {"windows": [{"start": DAY, "end": DAY + timedelta(hours=2)}]},
    ],
)
def test_only_what_a_need_can_use_is_tried(need: Fields, tried: list[int]):
    hours = [DAY + timedelta(hours=i) for i in range(101)]
    columns = columns_of(
        {
            "communities": [{"id": "a"}],
            "facilities": [{"id": f"f{i}", "community": "a"} for i in range(100)],
            "slots": [
                {"id": f"s{i}", "facility": f"f{i}", "kinds": ["help"], "capacity": 1}
                | {"start": hours[i], "end": hours[i + 1]}
                for i in range(100)
            ],
            "needs": [{"id": "n", "community": "a", "kind": "help"} | need],
        }
    )
    assert len(arcs.build(columns)) == 2
    assert sum(tried) <= 3


def test_published_pairs_are_all_there_are():
    columns = columns_of(Town(9).fields(20, 30))
    every = arcs.build(columns)
    some = every.keep(np.arange(0, len(every), 2))
    others = ("band", "own_names", "own")
    names = [field.name for field in fields(Given) if field.name not in others]
    values: dict[str, Any] = {name: getattr(some, name) for name in names}
    days: dict[str, Any] = {"wait": some.need + 1, "lateness": some.slot + 2}
    given = replace(columns, given=Given(**values | days))
    assert len(some) > 8
    built = arcs.build(given)
    assert built.need.tolist() == some.need.tolist()
    for name, value in days.items():
        assert getattr(built, name).tolist() == value.tolist()
    need, slot = every_pair(columns)
    known = {(n, s) for n, s in zip(some.need, some.slot, strict=True)}
    found = arcs.reasons(given, need, slot)
    assert found.dtype == np.int8
    assert [arcs.CODES[c] if c >= 0 else None for c in found] == [
        None if pair in known else "rule" for pair in zip(need, slot, strict=True)
    ]
    assert not arcs.failures(given, need, slot).any()
    pairs = arcs.pairs(given, need, slot)
    at = [i for i, pair in enumerate(zip(need, slot, strict=True)) if pair in known]
    for name in ("travel", "tier", "rank", "cost", "units", "wait", "lateness"):
        value = getattr(pairs, name)
        assert value[at].tolist() == getattr(built, name).tolist(), name
        assert not np.delete(value, at).any(), name
    limit = np.full(len(columns.need_ids), int(np.median(some.tier)))
    for name in ("max_travel", "max_tier"):
        further: dict[str, Any] = {name: limit}
        kept = arcs.build(given, **further)
        value = getattr(some, name.removeprefix("max_"))
        good = (value >= 0) & (value <= limit[0])
        assert kept.slot.tolist() == some.slot[good].tolist(), name
