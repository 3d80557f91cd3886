"""What somebody who knows the town well can make of the published folder."""

import json
import math
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares

import sharematch as sm
from sharematch.claims import check_claims, judge
from sharematch.core.columns.encoding import encode
from sharematch.io.publishing.names import token_of
from sharematch.publication import Publication, columns_of, name_in_public, publish
from tests.io.publishing.test_publishing import read

KEY = b"a secret of this office"


def crowded(size: int, *, is_reversed: bool = False) -> sm.Instance:
    """Return a town of so many communities; its names in one order or the other.

    No two plans are equally good, so that names decide nothing.
    """
    rng = random.Random(size)

    def name(letter: str, at: int, count: int) -> str:
        return f"{letter}{count - at if is_reversed else at:04}"

    communities = [
        sm.Community(
            id=name("c", i, size), location=(rng.random() * 20, rng.random() * 20)
        )
        for i in range(size)
    ]
    facilities = [
        sm.Facility(id=name("f", i, size), community=communities[i].id)
        for i in range(size)
    ]
    slots = [
        sm.Slot(
            id=name("s", i, size),
            facility=facilities[i].id,
            kinds=["health"],
            capacity=rng.randint(1, 4),
            fee=str(rng.randint(1, 10**6) / 100),
        )
        for i in range(size)
    ]
    needs = [
        sm.Need(
            id=name("n", i, 3 * size),
            community=communities[i % size].id,
            kind="health",
            quantity=rng.randint(1, 3),
            location=(rng.random() * 20, rng.random() * 20),
        )
        for i in range(3 * size)
    ]
    return sm.Instance(
        communities=communities,
        facilities=facilities,
        slots=slots,
        needs=needs,
        travel={"metric": "plane"},
    )


LEXIMIN = sm.Policy(
    goals=[
        sm.Leximin("fill_rate", by="community"),
        sm.Maximize("served"),
        sm.Maximize("fees"),
        sm.Minimize("travel"),
    ]
)
CAPPED = sm.Policy(
    rules=[sm.AtMost("served", 3, by="community"), sm.AtMost("used", 3, by="slot")],
    goals=[sm.Maximize("served"), sm.Minimize("travel")],
)
POLICIES = {"fair": sm.Policy.fair(), "leximin": LEXIMIN, "capped": CAPPED}


def sequences(node: Any) -> Iterator[list[Any]]:
    """Yield what stands one after another anywhere in a document."""
    if isinstance(node, dict):
        yield [*node]
        for value in node.values():
            yield from sequences(value)
    elif isinstance(node, list):
        rows = [row for row in node if isinstance(row, dict)]
        for field in {name for row in rows for name in row}:
            yield [row.get(field) for row in rows]
        yield [item for item in node if isinstance(item, str)]
        for value in node:
            yield from sequences(value)


def private_names(town: sm.Instance) -> dict[str, str]:
    """Return the id behind each public one, as only the office can tell."""
    return {
        name_in_public(token_of(KEY, kind, record.id)): record.id
        for kind, records in (
            ("community", town.communities),
            ("facility", town.facilities),
            ("slot", town.slots),
            ("need", town.needs),
        )
        for record in records
    }


@pytest.mark.parametrize("band", [1, 100])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("size", [5, 17, 40])
def test_no_list_follows_the_order_of_private_ids(size: int, policy: str, band: int):
    town = crowded(size)
    result = sm.solve(town, POLICIES[policy])
    assert (result.certificate or {})["kind"] == "prices"
    found = publish(town, result, KEY, distance_band=band)
    private = private_names(town)
    matched, count = 0, 0
    for names in sequences(json.loads(json.dumps([found.instance, found.result]))):
        shown = [
            *dict.fromkeys(x for x in names if isinstance(x, str) and x in private)
        ]
        if len(shown) < 3:
            continue
        # The attacker sorts the ids that are known, and matches them by their places.
        guess = sorted(private[name] for name in shown)
        matched += sum(private[x] == y for x, y in zip(shown, guess, strict=True))
        count += 1
    assert count > 5
    # By chance alone one of each list is matched, give or take.
    assert matched <= count + 6 * np.sqrt(count) + 6


def canonical(node: Any, names: dict[str, str]) -> Any:
    """Return a document under other names, in an order that does not matter."""
    if isinstance(node, dict):
        pairs = ((names.get(k, k), canonical(v, names)) for k, v in node.items())
        return {k: v for k, v in sorted(pairs) if k not in ("source", "instance")}
    if isinstance(node, list):
        return sorted((canonical(x, names) for x in node), key=json.dumps)
    return names.get(node, node) if isinstance(node, str) else node


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("size", [4, 11, 30])
def test_other_private_ids_change_public_ones_only(size: int, policy: str):
    towns = crowded(size), crowded(size, is_reversed=True)
    made = [publish(t, sm.solve(t, POLICIES[policy]), KEY) for t in towns]
    names = {}
    for kind in ("communities", "facilities", "slots", "needs"):
        for one, other in zip(*(getattr(t, kind) for t in towns), strict=True):
            public = [
                name_in_public(token_of(KEY, SINGULAR[kind], record.id))
                for record in (one, other)
            ]
            names[public[1]] = public[0]
    for name in ("instance", "result"):
        one, other = (json.loads(json.dumps(getattr(x, name))) for x in made)
        if name == "instance":
            one, other = ({"all": x} for x in (one, other))
        assert canonical(one, {}) == canonical(other, names)


