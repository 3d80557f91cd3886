"""solve() against every plan there is, on random offices with all their fields."""

import os
from collections import Counter

import pytest

from sharematch.solvers import lexicographic
from sharematch.solvers.flow import circulation
from sharematch.solvers.flow import lexicographic as network
from sharematch.solvers.integer import decomposition, rounding
from tests.offices.cases import (
    MOST_ARCS,
    PLAIN_PROFILES,
    office,
    oracle_of,
    plain_office,
    priced_office,
    resting_office,
    season_office,
)
from tests.offices.checking import check, check_arcs, check_cut
from tests.tiny import Fields

IS_DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
OPENINGS = range(2_050 if IS_DEEP else 82)
PLAIN = range(980 if IS_DEEP else 56)
COURSES = [
    seed
    for seed in range(4_200 if IS_DEEP else 210)
    if "every" in PLAIN_PROFILES[seed % len(PLAIN_PROFILES)]
]
RESTING = range(600 if IS_DEEP else 24)
PRICED = range(2_000 if IS_DEEP else 30)
SEASONS = range(1_000) if IS_DEEP else (*range(20), 46, 241)


def check_town(town: Fields, seed: int) -> Counter[str]:
    """Check the answer to a town: every third on the way of large ones, cut short."""
    check_arcs(town["instance"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "LARGE", seed % 2)
        for limit, value in {"BATCH": 1, "FEW": 0, "LARGE": 0}.items():
            patch.setattr(circulation, limit, value)
        if seed % 3:
            return check(town)
        patch.setattr(lexicographic, "SMALL", 0)
        patch.setattr(lexicographic, "FEW", 0)
        if seed % 2:
            patch.setattr(lexicographic, "LARGE", 0)
            patch.setattr(decomposition, "LARGEST", -1)
            patch.setattr(rounding, "MIXED", 1.1)
        return check_cut(town, effort=0.01 if seed % 4 else 2)


@pytest.mark.parametrize("first", PLAIN[::28])
def test_offices_without_openings(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 28):
        seen += check_town(plain_office(seed), seed)
    assert seen["coupled"] + seen["mixed"] >= 14


@pytest.mark.parametrize("first", OPENINGS[::41])
def test_offices_with_openings(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 41):
        seen += check_town(office(seed), seed)
    assert seen["coupled"] + seen["mixed"] >= 30


def test_series_rest_from_each_other():
    for seed in RESTING:
        check_town(resting_office(seed), seed)


def test_money_mixes_and_ceilings_together():
    seen: Counter[str] = Counter()
    for seed in PRICED:
        seen += check_town(priced_office(seed), seed)
    assert seen["coupled"] + seen["mixed"] >= 15


def test_seasons_on_the_way_of_large_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lexicographic, "SMALL", 0)
    monkeypatch.setattr(lexicographic, "FEW", 0)
    for seed in SEASONS:
        check_cut(season_office(seed), effort=0.01 if seed % 2 else 2)


def test_courses_in_step_choose_between_places_that_begin_together():
    num_told = 0
    for seed in COURSES:
        town = plain_office(seed)
        slots = [
            row | {"id": f"{row['id']}{twin}"}
            for row in town["instance"]["slots"]
            for twin in ("", "'")
        ]
        town["instance"] = {**town["instance"], "slots": slots}
        if len(oracle_of(town)[0].arcs) <= MOST_ARCS // 2:
            check_town(town, seed)
            num_told += 1
    assert num_told >= len(COURSES) // 3


def test_many_needs_of_equal_hours_are_looked_at_as_each_by_itself():
    for seed in OPENINGS[::8]:
        fields = office(seed)["instance"]
        needs = [
            row | {"id": f"{row['id']} {i}"} for row in fields["needs"] for i in "ab"
        ]
        check_arcs({**fields, "needs": [*fields["needs"], *needs]})
