"""Synthetic districts: the same for a seed, as large, skewed and scarce as asked."""

import pytest

from sharematch.errors import InputError
from sharematch.generate import SIZES, make, make_instance


@pytest.mark.parametrize("size", ["community", "subdistrict"])
def test_size_has_its_numbers_of_records(size: str):
    made = make(size, seed=3)
    counts = {name: len(getattr(made, name)) for name in SIZES[size]}
    assert counts == SIZES[size]


def test_same_seed_same_instance_and_another_seed_another():
    assert make("community", seed=5) == make("community", seed=5)
    assert make("community", seed=5) != make("community", seed=6)


@pytest.mark.parametrize("scarcity", [0, 0.3, 1.2])
def test_scarcity_is_places_per_unit_asked_for(scarcity: float):
    made = make_instance(scarcity=scarcity, seed=2)
    places = sum(slot.capacity for slot in made.slots)
    asked = sum(need.quantity for need in made.needs)
    assert abs(places - scarcity * asked) <= 1


def test_a_quarter_of_communities_own_no_facility():
    made = make_instance(communities=100, needs=200, slots=400)
    owners = {facility.community for facility in made.facilities}
    assert len(owners) == 76
    assert {c.id for c in made.communities if not c.tags} == owners


def test_every_facility_has_a_slot():
    made = make_instance(communities=30, needs=10, slots=45, skew=3)
    assert {slot.facility for slot in made.slots} == {f.id for f in made.facilities}


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (0.5, 400, 600)])
def test_share_of_whole_needs(share: float, least: int, most: int):
    made = make_instance(whole=share)
    assert least <= sum(need.whole for need in made.needs) <= most


def test_elderly_and_disabled_people_in_their_proportions():
    made = make_instance(communities=10, needs=5000, slots=10)
    elderly = sum("elderly" in need.groups for need in made.needs)
    disabled = [need for need in made.needs if "disabled" in need.groups]
    assert 900 < elderly < 1100
    assert 60 < len(disabled) < 140
    assert all("step-free" in need.requires for need in disabled)


@pytest.mark.parametrize(
    "sizes",
    [
        {"communities": 0, "needs": 0, "slots": 0},
        {"communities": 1, "needs": 4, "slots": 0},
        {"communities": 1, "needs": 0, "slots": 4},
        {"communities": 9, "needs": 2, "slots": 1},
    ],
)
def test_tiny_sizes_are_legal(sizes: dict[str, int]):
    made = make_instance(**sizes)
    assert {name: len(getattr(made, name)) for name in sizes} == sizes


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("needs", -1),
        ("scarcity", -0.1),
        ("kinds", 99),
        ("whole", 2),
        ("communities", 0),
    ],
)
def test_option_out_of_range_is_named(option: str, value: float):
    with pytest.raises(InputError, match=f"{option} {value}"):
        make_instance(**{option: value})  # type: ignore[arg-type]


def test_unknown_size_is_named_and_the_known_ones_listed():
    with pytest.raises(InputError, match=r"town.*\n.*subdistrict"):
        make("town")