SINGULAR = {
    "communities": "community",
    "facilities": "facility",
    "slots": "slot",
    "needs": "need",
}


# Distances


WITHIN = sm.Policy(
    rules=[sm.AtMost("travel", 15_000, by="assignment")], goals=[sm.Maximize("served")]
)


def around(metric: str, homes: list[tuple[float, float]]) -> sm.Instance:
    """Return twelve places that everybody knows, and homes that nobody should."""
    rng = random.Random(3)
    east, scale = (0.0, 1.0) if metric == "plane" else (121.4, 0.01)
    north = 0.0 if metric == "plane" else 31.2

    def place(x: float, y: float) -> tuple[float, float]:
        return east + scale * x, north + scale * y

    return sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[
            sm.Facility(
                id=f"f{i}",
                community="tianfeng",
                location=place(rng.random() * 6, rng.random() * 6),
            )
            for i in range(12)
        ],
        slots=[
            sm.Slot(id=f"s{i}", facility=f"f{i}", kinds=["health"], capacity=100 + i)
            for i in range(12)
        ],
        needs=[
            sm.Need(id=f"n{i}", community="tianfeng", kind="health", location=home)
            for i, home in enumerate(homes)
        ],
        travel={"metric": metric},
    )


def homes_found(town: sm.Instance, found: Publication, band: int) -> list[float]:
    """Return how far in metres the attacker's guess at each home is off.

    Places are known by their capacities, distances as the middle of a band.
    """
    at = {100 + i: f.location for i, f in enumerate(town.facilities)}
    place = {s["id"]: at[s["capacity"]] for s in found.instance["slots"]}
    real = {
        name_in_public(token_of(KEY, "need", need.id)): need.location
        for need in town.needs
    }
    errors = []
    for name, home in real.items():
        rows = [row for row in found.instance["arcs"] if row["need"] == name]
        points = np.array([place[row["slot"]] for row in rows], float)
        far = np.array([row.get("travel", 0) + (band - 1) / 2 for row in rows])

        def off(xy: Any, points: Any = points, far: Any = far) -> Any:
            return 1000 * np.hypot(*(points - xy).T) - far

        guess = least_squares(off, points.mean(axis=0)).x
        errors.append(1000 * float(np.hypot(*(guess - np.array(home)))))
    return errors


def test_homes_do_not_follow_from_distances():
    rng = random.Random(7)
    town = around("plane", [(rng.random() * 6, rng.random() * 6) for _ in range(60)])
    result = sm.solve(town, WITHIN)
    exact = publish(town, result, KEY, distance_band=1)
    assert np.median(homes_found(town, exact, 1)) < 2
    banded = publish(town, result, KEY)
    assert all(row.get("travel", 0) % 100 == 0 for row in banded.instance["arcs"])
    errors = homes_found(town, banded, 100)
    # The middle of a square is all there is to find: 38 m off on average.
    assert np.mean(errors) > 30
    assert sum(error < 5 for error in errors) <= 4
    assert check_claims(*read(banded)) == ()


def in_square(metric: str, band: int, x: int, y: int) -> tuple[float, float]:
    """Return a point somewhere in one of the squares of a town."""
    dx, dy = (0.5 + random.uniform(-0.45, 0.45) for _ in range(2))
    side = band / 1000
    if metric == "plane":
        return side * (x + dx), side * (y + dy)
    north = math.degrees(side / 6371.0088)
    row = math.floor(31.22 / north) + y
    east = north / math.cos(math.radians((row + 0.5) * north))
    column = math.floor(121.42 / east) + x
    return east * (column + dx), north * (row + dy)


@pytest.mark.parametrize("metric", ["plane", "geo"])
@pytest.mark.parametrize("band", [100, 250])
def test_where_in_its_square_a_home_is_changes_nothing(metric: str, band: int):
    rng = random.Random(band)
    squares = [(rng.randrange(20), rng.randrange(20)) for _ in range(40)]
    random.seed(band)
    rows = []
    for _ in range(2):
        town = around(metric, [in_square(metric, band, *square) for square in squares])
        found = publish(town, sm.solve(town, WITHIN), KEY, distance_band=band)
        rows.append(found.instance["arcs"])
    assert rows[0] == rows[1]
    assert len({row.get("travel", 0) for row in rows[0]}) > 10


def test_prices_of_bands_tell_no_metres():
    for size in (3, 5, 8):
        town = crowded(size)
        found = publish(town, sm.solve(town, CAPPED), KEY, distance_band=5000)
        for goal, claim in zip(
            found.result["goals"], found.result["certificate"]["goals"], strict=True
        ):
            if goal["measure"] == "travel":
                prices = [x for sets in claim["prices"].values() for x in sets.values()]
                assert prices
                assert all(price % 5000 == 0 for price in prices)
                assert goal["value"] % 5000 == 0


