"""Parts of halls: together where that can be, never two bookings in one part."""

import random
from itertools import combinations

import sharematch as sm
from sharematch.plans.bookings import apart_in

NAMES = ("A", "B", "C", "D")


def hall(seed: int) -> sm.Instance:
    """Return a hall in parts, and clubs that ask for some of them."""
    rng = random.Random(seed)
    return sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[
            sm.Facility(
                id="hall",
                community="tianfeng",
                parts=NAMES,
                setup=rng.choice([0, 0, 30]),
            )
        ],
        slots=[
            sm.Slot(
                id="eve",
                facility="hall",
                kinds=["sport"],
                capacity=4,
                start="2026-12-01T17:00",
                end="2026-12-01T22:00",
                step=30,
            )
        ],
        needs=[
            sm.Need(
                id=f"club {number}",
                community="tianfeng",
                kind="sport",
                quantity=rng.randint(1, 3),
                minutes=rng.choice([60, 90, 120]),
            )
            for number in range(8)
        ],
    )


def test_no_two_bookings_have_one_part_at_one_time():
    apart = 0
    for seed in range(40):
        plan = [*sm.solve(hall(seed), sm.Policy.efficient()).allocation]
        for one in plan:
            places = [NAMES.index(part) for part in one.parts]
            assert len({*places}) == one.quantity
            apart += max(places) - min(places) + 1 != one.quantity
        for one, other in combinations(plan, 2):
            spans = (one.start, one.end), (other.start, other.end)
            first, second = sorted(spans, key=str)
            if str(second[0]) < str(first[1]):
                assert not {*one.parts} & {*other.parts}
    assert apart < 10


def test_parts_survive_files():
    town = hall(1)
    result = sm.solve(town, sm.Policy.efficient())
    again = sm.Result.from_dict(result.to_dict(), town)
    assert again.allocation == result.allocation
    assert any(row.parts for row in again.allocation)


def test_bookings_whose_parts_lie_apart_are_told():
    town = hall(1)
    result = sm.solve(town, sm.Policy.efficient())
    rows = [row.to_dict() for row in result.allocation]
    assert not apart_in(town, result.allocation)
    two = next(row for row in rows if len(row.get("parts", ())) == 2)
    two["parts"] = ["D", "B"]
    torn = sm.Allocation(rows)
    (told,) = apart_in(town, torn)
    assert (told.need, told.parts) == (two["need"], ("D", "B"))