def test_a_travel_goal_is_restated_where_bands_prove_it_and_left_out_where_not():
    def town(near: float, far: float) -> sm.Instance:
        return sm.Instance(
            communities=[sm.Community(id="tianfeng")],
            facilities=[
                sm.Facility(id="station", community="tianfeng", location=(near, 0)),
                sm.Facility(id="school", community="tianfeng", location=(far, 0)),
            ],
            slots=[
                sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1),
                sm.Slot(id="tue", facility="school", kinds=["health"], capacity=1),
            ],
            needs=[
                sm.Need(id="l", community="tianfeng", kind="health", location=(0, 0))
            ],
            travel={"metric": "plane"},
        )

    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("travel")])
    clear = town(1.234, 2.345)
    found = publish(clear, sm.solve(clear, policy), KEY)
    assert judge(*read(found)).is_proved
    assert found.result["status"] == "optimal"
    assert [goal["value"] for goal in found.result["goals"]] == [1, 1100]
    assert "left_out" not in found.result["provenance"]
    assert found.instance["distance_band"] == 100
    # The home counts as the middle of its square, from where the other place is nearer.
    close = town(-0.2, 0.21)
    found = publish(close, sm.solve(close, policy), KEY)
    assert found.result["status"] == "feasible"
    assert [goal["measure"] for goal in found.result["goals"]] == ["served"]
    assert found.result["provenance"]["left_out"] == [
        {"goal": 2, "text": "as little travel as possible"}
    ]
    assert "distance_band" not in found.instance
    assert not any("travel" in row for row in found.instance["arcs"])
    verdict = judge(*read(found))
    assert verdict.is_valid
    assert not verdict.is_proved
    assert [each.code for each in verdict.unproved] == ["left_out"]
    # What is said to be left out is read with care.
    odd: list[Any] = [3, [3], [{"goal": "2"}], [{"goal": 2}] * 2, [{}]]
    for told in odd:
        origin = {**found.result["provenance"], "left_out": told}
        columns, shown = read(
            replace(found, result={**found.result, "provenance": origin})
        )
        assert judge(columns, shown).is_valid
        assert not judge(columns, shown).is_proved


def test_a_rule_over_a_sum_of_distances_is_left_out_with_what_hangs_on_it():
    town = around("plane", [(0.33, 2.22), (3.77, 1.11)])
    # Nobody can pay less than nothing, whatever the rules; the rest hangs on them.
    policy = sm.Policy(
        rules=[sm.AtMost("travel", 5_000)],
        goals=[sm.Minimize("fees"), sm.Maximize("served"), sm.Minimize("lent")],
    )
    result = sm.solve(town, policy)
    assert result.status == "optimal"
    found = publish(town, result, KEY)
    assert found.result["status"] == "feasible"
    told = found.result["provenance"]["left_out"]
    assert [term.get("rule") or -term["goal"] for term in told] == [1, -2, -3]
    columns, shown = read(found)
    assert check_claims(columns, shown) == ()
    assert sm.check_certificate(columns, shown) == ()
    assert not judge(columns, shown).is_proved


# Guesses


def test_a_guess_at_the_records_cannot_be_confirmed():
    town = crowded(6)
    result = sm.solve(town)
    found = [publish(town, result, key) for key in (KEY, b"another secret of it")]
    for each in found:
        text = json.dumps([each.instance, each.result])
        assert encode(town).digest.removeprefix("sha256:") not in text
    sources = [each.result["provenance"]["source"] for each in found]
    assert sources[0] != sources[1]
    again = publish(town, result, KEY).result["provenance"]["source"]
    assert again == sources[0]


def test_why_a_need_has_no_pair_is_not_told():
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="station", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", requires={"step-free"})
        ],
    )
    result = sm.solve(town)
    assert result.unmet[0].code == "feature"
    found = publish(town, result, KEY)
    (row,) = found.result["unmet"]
    assert {name: row[name] for name in row if name != "need"} == {
        "quantity": 1,
        "reason": "no_arc",
    }


def test_a_changed_band_is_refused():
    town = around("plane", [(1.0, 2.0), (3.0, 1.0)])
    found = publish(town, sm.solve(town, WITHIN), KEY)
    changed = columns_of({**found.instance, "distance_band": 10})
    shown = sm.Result.from_dict(found.result, changed)
    assert [x.code for x in check_claims(changed, shown)] == ["hash"]
    odd: list[Any] = [0, "100", True, 2.5, 10**30]
    for band in odd:
        with pytest.raises(sm.SharematchError, match="distance_band"):
            columns_of({**found.instance, "distance_band": band})
        with pytest.raises(sm.SharematchError, match="distance_band"):
            publish(town, sm.solve(town, WITHIN), KEY, distance_band=band)
    widest = publish(town, sm.solve(town, WITHIN), KEY, distance_band=40_000_000)
    assert check_claims(*read(widest)) == ()
